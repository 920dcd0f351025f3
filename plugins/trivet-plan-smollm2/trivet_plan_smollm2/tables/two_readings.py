"""Two readings of each meter in a row, one before and one after, of which what was used is the difference: `how many cubic
metres ran through all meters between the two readings?`"""

import re
from collections.abc import Callable, Sequence

from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.other_units import unit_of_column, wishes
from trivet_plan_smollm2.words.dimensions import is_same
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal

Read = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_BEFORE, _AFTER = (
    "start begin beginning first old before previous opening from".split(),
    ("end ending last new after current closing to".split()),
)
_USED = re.compile(
    r"\b(?:(?:was|were|is|are|been|get|got|gone|have|has)\s+)?(?:us(?:e|ed|age)|consum(?:e|ed|ption)|r[au]n|flow(?:ed)?|flown"
    r"|count(?:ed)?|metered|register(?:ed)?|measured?|driven|drove|travell?ed|burn(?:ed|t)?"
    r"|pass(?:ed)?)(?:\s+(?:through|by))?\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\b(?:between|from) (?:the |both |these |those )?(?:(?:two|both|start and end|first and (?:last|second))\s+)?readings?\b"
    r"|\bfrom (?:the )?(?:start|first)(?: reading)? to (?:the )?(?:end|last)(?: reading)?\b",
    re.IGNORECASE,
)
_METERS = re.compile(
    r"\b(?:(?:through|by|on|of|did|do|have|for)\s+)*(?:all\s+(?:of\s+)?)?(?:the\s+)?(?:meters?|counters?)\b(?:\s+together)?"
    r"|\b(?:all )?together\b|\baltogether\b|\bin (?:total|all)\b",
    re.IGNORECASE,
)
_THING = re.compile(r"\bof (?:water|gas|power|electricity|current|oil|fuel|diesel)\b", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:average|mean|median|most|least|highest|lowest|largest|which|who|when|more|less|than|per|each|every"
    r"|left|price|cost)\b|%",
    re.IGNORECASE,
)


def used_between(goal: Spans, files: Sequence[FileCard], read: Read, listing: Sequence[str]) -> tuple[Call, ...]:
    """The sum of the differences; none unless exactly one table has one such pair in the unit that is asked for."""
    said = [*wishes(goal.goal)]
    used = [*_USED.finditer(goal.goal)]
    if len(said) != 1 or not said[0].is_count or not used or is_chinese(goal.goal) or _OTHER.search(goal.goal):
        return ()
    text = f"{goal.goal[: said[0].start]} \0 {goal.goal[said[0].end :]}"
    for form in (_BETWEEN, _USED, _METERS, _THING):
        text = form.sub(" ", text)
    rest = re.sub(r"\s+", " ", re.sub(r"\bhow (?:many|much)\s*\0|\0", " ", text, flags=re.IGNORECASE)).strip(" ?.!,")
    plans = []
    for card in files:
        for before, after in _pairs(card, said[0].unit):
            calls = read(read_goal(f"total {after.name} {rest}".strip(), listing), [card])
            if len(calls) != 1 or calls[0].arguments.get("function") != "sum" or calls[0].arguments.get("group_by"):
                continue
            if calls[0].arguments.get("column") == after.name:
                column = f"{after.name} - {before.name}"
                plans.append((Call(tool=calls[0].tool, arguments={**calls[0].arguments, "column": column}),))
    return plans[0] if len(plans) == 1 else ()


def _pairs(card: FileCard, wished: str) -> list[tuple[Column, Column]]:
    """Columns of readings before and after, alike but for that word, in the wished unit."""
    found = []
    figures = [column for column in card.columns if column.type in MEASURABLE and re.fullmatch(r"\w+", column.name)]
    for before in figures:
        for after in figures:
            one, other = spaced(before.name).lower().split(), spaced(after.name).lower().split()
            if len(one) != len(other):
                continue
            apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
            is_pair = len(apart) == 1 and apart[0][0] in _BEFORE and apart[0][1] in _AFTER
            if is_pair and is_same(unit_of_column(after, wished), wished):
                found.append((before, after))
    return found
