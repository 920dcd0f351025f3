"""What the values of a column tell of it: yes and no, people, the shape of codes."""

import re
from collections import Counter
from typing import Any

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.words import lexicon

TRUE, FALSE = 0, 1
"""Places in what `truths` returns."""
_PERSONS = re.compile(rf"(?:^|[ _])(?:{lexicon.PERSONS})s?(?:$|[ _])", re.IGNORECASE)
_SHAPE = ((re.compile(r"[A-Z]"), "A"), (re.compile(r"[a-z]"), "a"), (re.compile(r"\d+"), "9"))


def spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./()]+", " ", name)


def given_names(column: Column) -> dict[str, str]:
    """Names of people by the part that only one of them bears: `Bruno`, of Bruno Zgraggen. Empty where not all are known."""
    values = [value for value in column.examples if isinstance(value, str)]
    if len(values) != column.distinct or not _PERSONS.search(spaced(column.name)):
        return {}
    parts = Counter(part for value in values for part in set(value.split()))
    return {
        part: value
        for value in values
        for part in value.split()
        if " " in value
        and parts[part] == 1
        and len(part) > 2
        and re.fullmatch(r"[^\W\d_]+", part)
        and part[0].isupper()
    }


def shape_of(text: str) -> str:
    for pattern, letter in _SHAPE:
        text = pattern.sub(letter, text)
    return text


def truths(column: Column) -> tuple[Any, Any] | None:
    """The values for yes and no of a column that has nothing else."""
    if column.type == "boolean":
        return True, False
    yes = [
        v
        for v in column.examples
        if str(v).lower() in ("yes", "y", "true", "t", "ja", "oui", "si", "sí", "1", "on", "是", "有")
    ]
    no = [
        v for v in column.examples if str(v).lower() in ("no", "n", "false", "f", "nein", "non", "0", "off", "否", "无")
    ]
    if len(yes) == 1 and len(no) == 1 and len(column.examples) == 2:
        return yes[0], no[0]
    return None
