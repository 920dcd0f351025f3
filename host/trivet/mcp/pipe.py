"""MCP over two file descriptors, a message a line."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
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
_ATOMIC = 4096  # bytes: as much as a pipe that can be written to takes without blocking


async def serve_pipe(
    host: Host, source: int, sink: int, *, workspace: Path, mode: Mode, patterns: tuple[str, ...] = ()
) -> None:
    """Serve one client until it closes `source`, or reads `sink` no more."""
    turn = anyio.Lock()

    async def send(message: dict[str, Any]) -> None:
        line = msgspec.json.encode(message) + b"\n"
        async with turn:
            try:
                for start in range(0, len(line), _ATOMIC):
                    await _ready(anyio.wait_writable, sink)
                    _write(sink, line[start : start + _ATOMIC])
            except OSError:
                tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        session = Session(host, tasks, send, workspace=workspace, mode=mode, patterns=patterns)
        async for line in _lines(source):
            try:
                message = msgspec.json.decode(line) if line is not None else None
            except (msgspec.DecodeError, RecursionError):
                message = None
            if message is None:
                await send(failure(None, Refused(PARSE_ERROR, "Parse error")))
            else:
                await session.take(message)
        with anyio.move_on_after(GRACE):
            while session.working:
                await session.is_idle.wait()
        tasks.cancel_scope.cancel()


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


def _write(descriptor: int, piece: bytes) -> None:
    while piece:
        piece = piece[os.write(descriptor, piece) :]
