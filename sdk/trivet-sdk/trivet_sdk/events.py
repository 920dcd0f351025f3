"""Events: what already happened, each with a versioned topic.

A run's journal is a sequence of `Record`s, `seq` dense from 1. In JSON a record is flat:
`{"topic","v","seq","run","time","step"?, …payload}`.
"""

from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal, TypeAlias

import msgspec

from .goal import Budget, Goal, Usage
from .message import Message
from .model import TokenLogprob
from .plan import Json, Patch, Plan
from .tool import ToolResult
from .transcript import Exchange
from .verdict import Verdict

RunStatus: TypeAlias = Literal[
    "queued", "planning", "executing", "reflecting", "waiting", "succeeded", "failed", "cancelled", "exhausted"
]
TERMINAL: frozenset[str] = frozenset({"succeeded", "failed", "cancelled", "exhausted"})


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events. A plugin derives its own and declares their topics in its manifest:

        class IndexGrown(Event, frozen=True, kw_only=True):
            topic: ClassVar[str] = "search.index_grown"
            files: int

    Past tense, since it has happened. `version` rises when a field changes its meaning.
    """

    topic: ClassVar[str]
    version: ClassVar[int] = 1
    is_transient: ClassVar[bool] = False
    """Never journaled: token deltas and progress."""


class StepEvent(Event, frozen=True, kw_only=True):
    step: str | None = None


class RunSubmitted(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "run.submitted"
    goal: Goal
    budget: Budget = Budget()
    roles: dict[str, str] = {}
    """Who plans, judges, executes, packs the context, and which model: by role."""
    approve: Literal["ask", "always", "never"] = "ask"
    parent: str | None = None
    is_tainted: bool = False
    """From the start: the parent of this sub-goal, or a run before it in the conversation, had read text from outside."""
    typed_origins: tuple[str, ...] = ()
    """Servers whose addresses the user typed, in the goal or earlier in the conversation; a sub-goal has its parent's. Tools
    see them as `ToolContext.typed_origins`."""
    client: str = ""
    """Who submitted it, e.g. `cli`."""
    conversation: str = ""
    """Id of the conversation that it belongs to."""
    after: str = ""
    """The run before it in that conversation."""
    earlier: tuple[Exchange, ...] = ()
    """What was said before, as this run was told it, oldest first: later changes to those runs change nothing here."""
    left_out: int = 0
    """Runs still earlier, of which it was told nothing."""


class RunStarted(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "run.started"
    host: str


class PlanProposed(Event, frozen=True, kw_only=True):
    """The planner's answer as it came, before validation; `rejected` holds the reasons if it cannot run."""

    topic: ClassVar[str] = "plan.proposed"
    plan: Plan | None = None
    patch: Patch | None = None
    rejected: tuple[str, ...] = ()


