"""What the kernel hands out for everything but tools: stand-ins that find the plugin's present object at each call.

Runs hold on to their planner and their models for hours; meanwhile a plugin may have been restarted or upgraded. A call
that its end cut short is made again on the new one, for nothing but tools and executors has effects.
"""

import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from trivet.errors import CallInterrupted
from trivet.kernel.registry import Entry, told
from trivet.kernel.watchdog import Entered
from trivet_sdk.context import Services
from trivet_sdk.contributions import (
    Choice,
    ContextPacker,
    Executor,
    Invocation,
    Planner,
    PlanRequest,
    Policy,
    Reflector,
)
from trivet_sdk.errors import ModelUnavailable
from trivet_sdk.message import Message
from trivet_sdk.model import Embedder, GenerateRequest
from trivet_sdk.plan import Patch, Plan, Step
from trivet_sdk.tool import Tool, ToolContext, ToolResult
from trivet_sdk.transcript import Transcript
from trivet_sdk.verdict import Verdict

T = TypeVar("T")
V = TypeVar("V")
AGAIN = 2
"""Times that a call is made again whose plugin ended under it."""
Find = Callable[[], Awaitable[Entry]]
"""The present entry, its plugin started or waited for. Raises PluginError."""


class at_work:  # a context manager as a class, for it is entered five times a turn
    """Count a call as the plugin's work. Where that raises CallInterrupted, the host knows that the plugin has gone."""

    __slots__ = ("_entered", "_entry", "_is_repeat")

    def __init__(self, entry: Entry, entered: Entered, *, is_repeat: bool = False) -> None:
        self._entry, self._entered, self._is_repeat = entry, entered, is_repeat

    async def __aenter__(self) -> Any:
        self._entry.share.begin(self._entered, is_repeat=self._is_repeat)
        return self._entry.value

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        share = self._entry.share
        try:
            if isinstance(error, CallInterrupted):
                await told(share, error)
            elif isinstance(error, ModelUnavailable) and isinstance(error.__cause__, CallInterrupted):
                await told(share, error.__cause__)
                raise error.__cause__ from error
        finally:
            share.done(is_repeat=self._is_repeat)


class StandIn:
    def __init__(self, find: Find, entry: Entry) -> None:
        self._find = find
        self._entry = entry

    async def _call(self, doing: str, call: Callable[[Any], Awaitable[V]], *, may_repeat: bool = True) -> V:
        entered = Entered(self._entry.plugin, doing)
        left = AGAIN
        while True:
            if not self._entry.share.is_shown:
                self._entry = await self._find()
            try:
                async with at_work(self._entry, entered, is_repeat=left < AGAIN) as value:
                    return await call(value)
            except CallInterrupted as cut:
                is_own = cut.plugin == entered.plugin  # else a tool that it called lost its plugin
                if not is_own or (cut.has_begun and not (may_repeat and left)):
                    raise
                left -= cut.has_begun


class CurrentPlanner(StandIn, Planner):
    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        return await self._call("planning", lambda planner: planner.plan(request, services))


class CurrentReflector(StandIn, Reflector):
    def inspect(
        self, step: Step, result: ToolResult | None, error: str, transcript: Transcript
    ) -> Verdict | Awaitable[Verdict]:
        entry, entered = self._entry, Entered(self._entry.plugin, "inspecting a step")
        said: list[Verdict | Awaitable[Verdict]] = []
        if entry.share.is_shown:
            entry.share.begin(entered)
            try:
                said.append(entry.value.inspect(step, result, error, transcript))
            finally:
                entry.share.done()
            if not inspect.isawaitable(said[0]):  # most say it at once, and then it costs no turn of the event loop
                return said[0]

        async def inspected(reflector: Reflector) -> Verdict:
            verdict = said.pop() if said else reflector.inspect(step, result, error, transcript)
            return await verdict if inspect.isawaitable(verdict) else verdict

        return self._call("inspecting a step", inspected)

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        return await self._call("judging", lambda reflector: reflector.judge(transcript, services))


class CurrentPacker(StandIn, ContextPacker):
    async def pack(
        self, transcript: Transcript, window: int | None, measure: Callable[[Sequence[Message]], Awaitable[int]]
    ) -> tuple[Message, ...]:
        return await self._call("packing a context", lambda packer: packer.pack(transcript, window, measure))


class CurrentExecutor(StandIn, Executor):
    """A call is executed by the object that gave it its place; should that one leave in between, the next one gives it
    another."""

    def __init__(self, find: Find, entry: Entry) -> None:
        super().__init__(find, entry)
        self._placed: dict[str, Entry] = {}
        """By the call's key."""

    @contextlib.asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        while not self._entry.share.is_shown:
            self._entry = await self._find()
        entry, key = self._entry, invocation.call.key
        async with at_work(entry, Entered(entry.plugin, "holding a place")) as executor, executor.place(invocation):
            self._placed[key] = entry
            try:
                yield
            finally:
                del self._placed[key]

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        placed = self._placed.get(invocation.call.key)

        async def executed(executor: Executor) -> ToolResult:
            gave_it = placed is not None and placed.value is executor
            async with contextlib.nullcontext() if gave_it else executor.place(invocation):
                return await executor.execute(invocation, tool, ctx)
            raise AssertionError("an executor's place does not swallow what is raised in it")

        # Whether the call may be made again is for the run to say, by its effect.
        return await self._call("executing a call", executed, may_repeat=False)


class CurrentPolicy(StandIn, Policy):
    async def choose(
        self, request: GenerateRequest, candidates: Sequence[str], feedback: Mapping[str, float]
    ) -> Choice:
        return await self._call("choosing a model", lambda policy: policy.choose(request, candidates, feedback))


class CurrentEmbedder(StandIn, Embedder):
    @property
    def name(self) -> str:
        return str(self._entry.value.name)

    @property
    def dimensions(self) -> int:
        return int(self._entry.value.dimensions)

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return await self._call("embedding", lambda embedder: embedder.embed(texts))
