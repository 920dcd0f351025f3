"""A figure of each row divided by another of the same row, ranked: `which boat has the highest insured value per seat?`"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.dimensions import dimension, is_same
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal

_PER = re.compile(
    r"\s*\b(?:per|for (?:each|every)|(?:divided )?by (?:the )?number of)\s+(?P<noun>[a-z]+)\b", re.IGNORECASE
)
_MEAN = re.compile(r"\b(?:average|mean|median|total|sum|on average|altogether|in total)\b", re.IGNORECASE)


def per_piece(
    goal: Spans,
    files: Sequence[FileCard],
    listing: Sequence[str],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
) -> tuple[Call, ...]:
    """The highest or lowest quotient and the row that has it; none unless one table has both figures, and its rows are ranked."""
    match = _PER.search(goal.goal)
    if match is None or is_chinese(goal.goal) or _MEAN.search(goal.goal):
        return ()
    rest = read_goal(f"{goal.goal[: match.start()]}{goal.goal[match.end() :]}", listing)
    plans = []
    for card in files:
        pieces = [column for column in card.columns if _counts(column, match["noun"])]
        calls = heard(rest, [card]) if len(pieces) == 1 else ()
        if len(calls) != 1 or calls[0].arguments.get("path") != card.path:
            continue
        arguments, below = calls[0].arguments, pieces[0].name
        is_ranked = arguments.get("function") in ("max", "min") and "group_by" not in arguments
        above = str(arguments.get("column") if is_ranked else arguments.get("sort_by", ""))
        if above == below or not any(c.name == above and c.type in MEASURABLE for c in card.columns):
            continue
        quotient = f"{above} / {below}"
        changed: dict[str, Any] = {"column": quotient} if is_ranked else {"sort_by": quotient}
        if not is_ranked and arguments.get("columns"):
            changed["columns"] = [*(name for name in arguments["columns"] if name != above), quotient]
        plans.append((Call(tool=calls[0].tool, arguments={**arguments, **changed}),))
    return plans[0] if len(plans) == 1 else ()


def grouped_by_pieces(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard]) -> list[str]:
    """`per seat`, where the plan makes groups by the number of seats, and figures that are no counts of rows."""
    match = _PER.search(goal.goal)
    columns = {column.name: column for card in files for column in card.columns}
    return [
        f"'{match[0].strip()}'"
        for call in calls
        if match and (column := columns.get(str(call.arguments.get("group_by"))))
        if _counts(column, match["noun"]) and call.arguments.get("function") in ("max", "min", "mean", "median", "sum")
    ]


def _counts(column: Column, noun: str) -> bool:
    """Whether the column tells how many of these a row has: `seats`, of `per seat`; or how much in this unit. A year or a number
    of a house counts nothing."""
    if column.type not in MEASURABLE:
        return False
    words = spaced(column.name).lower().split()
    if dimension(noun) is not None and is_same(words[-1], noun):
        return dimension(noun).kind != "time" or len(words) > 1 or words[-1] in ("minutes", "hours", "seconds", "days")  # type: ignore[union-attr]
    is_plural = any(word != stem(word) and word.endswith("s") and stem(word) == stem(noun.lower()) for word in words)
    return is_plural and noun.lower() not in words
