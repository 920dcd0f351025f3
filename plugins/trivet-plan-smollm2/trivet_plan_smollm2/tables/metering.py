"""Meters: a column of readings that only grow, of which what was used in a time is the difference of two."""

import re
from collections.abc import Sequence
from itertools import pairwise

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.glossary_zh import PARTICLES
from trivet_plan_smollm2.words.lexicon import GENERIC
from trivet_plan_smollm2.words.measures import parts
from trivet_plan_smollm2.words.periods import fitting, related
from trivet_plan_smollm2.words.similarity import STOP, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, is_chinese
from trivet_plan_smollm2.words.units import unit_of

_METERS = re.compile(
    r"(?<![a-z])(?:meters?|readings?|odometers?|counters?|mileage)(?![a-z])|里程表|电表|水表|气表|读数", re.IGNORECASE
)
_USED = re.compile(
    r"\b(?:us(?:e|es|ed|age)|consum\w+|driven|drove|travel\w*|burn(?:ed|t)?|difference|increase\w*|between|grow\w*|grew|went)\b"
    r"|[用走跑耗行]了|使用|消耗|行驶|相差|增加",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\bfirst\b.*\blast\b|\bin total\b|\baltogether\b|\bin all\b|\boverall\b|\bwhole\b|\ball (?:year|of)\b"
    r"|全部|总共|一共|第一次.*最后",
    re.IGNORECASE,
)
_UNITS_ZH = "公里|千米|度电?|吨|立方米?|升"
_MORE = re.compile(
    r"\b(?:or|than|which|most|least|highest|lowest|average|mean|per|each|every)\b|哪|最|平均|每|比", re.IGNORECASE
)


def is_meter(goal: Spans, card: FileCard) -> bool:
    """Whether what was used is asked of a table of readings, whose sums and counts say nothing then."""
    names = " ".join([card.path, *(column.name for column in card.columns)])
    is_dated = any(_is_time(column) and column.distinct == card.rows for column in card.columns)
    return (
        is_dated
        and any(map(_only_grows, card.columns))
        and bool(_METERS.search(names.replace("_", " ")) and _USED.search(goal.goal))
    )


def metered(goal: Spans, card: FileCard, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """Two readings and their difference; none where nobody can tell which two are meant."""
    selector = next(
        (
            t
            for t in tools
            if {"path", "columns", "where", "sort_by"} <= _names(t) - {"other"} and "other" not in _names(t)
        ),
        None,
    )
    reckoner = next((t for t in tools if {"expression", "values"} <= _names(t)), None)
    time = [column for column in card.columns if _is_time(column)]
    figure = _figure(goal, card)
    if selector is None or reckoner is None or len(time) != 1 or figure is None or _MORE.search(_form(goal.goal)):
        return ()
    if (edges := _edges(goal, time[0])) is None or _left(goal, card):
        return ()
    calls = []
    for edge, is_last in zip(edges, (False, True), strict=True):
        where = [{"column": time[0].name, "op": "=", "value": edge}] if edge else []
        arguments = {
            "path": card.path,
            "columns": [figure.name],
            "where": where,
            "sort_by": time[0].name,
            "descending": is_last or None,
            "limit": 1,
        }
        calls.append(Call(tool=selector.name, arguments={name: value for name, value in arguments.items() if value}))
    values = {name: {"$ref": f"s{place}#/values/{figure.name}/0"} for place, name in ((1, "before"), (2, "after"))}
    return *calls, Call(tool=reckoner.name, arguments={"expression": "after - before", "values": values})


def _edges(goal: Spans, time: Column) -> tuple[str, str] | None:
    """The times of the two readings; empty texts for the first and the last of all."""
    spoken = related(goal.goal)
    values = fitting(spoken.said, f"{time.min}", f"{time.max}") if spoken.said else []
    if not spoken.said:
        return ("", "") if _ALL.search(goal.goal) else None
    if spoken.kind in ("range", "pair", "several") and len(values) == 2:
        return values[0], values[1]
    if spoken.kind != "one" or len(values) != 1 or len(values[0]) != 7:
        return None
    day = int(str(time.min)[8:10] or 0)
    if day == 1:  # the readings of the first day begin a month, those of the last days end it
        return values[0], _beside(values[0], 1)
    return (_beside(values[0], -1), values[0]) if day >= 28 else None


def _left(goal: Spans, card: FileCard) -> list[str]:
    """Words that say something else: of which meter, of what."""
    text = goal.goal
    for period in reversed(related(text).said):
        text = text[: period.start] + " " + text[period.end :]
    for name in (card.path, *(column.name for column in card.columns)):
        text = re.sub(re.escape(name), " ", text, flags=re.IGNORECASE)
    if is_chinese(goal.goal):
        text = re.sub(f"{_METERS.pattern}|{_USED.pattern}|{_ALL.pattern}|{_UNITS_ZH}|多少|几|[从自到至]", " ", text)
        return re.findall(r"\w+", re.sub(PARTICLES, " ", text))
    known = {
        part for name in (card.path, *(column.name for column in card.columns)) for part in stem_words(spaced(name))
    }
    text = re.sub(
        rf"{_USED.pattern}|{_ALL.pattern}|{_METERS.pattern}|\b(?:first|last)\b", " ", text, flags=re.IGNORECASE
    )
    units = {unit_of(part) or part for part in known}
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.lower() not in STOP | GENERIC]
    return [word for word in words if stem(word.lower()) not in known and (unit_of(word) or word) not in units]


def _beside(month: str, by: int) -> str:
    count = int(month[:4]) * 12 + int(month[5:7]) - 1 + by
    return f"{count // 12}-{count % 12 + 1:02d}"


def _figure(goal: Spans, card: FileCard) -> Column | None:
    figures = [column for column in card.columns if _only_grows(column)]
    named = [
        c
        for c in figures
        if re.search(rf"(?<![A-Za-z0-9]){re.escape(c.name)}(?![A-Za-z0-9])", goal.goal, re.IGNORECASE)
    ]
    said = set(stem_words(goal.goal)) | {
        unit for word in re.findall(r"[^\W\d_]+", goal.goal) if (unit := unit_of(word))
    }
    partly = [c for c in figures if said & parts(c.name)]
    found = named or (partly if len(figures) > 1 else figures)
    return found[0] if len(found) == 1 else None


def _only_grows(column: Column) -> bool:
    """As far as the first rows tell: each figure is larger than the one before, and the first is the smallest of all."""
    shown = [value for value in column.examples if isinstance(value, (int, float))]
    is_growing = len(shown) > 2 and all(one < other for one, other in pairwise(shown))
    return column.type in MEASURABLE and is_growing and shown[0] == column.min


def _is_time(column: Column) -> bool:
    return column.type in ("date", "datetime") or re.fullmatch(r"\d{4}-\d\d", str(column.min or "")) is not None


def _form(goal: str) -> str:
    return re.sub(r"\b(?:how much|please)\b", " ", goal)


def _names(tool: ToolCard) -> set[str]:
    return set(tool.parameters.get("properties", {}))
