"""A run's state: everything that follows from its events so far, as one piece that can be written down and read back."""

from functools import cached_property
from typing import Any

import msgspec

from trivet_sdk import events as happened
from trivet_sdk.events import RunStatus
from trivet_sdk.goal import Budget, Goal, Usage
from trivet_sdk.plan import Plan, Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.transcript import StepState, Transcript, Turn
from trivet_sdk.verdict import Verdict


class Intent(msgspec.Struct, frozen=True):
    """The newest call of a step: its key, whether its end is known, and whether that end was a failure."""

    tool: str
    key: str
    effect: str
    arguments: dict[str, Any]
    has_ended: bool = False
    has_failed: bool = False


class State(msgspec.Struct, dict=True):
    """Changed by `Fold` alone. Whatever a handler must remember is a field here: a snapshot keeps fields, nothing else."""

    run: str
    seq: int = 0
    time: float = 0.0
    """Of the newest event."""
    status: RunStatus = "queued"
    goal: Goal = Goal(text="")
    submitted: happened.RunSubmitted | None = None
    plan: Plan | None = None
    notes: tuple[str, ...] = ()
    """What the planner wanted the user to know, each once."""
    steps: dict[str, Step] = {}
    """Every step there ever was, by id, in its newest form."""
    states: dict[str, StepState] = {}
    unfinished: dict[str, Step] = {}
    """Steps that have not ended, in the plan's order."""
    results: dict[str, ToolResult] = {}
    errors: dict[str, str] = {}
    attempts: dict[str, int] = {}
    intents: dict[str, Intent] = {}
    turns: list[Turn] = []
    judged: int = 0
    """See `Transcript.judged`."""
    seen: dict[str, tuple[int, int]] = {}
    """By likeness: in how many revisions of the plan a step came to this since the user last said something, and the newest."""
    unjudged: dict[str, None] = {}
    """Steps that have ended, and of whose end no verdict tells yet."""
    rounds: dict[str, int] = {}
    """By step: the same, counted when it ended."""
    moves: int = 0
    """Ends of steps other than `answer`, which moves nothing."""
    said: dict[str, str] = {}
    """The user's newest answer, by question."""
    pending: Verdict | None = None
    """Issued, and not followed yet."""
    pending_step: str | None = None
    """The step whose end brought it about."""
    pending_by: str = ""
    """Who issued it."""
    escalated: str = ""
    """Why a planner over the larger model goes on with the run; empty while its own does."""
    replans_before: int = 0
    """Changes of the plan until then, which the larger planner is not charged with."""
    questions: dict[str, happened.QuestionAsked] = {}
    """Asked and not answered, by question id."""
    answers: dict[str, happened.QuestionAnswered] = {}
    """Given to questions of steps that have not ended, by question id."""
    approvals: dict[str, happened.ApprovalRequested] = {}
    """Requested and not resolved, by approval id."""
    granted: dict[str, happened.ApprovalRequested] = {}
    """Granted to steps that have not ended, by step id."""
    completions: dict[str, tuple[happened.ModelCalled, happened.ModelReturned]] = {}
    """Paid for, and nothing has come of them yet: by call id."""
    called: dict[str, happened.ModelCalled] = {}
    is_tainted: bool = False
    refused: dict[str, tuple[str, str]] = {}
    """Of steps that have not ended: digest of the call that was not approved, and why not, by step id."""
    tainted_by: str = ""
    """The step that brought text from outside, if one of this run's did."""
    finished: happened.RunFinished | None = None
    spent: Usage = Usage()
    """Until the run last paused; see `usage`."""
    children: dict[str, Usage] = {}
    """What of `spent` was spent by sub-goals, by run."""
    active_since: float | None = None

    def usage(self, now: float | None = None) -> Usage:
        """What was spent until the last event, or until `now` (Unix time) while the run is being worked on."""
        if self.active_since is None:
            return self.spent
        # A clock that was set back takes nothing off.
        seconds = self.spent.seconds + max(0.0, (now or self.time) - self.active_since)
        return msgspec.structs.replace(self.spent, seconds=seconds)

    @property
    def budget(self) -> Budget:
        return self.submitted.budget if self.submitted is not None else Budget()

    @cached_property
    def transcript(self) -> Transcript:
        """The frozen view, until the next event. Costs a shallow copy."""
        return Transcript(
            run=self.run,
            goal=self.goal,
            earlier=self.submitted.earlier if self.submitted is not None else (),
            plan=self.plan,
            states=self.states.copy(),
            results=self.results.copy(),
            errors=self.errors.copy(),
            attempts=self.attempts.copy(),
            turns=tuple(self.turns),
            judged=self.judged,
            usage=self.usage(),
            budget=self.budget,
            is_tainted=self.is_tainted,
        )
