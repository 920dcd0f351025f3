"""Transcripts on their way to a worker: each turn is sent once in a run, and kept there.

The sender decides what the receiver keeps, so the two never disagree; both work in the order of the messages.
"""

import msgspec

from ..goal import Budget, Goal, Usage
from ..plan import Plan
from ..tool import ToolResult
from ..transcript import Exchange, Observed, StepState, Transcript, Turn

RUNS = 64
"""Runs of which a worker keeps the turns."""


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """A transcript, without what the receiver has. `goal`, `earlier` and `plan` None: as they were."""

    run: str
    known: int
    """Turns that the receiver has already."""
    turns: tuple[Turn, ...]
    goal: Goal | None = None
    earlier: tuple[Exchange, ...] | None = None
    plan: Plan | None = None
    has_plan: bool = True
    states: dict[str, StepState] = {}
    results: dict[str, ToolResult] = {}
    """Those that are not the results of the turns themselves."""
    gone: tuple[str, ...] = ()
    errors: dict[str, str] = {}
    attempts: dict[str, int] = {}
    judged: int = 0
    usage: Usage = Usage()
    budget: Budget = Budget()
    is_tainted: bool = False
    forget: tuple[str, ...] = ()
    """Runs whose turns need not be kept any more."""


class _Sent:
    def __init__(self) -> None:
        self.turns: tuple[Turn, ...] = ()
        self.results: dict[str, ToolResult] = {}
        self.goal: Goal | None = None
        self.earlier: tuple[Exchange, ...] | None = None
        self.plan: Plan | None = None


class TranscriptSender:
    def __init__(self, runs: int = RUNS) -> None:
        self._runs = runs
        self._sent: dict[str, _Sent] = {}
        self._forgotten: list[str] = []

    def growth(self, transcript: Transcript) -> Growth:
        """What to send now; it counts as sent."""
        sent = self._sent.pop(transcript.run, None)
        known = len(sent.turns) if sent is not None else 0
        if (
            sent is None
            or len(transcript.turns) < known
            or (known and transcript.turns[known - 1] is not sent.turns[-1])
        ):
            sent, known = _Sent(), 0
        self._sent[transcript.run] = sent
        if len(self._sent) > self._runs:
            oldest = next(iter(self._sent))
            del self._sent[oldest]
            self._forgotten.append(oldest)
        if not known:
            sent.results = {}
        turns = transcript.turns[known:]
        _apply(sent.results, turns)
        extra = {id: result for id, result in transcript.results.items() if sent.results.get(id) is not result}
        gone = tuple(id for id in sent.results if id not in transcript.results)
        forget, self._forgotten = tuple(self._forgotten), []
        growth = Growth(
            run=transcript.run,
            known=known,
            turns=turns,
            goal=None if sent.goal is transcript.goal else transcript.goal,
            earlier=None if sent.earlier is transcript.earlier else transcript.earlier,
            plan=None if sent.plan is transcript.plan else transcript.plan,
            has_plan=transcript.plan is not None,
            states=transcript.states,
            results=extra,
            gone=gone,
            errors=transcript.errors,
            attempts=transcript.attempts,
            judged=transcript.judged,
            usage=transcript.usage,
            budget=transcript.budget,
            is_tainted=transcript.is_tainted,
            forget=forget,
        )
        sent.turns, sent.goal, sent.plan = transcript.turns, transcript.goal, transcript.plan
        sent.earlier = transcript.earlier
        sent.results = dict(transcript.results)
        return growth

    def forget(self, run: str) -> None:
        """Send everything the next time, since it is not certain what arrived."""
        self._sent.pop(run, None)


class TranscriptReceiver:
    def __init__(self) -> None:
        self._kept: dict[str, Transcript] = {}

    def transcript(self, growth: Growth) -> Transcript:
        """The whole again; turns that were there keep their identity."""
        for run in growth.forget:
            self._kept.pop(run, None)
        before = self._kept.get(growth.run)
        if growth.known and (before is None or len(before.turns) < growth.known):
            raise LookupError(f"turns of run {growth.run} were not kept")
        old = before if growth.known else None
        results = dict(old.results) if old is not None else {}
        _apply(results, growth.turns)
        results.update(growth.results)
        for id in growth.gone:
            results.pop(id, None)
        goal = growth.goal or (before.goal if before is not None else Goal(text=""))
        earlier = growth.earlier if growth.earlier is not None else (before.earlier if before is not None else ())
        plan = growth.plan or (before.plan if before is not None else None)
        whole = Transcript(
            run=growth.run,
            goal=goal,
            earlier=earlier,
            plan=plan if growth.has_plan else None,
            states=growth.states,
            results=results,
            errors=growth.errors,
            attempts=growth.attempts,
            turns=(*(old.turns[: growth.known] if old is not None else ()), *growth.turns),
            judged=growth.judged,
            usage=growth.usage,
            budget=growth.budget,
            is_tainted=growth.is_tainted,
        )
        self._kept[growth.run] = whole
        return whole


def _apply(results: dict[str, ToolResult], turns: tuple[Turn, ...]) -> None:
    """What the turns themselves say about results."""
    for turn in turns:
        if isinstance(turn, Observed) and turn.result is not None:
            results[turn.step.id] = turn.result
