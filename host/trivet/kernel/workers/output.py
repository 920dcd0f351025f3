"""What a worker prints: line by line into the log, with the plugin's id."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import anyio

LINE = 8192
"""Bytes of a line that are kept."""
FLOOD = 200
"""Lines in one breath beyond which they are only counted."""
BREATH = 0.2
"""Seconds."""
PAUSE = 0.005
"""Seconds between two looks at a flood, so that it is a burden to its writer and not to the host."""
LAST_WORDS = 0.5
"""Seconds for what a worker printed before its end."""


class Output(asyncio.Protocol):
    """One of stdout and stderr; `say` is given each line. A flood is read on, but not logged, and slows only its writer."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.last: deque[str] = deque(maxlen=20)
        """The newest lines, for whoever must explain a crash."""
        self.ended = anyio.Event()
        self._say = say
        self._rest = b""
        self._said = 0
        self._left_out = 0
        self._breath: asyncio.TimerHandle | None = None
        self._transport: asyncio.ReadTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.ReadTransport, transport)

    def data_received(self, data: bytes) -> None:
        if self._breath is None:
            self._breath = asyncio.get_running_loop().call_later(BREATH, self._breathe)
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-LINE:]
        room = max(0, FLOOD - self._said)
        for line in lines[:room]:
            self._line(line)
        self._left_out += len(lines[room:])
        self.last.extend(printable(line) for line in lines[room:][-20:])
        if len(lines) > room and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(PAUSE, self._read_on)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._rest:
            self._line(self._rest)
        if self._breath is not None:
            self._breath.cancel()
        self._told()
        self.ended.set()

    async def close(self) -> None:
        """Read what is still in the pipe, for a moment, and let go of it."""
        if self._transport is not None:
            self._transport.resume_reading()
            with anyio.move_on_after(LAST_WORDS):
                await self.ended.wait()
            self._transport.close()

    def _line(self, line: bytes) -> None:
        self._said += 1
        text = printable(line)
        self.last.append(text)
        self._say(text)

    def _breathe(self) -> None:
        self._breath, self._said = None, 0
        self._told()

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _told(self) -> None:
        if self._left_out:
            self._say(f"({self._left_out} more lines in a moment, which are not kept)")
            self._left_out = 0


def printable(line: bytes | str) -> str:
    """Without control characters, which a terminal would obey."""
    text = line[:LINE].decode("utf-8", "replace") if isinstance(line, bytes) else line[:LINE]
    return "".join(character for character in text.replace("\t", " ") if character.isprintable())


def logged(log: Any, stream: str) -> Callable[[str], None]:
    return lambda line: log.info("printed", line=line, stream=stream) if line else None
