"""Executors against their contract: one that keeps it, and one for each way of breaking it."""

import inspect
from typing import Any

import anyio
import anyio.to_thread
import pytest

from trivet_sdk import Invocation, Tool, ToolContext, ToolError, ToolResult, result
from trivet_sdk.conformance import check_executor


class Plain:
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


async def test_an_executor_that_keeps_its_contract() -> None:
    assert await check_executor(Plain(), name="plain") == ()


@pytest.mark.parametrize(
    ("executor", "sentence"),
    [
        (3, "executor 'x' has no `execute`; it needs `async def execute(self, invocation, tool, ctx)`"),
        (Repeating(), "executor 'x' called an effectful tool 2 times for one invocation; repeating is the host's to decide"),
        (Idle(), "executor 'x' did not call the tool it was given"),
        (Wrapping(), "executor 'x' turns a tool's ZeroDivisionError into a RuntimeError; raise what the tool raises"),
        (Forgetful(), "executor 'x' loses `is_transient` of a ToolError, by which the host knows that trying again may help"),
        (Swallowing(), "executor 'x' swallows a tool's ToolError; raise what the tool raises"),
        (Texts(), "executor 'x' returns a str for a coroutine tool instead of its ToolResult"),
        (Blocking(), "executor 'x' changes what a blocking tool gets or returns: hand on arguments, context and result as they are"),
        (Patient(), "executor 'x' does not come back when a tool hangs beyond `invocation.timeout`: 2 seconds were not enough"),
        (Shielded(), "executor 'x' raises ValueError when it is cancelled; let the cancellation through"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(executor: object, sentence: str) -> None:
    assert sentence in await check_executor(executor, name="x", timeout=2.0)
