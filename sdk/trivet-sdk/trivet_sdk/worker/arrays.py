"""Arrays of numbers between processes: large ones in shared memory where the kernel has it, else in pieces.

Shared memory is a sealed memfd, so a worker cannot shrink it under a host that reads it; the host opens it through
`/proc/PID/fd`, and there is no name that somebody would have to clean up. Needs no numpy, and is an array to numpy.
"""

import array
import itertools
import math
import mmap
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, cast, overload

import msgspec

INLINE = 64 * 1024
"""Bytes up to which an array travels in its message."""
PIECE = 1024 * 1024
_NAME = "trivet-array"
_CODES = {"f": "<f4", "d": "<f8", "e": "<f2", "b": "|i1", "B": "|u1", "h": "<i2", "H": "<u2", "i": "<i4", "I": "<u4",
          "l": "<i8", "L": "<u8", "q": "<i8", "Q": "<u8"}  # fmt: skip


class Array(msgspec.Struct, frozen=True, array_like=True, tag="array"):
    """What comes first: `descriptor` names the sender's memfd; without one, `size` bytes follow."""

    shape: tuple[int, ...]
    format: str
    """Of one number, as in `struct`."""
    size: int
    content: bytes = b""
    descriptor: int = -1


class Piece(msgspec.Struct, frozen=True, array_like=True, tag="piece"):
    content: bytes


class Rows(Sequence[Sequence[float]]):
    """A table of numbers over shared or received bytes: nested sequences, and an array to numpy without a copy."""

    def __init__(self, content: Any, shape: tuple[int, ...], format: str) -> None:
        self._bytes = memoryview(content)
        self._numbers = self._bytes.cast(cast(Any, format))
        self.shape = shape
        self._width = shape[1] if len(shape) > 1 else 1
        self.__array_interface__ = {
            "shape": shape,
            "typestr": _CODES[format],
            "data": self._bytes if len(self._bytes) else memoryview(bytes(8)),  # numpy wants some memory even for none
            "version": 3,
        }

    def __len__(self) -> int:
        return self.shape[0]

    @overload
    def __getitem__(self, place: int) -> Sequence[float]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Sequence[float]]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError("there is no such row")
        start = (place % len(self)) * self._width
        return self._numbers[start : start + self._width]


def laid_out(value: Any) -> tuple[memoryview, tuple[int, ...], str]:
    """Bytes, shape and format of an array, or of nested sequences of numbers, which become float32."""
    if hasattr(value, "detach"):  # a tensor
        value = value.detach().cpu().numpy()
    try:
        view = memoryview(value)
    except TypeError:
        rows = [list(map(float, row)) for row in value]
        width = len(rows[0]) if rows else 0
        return memoryview(array.array("f", itertools.chain.from_iterable(rows))).cast("B"), (len(rows), width), "f"
    shape, format = view.shape or (), view.format.lstrip("@=<")
    if format not in _CODES:
        raise TypeError(f"an array of format '{view.format}' cannot leave its process; make it float32")
    if not math.prod(shape):
        return memoryview(b""), shape, format
    return (view if view.c_contiguous else memoryview(view.tobytes())).cast("B"), shape, format


def pieces(value: Any, share: Callable[[memoryview], int]) -> Iterator[Array | Piece]:
    """What to send. `share` puts bytes into shared memory and returns its descriptor, or -1 where there is none."""
    content, shape, format = laid_out(value)
    if content.nbytes <= INLINE:
        yield Array(shape, format, content.nbytes, bytes(content))
        return
    descriptor = share(content)
    yield Array(shape, format, content.nbytes, b"", descriptor)
    if descriptor < 0:
        for start in range(0, content.nbytes, PIECE):
            yield Piece(bytes(content[start : start + PIECE]))


async def gathered(arriving: AsyncIterator[Any], opened: Callable[[Array], Any]) -> Rows:
    """The array that was sent; `opened` finds what is in shared memory."""
    head: Array | None = None
    content = bytearray()
    async for item in arriving:
        if head is None:
            head = item
            if not isinstance(head, Array):
                raise TypeError("an array came without its head")
            if head.descriptor >= 0:
                return Rows(opened(head), head.shape, head.format)
            content += head.content
        else:
            content += item.content
            if len(content) > head.size:
                break
    if head is None or len(content) != head.size:
        raise TypeError("an array came in part only")
    return Rows(bytes(content), head.shape, head.format)


def shared(content: memoryview) -> int:
    """A memfd with these bytes that nobody can change or shrink any more; -1 where the system has none."""
    if sys.platform != "linux":
        return -1
    import fcntl

    descriptor = os.memfd_create(_NAME, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        rest = content
        while rest:
            rest = rest[os.write(descriptor, rest[: 1 << 30]) :]
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, _seals() | fcntl.F_SEAL_SEAL)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def opened(pid: int, head: Array) -> mmap.mmap:
    """Map what process `pid` shared. Raises TypeError if it is anything but a sealed memfd of this size."""
    import fcntl

    path = f"/proc/{pid}/fd/{head.descriptor}"
    try:
        if not os.readlink(path).startswith(f"/memfd:{_NAME}"):
            raise TypeError("an array came without its memory")
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise TypeError(f"an array came without its memory: {error.strerror}") from None
    try:
        if fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & _seals() != _seals():
            raise TypeError("an array came in memory that could still be changed")
        if os.fstat(descriptor).st_size != head.size:
            raise TypeError("an array came in memory of another size")
        return mmap.mmap(descriptor, head.size, mmap.MAP_PRIVATE, mmap.PROT_READ)
    finally:
        os.close(descriptor)


def _seals() -> int:
    import fcntl

    return fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
