"""A server whose every byte the test chooses, on this machine."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import anyio
from anyio.abc import SocketAttribute, SocketStream

Answer: TypeAlias = bytes | Callable[["Asked", SocketStream], Awaitable[bytes | None]]


class Asked:
    """A request that arrived."""

    def __init__(self, head: bytes) -> None:
        line, *rest = head.decode("latin-1").split("\r\n")
        self.path = line.split(" ")[1]
        self.headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}


class Site:
    """`answers` are whole answers by path, or functions that write what they like; others are 404. `asked` is what came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, stream: Any) -> None:
        async with stream:
            head = b""
            try:
                while not head.endswith(b"\r\n\r\n"):
                    head += await stream.receive(1)
                asked = Asked(head[:-4])
                self.asked.append(asked)
                answer = self.answers.get(asked.path, answered(b"no", status="404 Not Found"))
                await stream.send(answer if isinstance(answer, bytes) else await answer(asked, stream) or b"")
            except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass  # the client had enough


def answered(content: bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK", **headers: str) -> bytes:
    """A proper answer; header names may be written with _ for -."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def redirect(target: str, status: str = "302 Found") -> bytes:
    return answered(b"", "", status, Location=target)


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", family=socket.AF_INET)
    async with listener, anyio.create_task_group() as tasks:
        site = Site(listener.extra(SocketAttribute.local_port))
        tasks.start_soon(listener.serve, site.serve)
        yield site
        tasks.cancel_scope.cancel()
