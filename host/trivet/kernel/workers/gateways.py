"""Gateways in a worker: the host's ASGI application hands each connection on."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

from trivet.kernel.workers.line import Line
from trivet_sdk.worker.gateways import told_scope
from trivet_sdk.worker.requests import GatewayCall, Offered


class WorkerGateway:
    """An ASGI application. The worker asks for what `receive` yields, and streams what goes to `send`, a few messages
    ahead at most."""

    def __init__(self, line: Line, offered: Offered) -> None:
        self._line = line
        self._handle = offered.handle
        self._doing = f"gateway {offered.name}"

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        with self._line.relays.opened(receive) as relay:
            called = GatewayCall(self._handle, relay, told_scope(scope))
            sent = self._line.stream("gateway", called, dict[str, Any], doing=self._doing, credit=4)
            async with aclosing(sent):
                async for message in sent:
                    await send(message)
