"""One run, worked on: plan, execute, reflect, until it ends or waits for somebody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import anyio

from trivet.journal.reader import Message
from trivet.runs import budget
from trivet.runs.asking import Asking
from trivet.runs.attachments import workspace_of
from trivet.runs.builtin import BUILTIN, Builtins
from trivet.runs.calling import Caller
from trivet.runs.catalogue import Catalogue
from trivet.runs.collaborators import Person, Plugins
from trivet.runs.ending import GIVEN_UP, Ending
from trivet.runs.escalation import Escalation
from trivet.runs.execution import Execution
from trivet.runs.failures import BoundReached, CannotGoOn, PlannerStuck, PluginBroke, ReplansOver
from trivet.runs.family import Family
from trivet.runs.following import Following
from trivet.runs.foreign import innermost, told, trace
from trivet.runs.found import found_so_far
from trivet.runs.log import RunLog
from trivet.runs.models import Prompts
from trivet.runs.options import RunOptions, RunOutcome
from trivet.runs.planning import Planning
from trivet.runs.reflection import Reflection
from trivet.runs.services import OpenModels, RunServices
from trivet.runs.staff import Staff
from trivet_sdk.errors import PlannerAbstained, TrivetError
from trivet_sdk.events import (
    BudgetSpent,
    RunResumed,
    RunStarted,
    ToolFailed,
    VerdictIssued,
)
from trivet_sdk.model import Model
from trivet_sdk.plan import Plan
from trivet_sdk.verdict import Finish, GiveUp

PACE = 8
"""Moves after which others have their turn: none of them may have waited for anything."""


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
        self.family: Family = Family(log, parent.family if parent is not None else None)
        self._fold = log.fold
        self._plugins = plugins
        self._staff = staff
        self._nursery = children
        self._host = host
        self._parent = parent
        self._scope = anyio.CancelScope()
        self._stands_still = 0
        self._seconds_left = 0.0
        self._stop_reason = ""
        self._paused: TrivetError | None = None
        self._ending = Ending(log)
        self._asking: Asking = Asking(
            log,
            person,
            is_detached=options.is_detached,
            host=host,
            active=lambda: self._execution.active,
            still=self._still,
            above=parent._asking if parent is not None else None,
        )

    async def pursue(self) -> RunOutcome:
        """Work until the run ends or waits. Cancelled from outside, the run is left so that it can be resumed."""
        try:
            return await self._pursued()
        finally:
            self.log.leave()

    async def _pursued(self) -> RunOutcome:
        try:
            return await self._guarded()
        except BaseException as error:
            cause = innermost(error)
            with anyio.CancelScope(shield=True):
                if isinstance(cause, anyio.get_cancelled_exc_class()):
                    if self._parent is not None and self._parent.is_ending:
                        if found := found_so_far(self._fold.transcript, self._ending.inherited):
                            self._parent._ending.inherited.append(found)
                        await self._ending.finish("cancelled", self._ending.with_found(GIVEN_UP), GIVEN_UP)
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
            try:
                await self._planning.plan("")
            except (PlannerAbstained, PlannerStuck) as stuck:
                if not await self._escalation.begin(str(stuck)):
                    raise
                await self._planning.plan(str(stuck))
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

    async def _guarded(self) -> RunOutcome:
        if self._fold.finished is not None:
            return self._ending.outcome(self._fold.finished)
        is_new = self._fold.seq == 1
        await self.log.write(RunStarted(host=self._host) if is_new else RunResumed(host=self._host))
        if (seconds := self.family.left().max_seconds) is not None:
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
        if self._stop_reason:
            return await self._ending.finish("cancelled", self._ending.with_found(self._stop_reason), self._stop_reason)
        return await self._ending.exhaust(self.family.exhausted() or budget.seconds_over(self._fold.budget))

    async def _ended_by(self, cause: BaseException) -> RunOutcome | None:
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
                broken = f"trivet broke down: {told(cause)}. This is a bug"
                await self.log.write(ToolFailed(tool="trivet", error=broken, is_bug=True, traceback=trace(cause)))
                return await self._ending.fail(broken)

    async def _work(self) -> RunOutcome:
        try:
            staff = await self._staff()
        except TrivetError as error:
            raise CannotGoOn(str(error)) from error
        self._set_up(staff)
        await self._escalation.take_up()
        await self._execution.recover()
        moves = 0
        while True:
            moves += 1
            if moves % PACE == 0:
                await asyncio.sleep(0)
            try:
                outcome = await self._move()
            except (PlannerAbstained, PlannerStuck, ReplansOver) as stuck:
                if not await self._following.escalated(str(stuck)):
                    raise
            else:
                if outcome is not None:
                    return outcome

    async def _move(self) -> RunOutcome | None:
        """Whatever comes next; None if the run goes on after it."""
        if bound := self._execution.bound or self.family.exhausted():
            return await self._ending.exhaust(bound)
        fold = self._fold
        if self._execution.waiting and not isinstance(fold.pending, Finish | GiveUp):
            return await self._ending.wait("; ".join(self._execution.waiting.values()))
        elif fold.pending is not None:
            return await self._following.follow(fold.pending)
        elif fold.plan is None:
            await self._planning.plan("")
        elif fold.unfinished:
            await self._execution.run()
        else:
            await self._judge()
        return None

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
            staff.ruling,
            staff.approval_seconds,
        )
        prompts = Prompts(self._fold.completions)
        self._escalation = escalation = Escalation(self.log, staff.larger)

        def served(models: OpenModels, step: str | None) -> RunServices:
            return RunServices(
                self.log,
                models,
                prompts,
                tools,
                caller.look_up,
                self.family.exhausted,
                self.family.tokens_left,
                self._used,
                self._plugins.emit,
                step,
            )

        own = served(staff.models, None)

        def services(step: str | None = None) -> RunServices:
            """For the planner, and for what it planned."""
            if escalation.larger is not None:
                return served(escalation.larger.models, step)
            return own if step is None else served(staff.models, step)

        self._reflection = Reflection(staff.reflector, own)
        self._planning = Planning(self.log, staff.planner, escalation, tools, services, self.family.left)
        builtins = Builtins(self._asking, services, self._sub_goal)
        self._execution = Execution(
            self.log, caller, self._plugins, tools, builtins, self._reflection, self._asking, self.family
        )
        self._following = Following(
            self.log, self._planning, self._execution, self._asking, self._ending, self.family, escalation
        )

    async def _judge(self) -> None:
        verdict = await self._reflection.judge(self._fold.transcript)
        await self.log.write(VerdictIssued(verdict=verdict, by="reflector"))

    async def _sub_goal(self, step: str, goal: str) -> RunOutcome:
        try:
            return await self._nursery.child(self, step, goal)
        finally:  # cancelled, it has spent something as well; `write` does not wait here
            for child, usage, new in self.family.take_departed():
                spent = BudgetSpent(usage=self._fold.usage(self.log.now()) + new, child=child, of_child=usage)
                await self.log.write(spent)

    @contextmanager
    def _still(self) -> Iterator[None]:
        """Waiting for a person does not count. Several may be waited for, and be done in any order."""
        if not self._stands_still:
            self._seconds_left = self._scope.deadline - anyio.current_time()
            self._scope.deadline = float("inf")
        self._stands_still += 1
        yield
        self._stands_still -= 1
        if not self._stands_still:
            self._scope.deadline = anyio.current_time() + self._seconds_left

    def _used(self, model: Model) -> None:
        if model.is_small:
            self._ending.small_models[model.name] = None
