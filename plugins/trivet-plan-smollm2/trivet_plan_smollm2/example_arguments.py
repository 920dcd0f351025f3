"""The arguments of a tool, read off a goal: dates and numbers, quotations, and what the tool's examples do not have."""

import re
from typing import Any

from trivet_sdk import ToolSpec

from .example_places import samples_of
from .example_texts import readings
from .mentions import Mention, Mentions, mentions_in
from .schemas import resolved
from .similarity import stem
from .spans import Spans

BEFORE_DATE = re.compile(r"(?:\b(?:on|for|at|by|due|until|till|before|of|from|the)\s+)+$", re.IGNORECASE)
_THAT_DAY = re.compile(r"\b(?:on |for |due |by )*(?:that|the same|this) (?:day|date)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?:\bat\s+)?\b(\d{1,2}:\d\d(?:\s*[ap]m)?|\d{1,2}\s*[ap]m)\b", re.IGNORECASE)


def arguments_of(tool: ToolSpec, goal: Spans) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """The arguments, and which required ones are missing; None where numbers or dates of the goal have no place."""
    properties = {
        name: resolved(schema, tool.parameters) for name, schema in tool.parameters.get("properties", {}).items()
    }
    required = set(tool.parameters.get("required", ()))
    mentions = mentions_in(goal)
    arguments: dict[str, Any] = {}
    text = goal.goal
    dated = [name for name, schema in properties.items() if schema.get("format") == "date"]
    if len(goal.dates) > len(dated):
        return None
    for name, day in zip(sorted(dated, key=lambda name: name not in required), goal.dates, strict=False):
        arguments[name] = day
    for date in mentions.dates:
        text = blanked(text, date, BEFORE_DATE)
    points = [name for name in dated if name not in arguments and _THAT_DAY.search(goal.goal)]
    text = _THAT_DAY.sub(lambda match: " " * len(match[0]), text)
    for name, schema in properties.items():
        is_time = schema.get("type") == "string" and re.search(r"(?:^|_)time(?:_|$)", name)
        if is_time and "enum" not in schema and (clock := _CLOCK.search(text)):
            arguments[name] = clock[1]
            text = blanked(text, Mention(clock[0], clock.start(), clock.end()))
    figures = [
        name
        for name, schema in properties.items()
        if schema.get("type") in ("integer", "number") and "enum" not in schema
    ]
    numbers = [n for n in mentions.numbers if not n.is_word and text[n.start : n.end].strip(", ")]
    for name, number in zip(sorted(figures, key=lambda name: name not in required), numbers, strict=False):
        arguments[name] = number.plain
        text = blanked(text, Mention(text[number.start : number.end], number.start, number.end))
    for name, schema in properties.items():
        if "enum" in schema:
            said = [(option, place) for option in schema["enum"] if (place := _said(str(option), text, mentions))]
            if len(said) == 1:
                arguments[name], place = said[0]
                text = text[: place.start] + " " * (place.end - place.start) + text[place.end :]
    told = readings(tool, text, mentions, samples_of(tool))
    arguments |= {name: span.text.strip(" '\"’") for name, span in told[0].places.items()} if told else {}
    lacks = [name for name in tool.parameters.get("required", ()) if name not in arguments]
    return arguments, tuple(dict.fromkeys([*lacks, *points]))


def _said(option: str, text: str, mentions: Mentions) -> Mention | None:
    """Where the goal has the words of an option, in whatever ending."""
    if exact := re.search(rf"(?<!\w){re.escape(option)}(?!\w)", text, re.IGNORECASE):
        return Mention(exact[0], exact.start(), exact.end())
    return next((word for word in mentions.words if len(option) > 2 and stem(word.text.lower()) == stem(option.lower())), None)


def blanked(text: str, part: Mention, before: re.Pattern[str] | None = None) -> str:
    """The text with this part, and the words that lead to it, replaced by a comma and spaces, which keep what is left apart."""
    start = part.start
    if before is not None and (led := before.search(text[:start])):
        start = led.start()
    return f"{text[:start]}{',' + ' ' * (part.end - start - 1) if part.end > start else ''}{text[part.end :]}"
