"""Rows that have some of a figure: `days with new snow`, of a table that tells for each day how much there was, mostly none."""

import re
from collections.abc import Callable, Sequence

from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.dimensions import dimension
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal

Read = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_WITH = re.compile(
    r"\s*\b(?:with|(?:that|which|where|when) (?:had|there was|brought)|on which there was)\s+(?:some |any |a little )?"
    r"(?P<what>[a-z]+(?: [a-z]+){0,2}?)(?=\s*(?:[,.;?!()]|$|\s(?:and|in|during|from|into|to|as|were|was|are|is|did|do)\b))",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:no|not|never|none|without|most|least|more|less|fewer|than|or|only|compared?|each|per|which|who)\b",
    re.IGNORECASE,
)


def with_some(goal: Spans, files: Sequence[FileCard], read: Read, listing: Sequence[str]) -> tuple[Call, ...]:
    """The call of the rest of the goal, of these rows alone; none unless exactly one table has one such column."""
    found = [*_WITH.finditer(goal.goal)]
    if len(found) != 1 or is_chinese(goal.goal):
        return ()
    said = set(stem_words(found[0]["what"]))
    rest = f"{goal.goal[: found[0].start()]}{goal.goal[found[0].end() :]}"
    if not said or _OTHER.search(rest) or goal.quoted:
        return ()
    plans = []
    for card in files:
        meant = [column for column in card.columns if _is_called(column, said)]
        if len(meant) != 1:
            continue
        calls = read(read_goal(rest, listing), [card])
        arguments = calls[0].arguments if len(calls) == 1 else {}
        if arguments.get("function") and arguments.get("path") == card.path and "by" not in arguments:
            where = [*(arguments.get("where") or ()), {"column": meant[0].name, "op": ">", "value": 0}]
            plans.append((Call(tool=calls[0].tool, arguments={**arguments, "where": where}),))
    return plans[0] if len(plans) == 1 else ()


def _is_called(column: Column, said: set[str]) -> bool:
    """Whether its name but for the unit is said, and some rows have nothing of it."""
    words = [word for word in spaced(column.name).lower().split() if dimension(word) is None]
    return column.type in MEASURABLE and column.min == 0 and set(stem_words(" ".join(words))) == said
