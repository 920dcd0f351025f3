"""The plugin with real servers behind it, without a host."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import trivet_mcp
from trivet_sdk import Contributions, Json, Tool, ToolResult, ToolSpec
from trivet_sdk.testing import StandaloneCall, StandaloneContext, call
from trivet_sdk.testing.plugin import manifest_of, settings_for

SERVERS = Path(__file__).with_name("servers")
WEATHER = [sys.executable, str(SERVERS / "weather.py")]


def rogue(way: str, *more: str, **settings: Json) -> dict[str, Json]:
    """The settings of a server that misbehaves this way."""
    return {"command": [sys.executable, "-S", str(SERVERS / "rogue.py"), way, *more], "protocol": "legacy", **settings}


class Noticing(StandaloneContext):
    """Lets tests wait until the tools are as they should be, or something was logged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: list[str] = []
        self._changed = anyio.Event()

    @property
    def log(self) -> Any:
        return self

    def _logged(self, text: str, server: str = "") -> None:
        self.lines.append(f"{server}: {text}")
        self._notice()

    debug = info = warning = error = _logged

    @asynccontextmanager
    async def contribute(self, contributions: Contributions) -> AsyncIterator[None]:
        async with super().contribute(contributions):
            self._notice()
            yield
        self._notice()

    def _notice(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    async def until(self, name: str) -> None:
        while name not in {tool.spec.name for each in self.contributed for tool in each.tools}:
            await self._changed.wait()

    async def until_logged(self, server: str, part: str) -> str:
        while True:
            for line in self.lines:
                if line.startswith(f"{server}: ") and part in line:
                    return line
            await self._changed.wait()


class Opened:
    def __init__(self, context: Noticing, contributions: Contributions) -> None:
        self.context = context
        self._contributions = contributions

    @property
    def tools(self) -> dict[str, Tool]:
        brought = [self._contributions, *self.context.contributed]
        return {tool.spec.name: tool for each in brought for tool in each.tools}

    @property
    def specs(self) -> dict[str, ToolSpec]:
        return {name: tool.spec for name, tool in self.tools.items()}

    async def call(self, name: str, context: StandaloneCall | None = None, /, **arguments: Json) -> ToolResult:
        return await call(self.tools[name], arguments, context=context)

    async def state(self, server: str) -> dict[str, Any]:
        told: Any = (await self.call("servers")).value
        return next(dict(each) for each in told if each["server"] == server)


Open = Callable[..., AbstractAsyncContextManager[Opened]]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """`async with opened(name={"command": …}) as plugin`: the plugin with these servers; its data stay for the next one."""

    @asynccontextmanager
    async def open_it(*, secrets: dict[str, str] | None = None, **servers: dict[str, Json]) -> AsyncIterator[Opened]:
        config = settings_for(trivet_mcp, manifest_of(trivet_mcp), {"servers": servers})
        context = Noticing("mcp", tmp_path / "plugin", settings=config, secrets=secrets)
        with anyio.fail_after(60):
            async with trivet_mcp.activate(context=context) as contributions:
                yield Opened(context, contributions)

    return open_it
