"""Questions that a plugin puts without awaiting: `context.secret(…)`, `context.weights(…)`, `services.model(…)`.

They have a pipe of their own, since whoever asks may be the very thread that reads the channel. The host answers at once.
"""

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .failures import Failures
from .frames import HEADER, BrokenFrame, FrameReader, FrameTooLarge, FrameWriter
from .protocol import Problem

BOUND = 1024 * 1024


class _Question(msgspec.Struct, frozen=True, array_like=True):
    name: str
    relay: int
    word: str


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    value: Any = None
    problem: Problem | None = None


class Asks:
    """The worker's end; usable from any thread."""

    def __init__(self, descriptor: int, failures: Failures) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(True)
        self._writer, self._reader = FrameWriter(BOUND), FrameReader(BOUND)
        self._failures = failures
        self._lock = threading.Lock()

    def ask(self, name: str, word: str = "", relay: int = 0) -> Any:
        """Raises what the host raises."""
        with self._lock:
            self._socket.sendall(_framed(self._writer, _Question(name, relay, word)))
            answers: list[bytes] = []
            while not answers:
                piece = self._socket.recv(65536)
                if not piece:
                    raise ConnectionError("the host is gone")
                answers = self._reader.feed(piece)
        answer = msgspec.msgpack.decode(answers[0], type=_Answer)
        if answer.problem is not None:
            raise self._failures.raised(answer.problem)
        return answer.value


class AskServer(asyncio.Protocol):
    """The host's end. `answers`: name -> function of relay and word; `broken` is told what breaks the rules."""

    def __init__(
        self, answers: Mapping[str, Callable[[int, str], Any]], failures: Failures, broken: Callable[[str], None]
    ) -> None:
        self._answers = answers
        self._failures = failures
        self._broken = broken
        self._writer, self._reader = FrameWriter(BOUND), FrameReader(BOUND)
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[bytes] = deque()
        self._has_room = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def pause_writing(self) -> None:
        """Who asks on without reading the answers is heard no more until it has read them."""
        assert self._transport is not None
        self._has_room = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        assert self._transport is not None
        self._has_room = True
        self._answer_waiting()
        if self._has_room:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        try:
            self._waiting.extend(self._reader.feed(data))
        except BrokenFrame as broken:
            self._broken(str(broken))
        self._answer_waiting()

    def _answer_waiting(self) -> None:
        try:
            while self._waiting and self._has_room:
                self._answer(msgspec.msgpack.decode(self._waiting.popleft(), type=_Question))
        except msgspec.DecodeError as error:
            self._broken(f"sent what is no question: {error}")

    def _answer(self, question: _Question) -> None:
        assert self._transport is not None
        answer = self._answers.get(question.name)
        if answer is None:
            self._broken(f"asked for '{question.name}', which nobody answers")
            return
        try:
            frame = _framed(self._writer, _Answer(answer(question.relay, question.word)))
        except (Exception, FrameTooLarge) as error:  # whatever it is, whoever asked must not wait for ever
            frame = _framed(self._writer, _Answer(problem=self._failures.told(error)))
        self._transport.write(frame)


def _framed(writer: FrameWriter, message: msgspec.Struct) -> bytearray:
    frame = bytearray(HEADER.size)
    msgspec.msgpack.Encoder().encode_into(message, frame, HEADER.size)
    return writer.finish(frame)
