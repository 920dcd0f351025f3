"""One connection to a server, from the handshake of either era to its end."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, MCPError
from mcp.client.session import ClientRequestContext
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost, ToolsListChanged
from mcp.types import (
    INVALID_REQUEST,
    ElicitRequestParams,
    ErrorData,
    Implementation,
    ListRootsResult,
    LoggingMessageNotificationParams,
    Root,
    ToolListChangedNotification,
)
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from trivet_mcp.child import Child
from trivet_mcp.http_client import http_client
from trivet_mcp.server_log import ServerLog
from trivet_mcp.settings import ServerSettings
from trivet_mcp.visible import one_line

RELISTEN = 5.0
"""Seconds before a lost stream of changes is opened again."""


class Connection:
    """`client` while it is open; `news` is set when it ended or its tools changed."""

    def __init__(self, server: ServerSettings, log: ServerLog) -> None:
        self.client: Client
        self.news = anyio.Event()
        self.ended = anyio.Event()
        self.has_changed = False
        self.reason = ""
        self.calls: list[list[str]] = []
        """For each call in flight, the questions that came meanwhile."""
        self._server = server
        self._log = log

    def end(self, reason: str) -> None:
        """Have it closed, since it is of no use any more."""
        self.reason = self.reason or reason
        self.ended.set()
        self.news.set()

    def change(self) -> None:
        self.has_changed = True
        self.news.set()

    async def heard(self, message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            self.change()

    async def logged(self, params: LoggingMessageNotificationParams) -> None:
        self._log.write(params.level, f"{params.logger}: {params.data}" if params.logger else str(params.data))

    async def asked(self, context: ClientRequestContext, params: ElicitRequestParams) -> ErrorData:
        """Nobody can be asked in the middle of a call: the question becomes the call's failure, for the planner to ask."""
        for questions in self.calls:
            questions.append(one_line(params.message, 500))
        return ErrorData(code=INVALID_REQUEST, message="The user cannot be asked during a call.")

    async def roots(self, context: ClientRequestContext) -> ListRootsResult:
        return self.roots_result()

    @property
    def has_roots(self) -> bool:
        return bool(self._server.roots)

    def roots_result(self) -> ListRootsResult:
        paths = [Path(root).expanduser().absolute() for root in self._server.roots]
        return ListRootsResult.model_validate(
            {"roots": [Root.model_validate({"uri": path.as_uri(), "name": path.name}) for path in paths]}
        )


@asynccontextmanager
async def open_connection(
    server: ServerSettings, resolve: Callable[[Mapping[str, str]], dict[str, str]], log: ServerLog
) -> AsyncIterator[Connection]:
    """Connected, and versions agreed. `resolve` puts secrets in place of their references, here and for no longer.

    Raises OSError, MCPError, PluginError, and what the SDK raises for a server that answers nonsense.
    """
    connection = Connection(server, log)
    child: Child | None = None
    transport: Any
    if server.command:
        transport = child = Child(server, resolve(server.env), log, connection.ended)
    elif server.transport == "sse":
        transport = _sse(server, resolve(server.headers))
    else:
        transport = _http(server, resolve(server.headers))
    client = Client(
        transport,
        mode=server.protocol,
        client_info=Implementation(name="trivet", version="0.1"),
        elicitation_callback=connection.asked,
        list_roots_callback=connection.roots if server.roots else None,
        logging_callback=connection.logged,
        log_level="info",
        message_handler=connection.heard,
        # No callback for sampling: so it is not offered, and refused to whoever asks all the same.
        cache=None,  # a change must be seen, whatever the server says of how long its words hold
    )
    try:
        async with client:
            connection.client = client
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_forward, connection, child)
                if client.protocol_version in MODERN_PROTOCOL_VERSIONS and _tells_changes(client):
                    tasks.start_soon(_listen, connection)
                yield connection
                tasks.cancel_scope.cancel()
    except Exception as error:
        if child is not None and child.reason:
            raise ConnectionError(child.reason) from error  # why it is gone says more than that it is
        raise


@asynccontextmanager
async def _http(server: ServerSettings, headers: dict[str, str]) -> AsyncIterator[Any]:
    async with http_client(headers, server.max_message) as http:
        async with streamable_http_client(
            server.url, http_client=http, max_sse_event_size=server.max_message
        ) as streams:
            yield streams


def _sse(server: ServerSettings, headers: dict[str, str]) -> Any:
    def client(headers: dict[str, Any] | None = None, timeout: Any = None, auth: Any = None) -> Any:
        return http_client(headers or {}, server.max_message, auth=auth)

    return sse_client(server.url, headers=headers, httpx_client_factory=client)


async def _forward(connection: Connection, child: Child | None) -> None:
    await connection.ended.wait()
    connection.end(child.reason if child is not None else "the connection ended")


def _tells_changes(client: Client) -> bool:
    tools = client.server_capabilities.tools
    return tools is not None and tools.list_changed is True


async def _listen(connection: Connection) -> None:
    """Since 2026-07-28 changes come on a stream that has to be asked for."""
    while True:
        try:
            async with connection.client.listen(tools_list_changed=True) as changes:
                async for event in changes:
                    if isinstance(event, ToolsListChanged):
                        connection.change()
        except SubscriptionLost:
            pass  # nothing is replayed, so what may have been missed is looked up
        except MCPError:
            return  # it promised to tell changes, and does not
        await anyio.sleep(RELISTEN)
        connection.change()
