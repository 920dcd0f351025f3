"""Does a gateway keep its contract?"""

import inspect
import re
from collections.abc import Iterator, MutableMapping
from typing import Any

import anyio

from ..contributions import Gateway

_PATH = re.compile(r"/[a-z0-9._-]+(/[a-z0-9._-]+)*")
RESERVED = ("/api", "/healthz", "/readyz", "/metrics")
"""Paths of the daemon itself."""
Message = MutableMapping[str, Any]


async def check_gateway(gateway: object, *, timeout: float = 30.0) -> tuple[str, ...]:
    """A sentence for each way in which the gateway breaks the contract; none if it keeps it.

    Its application is sent a lifespan, GET, HEAD and POST requests for its own and for unknown paths, a client that
    leaves early, and a websocket.
    """
    if not isinstance(gateway, Gateway):
        return (f"{gateway!r} is no gateway; contribute Gateway(path=…, app=…)",)
    called = f"gateway '{gateway.path}'"
    found = list(_path_faults(gateway.path))
    app: object = gateway.app
    if not callable(app):
        return (*(f"{called} {fault}" for fault in found), f"{called} has an app that cannot be called")
    if _is_old_style(gateway.app):
        return (
            *(f"{called} {fault}" for fault in found),
            f"{called} has an app of one argument; ASGI 3 has `(scope, receive, send)`",
        )
    for scope, shown in _scopes(gateway.path):
        exchange = _Exchange(scope)
        with anyio.move_on_after(timeout) as limit:
            try:
                await gateway.app(scope, exchange.receive, exchange.send)
            except Exception as error:  # foreign code: whatever it raises is what is reported
                # The specification lets an application refuse these by raising.
                if scope["type"] == "http":
                    found.append(f"raises {type(error).__name__} for {shown}: {error}; answer with a status instead")
        if limit.cancelled_caught:
            found.append(f"does not end {shown} within {timeout:g} seconds")
        elif scope["type"] == "http":
            found += [f"{fault} for {shown}" for fault in exchange.faults(may_be_cut="leaves" in shown)]
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


def _path_faults(path: str) -> Iterator[str]:
    if not _PATH.fullmatch(path):
        yield "needs a path like `/hook`: it begins with a slash, ends without one, and holds lower case letters, digits, . _ -"
    elif path in RESERVED or path.startswith(tuple(f"{reserved}/" for reserved in RESERVED)):
        yield "takes a path of the daemon's own; choose another"


def _is_old_style(app: Any) -> bool:
    """ASGI 2: `app(scope)` returns what takes receive and send."""
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return len(positional) == 1 and not any(each.kind is each.VAR_POSITIONAL for each in parameters)


def _scopes(path: str) -> Iterator[tuple[dict[str, Any], str]]:
    yield {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, "a lifespan"
    for method, inner in (
        ("GET", "/"),
        ("HEAD", "/"),
        ("POST", "/"),
        ("GET", "/surely/no/such/路"),
        ("GET", "/ leaves"),
    ):
        shown = f"{method} {inner}" if "leaves" not in inner else "a client that leaves"
        yield _http(path, method, inner.removesuffix(" leaves")) | {"trivet.leaves": "leaves" in inner}, shown
    socket = _http(path, "GET", "/") | {"type": "websocket", "scheme": "ws", "subprotocols": []}
    del socket["method"]
    yield socket, "a websocket"


def _http(root: str, method: str, path: str) -> dict[str, Any]:
    whole = f"{root}{path}"
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": whole,
        "raw_path": whole.encode(),
        "root_path": root,
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 7420),
        "state": {},
    }


class _Exchange:
    """A server's side of one connection, whose client sends an empty body and waits."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self._type = scope["type"]
        self._leaves = scope.pop("trivet.leaves", False)
        self._received = 0
        self._ended = anyio.Event()
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        self._received += 1
        if self._type == "lifespan":
            return {"type": "lifespan.startup" if self._received == 1 else "lifespan.shutdown"}
        if self._type == "websocket":
            return (
                {"type": "websocket.connect"} if self._received == 1 else {"type": "websocket.disconnect", "code": 1001}
            )
        if self._leaves:
            return {"type": "http.disconnect"}
        if self._received == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._ended.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message.get("type") == "http.response.body" and not message.get("more_body"):
            self._ended.set()

    def faults(self, *, may_be_cut: bool) -> Iterator[str]:
        kinds = [message.get("type") for message in self.sent]
        if not kinds or kinds[0] != "http.response.start":
            if not (may_be_cut and not kinds):
                yield "sends no `http.response.start`"
            return
        start = self.sent[0]
        if not isinstance(start.get("status"), int) or not 100 <= start["status"] <= 599:
            yield f"answers with the status {start.get('status')!r}"
        if not all(isinstance(part, bytes) for header in start.get("headers", ()) for part in header):
            yield "sends headers that are not bytes"
        if kinds.count("http.response.start") > 1:
            yield "sends two responses"
        if not self._ended.is_set() and not may_be_cut:
            yield "sends a response that never ends: the last `http.response.body` has `more_body` false"
