"""One total of a table divided by another: `average speed (total km divided by total hours)`, perhaps in another unit."""

import re
from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal, without_form
from trivet_plan_smollm2.words.unit_words import converting, kinds_of, unit_of_column_name, wish_for_unit
from trivet_plan_smollm2.words.units import KINDS, unit_of

_DIVIDED = re.compile(
    r"(?P<open>\(\s*)?(?:(?:that is|i\.?e\.?|so|meaning|namely|as)[,:]?\s+)?(?P<above>[^()\n]{2,60}?)\s+(?:divided by|÷|/)\s+"
    r"(?P<below>[^()\n]{2,60}?)\s*(?(open)\)|(?=[,.;?!]|\s+(?:and|for|of|in|on|then|from|during|with|without)\b|$))",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:over|across|of|for|in|on|at|during|from|between|by|with|without|except|excluding)\b", re.IGNORECASE
)
_SUMMED = re.compile(
    r"\b(?:work out|calculate|compute|give me|tell me|what is|total|totals|sum|all|overall|whole|number|the|of|each|every)\b",
    re.IGNORECASE,
)
_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800}


class _Figure(msgspec.Struct, frozen=True):
    column: str
    unit: str
    """The unit that the goal says it in; that of the column if it says none; empty if there is none."""
    factor: str = ""
    """What brings the column's unit to that one: `/ 60`."""


def divided(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """Both sums, the quotient, and where a unit is wished for its conversion; none unless exactly one table has both
    columns and makes sense of every condition."""
    match = _DIVIDED.search(goal.goal)
    if match is None or is_chinese(goal.goal):
        return ()
    behind = without_form(goal.goal[match.end() :])
    wish = wish_for_unit(behind)
    wanted = wish.unit if wish else ""
    behind = wish.rest if wish else behind
    place = _PLACE.search(goal.goal, 0, match.start())
    about = goal.goal[place.start() : match.start()] if place and match["open"] else ""
    plans = [
        plan
        for card in files
        if (plan := _of_table(match["above"], match["below"], f"{about} {behind}", wanted, card, tools))
    ]
    return plans[0] if len(plans) == 1 else ()


def _of_table(
    above: str, below: str, about: str, wanted: str, card: FileCard, tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    one, other = _figure(above, card), _figure(below, card)
    reckoner = next((t for t in tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    if one is None or other is None or one.column == other.column or reckoner is None:
        return ()
    sums: list[Call] = []
    for figure in (one, other):
        said = read_goal(f"total {spaced(figure.column)} {about}".strip(" ,;.?!"), [card.path])
        reading = reading_of(said, card)
        if reading is None or not reading.is_about_rows or reading.beyond or reading.limit or reading.pair:
            return ()
        if (reading.function, reading.column, reading.group_by) != ("sum", figure.column, ""):
            return ()
        sums += rendered(reading, tools)
    if len(sums) != 2 or sums[0].arguments.get("where") != sums[1].arguments.get("where"):
        return ()
    names = [re.sub(r"\W", "_", figure.column) for figure in (one, other)]
    sides = [f"({n} {f.factor})" if f.factor else n for n, f in zip(names, (one, other), strict=True)]
    values = {name: {"$ref": f"s{place}#/value"} for place, name in enumerate(names, 1)}
    quotient = Call(tool=reckoner.name, arguments={"expression": " / ".join(sides), "values": values})
    calls = (*sums, quotient)
    if not wanted:
        return calls
    unit = f"{one.unit}/{other.unit}" if other.unit else one.unit
    if unit == wanted:
        return calls
    if not one.unit or kinds_of(unit) != kinds_of(wanted):
        return ()
    last = converting("s3#/value", unit, wanted, tools)
    return (*calls, last) if last is not None else ()


def _figure(said: str, card: FileCard) -> _Figure | None:
    """The one number column that these words speak of, by its name or by a unit of its kind."""
    text = _SUMMED.sub(" ", said)
    figures = [column for column in card.columns if column.type in MEASURABLE]
    stems = set(stem_words(text))
    shared = {column.name: len(stems & set(stem_words(spaced(column.name)))) for column in figures}
    best = max(shared.values(), default=0)
    if best:
        named = [column for column in figures if shared[column.name] == best]
        return _Figure(named[0].name, unit_of_column_name(named[0].name)) if len(named) == 1 else None
    units = [unit for word in re.findall(r"[A-Za-z]+", text) if (unit := unit_of(word)) in KINDS]
    if len(units) != 1:
        return None
    alike: list[Column] = [c for c in figures if KINDS.get(unit_of_column_name(c.name), -1) == KINDS[units[0]]]
    if len(alike) != 1:
        return None
    own = unit_of_column_name(alike[0].name)
    if own == units[0]:
        return _Figure(alike[0].name, own)
    if own not in _SECONDS or units[0] not in _SECONDS:
        return None
    ratio = _SECONDS[units[0]] / _SECONDS[own]
    return _Figure(alike[0].name, units[0], f"/ {ratio:g}" if ratio >= 1 else f"* {1 / ratio:g}")
