"""Does a context packer keep its contract?"""

from collections.abc import AsyncIterator, Iterator, Sequence

import anyio

from ..contributions import ContextPacker
from ..errors import ContextTooLong
from ..goal import Goal
from ..message import Message, Text, ToolAnswer, ToolUse
from ..plan import Plan, Step
from ..tool import result
from ..transcript import Observed, Planned, Transcript

_GOAL = "Say which of the twelve reports mentions 罚金 first."


async def check_context(packer: object, *, name: str = "", timeout: float = 30.0) -> tuple[str, ...]:
    """A sentence for each way in which the context packer breaks the contract; none if it keeps it.

    It packs a run of twelve steps into no window, a wide one and ever narrower ones, counted in words.
    """
    called = f"context '{name or type(packer).__name__}'"
    if not isinstance(packer, ContextPacker):
        return (f"{called} has no `pack`; it needs `async def pack(self, transcript, window, measure)`",)
    found: list[str] = []
    whole = await _words((Message("user", (Text(_GOAL),)),))
    for transcript in (_transcript(0), _transcript(12)):
        for window in (None, 100_000, 600, 150, whole + 2):
            turns = f"{len(transcript.turns)} turns into {'no window' if window is None else f'a window of {window} tokens'}"
            try:
                with anyio.fail_after(timeout):
                    packed: object = await packer.pack(transcript, window, _words)
            except ContextTooLong:
                if window is None or window >= 600:
                    found.append(f"raises ContextTooLong for {turns}, though leaving out old turns would make room")
                continue
            except TimeoutError:
                found.append(f"did not pack {turns} within {timeout:g} seconds")
                continue
            except Exception as error:  # foreign code: whatever it raises is what is reported
                found.append(f"raises {type(error).__name__} for {turns}: {error}")
                continue
            found += [fault async for fault in _packed_faults(packed, window, turns)]
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


async def _packed_faults(packed: object, window: int | None, turns: str) -> AsyncIterator[str]:
    if not isinstance(packed, Sequence) or not all(isinstance(message, Message) for message in packed):
        yield "must return a tuple of Messages"
        return
    if window is not None and (tokens := await _words(packed)) > window:
        yield f"packs {turns}, but makes {tokens} of it; leave out old turns, or raise ContextTooLong"
    if _GOAL not in "\n".join(message.text for message in packed):
        yield "leaves out the goal's text, without which no model knows what is wanted"
    for fault in pairing_faults(packed):
        yield fault


def pairing_faults(messages: Sequence[Message]) -> Iterator[str]:
    """What providers refuse a history for: a call and its answer must stand together."""
    open_calls: list[str] = []
    for message in messages:
        for part in message.parts:
            if isinstance(part, ToolAnswer):
                if part.id in open_calls:
                    open_calls.remove(part.id)
                else:
                    yield "keeps an answer whose call it left out; leave out both, since providers refuse such a history"
            elif open_calls:
                yield "puts other words between a call and its answer; the answers come first"
                open_calls.clear()
        open_calls += [part.id for part in message.parts if isinstance(part, ToolUse)]
    if open_calls:
        yield "keeps a call whose answer it left out; leave out both, since providers refuse such a history"


async def _words(messages: Sequence[Message]) -> int:
    """A token is a word; what stands around a message costs three."""
    texts = (part.text for message in messages for part in message.parts if isinstance(part, Text | ToolAnswer))
    return sum(len(text.split()) for text in texts) + 3 * len(messages)


def _transcript(steps: int) -> Transcript:
    """A run whose steps were a model's native calls, each with sixty words of result."""
    made = tuple(
        Step(id=f"s{n}", tool="files.read", arguments={"path": f"{n}.md"}, call_id=f"c{n}") for n in range(1, steps + 1)
    )
    returned = result("word " * 60)
    turns: list[Planned | Observed] = []
    for revision, step in enumerate(made, start=1):
        turns += [Planned(revision=revision, steps=(step,)), Observed(step=step, result=returned)]
    return Transcript(
        run="check",
        goal=Goal(text=_GOAL),
        plan=Plan(steps=made, revision=len(made), is_open=True) if made else None,
        states={step.id: "succeeded" for step in made},
        results={step.id: returned for step in made},
        attempts={step.id: 1 for step in made},
        turns=tuple(turns),
    )
