"""Gateways against their contract."""

from typing import Any

import anyio
import pytest

from trivet_sdk import Gateway
from trivet_sdk.conformance import check_gateway


async def polite(scope: Any, receive: Any, send: Any) -> None:
    """Hello at its own path, 404 elsewhere; no lifespan and no websockets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    if scope["type"] != "http":
        return
    found = scope["path"] in (scope["root_path"], f"{scope['root_path']}/")
    await send({"type": "http.response.start", "status": 200 if found else 404, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": b"hello" if scope["method"] != "HEAD" else b""})


async def silent(scope: Any, receive: Any, send: Any) -> None: ...


async def headless(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.body", "body": b"hello"})


async def endless(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})


async def odd(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": "200 OK", "headers": [("x", "y")]})
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})


async def hanging(scope: Any, receive: Any, send: Any) -> None:
    await anyio.sleep_forever()


async def breaking(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"].endswith("路"):
        raise LookupError("no such route")
    await polite(scope, receive, send)


def old(scope: Any) -> Any: ...


async def test_a_gateway_that_keeps_its_contract() -> None:
    assert await check_gateway(Gateway(path="/hello", app=polite)) == ()


@pytest.mark.parametrize(
    ("gateway", "sentence"),
    [
        (3, "3 is no gateway; contribute Gateway(path=…, app=…)"),
        (Gateway(path="hello/", app=polite), "gateway 'hello/' needs a path like `/hook`: it begins with a slash, ends without one, and holds lower case letters, digits, . _ -"),
        (Gateway(path="/api/mine", app=polite), "gateway '/api/mine' takes a path of the daemon's own; choose another"),
        (Gateway(path="/x", app="app"), "gateway '/x' has an app that cannot be called"),  # type: ignore[arg-type]
        (Gateway(path="/x", app=old), "gateway '/x' has an app of one argument; ASGI 3 has `(scope, receive, send)`"),  # type: ignore[arg-type]
        (Gateway(path="/x", app=silent), "gateway '/x' sends no `http.response.start` for GET /"),
        (Gateway(path="/x", app=headless), "gateway '/x' sends no `http.response.start` for HEAD /"),
        (Gateway(path="/x", app=endless), "gateway '/x' sends a response that never ends: the last `http.response.body` has `more_body` false for POST /"),
        (Gateway(path="/x", app=odd), "gateway '/x' answers with the status '200 OK' for GET /"),
        (Gateway(path="/x", app=odd), "gateway '/x' sends headers that are not bytes for GET /"),
        (Gateway(path="/x", app=odd), "gateway '/x' sends two responses for GET /"),
        (Gateway(path="/x", app=hanging), "gateway '/x' does not end a client that leaves within 0.05 seconds"),
        (Gateway(path="/x", app=breaking), "gateway '/x' raises LookupError for GET /surely/no/such/路: no such route; answer with a status instead"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(gateway: object, sentence: str) -> None:
    assert sentence in await check_gateway(gateway, timeout=0.05)
