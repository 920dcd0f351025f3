"""Tools, resources and prompts of MCP servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """Every configured server is started and kept alive as long as the plugin lives; what it brings comes and goes
    through `context.contribute`."""
    import importlib

    import anyio.to_thread

    # `mcp` takes more than half a second to import, in which the host has other things to do.
    fleet_module = await anyio.to_thread.run_sync(importlib.import_module, "trivet_mcp.fleet")
    async with fleet_module.open_fleet(context) as fleet:
        yield Contributions(tools=(fleet.status,))
