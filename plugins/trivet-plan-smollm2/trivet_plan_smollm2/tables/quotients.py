"""One figure divided by another, where the goal says which two: `total km / number of trips`, `总金额除以总升数`."""

import re
from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.grounding import name_score
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.spans import Spans, has_cjk, read_goal

_SIDE = r"[^\W\d][^()/:;,.?!，。（）？！]*?"
_BY = r"\s*(?:\bdivided by\b|(?<=[\s\w)])/(?=[\s\w(])|÷|除以)\s*"
_DEFINED = re.compile(
    rf"[(（]\s*(?P<inner>{_SIDE}){_BY}(?P<below>{_SIDE})\s*(?:[,，;；][^()（）]*)?[)）]"
    rf"|(?:(?:,|;|:|\bi\.?e\.?|\bthat is|\bmeaning)\s*,?\s*)(?P<after>{_SIDE}){_BY}(?P<under>{_SIDE})\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\b(?:total|sum|number|count|how many|average|mean|median|max\w*|min\w*|highest|lowest)\b|总|合计|数量|平均|多少",
    re.IGNORECASE,
)


_MORE_SAID = re.compile(
    r"\b(?:each|every|by|which|who|only|without|except|not|turn|convert|save|write|store|then|than|more|less)\b"
    r"|各|每个|按|哪|除了|不含|保存|写|换算|导出",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:of|for|in|at|on|from|by|with)\s+(?:the\s+)?[A-Z][^\W\d_]+")
"""Somebody or something that only some rows are of, whether or not a table knows it."""


def quotient(goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """Both figures and their quotient; none if the goal defines none, if a side could be of two tables, or if more is said
    than what is divided."""
    match = _DEFINED.search(goal.goal)
    reckoner = next((t for t in tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    if match is None or reckoner is None:
        return ()
    above, below = match["inner"] or match["after"], match["below"] or match["under"]
    around = f"{goal.goal[: match.start()]} {goal.goal[match.end() :]}"
    if _bounds(around, cards):
        return ()
    sides = [_figure(text, cards, goal) for text in (above, below)]
    calls = [rendered(side, tools) for side in sides if side is not None]
    if len(calls) != 2 or any(len(each) != 1 for each in calls):
        return ()
    values = {"part": {"$ref": "s1#/value"}, "whole": {"$ref": "s2#/value"}}
    return *calls[0], *calls[1], Call(tool=reckoner.name, arguments={"expression": "part / whole", "values": values})


def _figure(text: str, cards: Sequence[FileCard], goal: Spans) -> Reading | None:
    """The one reading of a side as a figure of one table, whole; of several tables that have it, the one that the goal names."""
    said = text if _FIGURE.search(text) else f"总{text}" if has_cjk(text) else f"total {text}"
    found: list[tuple[float, Reading]] = []
    for card in cards:
        side = read_goal(said)
        reading = reading_of(side, card) if card.columns and card.rows != 1 else None
        if reading is None or not reading.function or reading.group_by or reading.pair or reading.where:
            continue
        is_rows = reading.function != "count" or name_score(side, card.path) >= 1 or bool(reading.columns)
        if reading.is_whole and is_rows:
            found.append((name_score(goal, card.path), _of_rows(reading, side, card)))
    if not found:
        return None
    best = max(score for score, _ in found)
    first = [reading for score, reading in found if score == best]
    return first[0] if len(first) == 1 else None


def _of_rows(reading: Reading, side: Spans, card: FileCard) -> Reading:
    """`number of hives`, of a table with a row for each."""
    is_key = any(c.name in reading.columns and c.distinct == card.rows for c in card.columns)
    return msgspec.structs.replace(reading, columns=()) if is_key or name_score(side, card.path) >= 1 else reading


def _bounds(around: str, cards: Sequence[FileCard]) -> bool:
    """Whether the rest of the goal keeps some rows only, or makes groups."""
    rest = read_goal(around)
    if (rest.numbers and not re.search(r"decimal|位小数", around)) or rest.dates or rest.periods or rest.quoted:
        return True
    if _MORE_SAID.search(around) or _NAMED.search(around):
        return True
    readings = [reading for card in cards if card.columns and (reading := reading_of(rest, card)) is not None]
    return any(reading.where or reading.pair for reading in readings)
