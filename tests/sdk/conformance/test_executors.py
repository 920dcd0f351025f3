"""Executors against their contract: one that keeps it, and one for each way of breaking it."""

import contextlib
import inspect
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
import pytest

from trivet_sdk import Invocation, Places, Tool, ToolContext, ToolError, ToolResult, result
from trivet_sdk.conformance import check_executor


class Plain:
    def __init__(self) -> None:
        self.places = Places()

    def place(self, invocation: Invocation) -> AbstractAsyncContextManager[Any]:
        return self.places.place(invocation)

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> Any:
        with anyio.fail_after(invocation.timeout):
            return await self.made(tool, invocation, ctx)

    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        if inspect.iscoroutinefunction(tool.call):
            return await tool.call(invocation.call.arguments, ctx)
        return await anyio.to_thread.run_sync(tool.call, invocation.call.arguments, ctx)


class Repeating(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        await super().made(tool, invocation, ctx)
        return await super().made(tool, invocation, ctx)


class Idle(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        return result("done", {"arguments": invocation.call.arguments, "key": ctx.key})


class Wrapping(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        try:
            return await super().made(tool, invocation, ctx)
        except Exception as error:
            raise RuntimeError(str(error)) from error


class Forgetful(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        try:
            return await super().made(tool, invocation, ctx)
        except ToolError as error:
            raise ToolError(error.message) from error


class Swallowing(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        try:
            return await super().made(tool, invocation, ctx)
        except Exception as error:
            return result(str(error))


class Texts(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        returned: ToolResult = await super().made(tool, invocation, ctx)
        return returned.text


class Blocking(Plain):
    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        returned: Any = tool.call({}, ctx)
        return await returned if inspect.isawaitable(returned) else returned


class Patient(Plain):
    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> Any:
        return await self.made(tool, invocation, ctx)


class Shielded(Plain):
    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> Any:
        try:
            return await super().execute(invocation, tool, ctx)
        except anyio.get_cancelled_exc_class():
            raise ValueError("cancelled") from None


class Placeless:
    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> Any: ...


class Immediate(Plain):
    def place(self, invocation: Invocation) -> Any:
        return 3


class Boundless(Plain):
    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        yield


class Semaphores(Plain):
    """Takes one resource after the other, as they are named."""

    def __init__(self) -> None:
        super().__init__()
        self.resources: dict[str, anyio.Semaphore] = {}

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as held:
            for name in invocation.spec.resources:
                await held.enter_async_context(self.resources.setdefault(name, anyio.Semaphore(1)))
            yield


class OneByOne(Plain):
    """Serves whoever comes, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = anyio.Lock()

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        async with self.lock:
            yield


class Stacked(Plain):
    """The last comes first."""

    def __init__(self) -> None:
        super().__init__()
        self.is_taken: Counter[str] = Counter()
        self.waiting: list[tuple[anyio.Event, Invocation]] = []

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        resources = invocation.spec.resources
        while any(self.is_taken[name] for name in resources):
            mine = (anyio.Event(), invocation)
            self.waiting.append(mine)
            try:
                await mine[0].wait()
            finally:
                if mine in self.waiting:
                    self.waiting.remove(mine)
        self.is_taken.update(resources)
        try:
            yield
        finally:
            self.is_taken.subtract(resources)
            if self.waiting:
                self.waiting.pop()[0].set()


class Queued(Stacked):
    """Nobody passes who came later, whatever it needs."""

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        if self.waiting:
            mine = (anyio.Event(), invocation)
            self.waiting.append(mine)
            try:
                await mine[0].wait()
            finally:
                if mine in self.waiting:
                    self.waiting.remove(mine)
        async with super().place(invocation):
            yield


class Leaky(Plain):
    """Gives back what ends well."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Any] = []

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        place = self.places.place(invocation)
        await place.__aenter__()
        yield
        await place.__aexit__(None, None, None)


class Impatient(Plain):
    """Leaves its name on the list when it is cancelled."""

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        place = self.places.place(invocation)
        try:
            await place.__aenter__()
        except anyio.get_cancelled_exc_class():
            self.places._ask(self.places.place(invocation))
            raise
        try:
            yield
        finally:
            await place.__aexit__(None, None, None)


class Quiet(Plain):
    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        with contextlib.suppress(ZeroDivisionError):
            async with self.places.place(invocation):
                yield


class Crowded(Plain):
    """All calls in one group, which ends with the first that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: list[anyio.CancelScope] = []

    async def made(self, tool: Tool, invocation: Invocation, ctx: ToolContext) -> Any:
        returned: Any = None
        with anyio.CancelScope() as scope:
            self.scopes.append(scope)
            try:
                returned = await super().made(tool, invocation, ctx)
            except anyio.get_cancelled_exc_class():
                if not scope.cancel_called:
                    for each in self.scopes:
                        each.cancel()
                raise
            except BaseException:
                for each in self.scopes:
                    each.cancel()
                raise
            finally:
                self.scopes.remove(scope)
        return returned


async def test_an_executor_that_keeps_its_contract() -> None:
    assert await check_executor(Plain(), name="plain") == ()


async def test_one_that_makes_a_single_call_at_a_time_keeps_it() -> None:
    executor = Plain()
    executor.places = Places(at_once=1)
    assert await check_executor(executor, name="plain") == ()


@pytest.mark.parametrize(
    ("executor", "sentence"),
    [
        (3, "executor 'x' has no `execute`; it needs `async def execute(self, invocation, tool, ctx)`"),
        (Placeless(), "executor 'x' has no `place`; it needs `def place(self, invocation)`, which returns an async context manager"),
        (Immediate(), "executor 'x' returns a int from `place` instead of an async context manager"),
        (Boundless(), "executor 'x' gives two calls at once a place that occupy the same resource; there is one of it unless settings say more"),
        (Semaphores(), "executor 'x' lets calls wait for each other for ever that need the same two resources"),
        (OneByOne(), "executor 'x' lets 11 waiting calls of one run go before the only one of another; runs take turns"),
        (Stacked(), "executor 'x' lets calls of one run overtake each other that wait for the same; who comes first goes first"),
        (Queued(), "executor 'x' keeps a call waiting whose resource is free, because others wait for another resource"),
        (Leaky(), "executor 'x' loses the place of a call that is cancelled"),
        (Impatient(), "executor 'x' loses a place when a call is cancelled that waits for one"),
        (Quiet(), "executor 'x' swallows what is raised inside of `place`"),
        (Crowded(), "executor 'x' lets a coroutine tool that raises RuntimeError end another call; whatever a tool does, other calls go on"),
        (Repeating(), "executor 'x' called an effectful tool 2 times for one invocation; repeating is the host's to decide"),
        (Idle(), "executor 'x' did not call the tool it was given"),
        (Wrapping(), "executor 'x' turns a tool's ZeroDivisionError into a RuntimeError; raise what the tool raises"),
        (Forgetful(), "executor 'x' loses `is_transient` of a ToolError, by which the host knows that trying again may help"),
        (Swallowing(), "executor 'x' swallows a tool's ToolError; raise what the tool raises"),
        (Texts(), "executor 'x' returns a str for a coroutine tool instead of its ToolResult"),
        (Blocking(), "executor 'x' changes what a blocking tool gets or returns: hand on arguments, context and result as they are"),
        (Patient(), "executor 'x' does not come back when a tool hangs beyond `invocation.timeout`: 4 seconds were not enough"),
        (Shielded(), "executor 'x' raises ValueError when it is cancelled; let the cancellation through"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(executor: object, sentence: str) -> None:
    assert sentence in await check_executor(executor, name="x", timeout=4.0)
