"""Goals whose columns stand in two tables: `stops for each depot`, where rounds.csv has the stops and the van, and vans.csv the
depot of each van.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import msgspec

from trivet_plan_smollm2.grounding import name_score
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_two import PAIRED, linked, row_by_row, together
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.spans import Spans


def read_joined(
    goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolCard], named: Sequence[str] = ()
) -> tuple[Call, ...]:
    """The two put side by side, and the question about the result; none if no pair of tables makes sense of every word, or
    if several do. Those that are `named` are among the two."""
    joiner = next((tool for tool in tools if {"path", "other", "on", "columns"} <= _properties(tool).keys()), None)
    if joiner is None:
        return ()
    plans: list[tuple[Call, ...]] = []
    for facts, other in permutations(cards[:PAIRED], 2):
        link = (linked(facts, other) or row_by_row(facts, other)) if {*named} <= {facts.path, other.path} else None
        if link is not None and any(c.name == link[1] and c.type in ("date", "datetime") for c in other.columns):
            continue  # two things of one day need not belong together
        reading = reading_of(goal, together(facts, other, link[1])) if link is not None else None
        if link is None or reading is None or reading.column in link or not _needs_both(goal, reading, facts, other):
            continue
        if row_by_row(facts, other) and not _tells_figure(facts, reading):
            continue
        if calls := _side_by_side(reading, facts, other, link, joiner, tools):
            plans.append(calls)
    return plans[0] if len(plans) == 1 else ()


def _tells_figure(facts: FileCard, reading: Reading) -> bool:
    """Whether what is reckoned stands here, so that of two tables with a row for each thing this one is asked."""
    return bool(reading.column) and {*re.split(r" [*-] ", reading.column)} <= {column.name for column in facts.columns}


def _needs_both(goal: Spans, reading: Reading, facts: FileCard, other: FileCard) -> bool:
    """Whether every word has its place, and what is asked for lies on both sides."""
    if (
        not reading.is_whole
        or reading.beyond
        or reading.share_of is not None
        or not (reading.function or reading.columns)
    ):
        return False
    here, there = ({column.name for column in card.columns} for card in (facts, other))
    asked, bound = {*_asked(reading)}, {test["column"] for test in reading.where}
    is_named = name_score(goal, facts.path) >= 1
    is_of_facts = is_named or (
        bool((asked | bound) & here) and reading.function != "count"
    )  # rows are counted by their name
    return is_of_facts and bool(asked - here) and (asked | bound) <= here | there


def _asked(reading: Reading) -> Iterator[str]:
    """The columns that the question is about, but for those of conditions."""
    yield from filter(None, re.split(r" [*-] ", reading.column))
    for name in (reading.group_by, reading.sort_by, reading.pair[0] if reading.pair else ""):
        if name:
            yield re.sub(r"\.(?:year|month|weekday|hour|day)$", "", name)
    yield from reading.columns


def _side_by_side(
    reading: Reading,
    facts: FileCard,
    other: FileCard,
    link: tuple[str, str],
    joiner: ToolCard,
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    inner, outer = link
    arguments: dict[str, Any] = {"path": facts.path, "other": other.path, "on": inner}
    arguments |= {} if inner == outer else {"other_on": outer}
    arguments |= {"where": [dict(test) for test in reading.where]} if reading.where else {}
    if not reading.function:
        order = {"sort_by": reading.sort_by, "descending": reading.descending, "limit": reading.limit}
        arguments |= {"columns": list(reading.columns)} | {name: value for name, value in order.items() if value}
        return (Call(tool=joiner.name, arguments=arguments),)
    arguments["columns"] = list(dict.fromkeys(_asked(reading))) or [inner]
    question = rendered(msgspec.structs.replace(reading, where=()), tools)
    if len(question) != 1:
        return ()
    rows = {**question[0].arguments, "path": {"$ref": "s1#/rows"}}
    return Call(tool=joiner.name, arguments=arguments), Call(tool=question[0].tool, arguments=rows)


def _properties(tool: ToolCard) -> dict[str, Any]:
    return dict(tool.parameters.get("properties", {}))
