"""The local executor: coroutine tools in tasks of their own, blocking ones in threads of their own."""

import inspect

import anyio

from trivet.runs.apart import apart
from trivet.runs.threads import ThreadPool
from trivet_sdk.contributions import Invocation
from trivet_sdk.tool import Tool, ToolContext, ToolResult


class LocalExecutor:
    """Fulfils `trivet_sdk.Executor`."""

    def __init__(self, threads: ThreadPool) -> None:
        self._threads = threads

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        """Raises TimeoutError after `invocation.timeout`, else what the tool raises."""
        with anyio.fail_after(invocation.timeout):
            if inspect.iscoroutinefunction(tool.call):
                value = await apart(tool.call(invocation.call.arguments, ctx))
            else:
                value = await self._threads.run(tool.call, invocation.call.arguments, ctx)
                if inspect.isawaitable(value):
                    value = await apart(value)
        if not isinstance(value, ToolResult):
            raise TypeError(f"it returned {type(value).__name__} instead of a ToolResult")
        return value
