"""A site on this machine, opened by the settings as a user would, and the tools of a plugin that may visit it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from trivet_sdk import ToolError, ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall, call
from trivet_web.settings import settings_of
from trivet_web.tools import tools_of
from trivet_web.visitor import open_visitor

from .site import Site, open_site

Use = Callable[..., Awaitable[ToolResult]]
Opened = Callable[..., AbstractAsyncContextManager[Use]]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened


@pytest.fixture
def opened(site: Site, tmp_path: Path) -> Opened:
    """Open the plugin with settings, on top of one that opens the site; yield a function that calls a tool by name, for a
    user who typed the origins `typed`."""
    workspace = tmp_path / "work"
    workspace.mkdir()

    @asynccontextmanager
    async def open_tools(
        resolve: Any = None, dial: Any = None, trusted: Any = None, **settings: Any
    ) -> AsyncIterator[Use]:
        table = {"private": [f"127.0.0.1:{site.port}"], "robots": False, **settings}
        given = {"resolve": resolve} if resolve else {}
        async with open_visitor(
            settings_of("web", table), tmp_path / "cache", dial=dial, trusted=trusted, **given
        ) as visitor:
            tools = {tool.spec.name: tool for tool in tools_of(visitor)}

            async def use(name: str, typed: tuple[str, ...] = (), **arguments: Any) -> ToolResult:
                context = StandaloneCall(Workspace(workspace), typed_origins=typed)
                return await call(tools[name], arguments, context=context)

            yield use

    return open_tools


@pytest.fixture
async def use(opened: Opened) -> AsyncIterator[Use]:
    async with opened() as function:
        yield function


async def refused(called: Awaitable[ToolResult]) -> str:
    """The sentence by which a call is refused."""
    with pytest.raises(ToolError) as told:
        await called
    return str(told.value)
