"""A query as second witness of what was read off a goal's words (decision 079)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.grounding import Ground
from trivet_plan_smollm2.outcome import comes_to_value, outcome
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.queries.planning import question_of
from trivet_plan_smollm2.queries.writer import Query, are_alike
from trivet_plan_smollm2.sampling import Asking
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.spans import Spans

PLACES = 2
"""Decimals in which two figures must agree, where the goal does not say."""
LONGEST = 10
"""Characters of a text that must be the same: those of a day, whatever time stands behind it."""
CELLS, SHOWN = 3, 40
"""What of two answers is told, in cells and characters of each."""
_ABOUT = frozenset({"columns", "groups", "matched", "notes", "row_count"})
"""What a tool tells about its answer, and no answer."""


class Contradiction(msgspec.Struct, frozen=True):
    calls: tuple[Call, ...]
    """Of the query."""
    finds: str
    """What it finds, in a few words."""
    read: str
    """What the calls that were read off the goal's words come to; empty if to nothing."""


async def contradiction(goal: Spans, calls: Sequence[Call], ground: Ground, asking: Asking) -> Contradiction | None:
    """What a query finds where that is something else than what these calls read from tables: first the likeliest one that
    comes to mind is compared, then the one that another confirms and with which nothing is wrong. None where there is none."""
    cards = [ground.cards[path] for path in _paths(calls) if path in ground.cards]
    if not cards or not all(card.columns for card in cards) or not comes_to_value(calls, asking.tools):
        return None
    question = question_of(goal, cards, ground, asking)
    if question is None:
        return None
    read = await outcome(calls, asking.tools, asking.services)
    places = decimals(goal.goal)
    places = PLACES if places is None else places
    first = await question.likeliest()
    if first is not None and agree(read, first, places):
        return None
    queried = await question.answered()
    found = await question.outcome(queried)
    if found is None or agree(read, found, places):
        return None
    return Contradiction(queried, _briefly(found.rows), "" if read is None else _briefly(read))


def _briefly(value: object) -> str:
    rows = value.get("rows", value) if isinstance(value, Mapping) else value
    cells = [cell for cell in _leaves(rows) if cell is not None]
    said = ", ".join(f"{cell:.10g}" if isinstance(cell, float) else str(cell)[:SHOWN] for cell in cells[:CELLS])
    return f"{said or 'nothing'}{' …' if len(cells) > CELLS else ''}"


def agree(read: object, found: Query, places: int) -> bool:
    """Whether all that the query finds stands in what was read, or the other way round, row by row."""
    rows = read.get("rows") if isinstance(read, Mapping) else None
    if isinstance(rows, Sequence) and rows and all(isinstance(row, Mapping) for row in rows):
        if are_alike(rows, found.rows, places):
            return True
        if len(found.rows) > 1 and len(rows) != len(found.rows):
            return False
    told = list(_leaves(read))
    return all(
        any(_same(cell, each, places) for each in told)
        for row in found.rows
        for cell in row.values()
        if cell is not None
    )


def _same(one: object, other: object, places: int) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 0.51 * 10.0**-places
    return str(one).strip().lower()[:LONGEST] == str(other).strip().lower()[:LONGEST]


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _ABOUT:
                yield from _leaves(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _paths(calls: Sequence[Call]) -> list[str]:
    values: list[Any] = [value for call in calls for name, value in call.arguments.items() if name in ("path", "other")]
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))
