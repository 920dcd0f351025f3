"""A request cut to a model's window: what was said before the goal goes first, then whole rounds, always the oldest, so that no
call loses its answer.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from trivet_sdk import Message
from trivet_sdk.message import Text, user

RESERVE = 0.25
"""Share of the window that the completion gets."""
CLOSE = 0.6
"""Share of the window up to which nobody measures: the last prompt's size is known, and a round adds little to it."""
BYTES = 3
"""Of a token at least, on average: what is smaller than the window by this count need not be measured."""

Measure = Callable[[Sequence[Message]], Awaitable[int]]


class Request(msgspec.Struct, frozen=True):
    """All that a model could be told, oldest first in each."""

    opening: tuple[Message, ...]
    """Task and goal: always told."""
    earlier: tuple[tuple[Message, ...], ...]
    """What was said in the conversation before the goal, an exchange each."""
    rounds: tuple[tuple[Message, ...], ...]
    """Of the newest something is always told."""

    @property
    def spare(self) -> int:
        """How many exchanges and rounds can be left out."""
        return len(self.earlier) + max(0, len(self.rounds) - 1)

    def without(self, left_out: int) -> tuple[Message, ...]:
        """The messages, but for the oldest exchanges, then the oldest rounds."""
        exchanges = min(left_out, len(self.earlier))
        rounds = left_out - exchanges
        return (
            *self.opening[:-1],
            *_note(exchanges, "exchanges"),
            *(message for exchange in self.earlier[exchanges:] for message in exchange),
            *self.opening[-1:],
            *_note(rounds, "rounds"),
            *(message for each in self.rounds[rounds:] for message in each),
        )


def request_of(
    opening: Sequence[Message], conversation: Sequence[Message], earlier: Sequence[Sequence[Message]] = ()
) -> Request:
    return Request(tuple(opening), tuple(map(tuple, earlier)), tuple(map(tuple, rounds_of(conversation))))


async def fitting(request: Request, window: int, measure: Measure) -> int:
    """How much is to be left out for the rest to be within the window, if that is possible."""
    room = int(window * (1 - RESERVE))
    least, most = 0, request.spare
    while least < most:
        middle = (least + most) // 2
        if await measure(request.without(middle)) <= room:
            most = middle
        else:
            least = middle + 1
    return least


def is_surely_small(messages: Sequence[Message], window: int) -> bool:
    """Whether it need not even be measured."""
    texts = (part.text for message in messages for part in message.parts if isinstance(part, Text))
    return sum(len(text.encode("utf-8", "replace")) for text in texts) <= window * CLOSE * BYTES


def rounds_of(conversation: Sequence[Message]) -> list[list[Message]]:
    """What the model said, with all that follows until it speaks again."""
    rounds: list[list[Message]] = []
    for message in conversation:
        if message.role == "assistant" or not rounds:
            rounds.append([])
        rounds[-1].append(message)
    return rounds


def _note(left_out: int, what: str) -> tuple[Message, ...]:
    return (user(f"({left_out} earlier {what} are left out here.)"),) if left_out else ()
