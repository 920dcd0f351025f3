"""One run, worked on: plan, execute, reflect, until it ends or waits for somebody."""

from collections.abc import Awaitable, Callable
from typing import Protocol, assert_never

import anyio
import msgspec

from trivet.journal.reader import Message
from trivet.runs import budget
from trivet.runs.asking import Asking, Unanswered
from trivet.runs.attachments import workspace_of
from trivet.runs.builtin import BUILTIN, Builtins
from trivet.runs.calling import Caller
from trivet.runs.catalogue import Catalogue
from trivet.runs.collaborators import Person, Plugins
from trivet.runs.ending import Ending
from trivet.runs.execution import Execution
from trivet.runs.failures import BoundReached, CannotGoOn, PluginBroke
from trivet.runs.foreign import innermost, told, trace
from trivet.runs.found import with_found
from trivet.runs.log import RunLog
from trivet.runs.models import Prompts
from trivet.runs.options import RunOptions, RunOutcome
from trivet.runs.planning import Planning
from trivet.runs.reflection import Reflection
from trivet.runs.services import OpenModels, RunServices
from trivet_sdk.contributions import Executor, Planner, Reflector
from trivet_sdk.errors import PlannerAbstained, TrivetError
from trivet_sdk.events import (
    BudgetSpent,
    RunResumed,
    RunStarted,
    ToolFailed,
    VerdictIssued,
)
from trivet_sdk.goal import Budget, Usage
from trivet_sdk.model import Model
from trivet_sdk.plan import Plan, Step
from trivet_sdk.verdict import Accept, Ask, Finish, GiveUp, Replan, Retry, Verdict

STALLED = 3
"""Times that the planner may be asked to go on without anything having happened in between."""


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Who fills the run's roles."""

    planner: Planner
    reflector: Reflector
    executor: Executor
    models: OpenModels


class Children(Protocol):
    """Where a sub-goal becomes a run of its own."""

    async def child(self, parent: "Pursuit", step: str, goal: str) -> RunOutcome: ...


