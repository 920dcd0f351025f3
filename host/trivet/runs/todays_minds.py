"""Today's planner and reflector in a run that is lived again: they may take their time, and nobody else is waited for then."""

from collections.abc import Awaitable

from trivet.runs.replay_log import ReplayLog
from trivet_sdk import events as happened
from trivet_sdk.context import Services
from trivet_sdk.contributions import Planner, PlanRequest, Reflector
from trivet_sdk.plan import Patch, Plan, Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.transcript import Transcript
from trivet_sdk.verdict import Verdict


class TodaysPlanner:
    def __init__(self, planner: Planner, log: ReplayLog) -> None:
        self._planner = planner
        self._log = log

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        with self._log.foreign():
            return await self._planner.plan(request, services)


class TodaysReflector:
    def __init__(self, reflector: Reflector, log: ReplayLog) -> None:
        self._reflector = reflector
        self._log = log

    def inspect(
        self, step: Step, result: ToolResult | None, error: str, transcript: Transcript
    ) -> Verdict | Awaitable[Verdict]:
        verdict = self._reflector.inspect(step, result, error, transcript)
        return self._awaited(verdict, step.id) if isinstance(verdict, Awaitable) else verdict

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        with self._log.foreign():
            return await self._reflector.judge(transcript, services)

    async def _awaited(self, verdict: Awaitable[Verdict], step: str) -> Verdict:
        with self._log.foreign():
            came = await verdict
        # Then, too, it came just before it was recorded; or after a parallel one that had to be followed first.
        await self._log.until(lambda: self._is_judged(step), is_patient=True)
        return came

    def _is_judged(self, step: str) -> bool:
        return isinstance(event := self._log.next, happened.VerdictIssued) and event.step == step
