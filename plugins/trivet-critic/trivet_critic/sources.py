"""What an answer may be drawn from: the goal, what the user said, and what tools returned, now or earlier in the conversation."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trivet_critic.dates import Date, agree, dates_in
from trivet_critic.numbers import Figure, values_in
from trivet_sdk import Answered, Exchange, Observed, ToolResult, Transcript

WRITTEN_BY_MODELS = frozenset({"answer", "think"})
"""Results of these prove nothing."""
LONGEST = 2_000_000
"""Characters that are looked at, and values of data: enough for a table of 50,000 rows, bounded for a dump."""
_MARKS = re.compile(r"[*_`#>|\\]+")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"‘": "'", "’": "'", '"': "'", "“": "'", "”": "'", "–": "-", "—": "-", "\u2212": "-"})


class Sources:
    """Everything of a run that an answer may state, indexed once for all that it does state."""

    def __init__(self, texts: Sequence[str], data: Sequence[Any]) -> None:
        whole = "\n".join([*texts, *(leaf for value in data for leaf in _texts(value))])[:LONGEST]
        self._text = plain(whole)
        self._dates = {reading for dated in dates_in(whole) for reading in dated.readings}
        numbers = {abs(value) for value in values_in(whole)}
        numbers.update(abs(number) for value in data for number in _numbers(value))
        self._numbers = sorted(number for number in numbers if math.isfinite(number))

    def have_figure(self, figure: Figure) -> bool:
        """Some value rounds to it."""
        for value, tolerance in figure.readings:
            slack = tolerance + 1e-9 * max(1.0, abs(value))
            place = bisect_left(self._numbers, abs(value) - slack)
            if place < len(self._numbers) and self._numbers[place] <= abs(value) + slack:
                return True
        return False

    def have_date(self, readings: Sequence[Date]) -> bool:
        if any(reading in self._dates for reading in readings):
            return True
        return any(agree(reading, known) for reading in readings for known in self._dates)

    def have_words(self, quotation: str) -> bool:
        """Its pieces between dots that stand for what was left out occur, whatever case, space and markup they have."""
        pieces = re.split(r"…|\.\.\.|\[.*?\]", quotation)
        return all(plain(piece).strip(" .,;:!?。，；：！？") in self._text for piece in pieces)


def sources_of(transcript: Transcript) -> Sources:
    texts = [transcript.goal.text, *transcript.goal.criteria]
    texts += [attachment.source or attachment.name for attachment in transcript.goal.attachments]
    data: list[Any] = []
    for turn in transcript.turns:
        if isinstance(turn, Answered):
            texts.append(turn.answer)
    for exchange in transcript.earlier:
        _add_earlier(exchange, texts, data)
    written = (
        {step.id for step in transcript.plan.steps if step.tool in WRITTEN_BY_MODELS} if transcript.plan else set()
    )
    for id, result in transcript.results.items():
        if id not in written:
            texts.append(result.text)
            data.append(result.value)
            texts.extend(result.artifacts)
    return Sources(texts, data)


def _add_earlier(exchange: Exchange, texts: list[str], data: list[Any]) -> None:
    """What was found then. An answer that was accepted counts: its results may be too large to be told of again."""
    texts.append(exchange.goal)
    texts.extend(exchange.artifacts)
    if exchange.status == "succeeded":
        texts.append(exchange.answer)
    for turn in exchange.turns:
        match turn:
            case Answered(answer=answer):
                texts.append(answer)
            case Observed(step=step, result=ToolResult() as result) if step.tool not in WRITTEN_BY_MODELS:
                texts.append(result.text)
                data.append(result.value)
            case _:
                pass


def plain(text: str) -> str:
    """Case, width, markup, quotes and runs of white space make no difference."""
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _SPACE.sub(" ", _MARKS.sub(" ", text)).casefold().strip()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)


def _numbers(value: Any) -> Iterator[float]:
    """The numbers of a value, and how long its lists are: an answer may count what it was given."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, Sequence):
        yield float(len(value))
        for inner in value:
            yield from _numbers(inner)
