"""The local executor: coroutine tools in tasks of their own, blocking ones in threads of their own."""

import inspect
import math
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import anyio

from trivet.logs import LateLogger
from trivet.runs.apart import Begun, apart
from trivet.runs.threads import ThreadPool
from trivet_sdk.contributions import Invocation
from trivet_sdk.events import Event, PluginHung
from trivet_sdk.places import Places
from trivet_sdk.tool import Tool, ToolContext, ToolResult


class LocalExecutor:
    """Fulfils `trivet_sdk.Executor`. A blocking tool that outlives its deadline goes on alone, since a thread cannot be
    ended; it is named in the log and by `tell`."""

    def __init__(self, threads: ThreadPool, places: Places, tell: Callable[[Event], None]) -> None:
        self._threads = threads
        self._places = places
        self._tell = tell
        self._log = LateLogger()

    def place(self, invocation: Invocation) -> AbstractAsyncContextManager[object]:
        return self._places.place(invocation)

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        """Raises TimeoutError after `invocation.timeout`, else what the tool raises."""
        left: list[str] = []
        value: object = None
        deadline = _deadline(invocation.timeout)
        begun = Begun(tool.call(invocation.call.arguments, ctx)) if inspect.iscoroutinefunction(tool.call) else None
        if begun is not None and begun.is_at_end:
            return _result(begun.outcome())
        # `fail_after` in the long form, without the two generators that it is made of.
        with anyio.CancelScope(deadline=deadline) as scope:
            if begun is not None:
                await begun.end()
                value = begun.outcome()
            else:
                value = await self._threads.run(tool.call, invocation.call.arguments, ctx, left=left.append)
                if inspect.isawaitable(value):
                    value = await apart(value)
        if scope.cancelled_caught:
            for stack in left:
                self._name(invocation, stack)
            raise TimeoutError
        return _result(value)

    def _name(self, invocation: Invocation, stack: str) -> None:
        spec = invocation.spec
        hung = PluginHung(
            plugin=spec.plugin, doing=f"tool '{spec.name}'", seconds=invocation.timeout or 0.0, stack=stack
        )
        self._log.info(  # the step says already that its time is over
            f"a thread of plugin '{hung.plugin}' outlived its deadline and goes on alone",
            doing=hung.doing,
            seconds=hung.seconds,
            stack=stack,
        )
        self._tell(hung)


def _deadline(seconds: float | None) -> float:
    return math.inf if seconds is None else anyio.current_time() + seconds


def _result(value: object) -> ToolResult:
    if not isinstance(value, ToolResult):
        raise TypeError(f"it returned {type(value).__name__} instead of a ToolResult")
    return value
