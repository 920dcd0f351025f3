"""A plain schema narrowed to what a goal says: every argument gets the values that it may have here, often one alone. Pure.

For tools of people who know nothing of the formats that the planner understands. Optional arguments that the goal does not speak of
are left out.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .figures import assigned
from .mentions import Mention, Mentions, Series
from .schemas import Schema, Unavailable, choice, resolved
from .similarity import STOP, stem, stem_words
from .wants import Want, unit_of, want

FORMATS = frozenset({"workspace-path", "workspace-folder", "new-path", "column", "span", "unit", "expression"})
"""Those of the planner's own: a schema with one of them is not plain."""
MOST = 24
"""Texts to choose from, at most."""
SIMPLE = ("integer", "number")
NEGATED = re.compile(r"\b(?:no|not|without|exclud\w+|don't|doesn't|never)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)


def is_plain(parameters: Mapping[str, Any]) -> bool:
    """Whether no argument has a format of the planner's own."""
    properties = [resolved(schema, parameters) for schema in parameters.get("properties", {}).values()]
    return not any(
        inner.get("format") in FORMATS
        for schema in properties
        for inner in (schema, schema.get("items", {}), *schema.get("items", {}).get("properties", {}).values())
    )


def filled(parameters: Mapping[str, Any], mentions: Mentions) -> Schema:
    """The schema of the arguments that this goal can mean. Raises Unavailable if a required one has no value."""
    required = set(parameters.get("required", ()))
    wants = [
        want(name, resolved(schema, parameters), is_required=name in required)
        for name, schema in parameters.get("properties", {}).items()
    ]
    figures = assigned([each for each in wants if each.type in SIMPLE and "enum" not in each.schema], mentions)
    if figures is None:
        raise Unavailable("a number")
    narrowed: dict[str, Schema] = {}
    lists = iter(mentions.lists)
    for each in wants:
        if each.name in figures:
            narrowed[each.name] = {"enum": [figures[each.name]]}
        elif each.type in SIMPLE and "enum" not in each.schema:
            continue
        elif (values := _values(each, mentions, wants, lists)) is not None:
            narrowed[each.name] = values
        elif each.is_required:
            raise Unavailable(each.name)
    return {"type": "object", "properties": narrowed, "required": [*narrowed], "additionalProperties": False}


def _values(each: Want, mentions: Mentions, wants: Sequence[Want], lists: Iterator[Series]) -> Schema | None:
    """What the argument may be here; None if nothing in the goal is meant for it."""
    if "enum" in each.schema or "const" in each.schema:
        return _enumerated(each, mentions)
    match each.type:
        case "boolean":
            return _said(each, mentions)
        case "array":
            return _array(each, mentions, wants, lists)
        case "object":
            return _object(each, mentions)
        case _:
            return _text(each, mentions, wants)


def _enumerated(each: Want, mentions: Mentions) -> Schema | None:
    options = list(each.schema.get("enum", [each.schema.get("const")]))
    said = [option for option in options if is_said(str(option), mentions)]
    if said := said or [option for option in options if is_said(str(option), mentions, nearly=True)]:
        longest = max(len(str(option)) for option in said)
        return choice([option for option in said if len(str(option)) == longest or len(said) == 1])
    if not each.is_required:
        return None
    return choice([each.schema["default"]] if "default" in each.schema else options)


def is_said(option: str, mentions: Mentions, *, nearly: bool = False) -> bool:
    """Whether the goal has all words of an option, in whatever ending; `km/h` and `6-month` as they are."""
    if re.search(rf"(?<!\w){re.escape(option)}(?!\w)", mentions.goal, re.IGNORECASE):
        return True
    unit = unit_of(option)
    if unit and any(unit_of(word.text) == unit for word in mentions.words):
        return True
    words = stem_words(re.sub(r"[_-]+", " ", option))
    said = {stem(word.text.lower()) for word in mentions.words}
    return bool(words) and len(option) > 2 and all(word in said or (nearly and _is_near(word, said)) for word in words)


def _is_near(word: str, said: set[str]) -> bool:
    """`standardize` and `standardization`, `asc` and `ascending`."""
    return any(other[:5] == word[:5] and len(other) > 4 < len(word) or len(word) > 2 and other.startswith(word) for other in said)


def _said(each: Want, mentions: Mentions) -> Schema | None:
    compact = re.sub(r"[\W_]+", "", mentions.goal.lower())
    names = re.sub(r"[\W_]+", "", each.name.lower())
    said = {stem(word.text.lower()): word for word in mentions.words}
    heard = [word for root, word in said.items() if root in each.telling or _is_near(root, set(each.telling))]
    is_heard = bool(heard)
    if is_heard or (len(names) > 4 and names in compact):
        is_negated = bool(heard) and NEGATED.search(mentions.goal[: heard[0].start]) is not None
        return {"enum": [not is_negated]}
    return {"enum": [bool(each.schema.get("default", False))]} if each.is_required else None


def _array(each: Want, mentions: Mentions, wants: Sequence[Want], lists: Iterator[Series]) -> Schema | None:
    items = each.schema.get("items", {})
    kind = items.get("type", "string")
    if kind in SIMPLE:
        series = next(lists, None)
        if series is None and each.is_required and len(mentions.numbers) > 1:
            return _exactly(_figures(kind, [number.plain for number in mentions.numbers if not number.is_word]))
        is_meant = series is not None and (each.is_required or _is_near_words(each, series.start, mentions))
        return _exactly(_figures(kind, series.values)) if series is not None and is_meant else None
    if kind == "array":
        rows = [list(series.values) for series in lists]
        return {"const": rows} if rows else None
    if kind != "string":
        return None
    options = [str(option) for option in items.get("enum", each.options)]
    if said := [option for option in options if is_said(option, mentions)]:
        return _exactly(said)
    if "enum" in items and not each.is_required:
        return None
    series = _nearest(each, mentions.enumerations, mentions)
    if series is not None and (each.is_required or _is_near_words(each, series.start, mentions)):
        return _exactly(list(series.values))
    one = _text(each, mentions, wants)
    return None if one is None else {"type": "array", "items": one, "minItems": 1, "maxItems": 1}


def _figures(kind: str, values: Sequence[Any]) -> list[float | int]:
    return [int(value) if kind == "integer" and value == int(value) else float(value) for value in values]


def _exactly(values: Sequence[Any]) -> Schema | None:
    return {"const": list(values)} if values else None


def _nearest(each: Want, series: Sequence[Series], mentions: Mentions) -> Series | None:
    def distance(one: Series) -> float:
        places = [word.start for word in mentions.words if stem(word.text.lower()) in each.words]
        return min((abs(place - one.start) for place in places), default=1000.0) - one.start / 1000

    return min(series, key=distance, default=None)


def _is_near_words(each: Want, place: int, mentions: Mentions, within: int = 40) -> bool:
    return any(
        stem(word.text.lower()) in each.telling and abs(word.start - place) <= within
        for word in mentions.words
        if word.text.lower() not in STOP
    )


def _object(each: Want, mentions: Mentions) -> Schema | None:
    if each.schema.get("properties"):
        try:
            return filled(each.schema, mentions)
        except Unavailable:
            return None
    pairs = re.findall(r"['\"](\w+)['\"]\s*:\s*(?:['\"]([^'\"]*)['\"]|(-?\d+(?:\.\d+)?))", mentions.goal)
    if not pairs:
        return None
    return {
        "const": {
            key: text if not digits else float(digits) if "." in digits else int(digits) for key, text, digits in pairs
        }
    }


def _text(each: Want, mentions: Mentions, wants: Sequence[Want]) -> Schema | None:
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
    gaps = [*(mentions.goal[word.end : place] for word in before), *(mentions.goal[place + len(text) : word.start] for word in behind)]
    is_close = [re.fullmatch(r"(?:\s*[:=]?\s*['\"(]?|['\"]?\s)", gap) is not None for gap in gaps]
    return any(
        close and stem(word.text.lower()) in each.telling for word, close in zip((*before, *behind), is_close, strict=True)
    )


def _texts(each: Want, mentions: Mentions, wants: Sequence[Want]) -> Iterator[str]:
    """From the likeliest to the least likely."""
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
