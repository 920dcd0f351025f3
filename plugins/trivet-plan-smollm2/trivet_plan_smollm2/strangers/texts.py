"""Which stretches of a goal a text argument may be: by what its schema says of it, and by the words around them. Pure."""

import itertools
import re
from collections.abc import Iterator, Sequence

from trivet_plan_smollm2.schemas import Schema, choice
from trivet_plan_smollm2.strangers.wants import Want
from trivet_plan_smollm2.words.mentions import Mention, Mentions
from trivet_plan_smollm2.words.similarity import stem, stem_words
from trivet_plan_smollm2.words.units import unit_of

MOST = 24
"""Texts to choose from, at most."""


def is_said(option: str, mentions: Mentions, *, nearly: bool = False) -> bool:
    """Whether the goal has all words of an option, in whatever ending; `km/h` and `6-month` as they are."""
    if re.search(rf"(?<!\w){re.escape(option)}(?!\w)", mentions.goal, re.IGNORECASE):
        return True
    unit = unit_of(option)
    if unit and any(unit_of(word.text) == unit for word in mentions.words):
        return True
    words = stem_words(re.sub(r"[_-]+", " ", option))
    said = {stem(word.text.lower()) for word in mentions.words}
    return bool(words) and len(option) > 2 and all(word in said or (nearly and is_near(word, said)) for word in words)


def is_near(word: str, said: set[str]) -> bool:
    """`standardize` and `standardization`, `asc` and `ascending`."""
    roots = {other[:5] for other in said if len(other) > 4}
    return word[:5] in roots or (len(word) > 2 and any(other.startswith(word) for other in said))


def text_values(each: Want, mentions: Mentions, wants: Sequence[Want]) -> Schema | None:
    """None if the goal has nothing for it, or does not speak of it and it is optional."""
    said = [option for option in each.options if is_said(option, mentions)]
    said = said or [option for option in each.options if is_said(option, mentions, nearly=True)]
    if said:
        return choice([max(said, key=len)])
    if each.options and not each.is_required:
        return None
    if directed := _directed(each, mentions):
        return choice(directed)
    found = list(dict.fromkeys(_texts(each, mentions, wants)))
    if each.is_required:
        return choice(found[:MOST]) if found else None
    if each.kind == "unit":
        close = _units_asked(mentions)
    elif each.kind == "date":
        close = found[-1:] if mentions.dates else []
    elif each.kind == "place" and not any(other.kind == "place" and other.is_required for other in wants):
        close = [
            name.text
            for name in mentions.names
            if re.search(r"\b(?:in|at|near|around)\s+(?:the\s+)?$", mentions.goal[: name.start])
        ]
    else:
        close = [text for text in found if _is_beside(each, text, mentions)]
    return choice(close[:MOST]) if close else None


def _directed(each: Want, mentions: Mentions) -> list[str]:
    """What stands behind `from` for an origin, and behind `to` or `in` for a target, if it is named or a unit."""
    if not (each.is_origin or each.is_target):
        return []
    word = "from" if each.is_origin else "(?:to|into|in)"
    names = [] if each.kind == "date" else [*mentions.names, *mentions.quoted]
    found = [name.text for name in names if re.search(rf"\b{word}\s+(?:the\s+)?['\"]?$", mentions.goal[: name.start])]
    if not found and each.kind == "unit":
        measured = [number.unit for number in mentions.numbers if number.unit and not number.is_word]
        found = measured[:1] if each.is_origin else re.findall(r"\b(?:to|into|in)\s+([A-Za-z]+)", mentions.goal)[:1]
    return found[:1] if each.is_origin else found[-1:]


def _units_asked(mentions: Mentions) -> list[str]:
    """`in Celsius`, `in miles`: how the answer shall be given."""
    found = re.findall(r"\bin (?:the )?(\w+(?:/\w+)?)", mentions.goal)
    return [
        word
        for word in found
        if unit_of(word) and unit_of(word) not in ("in", "day", "week", "month", "year", "people")
    ]


def _is_beside(each: Want, text: str, mentions: Mentions) -> bool:
    """Whether a word of the argument's name stands right before or behind the text."""
    place = mentions.goal.find(text)
    before = [word for word in mentions.words if word.end <= place][-1:]
    behind = [word for word in mentions.words if word.start >= place + len(text)][:1]
    gaps = [
        *(mentions.goal[word.end : place] for word in before),
        *(mentions.goal[place + len(text) : word.start] for word in behind),
    ]
    is_close = [re.fullmatch(r"(?:\s*[:=]?\s*['\"(]?|['\"]?\s)", gap) is not None for gap in gaps]
    return any(
        close and stem(word.text.lower()) in each.telling
        for word, close in zip((*before, *behind), is_close, strict=True)
    )


