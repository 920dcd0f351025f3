"""One call of one tool: allowed, journaled, carried out, journaled again. Nothing a tool does gets past here."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal

import anyio
import msgspec

from trivet.errors import CallInterrupted
from trivet.journal.state import Intent
from trivet.runs import approvals, effects
from trivet.runs.attempts import carried_out
from trivet.runs.collaborators import Plugins
from trivet.runs.context import CallContext
from trivet.runs.foreign import Deserted, cause_of, checked, tells_of_outside, told, trace
from trivet.runs.log import RunLog
from trivet.runs.permission import Ruling, in_words, no_rules, permission
from trivet.runs.place import NoPlace, Place
from trivet_sdk.contributions import Executor, Invocation
from trivet_sdk.errors import ToolError, TrivetError
from trivet_sdk.events import ApprovalRequested, ApprovalResolved, ToolCalled, ToolFailed, ToolReturned
from trivet_sdk.plan import Json
from trivet_sdk.tool import Tool, ToolCall, ToolResult, ToolSpec
from trivet_sdk.workspace import Workspace

Approve = Callable[[ApprovalRequested], Awaitable[str]]
"""Obtain a person's agreement: empty if given, else the reason why not."""


class Caller:
    """Calls tools for one run."""

    def __init__(
        self,
        log: RunLog,
        plugins: Plugins,
        executor: Executor,
        workspace: Workspace,
        mode: approvals.Mode,
        approve: Approve,
        seconds: float | None,
        ruling: Ruling = no_rules,
        approval_seconds: float = 0.0,
    ) -> None:
        """A request that nobody answers for `approval_seconds` is denied; with 0 it stays open."""
        self._log = log
        self._plugins = plugins
        self._executor = executor
        self._workspace = workspace
        self._mode = mode
        self._approve = approve
        self._seconds = seconds
        self._ruling = ruling
        self._approval_seconds = approval_seconds

    async def call(self, step: str, spec: ToolSpec, arguments: dict[str, Json], before: Intent | None) -> None:
        """Make the call of a step and record its end, whatever that is. `before` is the step's newest intent, if any.

        Cancelled, it records that as well, then lets the cancellation go on.
        """
        call = ToolCall(
            run=self._log.run,
            step=step,
            tool=spec.name,
            arguments=arguments,
            key=effects.key_of(self._log.run, step, before),
            effect=spec.effect,
            egress=spec.egress,
            is_tainted=self._log.fold.is_tainted,
        )
        try:
            await self._plugins.tool(spec.name)  # nobody should be asked about a call that cannot be made
            if (refusal := await self._refusal(call, spec)) is not None:
                await self._log.write(_failed(call, f"the call was refused: {refusal}"))
                return
        except TrivetError as error:
            await self._log.write(_failed(call, told(error)))
            return
        try:
            async with Place(self._executor, self._invocation(call, spec)):
                # An intent says that the call begins now, so it must not be journaled while the call still waits.
                await self._log.write(_intent(call), durable=effects.is_intent_durable(spec.effect))
                await self._carry_out(call, spec)
        except NoPlace as none:
            await self._log.write(_failed(call, str(none), is_transient=True))

    async def look_up(self, spec: ToolSpec, arguments: dict[str, Json]) -> ToolResult:
        """Call a pure tool on behalf of a planner or reflector, journaled without a step.

        Raises ToolError, also where the tool broke or was too slow, and InvalidArguments.
        """
        if self._log.is_over:
            raise ToolError("the run is over")
        key = f"{self._log.run}//{self._log.fold.seq + 1}"
        call = ToolCall(run=self._log.run, step="", tool=spec.name, arguments=arguments, key=key, effect="pure")
        if reason := await self._vetoed(call):
            raise ToolError(f"the call was refused: {reason}")
        try:
            async with Place(self._executor, self._invocation(call, spec)):
                return await self._looked_up(call, spec)
        except NoPlace as none:
            raise ToolError(str(none), is_transient=True) from None

    async def _looked_up(self, call: ToolCall, spec: ToolSpec) -> ToolResult:
        await self._log.write(_intent(call))
        begun = time.perf_counter()
        try:
            result = await self._execute(call, spec)
        except BaseException as error:  # foreign code: a bug in a tool must not look like one in the planner
            cause = cause_of(error)
            is_bug = not isinstance(cause, TrivetError)
            traceback = trace(error) if is_bug else ""
            failed = _failed(call, broken(cause), step=None, seconds=_since(begun), is_bug=is_bug, traceback=traceback)
            is_untrusted = spec.untrusted_output or tells_of_outside(cause)
            await self._log.write(msgspec.structs.replace(failed, is_untrusted=is_untrusted))
            if cause is error and not is_bug:
                raise
            raise (ToolError(broken(cause)) if is_bug else cause) from error
        untrusted = spec.untrusted_output or result.is_untrusted
        await self._log.write(
            ToolReturned(tool=spec.name, result=result, key=call.key, seconds=_since(begun), is_untrusted=untrusted)
        )
        return result

    async def _refusal(self, call: ToolCall, spec: ToolSpec) -> str | None:
        """Why this call must not happen: a guard's reason, or a person's."""
        if reason := await self._vetoed(call):
            return reason
        fold = self._log.fold
        found = permission(
            spec,
            call.arguments,
            mode=self._mode,
            ruling=self._ruling,
            is_tainted=call.is_tainted,
            tainted_by=fold.tainted_by,
        )
        if found.verdict == "refused" and not found.rule:
            return f"{found.why}, and this run asks nobody"
        if found.verdict == "granted" and not found.rule:
            return None
        digest = approvals.digest_of(call.tool, call.arguments)
        granted = fold.granted.get(call.step)
        if granted is not None and granted.digest == digest and found.verdict != "refused":
            return None
        refused = fold.refused.get(call.step)
        if refused is not None and refused[0] == digest and found.verdict == "ask":
            return f"{found.why}, and {refused[1]}"  # said while nobody worked on the run
        request = ApprovalRequested(
            step=call.step,
            approval=f"a{fold.seq + 1}",
            tool=call.tool,
            arguments=call.arguments,
            digest=digest,
            reason=found.why,
            expires=self._expiry(),
        )
        if found.rule:
            return await self._ruled(request, found.rule, is_granted=found.verdict == "granted")
        return await self._approve(request) or None

    def _expiry(self) -> float:
        return round(self._log.now() + self._approval_seconds, 3) if self._approval_seconds else 0.0

    async def _ruled(self, request: ApprovalRequested, rule: str, *, is_granted: bool) -> str | None:
        """What a rule decides leaves its trace like what a person decides."""
        words = in_words(rule, is_granted=is_granted)
        await self._log.write(msgspec.structs.replace(request, expires=0.0))
        await self._log.write(
            ApprovalResolved(step=request.step, approval=request.approval, granted=is_granted, by="rule", reason=words)
        )
        return None if is_granted else words

    async def _vetoed(self, call: ToolCall) -> str:
        """Why a guard is against it; one that breaks has not agreed. Guards look at a copy: what they judge is what is done."""
        try:
            looked_at = msgspec.structs.replace(call, arguments=checked(call.arguments, dict))
            return await self._plugins.veto(looked_at) or ""
        except BaseException as error:  # foreign code
            return f"a guard broke: {told(cause_of(error))}"

    async def _carry_out(self, call: ToolCall, spec: ToolSpec) -> None:
        begun = time.perf_counter()
        end: ToolReturned | ToolFailed
        try:
            result = await self._execute(call, spec)
            end = ToolReturned(
                step=call.step,
                tool=call.tool,
                result=result,
                key=call.key,
                seconds=_since(begun),
                is_untrusted=spec.untrusted_output or result.is_untrusted,
            )
        except BaseException as error:  # foreign code: a bug in it must not end the run; stopping the run goes on
            cause = cause_of(error)
            end = self._failure(call, cause, begun)
            if spec.untrusted_output or tells_of_outside(cause):  # what it says went wrong may be another's words
                end = msgspec.structs.replace(end, is_untrusted=True)
        await self._log.write(end, durable=effects.is_end_durable(call.effect))

    async def _execute(self, call: ToolCall, spec: ToolSpec) -> ToolResult:
        async def again() -> None:
            await self._log.write(_intent(call))

        result = await carried_out(self._plugins, spec, call.key, partial(self._attempt, call, spec), again)
        # What later steps see must be what a resumed run reads back, so tuples and dates become JSON here.
        returned: ToolResult = checked(result, ToolResult)
        return returned

    async def _attempt(self, call: ToolCall, spec: ToolSpec, tool: Tool) -> ToolResult:
        deadline = anyio.current_effective_deadline()
        if self._seconds is not None:
            deadline = min(deadline, anyio.current_time() + self._seconds)
        secrets = partial(self._plugins.secrets, call.tool)
        ends = None if deadline == float("inf") else deadline
        submitted = self._log.fold.submitted
        typed = submitted.typed_origins if submitted is not None else ()
        ctx = CallContext(call, self._workspace, self._log.journal.blobs, secrets, ends, self._log.tell, typed)
        try:
            return await self._executor.execute(self._invocation(call, spec), tool, ctx)
        finally:
            ctx.cancel()

    def _invocation(self, call: ToolCall, spec: ToolSpec) -> Invocation:
        return Invocation(call=call, spec=spec, timeout=self._seconds)

    def _failure(self, call: ToolCall, cause: BaseException, begun: float) -> ToolFailed:
        if isinstance(cause, TimeoutError):
            return self._overran(call, cause, begun)
        if isinstance(cause, CallInterrupted):
            return _interrupted(call, cause, begun)
        seconds = _since(begun)
        if isinstance(cause, TrivetError):
            is_transient = isinstance(cause, ToolError) and cause.is_transient
            return _failed(call, told(cause), seconds=seconds, is_transient=is_transient)
        return _failed(call, broken(cause), seconds=seconds, is_bug=True, traceback=trace(cause))

    def _overran(self, call: ToolCall, error: TimeoutError, begun: float) -> ToolFailed:
        if self._seconds is None or _since(begun) < self._seconds:  # the tool's own
            return _failed(call, str(error) or "it timed out", seconds=_since(begun), is_transient=True)
        outcome: Literal["failed", "unknown"] = "unknown" if call.effect == "effectful" else "failed"
        unknown = "; whether it took effect is not known" if outcome == "unknown" else ""
        words = f"'{call.tool}' did not finish within {self._seconds:g} seconds{unknown}"
        return _failed(call, words, seconds=_since(begun), is_transient=True, outcome=outcome)


