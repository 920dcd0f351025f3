"""What the beginning of a GGUF file says of the model, read without loading it.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import hashlib
import math
import mmap
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_CONTROL = 3
"""Type of a token that means something beside its characters, such as the end of a turn."""


class Header(msgspec.Struct, frozen=True):
    window: int | None
    """Tokens that the model was made for."""
    parameters: int
    controls: tuple[str, ...]
    """Control tokens as they are written, the longest first."""


def read_header(file: Path) -> Header:
    """Raises ValueError if it is no GGUF file, or ends too early; OSError if it cannot be read."""
    with file.open("rb") as opened:
        try:
            with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _header(_Reader(content))
        except (struct.error, UnicodeDecodeError, KeyError, TypeError, IndexError):
            raise ValueError("its header is damaged") from None


def remembered_header(file: Path, cache: Path) -> Header:
    """The same, written down in the folder `cache` for the next process: a tokenizer's 300,000 texts take half a second.
    Raises as `read_header` does."""
    facts = file.stat()
    made_of = f"{file.absolute()}\0{facts.st_size}\0{facts.st_mtime_ns}"
    note = cache / "headers" / f"{hashlib.sha256(made_of.encode()).hexdigest()[:32]}.json"
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(note.read_bytes(), type=Header)
    header = read_header(file)
    with suppress(OSError):  # it is read again, then
        note.parent.mkdir(parents=True, exist_ok=True)
        written = note.with_suffix(f".{os.getpid()}")
        written.write_bytes(msgspec.json.encode(header))
        written.replace(note)
    return header


def _header(reader: "_Reader") -> Header:
    if len(reader.content) < 24 or reader.content[:4] != b"GGUF" or reader.scalar("I", at=4) not in (2, 3):
        raise ValueError("it is not a GGUF file")
    tensors, pairs = reader.scalar("Q", at=8), reader.scalar("Q")
    facts = {reader.string(): reader.value(reader.scalar("I")) for _ in range(pairs)}
    window = facts.get(f"{facts['general.architecture'].decode()}.context_length")
    texts, types = facts.get("tokenizer.ggml.tokens", ()), facts.get("tokenizer.ggml.token_type", ())
    controls = {text.decode() for text, kind in zip(texts, types, strict=False) if kind == _CONTROL and text}
    parameters = sum(reader.tensor() for _ in range(tensors))
    return Header(window, parameters, tuple(sorted(controls, key=len, reverse=True)))


class _Reader:
    """Reads on from where it stands."""

    def __init__(self, content: mmap.mmap) -> None:
        self.content, self._place = content, 0

    def scalar(self, letter: str, at: int | None = None) -> Any:
        return self._unpack(f"<{letter}", at)[0]

    def string(self) -> str:
        return self._bytes().decode()

    def value(self, kind: int) -> Any:
        """Strings as bytes, since a tokenizer's need not be text."""
        if kind == _STRING:
            return self._bytes()
        if kind != _ARRAY:
            return self.scalar(_SCALARS[kind])
        inner, length = self.scalar("I"), self.scalar("Q")
        if length > len(self.content):
            raise ValueError("its header is damaged")
        if inner in _SCALARS:
            return self._unpack(f"<{length}{_SCALARS[inner]}")
        return [self.value(inner) for _ in range(length)]

    def tensor(self) -> int:
        """The number of elements of the next tensor."""
        self._bytes()
        shape = self._unpack(f"<{min(self.scalar('I'), 8)}Q")
        self._unpack("<IQ")  # its type, and where it lies
        return math.prod(shape)

    def _bytes(self) -> bytes:
        length = self.scalar("Q")
        start, self._place = self._place, self._place + length
        if self._place > len(self.content):
            raise ValueError("its header is damaged")
        return self.content[start : self._place]

    def _unpack(self, layout: str, at: int | None = None) -> tuple[Any, ...]:
        start = self._place if at is None else at
        values = struct.unpack_from(layout, self.content, start)
        self._place = start + struct.calcsize(layout)
        return values
