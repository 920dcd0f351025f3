"""The kinds of things a plugin can bring. Each is a protocol: any object of this shape will do."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeAlias, runtime_checkable

import msgspec

from .context import Services
from .events import Record
from .goal import Budget, Goal
from .message import Message
from .model import Embedder, GenerateRequest, ModelBackend
from .plan import Patch, Plan, Step
from .tool import Tool, ToolCall, ToolContext, ToolResult, ToolSpec
from .transcript import Transcript
from .verdict import Verdict


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Asked of a planner: first for a plan, later (`transcript.plan` is set) for a patch to it."""

    goal: Goal
    tools: tuple[ToolSpec, ...]
    """Those that the run may use, the built-in `answer`, `ask`, `think` and `pursue` among them."""
    transcript: Transcript
    budget_left: Budget
    reason: str = ""
    """Why a patch is wanted, or why the last proposal was refused: the validator's sentences."""


@runtime_checkable
class Planner(Protocol):
    """Says what to do. One object serves every run, many at a time: what it remembers, it keeps by `transcript.run`."""

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        """The plan for the goal, or a patch against `request.transcript.plan.revision`; a whole plan in place of a patch
        takes the place of all that has not begun.

        Step ids (`s1`, `s2`, …) are never reused in a run: `prompting.next_number` has the next. Arguments may refer to
        results of earlier steps (see `plan`); steps that need nothing of each other run side by side. The user gets the
        result of the built-in `answer`, so a plan ends in one, unless `is_open` asks to be called again with the results.
        `prompting` has what a planner over a language model needs.

        A planner that cannot help proposes a single `ask` step, or raises
        PlannerAbstained; the host then turns to the reflector, never to invention.
        """
        ...


@runtime_checkable
class Reflector(Protocol):
    """Judges what came back. One object serves every run, many at a time."""

    def inspect(
        self, step: Step, result: ToolResult | None, error: str, transcript: Transcript
    ) -> Verdict | Awaitable[Verdict]:
        """Judge one step as it ends, quickly and without a model: Accept, Retry, Replan, Ask or GiveUp.

        Most return their verdict at once. The host awaits what can be awaited, as the one of a reflector in a worker; the
        run waits for it, so it must not take long. `result` is None if it failed; `error` then says why. `transcript`
        includes this very step.
        """
        ...

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        """Judge the run when nothing is ready or running; only here a model may be asked.

        Finish with the answer, Replan (with `is_next` if the plan is open and nothing failed), Ask, or GiveUp with what
        was found. What cannot be judged is no success: an unreadable reply of a model never leads to Finish.
        """
        ...


@runtime_checkable
class ContextPacker(Protocol):
    async def pack(
        self, transcript: Transcript, window: int | None, measure: Callable[[Sequence[Message]], Awaitable[int]]
    ) -> tuple[Message, ...]:
        """The transcript as messages that fit into `window` tokens; a call is never separated from its answer."""
        ...


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy decided."""

    model: str
    """One of the candidates."""
    max_steps: int | None = None
    """A tighter bound than the run's, for a model that loses its way."""
    reason: str = ""
    """Shown to the user."""


@runtime_checkable
class Policy(Protocol):
    """Chooses a model for each request, where settings name several for a role."""

    async def choose(
        self, request: GenerateRequest, candidates: Sequence[str], feedback: Mapping[str, float]
    ) -> Choice:
        """Which of the configured models serves this request; `feedback` is how each did so far, more is better."""
        ...


@runtime_checkable
class Service(Protocol):
    """Background work of the daemon."""

    @property
    def name(self) -> str:
        """As the manifest declares it."""
        ...

    async def run(self) -> None:
        """Work until cancelled. Returning early is an end in peace; raising has the host start it again, ever later."""
        ...


@runtime_checkable
class Guard(Protocol):
    """A veto that may wait; asked before every tool call, references resolved, approvals not yet asked for."""

    async def veto(self, call: ToolCall) -> str | None:
        """A sentence that says why this call must not happen, or None."""
        ...


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is approved and journaled, ready to be executed."""

    call: ToolCall
    spec: ToolSpec
    timeout: float | None = None
    """Seconds."""


@runtime_checkable
class Executor(Protocol):
    """Where and how calls are made: here, in a sandbox, on another machine. One object serves every run, many calls at a time.

    For each call the host waits for a place, journals inside it that the call begins, has it executed, and gives the place
    back. So nothing is ever journaled as begun that still waits for its turn.
    """

    def place(self, invocation: Invocation) -> AbstractAsyncContextManager[object]:
        """Room for this call. Entering waits for it, for as long as the scope is open the call has it, and leaving gives it
        back, however the call ended and without waiting. What it yields is not looked at.

        Each resource in `invocation.spec.resources` is occupied by as many calls at once as there are of it: one, unless
        the executor's settings say more. A call that needs several must never wait in a circle with another one. Runs take turns,
        so that one with many ready steps does not keep another waiting; calls of one run that wait for the same get it in
        the order in which they came. Whoever is cancelled while waiting leaves nothing occupied. `Places` does all of this.
        """
        ...

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        """Make the call, once, and return its result; called inside `place(invocation)`, more than once only if the tool's
        plugin ended under the call and its effect allows it. Raises what the tool raises, TimeoutError after
        `invocation.timeout` seconds. Whatever a tool does, other calls go on.
        """
        ...


class JournalStore(Protocol):
    """A place for records, in order per run."""

    async def append(self, run: str, records: Sequence[Record], *, durable: bool) -> None:
        """Add records whose `seq` follows on what is there. With `durable`, return once they survive a loss of power."""
        ...

    def read(self, run: str, after: int = 0) -> AsyncIterator[Record]:
        """Records with `seq` greater than `after`, in order, up to the newest; it does not wait for more."""
        ...

    async def lease(self, run: str, owner: str) -> bool:
        """Take or keep the run; False if a living host has it."""
        ...


AsgiApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """An ASGI application under a path of the daemon, behind its authentication."""

    path: str
    app: AsgiApp


class Contributions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a plugin brings; names must be declared in its manifest."""

    tools: tuple[Tool, ...] = ()
    planners: dict[str, Planner] = {}
    reflectors: dict[str, Reflector] = {}
    models: dict[str, ModelBackend] = {}
    """Backends, by the name that `backend =` in settings uses."""
    embedders: dict[str, Embedder] = {}
    contexts: dict[str, ContextPacker] = {}
    policies: dict[str, Policy] = {}
    services: tuple[Service, ...] = ()
    guards: tuple[Guard, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    executors: dict[str, Executor] = {}
    journals: dict[str, Callable[[Mapping[str, Any]], AbstractAsyncContextManager[JournalStore]]] = {}
    model_definitions: dict[str, dict[str, Any]] = {}
    """Model name -> backend and settings, as `[models.<name>]` would say it."""


@asynccontextmanager
async def stateless(contributions: Contributions) -> AsyncIterator[Contributions]:
    """The life of a plugin that has nothing to start or stop.

    @hookimpl
    def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
        return stateless(Contributions(tools=(evaluate, convert)))
    """
    yield contributions
