"""MCP over two file descriptors, a message a line."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import msgspec

from trivet.app import Host
from trivet.mcp.protocol import PARSE_ERROR, Refused, failure
from trivet.mcp.session import Session
from trivet.runs.approvals import Mode

LONGEST = 32 * 1024 * 1024
"""Bytes of one message."""
GRACE = 2.0
"""Seconds that calls have to end once the client has closed our input."""
WAITING = 1000
"""Messages that wait to be written; beyond them answers wait and progress is dropped."""
_ATOMIC = 4096  # bytes: as much as a pipe that can be written to takes without blocking


async def serve_pipe(
    host: Host, source: int, sink: int, *, workspace: Path, mode: Mode, patterns: tuple[str, ...] = ()
) -> None:
    """Serve one client until it closes `source`, or reads `sink` no more."""
    outgoing, written = anyio.create_memory_object_stream[dict[str, Any]](WAITING)

    def tell(message: dict[str, Any]) -> None:
        with suppress(anyio.WouldBlock):
            outgoing.send_nowait(message)

    async with outgoing, written, anyio.create_task_group() as writing:

        async def write() -> None:
            try:
                async for message in written:
                    await _write(sink, msgspec.json.encode(message) + b"\n")
            except OSError:
                writing.cancel_scope.cancel()  # the client has gone

        writing.start_soon(write)
        async with anyio.create_task_group() as working:
            session = Session(host, working, outgoing.send, tell, workspace=workspace, mode=mode, patterns=patterns)
            async for line in _lines(source):
                message = _message(line)
                if message is None:
                    await outgoing.send(failure(None, Refused(PARSE_ERROR, "Parse error")))
                else:
                    await session.take(message)
            with anyio.move_on_after(GRACE):
                while session.working:
                    await session.is_idle.wait()
            working.cancel_scope.cancel()
        outgoing.close()
        writing.cancel_scope.deadline = anyio.current_time() + GRACE


def _message(line: bytes | None) -> object:
    """None for what cannot be read."""
    try:
        return None if line is None else msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


async def _lines(source: int) -> AsyncIterator[bytes | None]:
    """None for a line that is too long."""
    line = bytearray()
    is_too_long = False
    while True:
        await _ready(anyio.wait_readable, source)
        try:
            chunk = os.read(source, 65536)
        except OSError:
            return
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            line += part
            if is_too_long or line.strip():
                yield None if is_too_long else bytes(line)
            line.clear()
            is_too_long = False
        line += rest
        if len(line) > LONGEST:
            is_too_long = True
            line.clear()
        if not chunk:
            if line.strip():
                yield bytes(line)
            return


async def _ready(wait: Callable[[int], Awaitable[None]], descriptor: int) -> None:
    try:
        await wait(descriptor)
    except (PermissionError, ValueError):
        await anyio.lowlevel.checkpoint()  # an ordinary file, which is always ready and cannot be waited for


async def _write(descriptor: int, line: bytes) -> None:
    for start in range(0, len(line), _ATOMIC):
        piece = line[start : start + _ATOMIC]
        while piece:
            await _ready(anyio.wait_writable, descriptor)
            piece = piece[os.write(descriptor, piece) :]
