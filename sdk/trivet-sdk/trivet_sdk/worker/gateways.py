"""A gateway's ASGI application, served over the channel: its messages travel as they are."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import anyio

from ..contributions import AsgiApp

_KEPT = ("type", "asgi", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path", "headers",
         "client", "server", "subprotocols")  # fmt: skip

_TUPLES = ("client", "server")


def told_scope(scope: Mapping[str, Any]) -> dict[str, Any]:
    """What of a connection's scope can be sent: the protocol's own entries."""
    return {name: scope[name] for name in _KEPT if name in scope}


async def served_gateway(
    app: AsgiApp, scope: Mapping[str, Any], receive: Callable[[Any], Awaitable[Any]]
) -> AsyncIterator[dict[str, Any]]:
    """What the application sends, while it runs. `receive` takes the type to read as."""
    whole = {**scope, "headers": [(bytes(name), bytes(value)) for name, value in scope.get("headers", ())]}
    whole.update({name: tuple(scope[name]) for name in _TUPLES if scope.get(name)})
    sending, sent = anyio.create_memory_object_stream[dict[str, Any]](0)

    async def run() -> None:
        async with sending:
            await app(whole, lambda: receive(dict[str, Any]), sending.send)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        async with sent:
            async for message in sent:
                yield message
