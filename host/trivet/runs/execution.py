"""The steps of a plan, carried out: in parallel where they do not wait for each other, each judged as it ends."""

from collections.abc import Mapping

import anyio
from anyio.abc import TaskGroup

from trivet.runs import recovery, scheduling
from trivet.runs.asking import Asking, Unanswered
from trivet.runs.builtin import FREE, SPARE, Builtins, Handler, SubGoalFailed
from trivet.runs.calling import Caller
from trivet.runs.catalogue import Catalogue
from trivet.runs.circles import circling
from trivet.runs.collaborators import Plugins
from trivet.runs.doubt import Doubt
from trivet.runs.failures import BoundReached
from trivet.runs.family import Family
from trivet.runs.foreign import tells_of_outside, told
from trivet.runs.log import RunLog
from trivet.runs.recovery import Remedy
from trivet.runs.references import resolved
from trivet.runs.reflection import Reflection
from trivet_sdk.errors import TrivetError
from trivet_sdk.events import StepStarted, ToolCalled, ToolFailed, ToolReturned, VerdictIssued
from trivet_sdk.plan import Json, Step
from trivet_sdk.verdict import Accept, Ask, Finish, GiveUp, Replan, Retry, Verdict

PARALLEL = 32
"""Built-in steps of one run at work at once. How many calls of tools are is the executor's to say, and one that waits there for
its place is in nobody's way here."""
_SEVERITY: Mapping[type[Verdict], int] = {Accept: 0, Retry: 1, Replan: 1, Ask: 2, Finish: 3, GiveUp: 4}


