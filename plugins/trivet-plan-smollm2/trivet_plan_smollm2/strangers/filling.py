"""A plain schema narrowed to what a goal says: every argument gets the values that it may have here, often one alone. Pure.

For tools of people who know nothing of the formats that the planner understands. Optional arguments that the goal does
not speak of are left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.schemas import Schema, Unavailable, choice, resolved
from trivet_plan_smollm2.strangers.figures import assigned
from trivet_plan_smollm2.strangers.texts import is_near, is_said, text_values
from trivet_plan_smollm2.strangers.wants import Want, want
from trivet_plan_smollm2.words.mentions import Mentions, Series
from trivet_plan_smollm2.words.similarity import STOP, stem

STANDARD = frozenset(
    {None, "date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid", "regex"}
)
"""Formats that say how a text is written. All others say where it comes from, as those of a workspace's files do."""
SIMPLE = ("integer", "number")
NEGATED = re.compile(r"\b(?:no|not|without|exclud\w+|don't|doesn't|never)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)


def is_plain(parameters: Mapping[str, Any]) -> bool:
    """Whether no argument has a format that says more than how a text is written."""
    properties = [resolved(schema, parameters) for schema in parameters.get("properties", {}).values()]
    return all(
        inner.get("format") in STANDARD
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
            return text_values(each, mentions, wants)


def _enumerated(each: Want, mentions: Mentions) -> Schema | None:
    options = list(each.schema.get("enum", [each.schema.get("const")]))
    said = [option for option in options if is_said(str(option), mentions)]
    if said := said or [option for option in options if is_said(str(option), mentions, nearly=True)]:
        longest = max(len(str(option)) for option in said)
        return choice([option for option in said if len(str(option)) == longest or len(said) == 1])
    if not each.is_required:
        return None
    return choice([each.schema["default"]] if "default" in each.schema else options)


def _said(each: Want, mentions: Mentions) -> Schema | None:
    compact = re.sub(r"[\W_]+", "", mentions.goal.lower())
    names = re.sub(r"[\W_]+", "", each.name.lower())
    said = {stem(word.text.lower()): word for word in mentions.words}
    heard = [word for root, word in said.items() if root in each.telling or is_near(root, set(each.telling))]
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
    one = text_values(each, mentions, wants)
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
