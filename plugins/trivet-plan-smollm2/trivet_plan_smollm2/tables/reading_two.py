"""Goals about one table with a condition that only another table can tell: `trips in boats for four; seats are in boats.json`."""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import msgspec

from trivet_plan_smollm2.grounding import name_score
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import shape_of
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans

PAIRED = 8
"""Tables of which pairs are made at most."""


def read_pairs(goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The same where no table is named: of all pairs, the only one that makes sense of every word."""
    plans = [
        plan
        for one, other in combinations(cards[:PAIRED], 2)
        if (plan := read_two(goal, [one, other], tools)) and _is_spoken_of(goal, plan[-1])
    ]
    return plans[0] if len(plans) == 1 else ()


def read_beside(
    goal: Spans, named: FileCard, others: Sequence[FileCard], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    """The same where one of the two is named: with the only other one that makes sense of every word."""
    plans = [plan for other in others[:PAIRED] if (plan := read_two(goal, [named, other], tools))]
    return plans[0] if len(plans) == 1 else ()


def _is_spoken_of(goal: Spans, question: Call) -> bool:
    """Whether the goal says something of the rows that are asked about, and not only of those that they belong to."""
    told = (
        len(question.arguments.get("where") or ()) > 1 or {"column", "group_by", "columns"} & question.arguments.keys()
    )
    return bool(told) or name_score(goal, str(question.arguments["path"])) >= 1


def read_two(goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """Two calls: the keys of the rows that meet the condition there, and the question about the rows that bear them; none
    if the goal does not name exactly two tables with one column in common, the key of one of them."""
    if len(cards) != 2:
        return ()
    for facts, other in (cards, (cards[1], cards[0])):
        link = linked(facts, other)
        if link is None:
            continue
        inner, outer = link
        reading = reading_of(goal, together(facts, other, outer))
        if reading is None or reading.pair is not None or reading.beyond or not _is_whole(reading, other):
            continue
        here = {column.name for column in facts.columns}
        there = tuple(test for test in reading.where if test["column"] not in here)
        if not there or not {reading.column, reading.group_by, *reading.columns} - {""} <= here | {
            test["column"] for test in there
        }:
            continue
        keys = Reading(path=other.path, where=there, columns=(outer,))
        among: dict[str, Any] = {"column": inner, "op": "in", "value": {"$ref": f"s1#/values/{outer}"}}
        rows = tuple(test for test in reading.where if test["column"] in here)
        question = msgspec.structs.replace(
            reading, path=facts.path, where=(*rows, among), columns=tuple(n for n in reading.columns if n in here)
        )
        first, second = rendered(keys, tools), rendered(question, tools)
        if len(first) == len(second) == 1:
            return (*first, *second)
    return ()


def linked(facts: FileCard, other: FileCard) -> tuple[str, str] | None:
    """The column of `facts` that names rows of `other`, and the key there."""
    found = []
    for key in other.columns:
        if other.rows is None or key.distinct != other.rows:
            continue
        for column in facts.columns:
            is_same = column.name.lower() == key.name.lower()
            is_same |= _is_called_after(column, other, key)
            if column.type == key.type and column.distinct != facts.rows and (is_same or _holds(key, column)):
                found.append((column.name, key.name))
    return found[0] if len(found) == 1 else None


def row_by_row(facts: FileCard, other: FileCard) -> tuple[str, str] | None:
    """The key that both have, where each has one row for a thing: meters.csv and plots.csv."""
    found = [
        (column.name, key.name)
        for column in facts.columns
        for key in other.columns
        if column.type == key.type == "text" and column.distinct == facts.rows and key.distinct == other.rows
        and column.name.lower() == key.name.lower() and set(column.examples) & set(key.examples)
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _is_called_after(column: Column, other: FileCard, key: Column) -> bool:
    """`customer`, whose values look like the ids of customers.json."""
    names = stem_words(re.sub(r"[_\-./]+", " ", other.path.rpartition("/")[2].partition(".")[0]))
    shapes = {shape_of(str(value)) for value in key.examples}
    is_key = re.search(r"(?:^|[_ ])(?:id|no|nr|key|code|number|sku)$", key.name.lower()) is not None
    is_alike = bool(shapes) and {shape_of(str(value)) for value in column.examples} <= shapes
    return is_key and is_alike and bool(set(stem_words(column.name)) & set(names))


def _holds(key: Column, column: Column) -> bool:
    """Whether all shown values of the column are shown values of the key."""
    return key.type == "text" and len(column.examples) > 1 and set(column.examples) <= set(key.examples)


def together(facts: FileCard, other: FileCard, key: str) -> FileCard:
    """One card of both, the key of the other left out."""
    here = {column.name for column in facts.columns}
    more = tuple(column for column in other.columns if column.name not in here and column.name != key)
    names = [card.path.rpartition("/")[2] for card in (facts, other)]  # folders say nothing of both
    return FileCard(path=" ".join(names), kind="table", rows=facts.rows, columns=(*facts.columns, *more))


def _is_whole(reading: Reading, other: FileCard) -> bool:
    return reading.is_about_rows and bool(reading.function or reading.columns)
