"""A goal whose answer stands in texts, or follows by reckoning from what stands there or in the goal (decision 078)."""

import re
from collections.abc import Collection, Mapping, Sequence

import msgspec

from trivet_plan_smollm2.asked import missing
from trivet_plan_smollm2.comprehension.line import Answer, Reckoned, Unreadable, read_line
from trivet_plan_smollm2.comprehension.prompt import STOP, line_in, opening
from trivet_plan_smollm2.comprehension.sources import Passage, figure_of, sources
from trivet_plan_smollm2.comprehension.units import mixes_units
from trivet_plan_smollm2.grounding import Search, matches_of
from trivet_plan_smollm2.outcome import outcome
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.sampling import Asking, sampled
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.spans import Spans, has_cjk
from trivet_plan_smollm2.words.unit_words import unit_wanted, wish_for_unit
from trivet_plan_smollm2.words.units import unit_of
from trivet_sdk import (
    Message,
    Services,
    ToolSpec,
)

PASSAGES = 6
"""That the model is shown at most."""
SAMPLES = 3
"""Further answers, of which one must come to the same."""
IN_VAIN = 2
"""Answers that cannot be used, after which no more are asked for."""
PLACES = 2
"""Decimals in which two figures must agree, where the goal does not say."""
LONGEST = 120
"""Tokens of an answer."""
_WORKING = re.compile(r"\b(?:working|business|week) ?days?\b|工作日", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
_LINES = re.compile(r"\.(?:log(?:\.\d+)?|csv|tsv|parquet|xlsx)$", re.IGNORECASE)


async def by_passages(
    goal: Spans, found: Search, asking: Asking, tables: Collection[str] = frozenset()
) -> tuple[Call, ...]:
    """What reckons the answer, and the searches that show where it stands. Empty where the model does not know, where it
    says something else when it is asked again, or says what stands nowhere. A row of `tables`, which could be asked for by a
    query, may be reckoned with, and is no answer by itself."""
    services = asking.services
    passages = await _passages(found, services)
    messages = opening(passages, goal.goal)
    known: list[_Sourced] = []
    in_vain = 0
    for seed in (None, *range(1, SAMPLES + 1)):
        if not known and in_vain == IN_VAIN:
            break
        answer = await _asked(messages, passages, asking, seed)
        told = sources(answer, goal, passages) if answer is not None else None
        if (
            answer is None
            or told is None
            or _repeats_row(answer, told, tables)
            or _leaves_out(answer, told, goal)
            or await _lacks(answer, told, goal, asking)
        ):
            in_vain += 1
            continue
        made = _Sourced(answer, told, await _value(answer, asking.tools, services))
        if same := next((other for other in known if _are_alike(made, other, goal)), None):
            return await _calls(same, found, services)
        known.append(made)
    return ()


class _Sourced(msgspec.Struct, frozen=True):
    answer: Answer
    sources: list[Passage]
    value: object


def _leaves_out(answer: Answer, told: Sequence[Passage], goal: Spans) -> bool:
    """Whether the goal wants a unit, and a note is repeated that has another; or working days, and all are counted."""
    if isinstance(answer, Reckoned):
        return (bool(answer.days) and _WORKING.search(goal.goal) is not None) or mixes_units(answer, goal)
    wanted = unit_wanted(goal.goal) or wish_for_unit(goal.goal)
    if wanted is None:
        return False
    words = re.findall(r"[^\W\d_]+", " ".join(str(each.get("text", "")) for each in told))
    return all(unit_of(word.lower()) != wanted.unit for word in words)


def _repeats_row(answer: Answer, told: Sequence[Passage], tables: Collection[str]) -> bool:
    return not isinstance(answer, Reckoned) and any(each.get("path") in tables for each in told)


async def _lacks(answer: Answer, told: Sequence[Passage], goal: Spans, asking: Asking) -> bool:
    """Whether a note is repeated that says nothing of what is asked for by name, or of the day of the week that is."""
    if isinstance(answer, Reckoned):
        return False
    text = " ".join(f"{each.get('heading', '')} {each.get('text', '')}" for each in told)
    if any(day.lower() not in text.lower() for day in _WEEKDAY.findall(goal.goal)):
        return True
    return not has_cjk(text) and bool(await missing(goal, re.findall(r"[^\W\d_]{2,}", text), asking.similarity))


def _are_alike(one: _Sourced, other: _Sourced, goal: Spans) -> bool:
    """Whether both tell the same passages, or come to the same value, as far as the goal wants decimals."""
    if not (isinstance(one.answer, Reckoned) or isinstance(other.answer, Reckoned)):
        return one.sources == other.sources
    if type(one.answer) is not type(other.answer) or one.value is None:
        return False
    if isinstance(one.value, (int, float)) and isinstance(other.value, (int, float)):
        places = decimals(goal.goal)
        return abs(one.value - other.value) <= 0.51 * 10.0 ** -(PLACES if places is None else places)
    return one.value == other.value


async def _calls(made: _Sourced, found: Search, services: Services) -> tuple[Call, ...]:
    shows = [call for passage in made.sources if (call := await _showing(passage, found, services)) is not None]
    if len(shows) < len(made.sources):
        return ()
    return (*made.answer.calls, *shows) if isinstance(made.answer, Reckoned) else tuple(shows)


async def _passages(found: Search, services: Services) -> list[Passage]:
    if found.call is None:
        return []
    matches = await matches_of(
        Call(tool=found.call.tool, arguments={**found.call.arguments, "limit": PASSAGES}), services
    )
    return [each for each in matches if not _LINES.search(str(each.get("path", "")))]


async def _asked(
    messages: tuple[Message, ...],
    passages: Sequence[Passage],
    asking: Asking,
    seed: int | None,
) -> Answer | None:
    completion = await sampled(asking.model, messages, asking.run, longest=LONGEST, stop=STOP, seed=seed)
    try:
        return read_line(line_in(completion.text), asking.tools, lambda words: figure_of(words, passages))
    except Unreadable:
        return None


async def _value(answer: Answer, tools: Sequence[ToolSpec], services: Services) -> object:
    """What the calls come to; None where one of them fails."""
    value = await outcome(answer.calls, tools, services) if isinstance(answer, Reckoned) else None
    return value.get("value") if isinstance(value, Mapping) else None


async def _showing(passage: Passage, found: Search, services: Services) -> Call | None:
    """A search that finds this passage and no other."""
    assert found.call is not None
    words = next(iter(found.call.arguments))
    text = " ".join(str(passage.get("text", "")).split()[:12])
    for query in (found.call.arguments[words], text, f"{passage.get('heading', '')} {text}"):
        call = Call(tool=found.call.tool, arguments={words: query, "path": passage["path"], "limit": 1})
        first = next(iter(await matches_of(call, services)), {})
        if (first.get("line"), first.get("heading")) == (passage.get("line"), passage.get("heading")):
            return call
    return None