def _texts(each: Want, mentions: Mentions, wants: Sequence[Want]) -> Iterator[str]:
    """From the likeliest to the least likely."""
    if each.schema.get("format") == "date":
        yield from mentions.days  # what is no whole day, the tool would refuse
        return
    if each.kind == "date" and mentions.dates:
        yield from dates(each, mentions)
        return
    if each.kind == "id" and (
        numbers := [number for number in mentions.numbers if not number.is_word and not number.unit]
    ):
        yield from (code.text for code in mentions.codes)
        yield from (mentions.goal[number.start : number.end] for number in numbers)
        return
    texts = sum(other.type == "string" and "enum" not in other.schema and other.is_required for other in wants)
    if each.kind == "code":
        yield from (quoted.text for quoted in mentions.quoted)
        return
    if each.kind == "formula" and (formulas := [code for code in mentions.codes if re.search(r"[\^*=+]", code.text)]):
        yield from (code.text for code in formulas)
        return
    if mentions.quoted and len(mentions.quoted) >= texts:
        yield from (quoted.text for quoted in mentions.quoted)
        return
    if each.kind in ("place", "person") and mentions.names:
        yield from _names(each, mentions, sum(other.kind == "place" for other in wants) == 1)
        return
    yield from (quoted.text for quoted in mentions.quoted)
    yield from (code.text for code in mentions.codes)
    yield from (name.text for name in mentions.names)
    for series in mentions.enumerations:
        yield from (str(value) for value in series.values)
    yield from _joined(mentions)
    for phrase in mentions.phrases:
        yield from _variants(each, phrase)


def dates(each: Want, mentions: Mentions) -> Iterator[str]:
    """As the description wants them written; else as ISO 8601 has them where they are whole days, and as they stand."""
    description = str(each.schema.get("description", "")).lower()
    for place, date in enumerate(mentions.dates):
        day = mentions.days[place] if len(mentions.days) == len(mentions.dates) else ""
        if not day:
            yield date.text
            continue
        year, month, number = day.split("-")
        if re.search(r"mm[-/.]dd[-/.]yy|month[-/ ]day[-/ ]year", description):
            yield f"{month}-{number}-{year}"
        elif re.search(r"dd[-/.]mm[-/.]yy|day[-/ ]month[-/ ]year", description):
            yield f"{number}-{month}-{year}"
        else:
            yield day


def _names(each: Want, mentions: Mentions, is_whole: bool) -> Iterator[str]:
    """`Denver, Colorado` before its parts for a place, and the `Amazon rainforest` beside the Amazon."""
    names = [*mentions.names]
    for one, other in itertools.pairwise(names):
        if each.kind == "place" and is_whole and re.fullmatch(r",\s", mentions.goal[one.end : other.start]):
            yield mentions.goal[one.start : other.end]
            names = [name for name in names if name not in (one, other)]
    for name in names:
        yield name.text
        yield from (phrase.text for phrase in mentions.phrases if phrase.start == name.start and phrase.end > name.end)


def _joined(mentions: Mentions) -> Iterator[str]:
    """`theory of relativity`."""
    for one, other in itertools.pairwise(mentions.phrases):
        if (
            re.fullmatch(r"\s(?:of|for|to|and)(?: the)?\s", mentions.goal[one.end : other.start])
            and one.end - one.start < 30
        ):
            yield mentions.goal[one.start : other.end]


def _variants(each: Want, phrase: Mention) -> Iterator[str]:
    """The phrase without the words that only say what it is: of `Thai food` for a food `Thai`; then the whole, then parts."""
    words = phrase.text.split()
    if all(re.fullmatch(r"[\d.,%]+", word) for word in words):
        return
    stripped = list(words)
    while len(stripped) > 1 and stem(stripped[-1].lower()) in each.words:
        stripped.pop()
    while len(stripped) > 1 and stem(stripped[0].lower()) in each.words:
        stripped.pop(0)
    yield " ".join(stripped)
    yield phrase.text
    if len(words) > 2:
        for size in (2, 1, 3):
            for first in range(len(words) - size + 1):
                yield " ".join(words[first : first + size])
