"""Tools, resources and prompts of MCP servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """Every configured server is started and kept alive as long as the plugin lives; what it brings comes and goes
    through `context.contribute`."""
    from trivet_mcp.fleet import open_fleet  # `mcp` takes more than half a second to import

    async with open_fleet(context) as fleet:
        yield Contributions(tools=(fleet.status,))
