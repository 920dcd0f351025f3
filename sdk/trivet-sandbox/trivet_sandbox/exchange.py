"""One program handed in, and all that comes out of a sandbox until its answer."""

import contextlib
import os
import selectors
import time
from dataclasses import dataclass, field
from typing import IO, Literal

from trivet_sandbox.answer import Answer, answer_in
from trivet_sandbox.limits import MB

LONGEST = 16 * MB
"""Bytes of answers, in all."""
_PIECE = 65536
_PIPEFUL = 16
"""Pieces that a pipe holds at most, as 1 MB is the most that an ordinary user may make it."""


@dataclass
class Output:
    """What was written, up to so many bytes."""

    most: int
    kept: bytearray = field(default_factory=bytearray)
    is_cut: bool = False

    def add(self, piece: bytes) -> None:
        room = self.most - len(self.kept)
        self.kept += piece[:room]
        self.is_cut = self.is_cut or len(piece) > room

    def text(self) -> str:
        return self.kept.decode("utf-8", "replace")


@dataclass
class Exchange:
    """`end` is `answered`, or why there is no answer: `late`, or `over` if the other side is gone or has said too much."""

    stdout: Output
    stderr: Output
    end: Literal["answered", "late", "over"] = "over"
    answer: Answer = field(default_factory=dict)


def exchange(
    request: bytes,
    requests: int,
    replies: int,
    stdout: IO[bytes],
    stderr: IO[bytes],
    *,
    id: str,
    timeout: float,
    most: int,
) -> Exchange:
    """Hand in `request` (it may be empty), and wait for the answer of that id. All descriptors must be non-blocking. Blocks."""
    deadline = time.monotonic() + timeout
    told = Exchange(Output(most), Output(most))
    reply, said = bytearray(), 0
    with selectors.DefaultSelector() as ready:
        ready.register(stdout, selectors.EVENT_READ, told.stdout)
        ready.register(stderr, selectors.EVENT_READ, told.stderr)
        ready.register(replies, selectors.EVENT_READ)
        if request:
            ready.register(requests, selectors.EVENT_WRITE)
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in ready.select(left):
                if key.fd == requests:
                    try:
                        request = request[os.write(requests, request) :]
                    except BrokenPipeError:
                        request = b""
                    if not request:
                        ready.unregister(requests)
                elif key.fd == replies:
                    piece = os.read(replies, _PIECE)
                    said += len(piece)
                    if not piece or said > LONGEST:
                        return told
                    reply += piece
                    answer = answer_in(reply, id)
                    if answer is not None:
                        told.answer, told.end = answer, "answered"
                        return told
                else:
                    piece = os.read(key.fd, _PIECE)
                    key.data.add(piece)
                    if not piece:
                        ready.unregister(key.fileobj)
    told.end = "late"
    return told


def drain(told: Exchange, stdout: IO[bytes], stderr: IO[bytes]) -> None:
    """Take what is in the pipes already: it was written before the answer, or before the end."""
    for output, stream in ((told.stdout, stdout), (told.stderr, stderr)):
        with contextlib.suppress(BlockingIOError):
            for _ in range(_PIPEFUL):
                piece = os.read(stream.fileno(), _PIECE)
                if not piece:
                    break
                output.add(piece)