def _intent(call: ToolCall) -> ToolCalled:
    step = call.step or None
    return ToolCalled(step=step, tool=call.tool, arguments=call.arguments, key=call.key, effect=call.effect)


def _interrupted(call: ToolCall, cut: CallInterrupted, begun: float) -> ToolFailed:
    is_unknown = cut.has_begun and call.effect == "effectful"
    words = f"{cut} Whether it took effect is not known." if is_unknown else str(cut)
    outcome: Literal["failed", "unknown"] = "unknown" if is_unknown else "failed"
    return _failed(call, words, seconds=_since(begun), is_transient=True, outcome=outcome)


def _failed(
    call: ToolCall,
    error: str,
    *,
    seconds: float = 0.0,
    is_bug: bool = False,
    is_transient: bool = False,
    traceback: str = "",
    outcome: Literal["failed", "unknown"] = "failed",
    step: str | None = "",
) -> ToolFailed:
    return ToolFailed(
        step=call.step if step == "" else step,
        tool=call.tool,
        error=error,
        key=call.key,
        is_bug=is_bug,
        may_work_later=is_transient,
        traceback=traceback,
        seconds=seconds,
        outcome=outcome,
    )


def broken(cause: BaseException, tool: str = "the tool") -> str:
    """What a person reads about a tool that raised this."""
    if isinstance(cause, TrivetError):
        return told(cause)
    if isinstance(cause, Deserted):
        return f"{tool} {cause}"
    return f"{tool} broke: {told(cause)}"


def _since(begun: float) -> float:
    return round(time.perf_counter() - begun, 6)
