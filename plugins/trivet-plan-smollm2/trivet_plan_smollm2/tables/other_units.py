"""A figure of a table in another unit than its column has: `how many metres is the total distance?`, of a column of km."""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.requests.results import figure_at
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.dimensions import UNIT, Dimension, are_alike, dimension, is_same, temperature
from trivet_plan_smollm2.words.spans import Spans, read_goal, without_form
from trivet_plan_smollm2.words.unit_words import asks_which, converting

_UNIT = rf"(?:(?:degrees? |°\s?)?(?:fahrenheit|celsius|kelvin)|°\s?[CF]|degrees? [CF]\b|{UNIT})"
_TURNED = (
    r"(?:[\s,;.]*(?:\b(?:and|then|please)\b[\s,]*)*\b(?:convert(?:ed)?|turn(?:ed)?|change[d]?|express(?:ed)?|translated?|put|give|told|tell)"
    r"(?: (?:it|that|this|the (?:result|figure|number|value|answer)))?)?"
)
_WISHES = (
    re.compile(rf"\bhow (?:many|much) (?P<unit>{_UNIT})(?![\w/]|\s+(?:per|an?|each)\b)", re.IGNORECASE),
    re.compile(
        rf"(?P<whole>{_TURNED}[\s,;(]*\b(?:to|in|into|as)\s+(?P<unit>{_UNIT}))(?=\s*(?:[?.!,;()]|$|\s(?:and|please|pls|with|did|does|do|was"
        r"|were|is|are|has|have|for|of|to)\b))",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<whole>[\s,]*\(\s*(?P<unit>{_UNIT})\s*\))", re.IGNORECASE),
    re.compile(rf"(?:多少|几)(?P<unit>{UNIT})"),
    re.compile(rf"(?P<whole>[，,]?(?:换算成|换成|以|折合(?:成)?)(?P<unit>{UNIT})(?:为单位|表示)?)"),
)
_INCH = re.compile(r"in", re.IGNORECASE)
_WARM = re.compile(r"(?:^|[_\W])(?:t(?:emp(?:erature)?)?|tmax|tmin|tavg|气温|温度)(?:$|[_\W])", re.IGNORECASE)
HOT = 60
"""Degrees Celsius that no weather and no room has; who writes more of them means Fahrenheit."""


class _Wish(msgspec.Struct, frozen=True):
    unit: str
    start: int
    end: int
    is_count: bool
    """`how many metres`, whose place the column's own name can take."""


def wishes(goal: str) -> Iterator[_Wish]:
    """The units that the goal wishes a figure in, and where it says so; not those of its own numbers."""
    text = without_form(goal)
    for place, form in enumerate(_WISHES):
        for match in form.finditer(text):
            if _INCH.fullmatch(match["unit"]):
                continue
            is_count = place in (0, 3)
            start = match.start("unit") if is_count else match.start("whole")
            yield _Wish(match["unit"], start, match.end("unit") if is_count else match.end("whole"), is_count)


def unit_of_column(column: Column, wanted: str) -> str:
    """The unit that the column's name ends with, if it can be told in the wanted one; empty otherwise. A temperature that names
    none is in degrees Celsius, where its figures allow and Fahrenheit is wished, or the other way round."""
    if column.type not in MEASURABLE:
        return ""
    words = re.split(r"[_\-. ()\[\]]+", column.name.strip(" )]").lower())
    whole = column.name.lower()
    for unit in (whole, "/".join(words[-2:]), words[-1]):
        if are_alike(unit, wanted) and not (temperature(unit) and len(words) == 1):
            return unit
    wish = temperature(wanted)
    if wish in ("c", "f") and _WARM.search(column.name) and isinstance(column.max, (int, float)):
        is_hot = column.max > HOT
        return "f" if wish == "c" and is_hot else "c" if wish == "f" and not is_hot else ""
    return ""


