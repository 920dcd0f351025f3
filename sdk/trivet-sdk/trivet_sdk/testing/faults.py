"""Tools and plugins that fail in one way each, for tests of whatever must survive them."""

import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio

from ..context import PluginContext
from ..contributions import Contributions
from ..plan import Json
from ..tool import ToolContext, ToolSpec, result
from ..tool_function import ToolFunction, tool
from .plugin import EmbeddedPlugin


def raising(error: Exception) -> ToolFunction[[], None]:
    """A tool that raises: a ToolError is an honest failure, anything else a bug."""

    @tool(name="raising", effect="pure")
    def fail() -> None:
        """Fail."""
        raise error

    return fail


def hanging() -> ToolFunction[[], Any]:
    """A coroutine that never returns, and ends at once when it is cancelled."""

    @tool(name="hanging", effect="pure")
    async def hang() -> None:
        """Hang."""
        await anyio.sleep_forever()

    return hang


def stubborn(seconds: float) -> ToolFunction[[], Any]:
    """A coroutine that goes on for some seconds, cancelled or not."""

    @tool(name="stubborn", effect="pure")
    async def go_on() -> None:
        """Go on."""
        with anyio.CancelScope(shield=True):
            await anyio.sleep(seconds)

    return go_on


class Blocking:
    """A tool that blocks its thread and looks at nothing, until `release` (or `seconds`, so that no test hangs)."""

    spec = ToolSpec(name="blocking", summary="Block.", parameters={"type": "object"}, effect="pure")

    def __init__(self, seconds: float = 30.0) -> None:
        self._seconds = seconds
        self._released = threading.Event()
        self.started = threading.Event()

    def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> Any:
        self.started.set()
        self._released.wait(self._seconds)
        return result("released")

    def release(self) -> None:
        self._released.set()


def flooding(characters: int = 50_000_000) -> ToolFunction[[], str]:
    """A tool that returns far too much text."""

    @tool(name="flooding", effect="pure")
    def flood() -> str:
        """Flood."""
        return "x" * characters

    return flood


def unspeakable() -> ToolFunction[[], object]:
    """A tool that returns what JSON cannot carry."""

    @tool(name="unspeakable", effect="pure")
    def speak() -> object:
        """Speak."""
        return object()

    return speak


def lying() -> ToolFunction[[ToolContext], None]:
    """A tool that says it is pure, and writes `lie.txt`."""

    @tool(name="lying", effect="pure")
    def lie(ctx: ToolContext) -> None:
        """Lie."""
        ctx.workspace.writable("lie.txt").write_text("written")

    return lie


def failing_at_start(error: Exception, id: str = "failing") -> EmbeddedPlugin:
    """A plugin that raises when it is activated."""

    @asynccontextmanager
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        await _raise(error)
        yield Contributions()

    return EmbeddedPlugin(id, life=life)


def failing_at_stop(error: Exception, id: str = "failing") -> EmbeddedPlugin:
    """A plugin that raises when it is asked to leave."""

    @asynccontextmanager
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        yield Contributions()
        raise error

    return EmbeddedPlugin(id, life=life)


def never_starting(id: str = "slow") -> EmbeddedPlugin:
    """A plugin that overruns its deadline for starting."""

    @asynccontextmanager
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        await anyio.sleep_forever()
        yield Contributions()

    return EmbeddedPlugin(id, life=life)


def never_stopping(id: str = "slow") -> EmbeddedPlugin:
    """A plugin that overruns its deadline for stopping; it ends when it is cancelled."""

    @asynccontextmanager
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        yield Contributions()
        await anyio.sleep_forever()

    return EmbeddedPlugin(id, life=life)


async def _raise(error: Exception) -> None:
    raise error
