"""The transport to a server that is a child process: JSON-RPC messages on its standard streams, a line each.

The SDK's own lets a line grow without bound, writes the server's stderr onto ours, and leaves the server running when
the host is killed.
"""

import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.resources import as_file, files
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter

from trivet_mcp.server_log import ServerLog
from trivet_mcp.settings import ServerSettings
from trivet_mcp.visible import one_line

Incoming = MemoryObjectSendStream[SessionMessage | Exception]
Outgoing = MemoryObjectReceiveStream[SessionMessage]

INHERITED = (
    "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
)  # fmt: skip
"""Of our environment; whatever else a server needs is named in its settings."""
POLITE = 1.0
"""Seconds that a server has to end by itself once its input is closed."""
KILLED = 5.0
"""Seconds that its keeper has to end it and all it started."""
NOT_STARTED = 127
"""The keeper's own exit status for a command that there is not."""
NONSENSE = 100
"""Lines that are no messages, and it is ended."""


class Child:
    """Enter it as the SDK's `Transport`. `reason` says how the server ended, once it has."""

    def __init__(
        self, server: ServerSettings, environment: Mapping[str, str], log: ServerLog, ended: anyio.Event
    ) -> None:
        self.reason = ""
        self._server = server
        self._environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | dict(environment)
        self._log = log
        self._ended = ended
        self._words: deque[str] = deque(maxlen=3)
        self._heard = anyio.Event()
        self._life = self._streams()

    async def __aenter__(self) -> Any:
        return await self._life.__aenter__()

    async def __aexit__(self, *error: Any) -> bool | None:
        return await self._life.__aexit__(*error)

    @asynccontextmanager
    async def _streams(self) -> AsyncIterator[Any]:
        arriving, arrived = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        sent, sending = anyio.create_memory_object_stream[SessionMessage](0)
        life, held = os.pipe()
        program, *arguments = self._server.command
        with as_file(files("trivet_mcp").joinpath("keeper.py")) as keeper, arriving, arrived, sent, sending:
            try:
                process = await anyio.open_process(
                    [sys.executable, "-I", "-S", os.fspath(keeper), str(life), os.path.expanduser(program), *arguments],
                    env=self._environment,
                    cwd=os.path.expanduser(self._server.cwd) or None,
                    pass_fds=(life,),
                    start_new_session=True,  # Ctrl-C in the terminal is for the host to judge
                )
            except OSError:
                os.close(held)
                raise
            finally:
                os.close(life)
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._read, process, process.stdout, arriving)
                tasks.start_soon(self._write, process.stdin, sending)
                tasks.start_soon(self._listen, process.stderr)
                try:
                    yield arrived, sent
                finally:
                    with anyio.CancelScope(shield=True):
                        arrived.close()
                        await self._end(process, held)
                        await process.aclose()
                    tasks.cancel_scope.cancel()

    async def _read(self, process: Process, output: ByteReceiveStream, arriving: Incoming) -> None:
        line = bytearray()
        nonsense = 0
        try:
            async for chunk in output:
                *whole, rest = chunk.split(b"\n")
                for part in whole:
                    line += part
                    if message := self._message(bytes(line)):
                        await arriving.send(message)
                    elif line.strip():
                        nonsense += 1
                        if b'"jsonrpc"' in line:  # somebody waits for it
                            self.reason = "it sent a message that cannot be read"
                    line.clear()
                line += rest
                if len(line) > self._server.max_message:
                    self.reason = f"it sent a message of more than {self._server.max_message:,} bytes"
                    break
                if nonsense > NONSENSE:
                    self.reason = "it writes to its standard output what are no messages"
                if self.reason:
                    break
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # nobody listens any more: the connection is being closed
        finally:
            with anyio.CancelScope(shield=True):
                if not self.reason:
                    with anyio.move_on_after(POLITE):
                        await process.wait()
                        await self._heard.wait()
                    self.reason = self._farewell(process.returncode)
                arriving.close()
                self._ended.set()

    def _message(self, line: bytes) -> SessionMessage | None:
        try:
            return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
        except ValueError:
            if line.strip():
                self._log.write("warning", f"wrote what is no message: {line[:200].decode(errors='replace')}")
            return None

    async def _write(self, stdin: ByteSendStream, sending: Outgoing) -> None:
        try:
            async for message in sending:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await stdin.send(text.encode() + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            return  # it has ended, which `_read` sees and tells

    async def _listen(self, errors: ByteReceiveStream) -> None:
        rest = b""
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async for chunk in errors:
                *lines, rest = (rest + chunk).split(b"\n")
                rest = rest[-4096:]
                for line in lines:
                    if text := line.decode(errors="replace").strip():
                        self._words.append(text[:500])
                        self._log.write("info", text)
        self._heard.set()

    def _farewell(self, status: int | None) -> str:
        words = one_line(" / ".join(self._words))
        if status == NOT_STARTED and words.startswith("cannot start"):
            return words
        with_status = "" if status is None else f" with status {status}"
        return f"it ended{with_status}" + (f" (its last words: {words})" if words else "")

    async def _end(self, process: Process, held: int) -> None:
        """Close its input and wait; then let go of the keeper's pipe, and the keeper ends it."""
        assert process.stdin is not None
        with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            await process.stdin.aclose()
        with anyio.move_on_after(POLITE):
            await process.wait()
        os.close(held)
        with anyio.move_on_after(KILLED):
            await process.wait()
            return
        process.kill()
        await process.wait()
