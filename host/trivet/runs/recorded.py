"""What tools, models, people and sub-goals said in a run, said again: nothing is called, asked or sent."""

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext

import anyio.lowlevel

from trivet.errors import CallInterrupted
from trivet.runs.collaborators import Plugins
from trivet.runs.options import RunOutcome
from trivet.runs.pursuit import Pursuit
from trivet.runs.recorded_model import RecordedModel
from trivet.runs.replay_log import ReplayLog, refusal_in
from trivet.runs.todays_minds import TodaysPlanner, TodaysReflector
from trivet_sdk import events as happened
from trivet_sdk.contributions import Executor, Invocation, Planner, Reflector
from trivet_sdk.errors import ToolError, TrivetError
from trivet_sdk.events import ApprovalRequested, Event, QuestionAsked
from trivet_sdk.model import Embedder, Model
from trivet_sdk.plan import Json
from trivet_sdk.tool import Tool, ToolCall, ToolContext, ToolResult, ToolSpec

_NOT_ACHIEVED = re.compile(r"the sub-goal was not achieved \(run (\S+)\): (.*)", re.DOTALL)
YIELDS = 3
"""Turns of the event loop that a call takes at least: whoever can begin beside it has begun by then."""
_ENDS = (happened.ToolReturned, happened.ToolFailed, happened.ToolCalled)


class RecordedPlugins:
    """Fulfils `trivet.runs.Plugins`: planner, reflector and embedder are today's, all else is as recorded."""

    def __init__(self, plugins: Plugins, log: ReplayLog) -> None:
        self._plugins = plugins
        self._log = log

    def tools(self) -> tuple[ToolSpec, ...]:
        return self._plugins.tools()

    async def tool(self, name: str) -> Tool:
        return _RecordedTool(next(spec for spec in self.tools() if spec.name == name), self._log)

    def secrets(self, name: str) -> Mapping[str, str]:
        return {}

    async def planner(self, name: str) -> Planner:
        return TodaysPlanner(await self._plugins.planner(name), self._log)

    async def reflector(self, name: str) -> Reflector:
        return TodaysReflector(await self._plugins.reflector(name), self._log)

    async def executor(self, name: str) -> Executor:
        return RecordedExecutor(self._log)

    async def model(self, name: str) -> Model:
        try:
            today: Model | None = await self._plugins.model(name)
        except TrivetError:  # it is not asked anything, so the replay goes on without it
            today = None
        return RecordedModel(name, today, self._log)

    async def embedder(self) -> Embedder | None:
        return await self._plugins.embedder()

    async def veto(self, call: ToolCall) -> str | None:
        """Guards are not asked again. What they said stands in the call's end, if there was no call."""
        step = call.step or None
        await self._log.until(lambda: self._log.next is not None and getattr(self._log.next, "step", None) == step)
        return refusal_in(self._log.next) or None

    def emit(self, event: Event) -> None:
        return


class RecordedExecutor:
    """Fulfils `trivet_sdk.Executor`."""

    def __init__(self, log: ReplayLog) -> None:
        self._log = log

    def place(self, invocation: Invocation) -> AbstractAsyncContextManager[None]:
        """Whoever waited for one waits for the turn in which the call began."""
        return nullcontext()

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        for _ in range(YIELDS):
            await anyio.lowlevel.checkpoint()
        key = _without_run(invocation.call.key)
        await self._log.until(
            lambda: isinstance(event := self._log.next, _ENDS) and _without_run(event.key) == key,
        )
        match self._log.next:
            case happened.ToolReturned(result=ToolResult() as result):
                return result
            case happened.ToolFailed(error=error, may_work_later=is_transient):
                raise ToolError(error, is_transient=is_transient)
            case _:  # it was called again at once, since its plugin had ended under it
                raise CallInterrupted(invocation.spec.plugin, "ended", invocation.spec.name)


class RecordedPerson:
    """Fulfils `trivet.runs.collaborators.Person`. What was said enters the log by itself, wherever it was said."""

    def __init__(self, log: ReplayLog) -> None:
        self._log = log

    async def approve(self, request: ApprovalRequested) -> bool | None:
        id = request.approval
        for event in self._log.ahead:
            if isinstance(event, happened.ApprovalResolved) and event.approval == id and event.by != "user":
                return None  # it was today's code that said so, and says it again
        await self._log.until(lambda: id not in self._log.fold.approvals)
        return None

    async def answer(self, question: QuestionAsked) -> str | None:
        id = question.id
        if any(isinstance(event, happened.QuestionAnswered) and event.id == id for event in self._log.ahead):
            await self._log.until(lambda: id in self._log.fold.answers)
        return None


class RecordedChildren:
    """Sub-goals are runs of their own: what they came to stands in their parent's log, and is taken from there."""

    def __init__(self, log: ReplayLog) -> None:
        self._log = log

    async def child(self, parent: Pursuit, step: str, goal: str) -> RunOutcome:
        spent: happened.BudgetSpent | None = None
        end: Event | None = None
        for event in self._log.ahead:
            if isinstance(event, happened.BudgetSpent) and _is_of(event.child, step):
                spent = event
            elif isinstance(event, happened.ToolReturned | happened.ToolFailed) and event.step == step:
                end = event
                break
        if (first := spent or end) is not None:
            await self._log.until(lambda: next(self._log.ahead, None) is first)
        if spent is not None:
            parent.family.departed(spent.child, spent.of_child)
        match end:
            case happened.ToolReturned(result=ToolResult(value={"run": str(run), "answer": str(answer)}) as result):
                return RunOutcome(
                    run=run, status="succeeded", answer=answer, artifacts=result.artifacts, is_tainted=end.is_untrusted
                )
            case happened.ToolFailed(error=error) if (found := _NOT_ACHIEVED.fullmatch(error)) is not None:
                return RunOutcome(run=found[1], status="failed", answer=found[2], is_tainted=end.is_untrusted)
            case happened.ToolFailed(error=error):
                raise ToolError(error)
            case None:
                return RunOutcome(run="", status="waiting", reason="a sub-goal")
            case _:
                raise ToolError("it is not recorded what became of this sub-goal")


class _RecordedTool:
    def __init__(self, spec: ToolSpec, log: ReplayLog) -> None:
        self.spec = spec
        self._log = log

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        raise AssertionError("a replay calls no tool")

    async def reconcile(self, key: str) -> ToolResult | None:
        step = key.rsplit("/", 2)[1]
        await self._log.until(lambda: getattr(self._log.next, "step", None) == step)
        match self._log.next:
            case happened.ToolReturned(result=result):
                return result
            case happened.ToolFailed(error=error):
                raise ToolError(error)
            case _:
                return None


def _without_run(key: str) -> str:
    return key.partition("/")[2]


def _is_of(child: str, step: str) -> bool:
    """Whether the sub-goal with this id was of this step; repeated, its id ends in a number."""
    above, _, last = child.rpartition(".")
    return last == step or (last.isdigit() and above.endswith(f".{step}"))
