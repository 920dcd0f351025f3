"""A conversation cut to a model's window: whole rounds go, the oldest first, so that no call loses its answer."""

from collections.abc import Awaitable, Callable, Sequence

from trivet_sdk import Message
from trivet_sdk.message import user

RESERVE = 0.25
"""Share of the window that the completion gets."""
CLOSE = 0.6
"""Share of the window up to which nobody measures: the last prompt's size is known, and a round adds little to it."""

Measure = Callable[[Sequence[Message]], Awaitable[int]]


async def fitted(
    opening: Sequence[Message], conversation: Sequence[Message], window: int, measure: Measure
) -> tuple[Message, ...]:
    """Opening and conversation within the window, if that is possible by leaving out rounds; the newest one stays."""
    room = int(window * (1 - RESERVE))
    rounds = rounds_of(conversation)
    for left_out in range(len(rounds)):
        messages = _without(opening, rounds, left_out)
        if await measure(messages) <= room:
            return messages
    return _without(opening, rounds, max(0, len(rounds) - 1))


def halved(opening: Sequence[Message], conversation: Sequence[Message]) -> tuple[Message, ...] | None:
    """Without the older half of the rounds, where the endpoint says that it is too much; None if one round is all."""
    rounds = rounds_of(conversation)
    return _without(opening, rounds, len(rounds) // 2) if len(rounds) > 1 else None


def rounds_of(conversation: Sequence[Message]) -> list[list[Message]]:
    """What the model said, with all that follows until it speaks again."""
    rounds: list[list[Message]] = []
    for message in conversation:
        if message.role == "assistant" or not rounds:
            rounds.append([])
        rounds[-1].append(message)
    return rounds


def _without(opening: Sequence[Message], rounds: Sequence[Sequence[Message]], left_out: int) -> tuple[Message, ...]:
    kept = [message for each in rounds[left_out:] for message in each]
    note = [user(f"({left_out} earlier rounds are left out here.)")] if left_out else []
    return (*opening, *note, *kept)
