"""The hooks a plugin implements, few and synchronous, marked with `@hookimpl`.

from trivet_sdk import Contributions, PluginContext, hookimpl

@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    async with open_index(context.settings) as index:
        yield Contributions(tools=(search_with(index),))
"""

from contextlib import AbstractAsyncContextManager

import pluggy

from .context import PluginContext
from .contributions import Contributions
from .events import Event
from .manifest import ENTRY_POINTS as ENTRY_POINTS
from .tool import ToolCall

PROJECT = "trivet"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    """Return the plugin's life as an async context manager that yields what it contributes.

    Entering starts the plugin, within `start_timeout`; leaving stops it, within `stop_timeout`. Both happen in a task
    of the plugin's own, so task groups and cancel scopes may be held open across the `yield`. Not an `async def`:
    decorate an async generator with `@asynccontextmanager`. A plugin without state may use `stateless(...)`.
    """
    raise AssertionError("a specification is never called")


@hookspec
def veto_tool_call(call: ToolCall) -> str | None:
    """Say why this call must not happen, or None. The first reason wins. Must return at once: for anything that
    waits, contribute a `Guard`."""
    raise AssertionError("a specification is never called")


@hookspec
def redact(event: Event) -> Event:
    """Return the event as it may leave the host (streams, webhooks, logs, exports). The journal keeps the original."""
    raise AssertionError("a specification is never called")
