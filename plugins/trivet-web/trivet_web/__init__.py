"""Pages of the web, read and downloaded: from public addresses only, and from those that the user has opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    from trivet_web.settings import settings_of
    from trivet_web.tools import tools_of
    from trivet_web.visitor import open_visitor

    async with open_visitor(settings_of(context.id, context.settings), context.cache_dir / "pages") as visitor:
        yield Contributions(tools=tools_of(visitor))
