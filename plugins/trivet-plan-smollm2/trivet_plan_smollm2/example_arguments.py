"""The arguments of a tool, read off a goal: dates and numbers, quotations, and what the tool's examples do not have."""

import re
from collections.abc import Sequence
from typing import Any

from trivet_sdk import ToolSpec

from .carriers import by_likelihood, carriers_of, meant
from .lexicon import HIGHEST, LOWEST
from .mentions import Mention, Mentions, mentions_in
from .schemas import resolved
from .spans import Spans
from .texts import is_said

_SAID_BY = {
    "to": "to",
    "town": "in",
    "city": "in",
    "place": "in",
    "artist": "by|of",
    "author": "by|of",
    "sender": "from|by",
}
"""What stands before the words for an argument of this name."""
BEFORE_DATE = re.compile(r"(?:\b(?:on|for|at|by|due|until|till|before|of|from|the)\s+)+$", re.IGNORECASE)
_SAYING = re.compile(
    r"(?::|\b(?:saying|that says|which says|telling (?:him|her|them))(?: that)?)\s+(?:the )?(\S.*?)[.?!]*$",
    re.IGNORECASE,
)
"""`draft a mail to Ben: I am late`, `… saying I am late`."""
_POINTED = re.compile(r"\b(?:that|this|the same)\s+$", re.IGNORECASE)
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
    figures = [
        name
        for name, schema in properties.items()
        if schema.get("type") in ("integer", "number") and "enum" not in schema
    ]
    for name, number in zip(
        sorted(figures, key=lambda name: name not in required),
        (n for n in mentions.numbers if not n.is_word),
        strict=False,
    ):
        arguments[name] = number.plain
        text = blanked(text, Mention(text[number.start : number.end], number.start, number.end))
    for name, schema in properties.items():
        if "enum" in schema:
            said = [option for option in schema["enum"] if is_said(str(option), mentions)]
            if len(said) == 1:
                arguments[name] = said[0]
        elif (
            schema.get("type") == "string" and re.search(r"(?:^|_)time(?:_|$)", name) and (clock := _CLOCK.search(text))
        ):
            arguments[name] = clock[1]
            text = blanked(text, Mention(clock[0], clock.start(), clock.end()))
    texts = [
        name
        for name, schema in properties.items()
        if schema.get("type") == "string" and schema.get("format") in (None, "span") and "enum" not in schema
        and name not in arguments and not re.search(r"(?:^|_)time(?:_|$)", name)
    ]  # fmt: skip
    arguments |= _texts(tool, text, texts, required, mentions)
    lacks = [name for name in tool.parameters.get("required", ()) if name not in arguments]
    return arguments, tuple(dict.fromkeys([*lacks, *points]))


def _texts(tool: ToolSpec, text: str, names: Sequence[str], required: set[str], mentions: Mentions) -> dict[str, str]:
    """Quoted texts first, then what the examples do not have; a preposition tells which argument is meant."""
    carriers = carriers_of(tool)
    for quoted in mentions.quoted:
        text = blanked(text, Mention(quoted.text, quoted.start, quoted.end))
    pieces = [*mentions.quoted, *meant(text, carriers)]
    if mentions.quoted == () and (behind := _SAYING.search(mentions.goal)):
        said = Mention(behind[1], behind.start(1), behind.end(1))
        pieces = [*(piece for piece in pieces if piece.end <= behind.start()), said]
        if len(names) == 1:
            pieces = [said]
    pieces = [
        piece
        for piece in pieces
        if not _POINTED.search(mentions.goal[: piece.start])
        and not re.fullmatch(rf"{HIGHEST}|{LOWEST}", piece.text, re.IGNORECASE)
    ]
    told: dict[str, str] = {}
    for name in names:
        if re.search(
            rf"\b(?:{_SAID_BY.get(name, name)})\s+(?:that|this|the same|him|her|them|it)\b",
            mentions.goal,
            re.IGNORECASE,
        ):
            told[name] = ""  # what is pointed at stands in an earlier result
            continue
        before = next((words for word, words in _SAID_BY.items() if word in name.lower().split("_")), "")
        fitting = [
            piece
            for piece in pieces
            if before
            and re.search(rf"\b(?:{before})\s+(?:the\s+)?['\"]?$", mentions.goal[: piece.start], re.IGNORECASE)
        ]
        if fitting and (name in required or len(names) > 1):
            told[name] = fitting[0].text
            pieces.remove(fitting[0])
    left = [name for name in sorted(names, key=lambda name: name not in required) if name not in told]
    ordered = (
        pieces if len(left) > 1 else [*mentions.quoted, *by_likelihood([p for p in pieces if p not in mentions.quoted])]
    )
    ordered = [piece for piece in ordered if piece in pieces]
    for name, piece in zip(left, ordered, strict=False):
        told[name] = piece.text.strip(" '\"’")
    return {name: text for name, text in told.items() if text}


def blanked(text: str, part: Mention, before: re.Pattern[str] | None = None) -> str:
    """The text with this part, and the words that lead to it, replaced by a comma and spaces, which keep what is left apart."""
    start = part.start
    if before is not None and (led := before.search(text[:start])):
        start = led.start()
    return f"{text[:start]}{',' + ' ' * (part.end - start - 1) if part.end > start else ''}{text[part.end :]}"
