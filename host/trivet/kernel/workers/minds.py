"""Planners, reflectors and contexts in a worker: what reads transcripts."""

from collections.abc import Awaitable, Callable, Sequence

from trivet.kernel.workers.line import Line
from trivet_sdk.context import Services
from trivet_sdk.contributions import PlanRequest
from trivet_sdk.message import Message
from trivet_sdk.plan import Patch, Plan, Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.transcript import Transcript
from trivet_sdk.verdict import Verdict
from trivet_sdk.worker.requests import InspectCall, JudgeCall, PackCall, PlanCall, Proposal


class WorkerPlanner:
    """Fulfils `Planner`."""

    def __init__(self, line: Line, handle: int, name: str) -> None:
        self._line = line
        self._handle = handle
        self._doing = f"planner {name}"

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        transcript = request.transcript
        with self._line.relays.opened(services) as relay:
            proposal: Proposal = await self._line.about(
                transcript,
                "plan",
                lambda growth: PlanCall(
                    self._handle,
                    relay,
                    None if request.goal is transcript.goal else request.goal,
                    self._line.tools.list(request.tools),
                    growth,
                    request.budget_left,
                    request.reason,
                ),
                Proposal,
                doing=self._doing,
            )
        return proposal.proposed


class WorkerReflector:
    """Fulfils `Reflector`; what it says of a step takes a moment, so `inspect` returns an awaitable."""

    def __init__(self, line: Line, handle: int, name: str) -> None:
        self._line = line
        self._handle = handle
        self._doing = f"reflector {name}"

    def inspect(self, step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> Awaitable[Verdict]:
        return self._line.about(
            transcript,
            "inspect",
            lambda growth: InspectCall(self._handle, step, result, error, growth),
            Verdict,
            doing=self._doing,
        )

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        with self._line.relays.opened(services) as relay:
            verdict: Verdict = await self._line.about(
                transcript,
                "judge",
                lambda growth: JudgeCall(self._handle, relay, growth),
                Verdict,
                doing=self._doing,
            )
        return verdict


class WorkerPacker:
    """Fulfils `ContextPacker`."""

    def __init__(self, line: Line, handle: int, name: str) -> None:
        self._line = line
        self._handle = handle
        self._doing = f"context {name}"

    async def pack(
        self, transcript: Transcript, window: int | None, measure: Callable[[Sequence[Message]], Awaitable[int]]
    ) -> tuple[Message, ...]:
        with self._line.relays.opened(measure) as relay:
            messages: tuple[Message, ...] = await self._line.about(
                transcript,
                "pack",
                lambda growth: PackCall(self._handle, relay, growth, window),
                tuple[Message, ...],
                doing=self._doing,
            )
        return messages
