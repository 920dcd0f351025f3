"""Some lines of a file that is too large to be taken whole: counted and read piece by piece."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from trivet_sdk import ToolError
from trivet_sdk.decoding import decode

MAX_PART = 2_000_000
"""Bytes of a part at most."""
_PIECE = 1 << 20
_WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32")


class Part(msgspec.Struct, frozen=True):
    text: str
    encoding: str
    lines: int
    """Of the whole file."""
    is_cut: bool = False
    """There was no room for all that was asked for."""


def part_of(file: BinaryIO, name: str, start: int, count: int, is_cancelled: Callable[[], bool]) -> Part:
    """`count` lines from line `start`, counted from 0 or, if negative, from the end. Raises ToolError if cancelled, and
    for the wide encodings, in which a line's end cannot be told without reading all."""
    encoding = decode(file.read(_PIECE)).encoding
    if encoding in _WIDE:
        raise ToolError(f"'{name}' is in {encoding.upper()} and too large to be read by lines.")
    total = _count(file, is_cancelled)
    first = max(0, total + start) if start < 0 else start
    _skip(file, first, is_cancelled)
    content = bytearray()
    for line in _lines(file, count):
        content += line
        if len(content) > MAX_PART:
            break
    is_cut = len(content) > MAX_PART
    text = bytes(content[:MAX_PART]).decode(encoding, "replace")
    return Part(text.rstrip("\ufffd") if is_cut else text, encoding, total, is_cut)


def _count(file: BinaryIO, is_cancelled: Callable[[], bool]) -> int:
    total, last = 0, b"\n"
    for piece in _pieces(file, is_cancelled):
        total += piece.count(b"\n")
        last = piece[-1:]
    return total + (last != b"\n")


def _skip(file: BinaryIO, lines: int, is_cancelled: Callable[[], bool]) -> None:
    """Leave the file at the beginning of that line."""
    offset = 0
    for piece in _pieces(file, is_cancelled):
        there = piece.count(b"\n")
        if there >= lines:
            place = 0
            for _ in range(lines):
                place = piece.index(b"\n", place) + 1
            file.seek(offset + place)
            return
        lines -= there
        offset += len(piece)


def _lines(file: BinaryIO, count: int) -> Iterator[bytes]:
    while count > 0 and (line := file.readline(_PIECE)):
        yield line
        count -= line.endswith(b"\n")


def _pieces(file: BinaryIO, is_cancelled: Callable[[], bool]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        if is_cancelled():
            raise ToolError("the reading was cancelled.", is_transient=True)
        yield piece
