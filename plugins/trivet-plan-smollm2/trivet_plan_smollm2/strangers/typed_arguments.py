"""The arguments of a tool that are no free text, read off a goal: dates, times, numbers, and one of few values. Pure."""

import re
from typing import Any

import msgspec

from trivet_plan_smollm2.schemas import resolved
from trivet_plan_smollm2.words.mentions import Mention, Mentions, numbers_of
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

BEFORE_DATE = re.compile(r"(?:\b(?:on|for|at|by|due|until|till|before|of|from|the)\s+)+$", re.IGNORECASE)
_THAT_DAY = re.compile(r"\b(?:on |for |due |by )*(?:that|the same|this) (?:day|date)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\s?(?:euros?|dollars?|pounds?|eur|usd|[€$£%]|percent|pieces?|pcs|times|x)(?!\w)", re.IGNORECASE)
"""What is counted, which says nothing more."""
_CLOCK = re.compile(r"(?:\bat\s+)?\b(\d{1,2}:\d\d(?:\s*[ap]m)?|\d{1,2}\s*[ap]m)\b", re.IGNORECASE)


class Typed(msgspec.Struct, frozen=True):
    arguments: dict[str, Any]
    places: dict[str, Mention]
    rest: str
    """The goal with what has found its place blanked out, every other character where it was."""
    points: tuple[str, ...] = ()
    """Arguments for which the goal points at something said before: `on that day`."""


def typed(tool: ToolSpec, goal: Spans, mentions: Mentions) -> Typed | None:
    """None where the goal has more dates than the tool takes."""
    properties = {
        name: resolved(schema, tool.parameters) for name, schema in tool.parameters.get("properties", {}).items()
    }
    required = set(tool.parameters.get("required", ()))
    arguments: dict[str, Any] = {}
    places: dict[str, Mention] = {}
    text = goal.goal
    dated = [name for name, schema in properties.items() if schema.get("format") == "date"]
    if len(goal.dates) > len(dated):
        return None
    dated.sort(key=lambda name: name not in required)
    for name, day in zip(dated, goal.dates, strict=False):
        arguments[name] = day
    for name, date in zip(dated, mentions.dates, strict=False):
        places[name] = date
    for date in mentions.dates:
        text = blanked(text, date, BEFORE_DATE)
    points = tuple(name for name in dated if name not in arguments and _THAT_DAY.search(goal.goal))
    text = _THAT_DAY.sub(lambda match: " " * len(match[0]), text)
    for name, schema in properties.items():
        is_time = schema.get("type") == "string" and re.search(r"(?:^|_)time(?:_|$)", name)
        if is_time and "enum" not in schema and (clock := _CLOCK.search(text)):
            arguments[name] = clock[1]
            places[name] = Mention(clock[1], clock.start(1), clock.end(1))
            text = blanked(text, Mention(clock[0], clock.start(), clock.end()))
    figures = [
        name
        for name, schema in properties.items()
        if schema.get("type") in ("integer", "number") and "enum" not in schema
    ]
    coded = [place for code in mentions.codes for place in range(code.start, code.end)]  # no number is in `3fa2c1`
    numbers = [
        each
        for each in mentions.numbers
        if not each.is_word and each.start not in coded and text[each.start : each.end].strip(", ")
    ]
    needed = sum(name in required for name in figures)
    if len(numbers) < needed:  # `Apollo 5 hours`, and numbers in words
        numbers = [each for each in numbers_of(goal.goal) if text[each.start : each.end].strip(", ")][:needed]
    for name, number in zip(sorted(figures, key=lambda name: name not in required), numbers, strict=False):
        arguments[name] = number.plain
        places[name] = Mention(text[number.start : number.end], number.start, number.end)
        text = blanked(text, places[name])
        if counted := _COUNTED.match(text, number.end):
            text = blanked(text, Mention(counted[0], number.end, counted.end()))
    for name, schema in properties.items():
        if "enum" in schema:
            said = [(option, place) for option in schema["enum"] if (place := _said(str(option), text, mentions))]
            if len(said) == 1:
                arguments[name], places[name] = said[0]
                place = places[name]
                text = text[: place.start] + " " * (place.end - place.start) + text[place.end :]
    return Typed(arguments, places, text, points)


def _said(option: str, text: str, mentions: Mentions) -> Mention | None:
    """Where the goal has the words of an option, in whatever ending."""
    if exact := re.search(rf"(?<!\w){re.escape(option)}(?!\w)", text, re.IGNORECASE):
        return Mention(exact[0], exact.start(), exact.end())
    roots = [word for word in mentions.words if len(option) > 2 and stem(word.text.lower()) == stem(option.lower())]
    return roots[0] if roots else None


def blanked(text: str, part: Mention, before: re.Pattern[str] | None = None) -> str:
    """The text with this part, and the words that lead to it, replaced by a comma and spaces, which keep what is left apart."""
    start = part.start
    if before is not None and (led := before.search(text[:start])):
        start = led.start()
    return f"{text[:start]}{',' + ' ' * (part.end - start - 1) if part.end > start else ''}{text[part.end :]}"
