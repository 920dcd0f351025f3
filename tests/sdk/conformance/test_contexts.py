"""Context packers against their contract."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from trivet_sdk import ContextTooLong, Message, Transcript
from trivet_sdk.conformance import check_context
from trivet_sdk.message import user
from trivet_sdk.prompting import Conversations, render_goal

Measure = Callable[[Sequence[Message]], Awaitable[int]]


class Newest:
    """The goal and as many of the newest rounds as fit."""

    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        goal, said = user(render_goal(transcript.goal)), Conversations().messages(transcript)
        starts = [index for index, message in enumerate(said) if message.role != "tool"]
        for start in (*starts, len(said)):
            packed = (goal, *said[start:])
            if window is None or await measure(packed) <= window:
                return packed
        raise ContextTooLong("model", f"has a window of {window} tokens, too few for the goal alone")


class Everything(Newest):
    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        return await super().pack(transcript, None, measure)


class Aimless(Newest):
    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        return (await super().pack(transcript, window, measure))[1:]


class Halving(Newest):
    """Cuts messages, not rounds."""

    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        packed = await super().pack(transcript, None, measure)
        return packed if window is None else (packed[0], *[each for each in packed[1:] if each.role == "tool"][-1:])


class Callless(Newest):
    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        packed = await super().pack(transcript, window, measure)
        return tuple(message for message in packed if message.role != "tool")


class Texts(Newest):
    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        return [message.text for message in await super().pack(transcript, window, measure)]


class Strict(Newest):
    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        packed = await super().pack(transcript, None, measure)
        if window is not None and await measure(packed) > window:
            raise ContextTooLong("model", "has too small a window")
        return packed


class Broken(Newest):
    async def pack(self, transcript: Transcript, window: int | None, measure: Measure) -> Any:
        return transcript.turns[0]


async def test_a_packer_that_keeps_its_contract() -> None:
    assert await check_context(Newest(), name="newest") == ()


@pytest.mark.parametrize(
    ("packer", "sentence"),
    [
        (3, "context 'x' has no `pack`; it needs `async def pack(self, transcript, window, measure)`"),
        (Everything(), "context 'x' packs 24 turns into a window of 600 tokens, but makes 804 of it; leave out old turns, or raise ContextTooLong"),
        (Aimless(), "context 'x' leaves out the goal's text, without which no model knows what is wanted"),
        (Halving(), "context 'x' keeps an answer whose call it left out; leave out both, since providers refuse such a history"),
        (Callless(), "context 'x' keeps a call whose answer it left out; leave out both, since providers refuse such a history"),
        (Texts(), "context 'x' must return a tuple of Messages"),
        (Strict(), "context 'x' raises ContextTooLong for 24 turns into a window of 600 tokens, though leaving out old turns would make room"),
        (Broken(), "context 'x' raises IndexError for 0 turns into no window: tuple index out of range"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(packer: object, sentence: str) -> None:
    assert sentence in await check_context(packer, name="x")
