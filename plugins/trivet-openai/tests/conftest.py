"""An endpoint on loopback that answers from a script: a real socket, so that lost connections are lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from trivet_openai.backend import OpenAIBackend
from trivet_openai.session import open_session
from trivet_sdk import Model, PluginError

Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Endpoint:
    """`replies` are given one to a request of chat completions; what came is in `bodies` and `headers`."""

    def __init__(self, opened: Callable[..., Awaitable[Model]], port: int) -> None:
        self.opened = opened
        """Opens `[models.big]` with these settings over this endpoint's."""
        self.url = f"http://127.0.0.1:{port}/v1"
        self.port = port
        self.replies: list[Reply] = []
        self.bodies: list[Any] = []
        self.raw: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.aborted = asyncio.Event()
        """A client went away before it had its answer."""
        self.heard = asyncio.Event()
        """For tests to say that a delta arrived."""
        self.models: list[str] = []
        self.moved_to = ""
        """Where a request for the list of models is sent on to."""
        self.asked_for: list[str] = []
        """Paths of all requests."""
        self.pauses: list[float] = []
        """Seconds that were to be waited between attempts; they pass at once."""

    def says(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    @staticmethod
    def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
        return {"model": "served", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    @staticmethod
    def whole(value: Any, status: int = 200, kind: str = "application/json", **headers: str) -> Reply:
        """One response with its length; bytes go out as they are, anything else as JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()

        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            more = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
            head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{more}\r\n"
            writer.write(head.encode() + body)

        return reply

    def stream(
        self,
        *events: Any,
        done: bool = True,
        cut: bool = False,
        hold: bool = False,
        gate: asyncio.Event | None = None,
    ) -> Reply:
        """Server-sent events, each a write of its own. `cut` drops the connection before the body's end, `hold` waits
        until the client goes away, and whatever follows the first event waits for `gate`."""

        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            pieces = [each if isinstance(each, bytes) else f"data: {json.dumps(each)}\n\n".encode() for each in events]
            for piece in [*pieces, *([b"data: [DONE]\n\n"] if done and not hold else [])]:
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
                if gate is not None:
                    await gate.wait()
            if hold:
                await reader.read(1)  # which comes to nothing when the client closes
                self.aborted.set()
            if cut or hold:
                writer.close()
            else:
                writer.write(b"0\r\n\r\n")

        return reply

    def text(self, text: str) -> Reply:
        return self.stream(self.chunk(content=text), self.chunk("stop"))

    @staticmethod
    def hang_up() -> Reply:
        """Closes the connection without a word."""

        async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        return reply

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.strip().split("\r\n")
                self.asked_for.append(first.split()[1])
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if first.startswith("GET /v1/models") and self.moved_to:
                    await self.whole({}, 302, location=self.moved_to)(reader, writer)
                    continue
                if first.startswith("GET /v1/models"):
                    await self.whole({"data": [{"id": name} for name in self.models]})(reader, writer)
                    continue
                self.raw.append(body)
                self.bodies.append(json.loads(body))
                self.headers.append(headers)
                await self.replies.pop(0)(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async def sleep(seconds: float) -> None:
        served.pauses.append(seconds)
        await asyncio.sleep(0)

    def secret(ref: str) -> str:
        if ref != "env:KEY":
            reason = f"needs a secret: the secret '{ref}' cannot be read: the environment variable NO is not set"
            raise PluginError("openai", reason)
        return "sk-secret"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await served.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with open_session() as session:
        backend = OpenAIBackend(session, secret, sleep)

        async def opened(**settings: Any) -> Model:
            return await backend.open("big", {"base_url": served.url, "name": "qwen", **settings})

        served = Endpoint(opened, server.sockets[0].getsockname()[1])
        yield served
    server.close()