def in_other_unit(
    goal: Spans,
    files: Sequence[FileCard],
    listing: Sequence[str],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    """The figure and its conversion; none unless one column of one table alone is what the rest of the goal asks for."""
    said = [*wishes(goal.goal)]
    if len({wish.unit.lower() for wish in said}) != 1:
        return ()
    plans: list[tuple[Call, ...]] = []
    for card in files:
        for column in card.columns:
            unit = unit_of_column(column, said[0].unit)
            if not unit or is_same(unit, said[0].unit) or _counts_days(said[0], card):
                continue
            for text in _without(goal.goal, said[0], column):
                calls = heard(read_goal(text, listing), [card])
                if told := _told(calls, column, card, unit, said[0].unit, goal, tools):
                    plans.append(told)
                    break
    return plans[0] if len(plans) == 1 else ()


def _told(
    calls: Sequence[Call],
    column: Column,
    card: FileCard,
    unit: str,
    wanted: str,
    goal: Spans,
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    """The figure with its conversion; of groups, the figures of each in the other unit."""
    one, other = dimension(unit), dimension(wanted)
    is_group = (
        len(calls) == 1 and calls[0].arguments.get("column") == column.name and calls[0].arguments.get("group_by")
    )
    if is_group and one is not None and other is not None and one.powers == other.powers:
        return (Call(tool=calls[0].tool, arguments={**calls[0].arguments, "column": _scaled(column.name, one, other)}),)
    ref = "" if asks_which(goal.goal) else _figure_of(calls, column, card)
    last = converting(ref, unit, wanted, tools) if ref else None
    return (*calls, last) if last is not None else ()


def _scaled(name: str, unit: Dimension, wanted: Dimension) -> str:
    """`minutes / 60`, as tables reckon."""
    factor = unit.size / wanted.size
    return f"{name} / {1 / factor:.12g}" if factor < 1 else f"{name} * {factor:.12g}"


def unconverted(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard]) -> list[str]:
    """Units that the goal wishes, where the one column that is looked at has another of the same kind, and nothing converts."""
    if not calls or any(_converts(call) for call in calls):
        return []
    cards = {card.path: card for card in files}
    found = []
    for call in calls:
        card = cards.get(str(call.arguments.get("path", "")))
        names = {str(call.arguments.get("column", "")), *map(str, call.arguments.get("columns") or ())}
        for column in card.columns if card else ():
            if column.name not in names:
                continue
            for wish in wishes(goal.goal):
                unit = unit_of_column(column, wish.unit)
                if unit and not is_same(unit, wish.unit) and card is not None and not _counts_days(wish, card):
                    found.append(f"the unit {wish.unit}")
    return found


def _converts(call: Call) -> bool:
    return any(name in call.arguments for name in ("unit", "to", "expression", "query"))


def _counts_days(wish: _Wish, card: FileCard) -> bool:
    """`on how many days`, of a table with dates."""
    measured = dimension(wish.unit)
    is_day = measured is not None and measured.kind == "time" and measured.size >= 86400
    return is_day and any(column.type in ("date", "datetime") for column in card.columns)


def _without(goal: str, wish: _Wish, column: Column) -> Iterator[str]:
    """The goal with the column's name in the place of the unit, or without its wish."""
    name = spaced(column.name)
    before, behind = goal[: wish.start], goal[wish.end :]
    if wish.is_count:
        yield f"{before}{name}{behind}"
        without = re.sub(r"\bhow (?:many|much)\s*$|(?:多少|几)$", "", before, flags=re.IGNORECASE)
        yield f"{without} what {behind}"
        yield f"{without} what {name} {behind}"
        yield f"{without} total {name} {behind}"
        return
    yield f"{before}{behind}"
    if name.lower() not in f"{before}{behind}".lower():
        yield f"{before} in {name}{behind}"
        yield f"total {name} {before}{behind}"


def _figure_of(calls: Sequence[Call], column: Column, card: FileCard) -> str:
    """Where the one figure of this column will stand; empty if the calls bring another one, or several."""
    if len(calls) != 1 or calls[0].arguments.get("path") != card.path:
        return ""
    arguments = calls[0].arguments
    columns = arguments.get("columns") or []
    if arguments.get("column") == column.name and arguments.get("function") in ("sum", "mean", "median", "max", "min"):
        return figure_at(calls)
    if columns != [column.name] or arguments.get("function"):
        return ""
    keys = {each.name for each in card.columns if each.distinct is not None and each.distinct == card.rows}
    is_one = card.rows == 1 or arguments.get("limit") == 1 or any(
        test.get("op") == "=" and test.get("column") in keys for test in arguments.get("where") or ()
    )  # fmt: skip
    return f"s1#/rows/0/{column.name.replace('~', '~0').replace('/', '~1')}" if is_one else ""
