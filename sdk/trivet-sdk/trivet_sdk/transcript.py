"""What planner and reflector read: everything that happened in a run, in order, immutable."""

from typing import Literal, TypeAlias

import msgspec

from .goal import Budget, Goal, Usage
from .plan import Plan, Step
from .tool import ToolResult
from .verdict import Verdict

StepState: TypeAlias = Literal["pending", "ready", "running", "succeeded", "failed", "unknown", "skipped", "cancelled"]
FINISHED: frozenset[str] = frozenset({"succeeded", "failed", "unknown", "skipped", "cancelled"})


class Planned(msgspec.Struct, frozen=True, tag="planned", kw_only=True):
    """The planner added these steps."""

    revision: int
    steps: tuple[Step, ...]
    text: str = ""


class Observed(msgspec.Struct, frozen=True, tag="observed", kw_only=True):
    """A step ended: with a result, or with an error in one sentence."""

    step: Step
    result: ToolResult | None = None
    error: str = ""
    is_bug: bool = False
    """The tool broke, rather than saying honestly that it cannot."""
    is_transient: bool = False
    """The tool says that the same call may work later."""


class Judged(msgspec.Struct, frozen=True, tag="judged", kw_only=True):
    verdict: Verdict


class Answered(msgspec.Struct, frozen=True, tag="answered", kw_only=True):
    """The user answered a question."""

    question: str
    answer: str


class Rejected(msgspec.Struct, frozen=True, tag="rejected", kw_only=True):
    """A plan or patch did not validate."""

    reasons: tuple[str, ...]


Turn: TypeAlias = Planned | Observed | Judged | Answered | Rejected


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An earlier run of the same conversation, in brief: what was wanted, what was found, what was said."""

    run: str
    goal: str
    """In the user's words, which may mean something only after the exchange before: "and for 2015?"."""
    status: Literal["succeeded", "failed", "cancelled", "exhausted", "interrupted"]
    """`interrupted`: it had not ended when the conversation went on."""
    answer: str = ""
    """What the user was told; without success the honest sentence, with what was found so far."""
    artifacts: tuple[str, ...] = ()
    turns: tuple[Observed | Answered, ...] = ()
    """Steps that ended, but for answers, and what the user said when asked. Long texts are cut, large data is left out;
    of exchanges long ago there are none."""
    is_tainted: bool = False
    """It holds text from outside."""


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """A run so far. `turns` only grows, and its members keep their identity from one transcript to the next, so that what
    was made of a turn (a message, its encoding) can be kept; `prompting.Conversations` does."""

    run: str
    goal: Goal
    earlier: tuple[Exchange, ...] = ()
    """What was said before in the conversation that this run belongs to, oldest first."""
    plan: Plan | None = None
    states: dict[str, StepState] = {}
    results: dict[str, ToolResult] = {}
    """By step id."""
    errors: dict[str, str] = {}
    """By step id; the newest error."""
    attempts: dict[str, int] = {}
    turns: tuple[Turn, ...] = ()
    judged: int = 0
    """How many turns there were when the reflector last judged the run as a whole, that verdict included. Letting the
    planner go on (`Accept`, `Replan` with `is_next`) is no judgement."""
    usage: Usage = Usage()
    budget: Budget = Budget()
    is_tainted: bool = False
    """A tool brought text from outside."""

    def with_turn(self, turn: Turn) -> "Transcript":
        """One turn later; states, results and errors are the caller's to change along."""
        return msgspec.structs.replace(self, turns=(*self.turns, turn))

    @property
    def since(self) -> tuple[Turn, ...]:
        """What is new since then; all turns before the first judgement. Costs what it holds, however long the run is."""
        return self.turns[self.judged :]

    @property
    def budget_left(self) -> Budget:
        """Of the run's own bounds. A sub-goal's parent, which goes on at the same time, may leave less."""
        return self.budget.after(self.usage)

    @property
    def answer(self) -> str | None:
        """What the newest successful `answer` step said."""
        for turn in reversed(self.turns):
            if isinstance(turn, Observed) and turn.step.tool == "answer" and turn.result is not None:
                return turn.result.text
        return None

    @property
    def artifacts(self) -> tuple[str, ...]:
        """Files written so far, in order, each once."""
        return tuple(dict.fromkeys(path for result in self.results.values() for path in result.artifacts))