class PlanAccepted(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "plan.accepted"
    plan: Plan


class PlanPatched(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "plan.patched"
    patch: Patch
    revision: int
    """Of the plan that results."""


class StepReady(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "step.ready"


class StepStarted(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "step.started"
    attempt: int = 1


class ModelCalled(StepEvent, frozen=True, kw_only=True):
    """`call` pairs it with its ModelReturned; the rendered prompt is here, or in a blob when it is large."""

    topic: ClassVar[str] = "model.called"
    call: str
    model: str
    role: str = ""
    purpose: str = ""
    messages: tuple[Message, ...] = ()
    blob: str | None = None
    options: dict[str, Json] = {}


class ModelReturned(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "model.returned"
    call: str
    text: str = ""
    tool_calls: list[dict[str, Json]] = []
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    finish: str = ""
    error: str = ""
    error_class: str = ""
    """Of `trivet_sdk.errors`, e.g. `ContextTooLong`."""
    scores: tuple[float, ...] = ()
    """Where choices were asked for: the log-likelihood of each."""
    logprobs: tuple[TokenLogprob, ...] = ()
    """Where they were asked for."""


class ToolCalled(StepEvent, frozen=True, kw_only=True):
    """Durable before an idempotent or effectful tool begins. Without a step: the planner looked something up."""

    topic: ClassVar[str] = "tool.called"
    tool: str
    arguments: dict[str, Json] = {}
    """References resolved."""
    key: str = ""
    effect: str = "pure"


class ToolReturned(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "tool.returned"
    tool: str
    result: ToolResult | None = None
    blob: str | None = None
    """Where the result lies if it is large."""
    key: str = ""
    seconds: float = 0.0
    is_untrusted: bool = False
    """It brought text from outside: the transcript is tainted from here on."""


class ToolFailed(StepEvent, frozen=True, kw_only=True):
    """`is_bug` marks an exception other than ToolError; `traceback` is then set. `may_work_later` is what
    `ToolError.is_transient` said; `Event.is_transient` means something else."""

    topic: ClassVar[str] = "tool.failed"
    tool: str
    error: str
    key: str = ""
    is_bug: bool = False
    may_work_later: bool = False
    traceback: str = ""
    seconds: float = 0.0
    outcome: Literal["failed", "unknown", "cancelled", "skipped"] = "failed"
    is_untrusted: bool = False
    """`error` holds text from outside, which taints the transcript like a result."""


class ApprovalRequested(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "approval.requested"
    approval: str
    tool: str
    arguments: dict[str, Json]
    digest: str
    """SHA-256 of tool name and canonical JSON of the arguments; the approval holds for exactly these."""
    reason: str = ""
    expires: float = 0.0
    """Unix time in seconds from which on nobody may grant it any more; 0 for never."""


class ApprovalResolved(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "approval.resolved"
    approval: str
    granted: bool
    by: str = ""
    """`user`, `rule` of the settings, `timeout`, or `host` where nobody could be asked."""
    reason: str = ""


class QuestionAsked(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "question.asked"
    question: str
    id: str


class QuestionAnswered(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "question.answered"
    id: str
    answer: str


class VerdictIssued(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "verdict.issued"
    verdict: Verdict
    by: str = ""
    """`reflector`, `host`, `user`, or `escalation`: then its reason is why a planner over the larger model goes on."""


class BudgetSpent(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "budget.spent"
    usage: Usage
    """The whole so far, that of sub-goals included."""
    exhausted: str = ""
    """Which bound was reached, in words; empty for a report on the way."""
    child: str = ""
    """The sub-goal's run that has left off, if this tells of one."""
    of_child: Usage = Usage()
    """What that run has spent in all."""


class ContextPacked(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "context.packed"
    messages: int
    tokens: int
    dropped: int = 0


class RunWaiting(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "run.waiting"
    reason: str


class RunResumed(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "run.resumed"
    host: str
    reason: str = ""


class RunForked(Event, frozen=True, kw_only=True):
    """This run was made of another: what stands before is a copy of that run's events 1 to `at`, but for what `changed`
    names. From here on it is a run of its own, which has spent nothing, holds no approvals, and has no call at work."""

    topic: ClassVar[str] = "run.forked"
    source: str
    at: int
    changed: dict[str, str] = {}
    """What is not as in the source, with what it was there: `goal`, `workspace`, `approve`, or a role."""
    usage: Usage = Usage()
    """What the source had spent until then; none of it counts here."""


class RunRated(Event, frozen=True, kw_only=True):
    """What a person thought of a run, from 1 (bad) to 5 (good). Kept beside the run's events, of which the last is
    `run.finished`; on the bus when it is given."""

    topic: ClassVar[str] = "run.rated"
    rating: int
    comment: str = ""


class RunFinished(Event, frozen=True, kw_only=True):
    """Always the last event of a run."""

    topic: ClassVar[str] = "run.finished"
    status: Literal["succeeded", "failed", "cancelled", "exhausted"]
    answer: str = ""
    reason: str = ""
    artifacts: tuple[str, ...] = ()
    usage: Usage = Usage()
    note: str = ""
    """For the user, e.g. that a small local model made this answer."""


class ModelDelta(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "model.delta"
    is_transient: ClassVar[bool] = True
    call: str
    text: str


class ToolProgressed(StepEvent, frozen=True, kw_only=True):
    topic: ClassVar[str] = "tool.progressed"
    is_transient: ClassVar[bool] = True
    tool: str
    done: float
    total: float | None = None
    message: str = ""


class PluginChanged(Event, frozen=True, kw_only=True):
    """A plugin's state changed; on the bus, not in a run's journal."""

    topic: ClassVar[str] = "plugin.changed"
    plugin: str
    before: str
    after: str
    reason: str = ""
    seconds: float = 0.0


class PluginHung(Event, frozen=True, kw_only=True):
    """A plugin in the host's process kept everything else waiting, or a blocking tool outlived its deadline; on the
    bus, once the host can speak again. It cannot be killed, only named."""

    topic: ClassVar[str] = "plugin.hung"
    plugin: str
    doing: str
    """What it was doing, e.g. `tool 'files.read'`."""
    seconds: float
    """How long the host stood still, or how long the tool has been at work."""
    stack: str = ""
    """Where it was, as Python shows it."""


class RunClosed(Event, frozen=True, kw_only=True):
    """A run of this host has ended for good, right after its `run.finished`; on the bus, where events of runs do not say of
    which run they are. What a plugin keeps for the run can go: no tool is called in it any more. A run that only waits is not
    closed; one that waited here and was ended by another process is, within two seconds."""

    topic: ClassVar[str] = "run.closed"
    run: str
    status: Literal["succeeded", "failed", "cancelled", "exhausted"]


RUN_EVENTS: tuple[type[Event], ...] = (
    RunSubmitted, RunStarted, PlanProposed, PlanAccepted, PlanPatched, StepReady, StepStarted, ModelCalled,
    ModelReturned, ToolCalled, ToolReturned, ToolFailed, ApprovalRequested, ApprovalResolved, QuestionAsked,
    QuestionAnswered, VerdictIssued, BudgetSpent, ContextPacked, RunWaiting, RunResumed, RunForked, RunRated,
    RunFinished,
)  # fmt: skip
BY_TOPIC: dict[str, type[Event]] = {event.topic: event for event in RUN_EVENTS}


RESERVED: tuple[type[Event], ...] = (StepReady, ContextPacked)
"""Of these those that no host sends yet; journals of the future may hold them."""

TRANSIENT_EVENTS: tuple[type[Event], ...] = (ModelDelta, ToolProgressed)
HOST_EVENTS: tuple[type[Event], ...] = (PluginChanged, PluginHung, RunClosed)


def matches(pattern: str, event: Event) -> bool:
    """Whether a subscription means this event: `*` stands for any part of a topic, and `@` asks for a version, too."""
    name = f"{event.topic}@{event.version}" if "@" in pattern else event.topic
    return fnmatchcase(name, pattern)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An event in its place: `seq` is dense per run from 1, 0 for a transient one; `time` is Unix time in seconds."""

    run: str
    seq: int
    time: float
    event: Event

    def flat(self) -> dict[str, Any]:
        """The JSON form, as plain Python values."""
        payload = msgspec.to_builtins(self.event)
        if payload.get("step", "") is None:
            del payload["step"]
        head = {"topic": self.event.topic, "v": self.event.version, "seq": self.seq, "run": self.run, "time": self.time}
        return {**head, **payload}
