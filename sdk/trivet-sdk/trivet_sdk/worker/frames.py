"""Frames: how messages lie on the wire.

Each is a header of eight bytes, the length of what follows and its number (both little-endian, 32 bits), then one msgpack
value. Numbers are dense from 0 in each direction, so a frame that is repeated, left out or slipped in is noticed.
"""

import struct

HEADER = struct.Struct("<II")
BOUND = 16 * 1024 * 1024
"""Bytes of one frame at most; what is larger travels as a blob or in shared memory."""
_WRAP = 1 << 32


class BrokenFrame(Exception):
    """What came is no frame that may come; `str()` reads on after the sender's name."""


class FrameTooLarge(Exception):
    """A frame that would not be accepted on the other side."""

    def __init__(self, size: int, bound: int) -> None:
        super().__init__(size, bound)
        self.size, self.bound = size, bound

    def __str__(self) -> str:
        return f"{megabytes(self.size)} do not fit into one message of at most {megabytes(self.bound)}"


class FrameWriter:
    """Puts the header before what was encoded behind its place."""

    def __init__(self, bound: int = BOUND) -> None:
        self.bound = bound
        self._number = 0

    def finish(self, frame: bytearray) -> bytearray:
        """`frame` has eight free bytes at its beginning. Raises FrameTooLarge, and the number is not used up."""
        size = len(frame) - HEADER.size
        if size > self.bound:
            raise FrameTooLarge(size, self.bound)
        HEADER.pack_into(frame, 0, size, self._number)
        self._number = (self._number + 1) % _WRAP
        return frame


class FrameReader:
    """Gathers bytes, in whatever pieces they arrive, into the frames that were sent."""

    def __init__(self, bound: int = BOUND) -> None:
        self.bound = bound
        self._number = 0
        self._buffer = bytearray()

    @property
    def is_between(self) -> bool:
        """True if no frame has begun that has not ended."""
        return not self._buffer

    def feed(self, piece: bytes | memoryview) -> list[bytes]:
        """The payloads that this piece completes. Raises BrokenFrame; the reader is of no use afterwards."""
        self._buffer += piece
        buffer, start, found = self._buffer, 0, []
        while len(buffer) - start >= HEADER.size:
            size, number = HEADER.unpack_from(buffer, start)
            if size > self.bound:
                raise BrokenFrame(f"sent a frame of {megabytes(size)}, more than the {megabytes(self.bound)} allowed")
            if number != self._number:
                raise BrokenFrame(f"sent frame {number} where frame {self._number} was due")
            end = start + HEADER.size + size
            if len(buffer) < end:
                break
            found.append(bytes(memoryview(buffer)[start + HEADER.size : end]))
            self._number = (self._number + 1) % _WRAP
            start = end
        del buffer[:start]
        return found


def megabytes(size: int) -> str:
    """A number of bytes for a sentence."""
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size} bytes"