class Pursuit:
    def __init__(
        self,
        log: RunLog,
        plugins: Plugins,
        staff: Callable[[], Awaitable[Staff]],
        children: Children,
        options: RunOptions,
        person: Person | None,
        host: str,
        parent: "Pursuit | None" = None,
    ) -> None:
        self.log = log
        self.options = options
        self.person = person
        self.children: list[Pursuit] = []
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self._fold = log.fold
        self._plugins = plugins
        self._staff = staff
        self._nursery = children
        self._host = host
        self._parent = parent
        self._scope = anyio.CancelScope()
        self._stop_reason = ""
        self._paused: TrivetError | None = None
        self._ending = Ending(log)
        self._moves = -1
        self._stalled = 0
        self._abstained: PlannerAbstained | None = None
        self._asking = Asking(
            log,
            person,
            is_detached=options.is_detached,
            host=host,
            active=lambda: self._execution.active,
            waited=self._extend,
        )

    async def pursue(self) -> RunOutcome:
        """Work until the run ends or waits. Cancelled from outside, the run is left so that it can be resumed."""
        try:
            return await self._guarded()
        except BaseException as error:
            cause = innermost(error)
            with anyio.CancelScope(shield=True):
                if isinstance(cause, anyio.get_cancelled_exc_class()):
                    if self._parent is not None and self._parent.is_ending:
                        await self._ending.settle()
                        await self._ending.finish("cancelled", "The sub-goal was given up together with its run.")
                        await self._parent.count(self.log.run, self._fold.usage())
                    else:
                        await self._ending.wait("interrupted")
                else:
                    self.log.journal.release(self.log.run)
            if cause is error:
                raise
            raise cause from error

    async def plan_only(self) -> Plan:
        """Make the plan, end the run as cancelled, and return the plan. Raises TrivetError with the reason if there is none."""
        await self.log.write(RunStarted(host=self._host))
        try:
            self._set_up(await self._staff())
            await self._planning.plan("")
        except (BoundReached, CannotGoOn, PluginBroke, TrivetError) as error:
            await self._ending.finish("failed", str(error), str(error))
            if isinstance(error, TrivetError):
                raise
            raise PlannerAbstained(str(error)) from error
        await self._ending.finish("cancelled", "Only the plan was wanted.")
        assert self._fold.plan is not None
        return self._fold.plan

    @property
    def is_ending(self) -> bool:
        return self._scope.cancel_called and self._paused is None

    def pause(self, error: TrivetError) -> None:
        """Leave the run, with its sub-goals, so that it can be resumed; `pursue` raises the error."""
        if self._parent is None and not self._scope.cancel_called:
            self._paused = error
            self._scope.cancel()

    def stop(self, reason: str) -> None:
        """End the run as cancelled, within a moment, whatever its tools are doing."""
        for child in self.children:
            child.stop(reason)
        self._stop_reason = reason
        self._scope.cancel()

    async def receive(self, message: Message) -> None:
        """What another host, or another part of this one, has to say to the run."""
        if message.kind == "cancel":
            self.log.journal.take(message)
            self.stop(str(message.payload.get("reason", "")) or "cancelled by the user")
            return
        if await self._asking.receive(message, self.log.journal):
            return
        for child in self.children:
            await child.receive(message)

    def usage(self) -> Usage:
        """Spent so far, by running sub-goals as well."""
        total = self._fold.usage(self.log.now())
        for child in self.children:
            total += self._uncounted(child.log.run, child.usage())
        return total

    def budget_left(self) -> Budget:
        left = self._fold.budget.after(self.usage())
        return budget.narrower(left, self._parent.budget_left()) if self._parent is not None else left

    def _tokens_left(self) -> int | None:
        if self._parent is None and self._fold.budget.max_tokens is None:
            return None
        return self.budget_left().max_tokens

    def _exhausted(self) -> str:
        bounds = self._fold.budget
        own = budget.exhausted(bounds, self.usage()) if budget.can_exhaust(bounds) else ""
        return own or (self._parent._exhausted() if self._parent is not None else "")

    async def _guarded(self) -> RunOutcome:
        if self._fold.finished is not None:
            return self._ending.outcome(self._fold.finished)
        is_new = self._fold.seq == 1
        await self.log.write(RunStarted(host=self._host) if is_new else RunResumed(host=self._host))
        if (seconds := self.budget_left().max_seconds) is not None:
            self._scope.deadline = anyio.current_time() + seconds
        outcome: RunOutcome | None = None
        try:
            with self._scope:
                outcome = await self._work()
        except Exception as error:  # what plugins raise ends the run with a sentence; the rest is ours and goes on
            if (ended := await self._ended_by(innermost(error))) is None:
                raise
            return ended
        if outcome is not None:
            return outcome
        if self._paused is not None:
            await self._ending.wait(str(self._paused))
            raise self._paused
        await self._ending.settle()
        if self._stop_reason:
            return await self._ending.finish(
                "cancelled", with_found(self._stop_reason, self._fold.transcript), self._stop_reason
            )
        return await self._ending.exhaust(budget.seconds_over(self._fold.budget))

    async def _ended_by(self, cause: BaseException) -> RunOutcome | None:
        if isinstance(cause, BoundReached | CannotGoOn | PlannerAbstained | PluginBroke):
            await self._ending.settle()
        match cause:
            case BoundReached():
                return await self._ending.exhaust(str(cause))
            case CannotGoOn() | PlannerAbstained():
                return await self._ending.fail(str(cause))
            case PluginBroke():
                if cause.role != "planner":
                    failed = ToolFailed(tool=cause.role, error=str(cause), is_bug=True, traceback=trace(cause.error))
                    await self.log.write(failed)
                return await self._ending.fail(str(cause))
            case TrivetError() | OSError() | MemoryError():
                return None  # of the disk or the machine: the run can go on once that is mended
            case _:  # a bug of ours; left open, the run would meet it again at every resume
                await self._ending.settle()
                broken = f"trivet broke down: {told(cause)}. This is a bug"
                await self.log.write(ToolFailed(tool="trivet", error=broken, is_bug=True, traceback=trace(cause)))
                return await self._ending.fail(broken)

    async def _work(self) -> RunOutcome:
        try:
            staff = await self._staff()
        except TrivetError as error:
            raise CannotGoOn(str(error)) from error
        self._set_up(staff)
        await self._execution.recover()
        while True:
            if bound := self._execution.bound or self._exhausted():
                return await self._ending.exhaust(bound)
            fold = self._fold
            if self._execution.waiting and not isinstance(fold.pending, Finish | GiveUp):
                return await self._ending.wait("; ".join(self._execution.waiting.values()))
            elif fold.pending is not None:
                if (outcome := await self._follow(fold.pending)) is not None:
                    return outcome
            elif fold.plan is None:
                await self._planning.plan("")
            elif fold.unfinished:
                await self._execution.run()
            else:
                await self._judge()

    def _set_up(self, staff: Staff) -> None:
        tools = Catalogue((*BUILTIN, *self._plugins.tools()))
        submitted = self._fold.submitted
        assert submitted is not None
        workspace = workspace_of(self._fold.goal, self.log.journal.blobs)
        caller = Caller(
            self.log,
            self._plugins,
            staff.executor,
            workspace,
            submitted.approve,
            self._asking.approve,
            self.options.tool_seconds,
        )
        prompts = Prompts(self._fold.completions)

        def services(step: str | None = None) -> RunServices:
            return RunServices(
                self.log,
                staff.models,
                prompts,
                tools,
                caller.look_up,
                self._exhausted,
                self._tokens_left,
                self._used,
                self._plugins.emit,
                step,
            )

        self._reflection = Reflection(staff.reflector, services())
        self._planning = Planning(self.log, staff.planner, tools, services(), self.budget_left)
        builtins = Builtins(self._asking, services, self._sub_goal)
        self._execution = Execution(
            self.log, caller, self._plugins, tools, builtins, self._reflection, self._asking, self.budget_left
        )

    # Reflection

    async def _judge(self) -> None:
        verdict = await self._reflection.judge(self._fold.transcript)
        await self.log.write(VerdictIssued(verdict=verdict, by="reflector"))

    async def _follow(self, verdict: Verdict) -> RunOutcome | None:
        match verdict:
            case Accept(reason):
                await self._replan(reason or "go on", is_next=True)
            case Retry(step, reason):
                await self._retry(step, reason)
            case Replan(reason, is_next):
                await self._replan(reason, is_next=is_next)
            case Ask(question):
                if (said := self._fold.said.get(question)) is not None:
                    known = Replan(f"the user was asked this before ({question}) and answered: {said}")
                    await self.log.write(VerdictIssued(verdict=known, by="host"))
                    return None
                try:
                    await self._asking.question(question, None)
                except Unanswered:
                    return await self._ending.wait(question)
                self._abstained, self._stalled = None, 0  # what the user said may open a way
            case Finish(answer):
                return await self._ending.finish("succeeded", answer or self._fold.transcript.answer or "Done.")
            case GiveUp(reason, found):
                transcript = self._fold.transcript
                answer = f"{reason}\n{found}" if found else with_found(reason, transcript)
                return await self._ending.finish("failed", answer, reason)
            case _:
                assert_never(verdict)
        return None

    async def _replan(self, reason: str, *, is_next: bool) -> None:
        fold = self._fold
        if not is_next and fold.usage().replans > fold.budget.max_replans:
            raise BoundReached(budget.replans_over(fold.budget))
        if is_next:
            self._stalled = self._stalled + 1 if fold.moves == self._moves else 1
            self._moves = fold.moves
            if self._stalled > STALLED:
                raise CannotGoOn("the planner was asked to go on several times, and nothing came of it")
        if self._abstained is not None:
            raise CannotGoOn(str(self._abstained))
        try:
            await self._planning.plan(reason)
        except PlannerAbstained as abstained:
            # What is left of the plan still runs, and the reflector has the last word on what came of it.
            self._abstained = abstained

    async def _retry(self, id: str, reason: str) -> None:
        """A verdict on the whole run wants one step done again."""
        step = self._fold.steps.get(id)
        attempts = self._fold.attempts.get(id, 0)
        if step is None or attempts > self._fold.budget.max_retries or self._is_done_for_good(step):
            told = reason if step is not None else f"there is no step {id} to repeat. {reason}"
            await self.log.write(
                VerdictIssued(verdict=Replan(f"{told} (step {id} was tried {attempts} times)"), by="host")
            )
            return
        await self._execution.again(step)

    def _is_done_for_good(self, step: Step) -> bool:
        intent = self._fold.intents.get(step.id)
        return self._fold.states[step.id] == "succeeded" and intent is not None and intent.effect == "effectful"

    async def _sub_goal(self, step: str, goal: str) -> RunOutcome:
        outcome = await self._nursery.child(self, step, goal)
        await self.count(outcome.run, outcome.usage)
        return outcome

    async def count(self, child: str, usage: Usage) -> None:
        """A sub-goal's run has spent so much so far. It may tell that again: after it waited, or when this run is resumed."""
        whole = self._fold.usage(self.log.now()) + self._uncounted(child, usage)
        await self.log.write(BudgetSpent(usage=whole, child=child, child_usage=usage))

    def _uncounted(self, child: str, usage: Usage) -> Usage:
        """Time passes for both at once, and changes of its plan are the sub-goal's own."""
        return msgspec.structs.replace(usage - self._fold.counted.get(child, Usage()), seconds=0.0, replans=0)

    def _extend(self, seconds: float) -> None:
        """Waiting for a person does not count."""
        self._scope.deadline += seconds

    def _used(self, model: Model) -> None:
        if model.is_small:
            self._ending.small_models[model.name] = None
