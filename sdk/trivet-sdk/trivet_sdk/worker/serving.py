"""The worker's methods: each finds what the plugin contributed by its handle, and does what the host asks of it."""

import inspect
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import anyio
import anyio.to_thread

from ..contributions import Choice, PlanRequest
from ..message import Message
from ..plan import Patch, Plan
from ..tool import ToolResult
from ..transcript import Transcript
from ..verdict import Verdict
from . import arrays
from .call import WorkerCall
from .channel import Channel
from .gateways import served_gateway
from .incoming import Incoming, Served
from .offering import Offering, awaited
from .requests import (
    Choose,
    Embed,
    GatewayCall,
    Generate,
    InspectCall,
    JudgeCall,
    Measure,
    ModelFacts,
    OpenModel,
    PackCall,
    PlanCall,
    Proposal,
    Reconcile,
    RelayedMeasure,
    ToolRequest,
    Veto,
)
from .services import WorkerServices
from .shelf import Shelf
from .tool_lists import ToolListReceiver
from .transcripts import TranscriptReceiver

THREADS = 64
"""Blocking tools of one worker at work at once."""


class Serving:
    """`services_of` makes what a planner or reflector holds during one call."""

    def __init__(
        self,
        offering: Offering,
        channel: Callable[[], Channel],
        services_of: Callable[[int], WorkerServices],
        shelf: Shelf,
        patience: Callable[[], float],
    ) -> None:
        self._offering = offering
        self._channel = channel
        self._services_of = services_of
        self._shelf = shelf
        self._patience = patience
        self._transcripts = TranscriptReceiver()
        self._tools = ToolListReceiver()
        self._threads = anyio.CapacityLimiter(THREADS)

    def methods(self) -> Mapping[str, Served]:
        return {
            "tool.call": Served(ToolRequest, self._call),
            "tool.reconcile": Served(Reconcile, self._reconcile),
            "plan": Served(PlanCall, self._plan),
            "inspect": Served(InspectCall, self._inspect),
            "judge": Served(JudgeCall, self._judge),
            "pack": Served(PackCall, self._pack),
            "model.open": Served(OpenModel, self._open),
            "model.generate": Served(Generate, self._generate),
            "model.measure": Served(Measure, self._measure),
            "embed": Served(Embed, self._embed),
            "dimensions": Served(int, self._dimensions),
            "choose": Served(Choose, self._choose),
            "service.run": Served(int, self._run_service),
            "veto": Served(Veto, self._veto),
            "gateway": Served(GatewayCall, self._gateway),
        }

    async def _call(self, request: ToolRequest, incoming: Incoming) -> ToolResult:
        tool = self._offering.thing(request.handle)
        ctx = WorkerCall(request, self._channel())
        try:
            if inspect.iscoroutinefunction(tool.call):
                value = await tool.call(request.arguments, ctx)
            else:
                value = await self._in_thread(tool.spec.name, tool.call, request.arguments, ctx)
                value = await awaited(value)
        finally:
            ctx.cancel()
        _check(value, ToolResult, "a ToolResult")
        result: ToolResult = value
        return result

    async def _in_thread(self, doing: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Cancelled, this returns at once; a function that goes on all the same is reported after a while."""
        ended = False

        def work() -> Any:
            nonlocal ended
            try:
                return function(*arguments)
            finally:
                ended = True

        def look() -> None:
            if not ended:
                self._channel().note("stubborn", doing)

        try:
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=self._threads)
        except anyio.get_cancelled_exc_class():
            self._channel().later(self._patience(), look)
            raise

    async def _reconcile(self, request: Reconcile, incoming: Incoming) -> ToolResult | None:
        found: ToolResult | None = await self._offering.thing(request.handle).reconcile(request.key)
        return found

    # A transcript is put together as its message arrives, in order; only then is anything awaited.

    def _plan(self, call: PlanCall, incoming: Incoming) -> Any:
        transcript = self._transcripts.transcript(call.transcript)
        request = PlanRequest(
            goal=call.goal or transcript.goal,
            tools=self._tools.specs(call.tools),
            transcript=transcript,
            budget_left=call.budget_left,
            reason=call.reason,
        )

        async def plan() -> Proposal:
            planner = self._offering.thing(call.handle)
            proposal = await planner.plan(request, self._services_of(call.relay))
            _check(proposal, Plan | Patch, "a plan")
            return Proposal(proposal, None) if isinstance(proposal, Plan) else Proposal(None, proposal)

        return plan()

    def _inspect(self, call: InspectCall, incoming: Incoming) -> Any:
        transcript = self._transcripts.transcript(call.transcript)

        async def inspected() -> Verdict:
            reflector = self._offering.thing(call.handle)
            verdict: Verdict = await awaited(reflector.inspect(call.step, call.result, call.error, transcript))
            _check(verdict, Verdict, "a verdict")
            return verdict

        return inspected()

    def _judge(self, call: JudgeCall, incoming: Incoming) -> Any:
        transcript = self._transcripts.transcript(call.transcript)

        async def judged() -> Verdict:
            reflector = self._offering.thing(call.handle)
            verdict: Verdict = await reflector.judge(transcript, self._services_of(call.relay))
            _check(verdict, Verdict, "a verdict")
            return verdict

        return judged()

    def _pack(self, call: PackCall, incoming: Incoming) -> Any:
        transcript = self._transcripts.transcript(call.transcript)
        return self._packed(call, transcript)

    async def _packed(self, call: PackCall, transcript: Transcript) -> tuple[Message, ...]:
        async def measure(messages: Sequence[Message]) -> int:
            tokens: int = await self._channel().request(
                "packer.measure", RelayedMeasure(call.relay, "", tuple(messages)), int
            )
            return tokens

        packed = await self._offering.thing(call.handle).pack(transcript, call.window, measure)
        return tuple(packed)

    async def _open(self, call: OpenModel, incoming: Incoming) -> ModelFacts:
        model = await self._offering.thing(call.handle).open(call.name, call.definition)
        return ModelFacts(
            self._offering.keep(model), model.name, model.window, bool(model.is_small), frozenset(model.features)
        )

    async def _generate(self, call: Generate, incoming: Incoming) -> AsyncIterator[Any]:
        deltas = self._offering.thing(call.handle).generate(call.request)
        try:
            async for delta in deltas:
                yield delta
        finally:
            if (close := getattr(deltas, "aclose", None)) is not None:
                await close()

    async def _measure(self, call: Measure, incoming: Incoming) -> int:
        tokens: int = await self._offering.thing(call.handle).measure(call.messages)
        return tokens

    async def _embed(self, call: Embed, incoming: Incoming) -> AsyncIterator[Any]:
        for piece in arrays.pieces(await self._offering.thing(call.handle).embed(call.texts), self._shelf.share):
            yield piece

    async def _dimensions(self, handle: int, incoming: Incoming) -> int:
        return int(self._offering.thing(handle).dimensions)

    async def _choose(self, call: Choose, incoming: Incoming) -> Choice:
        policy = self._offering.thing(call.handle)
        choice: Choice = await policy.choose(call.request, call.candidates, call.feedback)
        _check(choice, Choice, "a Choice")
        return choice

    async def _run_service(self, handle: int, incoming: Incoming) -> None:
        await self._offering.thing(handle).run()

    async def _veto(self, call: Veto, incoming: Incoming) -> str | None:
        reason: str | None = await self._offering.thing(call.handle).veto(call.call)
        _check(reason, str | None, "a sentence")
        return reason

    def _gateway(self, call: GatewayCall, incoming: Incoming) -> AsyncIterator[Any]:
        app = self._offering.thing(call.handle)
        return served_gateway(app, call.scope, partial(self._channel().request, "gateway.receive", call.relay))


def _check(value: Any, kind: Any, wanted: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"it returned {type(value).__name__} instead of {wanted}")
