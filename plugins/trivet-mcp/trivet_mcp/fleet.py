"""All servers of the settings, started side by side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio

from trivet_mcp.listing import Memory
from trivet_mcp.server import Server
from trivet_mcp.server_log import sdk_logged
from trivet_mcp.settings import servers_of
from trivet_sdk import InvalidArguments, Json, PluginContext, ToolContext, ToolResult, ToolSpec, result


class Status:
    """The tool that tells how the servers are."""

    spec = ToolSpec(
        name="servers",
        summary="Tell which MCP servers are configured, which of them run, and what each brings",
        parameters={"type": "object", "additionalProperties": False, "properties": {}},
        effect="pure",
        untrusted_output=True,
    )

    def __init__(self, servers: tuple[Server, ...]) -> None:
        self._servers = servers

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        if arguments:
            raise InvalidArguments(self.spec.name, f"there is no '{next(iter(arguments))}'; there are: none")
        told = [
            {
                "server": server.settings.name,
                "state": server.state,
                "reason": server.reason,
                "tools": [spec.name for spec in server.tools],
                "left_out": dict(server.left_out),
            }
            for server in self._servers
        ]
        lines = [
            f"{each['server']}: {each['state']}, {len(server.tools)} tools"
            + (f" ({server.reason})" if server.reason else "")
            + "".join(f"\n  '{name}' is left out: {reason}" for name, reason in server.left_out.items())
            for each, server in zip(told, self._servers, strict=True)
        ]
        return result("\n".join(lines) or "No MCP server is configured.", told)


class Fleet:
    def __init__(self, servers: tuple[Server, ...]) -> None:
        self.servers = servers
        self.status = Status(servers)


@asynccontextmanager
async def open_fleet(context: PluginContext) -> AsyncIterator[Fleet]:
    """Yields once every server has told its tools, or has failed to, or `wait` seconds have passed; a slow one's tools
    come when it has told them. Raises PluginError for settings that cannot be meant."""
    memory = Memory(context.cache_dir)
    servers: tuple[Server, ...] = ()

    def report() -> None:
        context.degraded("; ".join(filter(None, (server.trouble for server in servers))))

    servers = tuple(Server(each, context, memory, report) for each in servers_of(context.id, context.settings))
    with sdk_logged(context.log):
        async with anyio.create_task_group() as tasks:
            for server in servers:
                tasks.start_soon(server.run, name=f"MCP server {server.settings.name}")
            with anyio.move_on_after(float(context.settings.get("wait", 20.0))):
                for server in servers:
                    await server.is_known.wait()
            yield Fleet(servers)
            tasks.cancel_scope.cancel()
