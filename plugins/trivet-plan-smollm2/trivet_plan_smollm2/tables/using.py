"""What was used between two readings that stand in one row: `end_m3 - start_m3`, of `which section used more water`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.tables.names import MEASURABLE

USED = (
    r"us(?:e|es|ed|ing)(?: up)?|usage|consum(?:e|es|ed|ption)|(?:ran|run|went|flowed) through(?: (?:all )?(?:the )?meters?)?"
    r"|drawn|drew|burn(?:ed|t)|between the (?:two )?readings"
)
_EDGES = (
    ("start", "end"), ("begin", "end"), ("before", "after"), ("old", "new"), ("first", "last"), ("opening", "closing"),
    ("initial", "final"), ("previous", "current"),
)  # fmt: skip
_CONSUMED = {
    "m3": r"water|cubic met(?:re|er)s?|m³",
    "kwh": r"electricity|power|current|energy|kilowatt[- ]hours?",
    "km": r"kilomet(?:re|er)s?",
    "l": r"lit(?:re|er)s?",
}


def used(text: str, columns: Sequence[Column]) -> tuple[str, str]:
    """The measure, and words that say again what it is of; empty if nothing was used, or no two columns are its readings."""
    if not re.search(rf"(?<!\w)(?:{USED})(?!\w)", text, re.IGNORECASE):
        return "", ""
    found = [
        (one.name, other.name)
        for one in columns
        for other in columns
        for start, end in _EDGES
        if one.type in MEASURABLE and other.type in MEASURABLE and _is_edge(one.name, start, other.name, end)
    ]
    if len(found) != 1:
        return "", ""
    start, end = found[0]
    units = [words for unit, words in _CONSUMED.items() if unit in re.split(r"[^a-z0-9]+", start.lower())]
    return f"{end} - {start}", "|".join(units)


def _is_edge(one: str, start: str, other: str, end: str) -> bool:
    parts = [re.split(r"[^a-z0-9]+", name.lower()) for name in (one, other)]
    return start in parts[0] and end in parts[1] and [*map({start: end}.get, parts[0], parts[0])] == parts[1]
