"""A second question about what the first one finds: `which film sold the most tickets, and who directed it?`"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.requests.results import thing_at
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, read_goal

_AND = re.compile(
    r"[,;]?\s+(?:and|then)\s+(?:(?:please\s+)?(?:tell|show|give) me\s+)?(?=(?:who|what|which|where|when|how|in which"
    r"|in what|(?:his|her|its|their)|the)\b)"
    r"|[?.]\s+(?:and\s+)?(?=(?:who|what|which|where|when|how|in which|in what)\b)",
    re.IGNORECASE,
)
_POINTS = (
    r"\b(?:it|him|her|them|he|she|they|(?:that|this|the same|said) (?P<noun>[a-z]+)|(?P<own>his|its|their|whose))\b"
)


def sequel(
    goal: Spans,
    files: Sequence[FileCard],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
) -> tuple[Call, ...]:
    """Both questions' calls, the second about what the first one found; none unless both are read in whole, and the thing
    has one row in one other table (or the same)."""
    for match in _AND.finditer(goal.goal):
        before, behind = goal.goal[: match.start()], goal.goal[match.end() :]
        pointing = re.search(_POINTS, behind, re.IGNORECASE)
        if pointing is None:
            continue
        first = heard(read_goal(before.strip(" ,;?."), listing), files)
        name, ref = thing_at(first)
        if not ref or len(first) != 1:
            continue
        group = _column(files, str(first[0].arguments.get("path")), name)
        plans = [
            plan
            for card in files
            for key in card.columns
            if group is not None and key.distinct == card.rows and key.type == group.type and _holds(key, group)
            if (plan := _second(behind, pointing, key, card, ref, heard, listing))
        ]
        if len(plans) == 1:
            return *first, *plans[0]
    return ()


def _second(
    behind: str,
    pointing: re.Match[str],
    key: Column,
    card: FileCard,
    ref: str,
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
) -> tuple[Call, ...]:
    """The question with the name of some row in the place of the pronoun, read, and the reference put in for that name."""
    example = str(key.examples[0])
    said = f"{example}'s" if pointing["own"] else example
    text = behind[: pointing.start()] + said + behind[pointing.end() :]
    calls = heard(read_goal(text.strip(), listing), [card])
    if len(calls) != 1 or calls[0].arguments.get("path") != card.path:
        return ()
    where = calls[0].arguments.get("where") or []
    if not any(_is_about(test, key.name, example) for test in where):
        return ()
    tests = [{**test, "value": {"$ref": ref}} if _is_about(test, key.name, example) else test for test in where]
    return (Call(tool=calls[0].tool, arguments={**calls[0].arguments, "where": tests}),)


def _is_about(test: Mapping[str, Any], column: str, value: str) -> bool:
    return test.get("column") == column and test.get("op") == "=" and str(test.get("value")) == value


def _column(files: Sequence[FileCard], path: str, name: str) -> Column | None:
    card = next((card for card in files if card.path == path), None)
    return next((column for column in card.columns if column.name == name), None) if card else None


def _holds(key: Column, group: Column) -> bool:
    """Whether what rows are grouped by is what this table has a row of each of: the shown values of both agree, or "
    "the names do."""
    known = {str(value) for value in key.examples}
    shown = [str(value) for value in group.examples]
    if shown and known and len(known) == key.distinct:
        return all(value in known for value in shown)
    return stem(key.name.lower()) == stem(group.name.lower())
