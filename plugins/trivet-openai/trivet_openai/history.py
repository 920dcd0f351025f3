"""Encoded messages, kept from one request of a run to the next.

A run's conversation grows at its end. The messages already sent keep their identity (see `trivet_sdk.prompting`), so each
is encoded once: 200 turns cost 200 encodings and not 20,000.
"""

from collections import OrderedDict
from collections.abc import Callable

from trivet_sdk import Message

CAPACITY = 32 * 1024 * 1024
"""Bytes kept for all runs together; the run that asked least recently is forgotten first."""


class Histories:
    def __init__(self, encode: Callable[[Message], bytes], capacity: int = CAPACITY) -> None:
        self._encode = encode
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, str], _History] = OrderedDict()
        self.size = 0
        """Bytes kept now."""

    def encoded(self, run: str, purpose: str, messages: tuple[Message, ...]) -> list[bytes]:
        """One piece for each message, in order. Without a run, nothing is kept. Valid until the next call."""
        if not run:
            return [self._encode(message) for message in messages]
        key = run, purpose
        history = self._kept.pop(key, None)
        if history is None:
            history = _History()
        self._kept[key] = history
        self.size -= history.size
        history.become(messages, self._encode)
        self.size += history.size
        while self.size > self._capacity and len(self._kept) > 1:
            _, forgotten = self._kept.popitem(last=False)
            self.size -= forgotten.size
        return history.pieces


class _History:
    """The last request's messages and their encodings."""

    __slots__ = ("_messages", "pieces", "size")

    def __init__(self) -> None:
        self._messages: tuple[Message, ...] = ()
        self.pieces: list[bytes] = []
        self.size = 0

    def become(self, messages: tuple[Message, ...], encode: Callable[[Message], bytes]) -> None:
        before = self._messages
        same = len(before)
        if messages[:same] != before:  # compared at C speed, and by identity first
            same = next(
                (place for place, pair in enumerate(zip(before, messages, strict=False)) if pair[0] != pair[1]),
                min(len(before), len(messages)),
            )
        self.size -= sum(map(len, self.pieces[same:]))
        new_pieces = [encode(message) for message in messages[same:]]
        self.pieces[same:] = new_pieces
        self.size += sum(map(len, new_pieces))
        self._messages = messages
