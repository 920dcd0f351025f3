"""The messages between a host and a worker. Both directions use the same ones, with call ids of their own."""

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    Payload: TypeAlias = Any
else:
    Payload = msgspec.Raw  # read later, when it is known as what; anything may be written

PROTOCOL = 1
"""Rises when an older side would misunderstand; both must have the same."""
CREDIT = 32
"""Items of a stream that may be under way to a reader who has not taken any."""


class _Message(msgspec.Struct, frozen=True, array_like=True, gc=False):
    pass


class Hello(_Message, frozen=True, tag=0):
    """The worker's first frame."""

    protocol: int
    sdk: str
    pid: int


class Call(_Message, frozen=True, tag=1):
    """Begin something. With `credit` it is a stream, and that many items may be sent; ended by one Result or Failed."""

    id: int
    method: str
    value: Payload
    credit: int = 0


class Result(_Message, frozen=True, tag=2):
    """The call's end: what it returned; of a stream, that it is complete."""

    id: int
    value: Payload = msgspec.Raw(b"\xc0")


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """An exception on its way: see `failures`."""

    kind: str
    fields: dict[str, Any] = {}
    text: str = ""
    traceback: str = ""
    origin: int = 0
    """Set by the side that first raised it; if it comes home, it is that very exception again."""
    is_exact: bool = True
    """False for a subclass that only the sender knows; `kind` is then its nearest known base."""
    name: str = ""
    """Of the exception's own class."""


class Failed(_Message, frozen=True, tag=3):
    """The call's end: what it raised."""

    id: int
    problem: Problem


class Item(_Message, frozen=True, tag=4):
    """One item of a stream."""

    id: int
    value: Payload


class Credit(_Message, frozen=True, tag=5):
    """So many more items may be sent."""

    id: int
    items: int


class Cancel(_Message, frozen=True, tag=6):
    """Nobody waits for this call any more. It still ends with one Result or Failed."""

    id: int


class Note(_Message, frozen=True, tag=7):
    """Said without waiting for an answer."""

    name: str
    value: Payload = msgspec.Raw(b"\xc0")


class Ping(_Message, frozen=True, tag=8):
    number: int


class Pong(_Message, frozen=True, tag=9):
    number: int


Message: TypeAlias = Hello | Call | Result | Failed | Item | Credit | Cancel | Note | Ping | Pong