class Execution:
    """`run` returns when nothing is running and nothing can start: because all is done, because a verdict in
    `fold.pending` wants to be followed first, because a question is open (`waiting`), or a bound was reached (`bound`)."""

    def __init__(
        self,
        log: RunLog,
        caller: Caller,
        plugins: Plugins,
        tools: Catalogue,
        builtins: Builtins,
        reflection: Reflection,
        asking: Asking,
        family: Family,
    ) -> None:
        self.waiting: dict[str, str] = {}
        """Open questions by step id."""
        self.bound = ""
        self._log = log
        self._fold = log.fold
        self._caller = caller
        self._tools = tools
        self._builtins = builtins
        self._reflection = reflection
        self._asking = asking
        self._doubt = Doubt(log, plugins, asking, self.waiting)
        self._family = family
        self._active: set[str] = set()
        self._needs: dict[str, tuple[Step, frozenset[str]]] = {}
        self._group: TaskGroup | None = None

    @property
    def active(self) -> int:
        """Steps at work, those that wait for an answer included."""
        return len(self._active)

    async def run(self) -> None:
        while True:
            await self._skip_doomed()
            startable = self._startable()
            if not startable:
                return
            if len(startable) == 1:  # the common case, without a task of its own
                await self._begin(startable[0])
                continue
            async with anyio.create_task_group() as group:
                self._group = group
                self._start(startable)
            self._group = None

    async def recover(self) -> None:
        """Bring the steps to an end that an earlier host left at work, judge those that ended just before it died, and ask
        about those that it left unknown."""
        self.waiting.clear()
        interrupted = recovery.interrupted(self._fold)
        unknown = [self._fold.steps[id] for id, state in self._fold.states.items() if state == "unknown"]
        unjudged = [self._fold.steps[id] for id in self._fold.unjudged]
        if not (interrupted or unknown or unjudged):
            return
        async with anyio.create_task_group() as group:
            for step in unknown:
                group.start_soon(self._settle, step)
            for step in unjudged:
                self._active.add(step.id)
                group.start_soon(self._catch_up, step)
            for step, remedy in interrupted:
                self._active.add(step.id)
                group.start_soon(self._recover, step, remedy)

    async def again(self, step: Step) -> None:
        """Repeat a step that has ended, as a verdict wants it, if the budget has room for it."""
        if not self._has_step_left(step):
            return
        self._active.add(step.id)
        self._family.promised += 1
        await self._begin_active(step)

    def _startable(self) -> list[Step]:
        fold = self._fold
        if fold.pending is not None or self.bound or not fold.unfinished:
            return []
        needs = {id: self._needs_of(step) for id, step in fold.unfinished.items()}
        steps = [step for step in scheduling.ready(fold.unfinished, fold.states, needs) if step.id not in self._active]
        left = self._family.steps_left() if steps else None
        if left is None:
            return steps
        allowed: list[Step] = []
        for step in steps:
            if left > (-SPARE if step.tool in FREE else 0):
                left -= 1
                allowed.append(step)
            elif not self._active:
                self.bound = self._family.steps_over()
        return allowed

    def _start(self, steps: list[Step]) -> None:
        assert self._group is not None
        own = sum(self._is_own(self._fold.steps[id]) for id in self._active)
        for step in steps:
            if self._is_own(step):
                if own >= PARALLEL:
                    continue  # the next step that ends looks again
                own += 1
            self._active.add(step.id)
            self._family.promised += 1
            self._group.start_soon(self._begin_active, step)

    def _is_own(self, step: Step) -> bool:
        return self._builtins.handler(step.tool) is not None

    async def _begin(self, step: Step) -> None:
        self._active.add(step.id)
        self._family.promised += 1
        await self._begin_active(step)

    async def _begin_active(self, step: Step) -> None:
        try:
            await self._work(step, self._fold.attempts.get(step.id, 0) + 1, is_begun=False)
        finally:
            self._active.discard(step.id)
        if self._group is not None:
            await self._skip_doomed()
            self._start(self._startable())

    async def _work(self, step: Step, attempt: int, *, is_begun: bool) -> None:
        while True:
            await self._log.write(StepStarted(step=step.id, attempt=attempt))
            if not is_begun:
                self._family.promised -= 1
            is_begun = True
            await self._call(step)
            while self._fold.states[step.id] == "unknown":
                if not await self._doubt.asked(step):
                    return
                if self._fold.states[step.id] != "unknown":
                    break
                await self._log.write(StepStarted(step=step.id, attempt=attempt))
                await self._call(step)
            if self._fold.states[step.id] == "running":
                return  # it waits for an answer
            if not await self._is_to_be_repeated(step, attempt):
                return
            attempt += 1

    async def _call(self, step: Step) -> None:
        try:
            arguments = resolved(step.arguments, self._fold.results)
        except KeyError as error:
            await self._log.write(ToolFailed(step=step.id, tool=step.tool, error=str(error.args[0])))
            return
        if (handler := self._builtins.handler(step.tool)) is not None:
            await self._call_builtin(step, handler, arguments)
            return
        spec = self._tools.find(step.tool)
        if spec is None:  # the plugin was there when the plan was accepted, and is gone after a resume
            await self._log.write(ToolFailed(step=step.id, tool=step.tool, error=self._tools.unknown(step)))
            return
        await self._caller.call(step.id, spec, arguments, self._fold.intents.get(step.id))

    async def _call_builtin(self, step: Step, handler: Handler, arguments: dict[str, Json]) -> None:
        await self._log.write(ToolCalled(step=step.id, tool=step.tool, arguments=arguments))
        try:
            result = await handler(step, arguments)
        except Unanswered as unanswered:
            self.waiting[step.id] = unanswered.question
        except BoundReached as over:
            self.bound = str(over)
            await self._log.write(ToolFailed(step=step.id, tool=step.tool, error=str(over)))
        except TrivetError as error:
            is_untrusted = tells_of_outside(error)
            await self._log.write(
                ToolFailed(step=step.id, tool=step.tool, error=told(error), is_untrusted=is_untrusted)
            )
            if isinstance(error, SubGoalFailed):  # it may have spent what there was for all
                self.bound = self.bound or self._family.spent()
        else:
            await self._log.write(
                ToolReturned(step=step.id, tool=step.tool, result=result, is_untrusted=result.is_untrusted)
            )

    async def _is_to_be_repeated(self, step: Step, attempt: int) -> bool:
        """Judge the step's end, record the verdict, and say whether it is to do the step again."""
        fold = self._fold
        result, error = fold.results.get(step.id), fold.errors.get(step.id, "")
        has_succeeded = fold.states[step.id] == "succeeded"
        verdict = await self._reflection.inspect(step, result if has_succeeded else None, error, fold.transcript)
        by = "reflector"
        if isinstance(verdict, Retry):
            spec = self._tools.find(step.tool)
            is_done = has_succeeded and spec is not None and spec.effect == "effectful"
            if verdict.step != step.id or attempt > fold.budget.max_retries or is_done:
                verdict, by = Replan(f"step {step.id} was tried {attempt} times: {verdict.reason or error}"), "host"
        circle = circling(step, fold, can_ask=self._asking.can_ask)
        if circle is not None and _SEVERITY[type(circle)] > _SEVERITY[type(verdict)]:
            verdict, by = circle, "host"
        if fold.pending is not None and _SEVERITY[type(verdict)] <= _SEVERITY[type(fold.pending)]:
            return False  # a parallel step already brought about what has to be followed first
        await self._log.write(VerdictIssued(step=step.id, verdict=verdict, by=by))
        return isinstance(verdict, Retry) and self._has_step_left(step)

    def _has_step_left(self, step: Step) -> bool:
        """For another attempt; else the bound is noted."""
        left = self._family.steps_left()
        if left is not None and left <= (-SPARE if step.tool in FREE else 0):
            self.bound = self._family.steps_over()
        return not self.bound

    async def _settle(self, step: Step) -> None:
        """Ask about a step that was left unknown. Do it again if that is the answer, else judge what the user says came of it."""
        if not await self._doubt.asked(step):
            return
        self._active.add(step.id)
        if self._fold.states[step.id] != "unknown":
            await self._catch_up(step)
            return
        try:
            await self._work(step, self._fold.attempts.get(step.id, 1), is_begun=True)
        finally:
            self._active.discard(step.id)

    async def _catch_up(self, step: Step) -> None:
        """Judge an end that an earlier host recorded, and died, or that the user told."""
        attempt = self._fold.attempts.get(step.id, 1)
        try:
            if await self._is_to_be_repeated(step, attempt):
                await self._work(step, attempt + 1, is_begun=True)
        finally:
            self._active.discard(step.id)

    async def _recover(self, step: Step, remedy: Remedy) -> None:
        try:
            if remedy is Remedy.RECONCILE and not await self._doubt.reconciled(step):
                return
            if self._fold.states[step.id] != "succeeded":
                await self._work(step, self._fold.attempts.get(step.id, 1), is_begun=True)
            else:
                await self._is_to_be_repeated(step, self._fold.attempts.get(step.id, 1))
        finally:
            self._active.discard(step.id)

    async def _skip_doomed(self) -> None:
        """Steps that wait for one that failed are skipped, unless a new plan might still mend them."""
        fold = self._fold
        if fold.pending is not None or self.waiting or not fold.unfinished:
            return
        needs = {id: self._needs_of(step) for id, step in fold.unfinished.items()}
        for step, because, state in scheduling.doomed(fold.unfinished, fold.states, needs):
            error = f"skipped, because step {because} {_ENDED.get(state, state)}"
            await self._log.write(ToolFailed(step=step.id, tool=step.tool, error=error, outcome="skipped"))

    def _needs_of(self, step: Step) -> frozenset[str]:
        known = self._needs.get(step.id)
        if known is None or known[0] is not step:  # a patch replaced the step
            known = self._needs[step.id] = (step, step.depends_on)
        return known[1]


_ENDED = {
    "failed": "failed",
    "unknown": "ended nobody knows how",
    "skipped": "was skipped",
    "cancelled": "was cancelled",
}
