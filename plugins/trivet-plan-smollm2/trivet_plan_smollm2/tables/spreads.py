"""How far the figures of a column lie apart: `the difference between the highest and the lowest temp_c`, `how many feet lie
between the lowest and the highest point of ridge.csv?`"""

import re
from collections.abc import Callable, Sequence

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.other_units import unit_of_column, wishes
from trivet_plan_smollm2.words.dimensions import is_same
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_plan_smollm2.words.unit_words import converting

Read = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_HIGH = (
    r"(?:highest|largest|biggest|greatest|maximum|max|top|most expensive|dearest|heaviest|longest|hottest|warmest"
    r"|tallest)"
)
_LOW = r"(?:lowest|smallest|least|minimum|min|bottom|cheapest|lightest|shortest|coldest|coolest)"
_ENDS = (
    rf"(?:{_HIGH}\s*(?P<a>[^?,.]*?)\s*(?:and|to)\s+(?:the\s+|its\s+)?{_LOW}|{_LOW}\s*(?P<b>[^?,.]*?)\s*(?:and"
    rf"|to)\s+(?:the\s+|its\s+)?{_HIGH})"
)
_APART = re.compile(
    rf"(?:(?:what(?:['’]s| is| was)?|give me|tell me|calculate|by )?\s*(?:how (?:many"
    rf"|much)\s*(?P<unit>[^?]{{0,24}}?)\s*)?(?:the\s+)?"
    r"(?:difference|differ|range|spread|gap|(?:(?:of )?(?:altitude|height|difference)\s+)?(?:lies?|is|are|was"
    r"|were)(?: there)?)?"
    rf"(?:\s+(?:in|of)\s+(?P<in>\w+))?\s*)?\b(?:between|from)\s+(?:the\s+|its\s+)?{_ENDS}\b",
    re.IGNORECASE,
)
_CUE = re.compile(r"\b(?:difference|differ|range|spread|gap|how (?:many|much|far)|by how)\b", re.IGNORECASE)
_MORE = re.compile(
    r"\b(?:per|each|every|average|mean|median|when|which|who|time|days?|hours?|minutes?|percent\w*)\b|%", re.IGNORECASE
)
_SIGHT = frozenset(stem_words("point value figure reading altitude level elevation place spot of the in"))
_HEIGHTS = re.compile(r"(?<![a-z])(?:altitude|elevation|height|ele|alt)(?![a-z])", re.IGNORECASE)


def is_spread(goal: str) -> bool:
    """Whether what lies between two ends is asked, which neither end alone answers."""
    return bool(_CUE.search(goal) and _APART.search(goal))


def spread(goal: Spans, files: Sequence[FileCard], read: Read, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """Both ends, their difference, and it in the unit that is wished; none unless exactly one column of one table is meant."""
    match = _APART.search(goal.goal)
    reckoner = next((t for t in tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    said = [*wishes(goal.goal)]
    if match is None or reckoner is None or len({wish.unit.lower() for wish in said}) > 1:
        return ()
    behind = goal.goal[match.end() :]
    for wish in said:
        behind = behind.replace(goal.goal[wish.start : wish.end], " ")
    around = f"{goal.goal[: match.start()]} {match['in'] or ''} {match['a'] or match['b'] or ''} {behind}"
    if _MORE.search(around):
        return ()
    plans = []
    for card in files:
        for column in _meant(around, card, said[0].unit if said else ""):
            calls = _ends(around, column, card, read, [*goal.paths])
            if not calls:
                continue
            values = {"high": {"$ref": "s1#/value"}, "low": {"$ref": "s2#/value"}}
            calls += (Call(tool=reckoner.name, arguments={"expression": "high - low", "values": values}),)
            unit = unit_of_column(column, said[0].unit) if said else ""
            if said and not is_same(unit, said[0].unit):
                last = converting("s3#/value", unit, said[0].unit, tools)
                calls = (*calls, last) if last is not None else ()
            plans.append(calls)
    plans = [plan for plan in plans if plan]
    return plans[0] if len(plans) == 1 else ()


def _meant(around: str, card: FileCard, wished: str) -> list[Column]:
    """Columns of which the unit, the name or the word for heights is said; degrees apart are no temperature."""
    figures = [column for column in card.columns if column.type in MEASURABLE]
    words = set(stem_words(around))
    named = [c for c in figures if c.name.lower() in around.lower() or set(stem_words(spaced(c.name))) <= words]
    if wished:
        alike = [
            c for c in figures if (unit := unit_of_column(c, wished)) and not re.fullmatch(r"[cfk]|celsius|f\w+", unit)
        ]
        return [c for c in alike if c in named] or (alike if len(alike) == 1 else [])
    return named or [c for c in figures if _HEIGHTS.search(c.name.replace("_", " ")) and "point" in words]


def _ends(around: str, column: Column, card: FileCard, read: Read, paths: Sequence[str]) -> tuple[Call, ...]:
    """The highest and the lowest, of the rows that the other words tell."""
    own = {*stem_words(spaced(column.name)), *_SIGHT}
    rest = around
    for path in paths:
        rest = rest.replace(path, " \0 ")
    rest = rest.replace(column.name, " ")
    rest = re.sub(r"[^\W\d_]+", lambda m: " " if set(stem_words(m[0])) <= own and stem_words(m[0]) else m[0], rest)
    rest = rest.replace("\0", card.path)
    calls = []
    for word, function in (("highest", "max"), ("lowest", "min")):
        text = re.sub(r"[\s?.!,]+$", "", re.sub(r"\s+", " ", f"{word} {column.name} {rest}"))
        found = read(read_goal(text, [card.path]), [card])
        if len(found) != 1:
            return ()
        arguments = found[0].arguments
        if arguments.get("function") != function or arguments.get("column") != column.name or "group_by" in arguments:
            return ()
        calls.append(found[0])
    return tuple(calls) if calls[0].arguments.get("where") == calls[1].arguments.get("where") else ()
