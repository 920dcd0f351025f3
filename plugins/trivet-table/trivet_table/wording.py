"""Results as people read them: a sentence or a small table, never a dump."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trivet_table.numerals import shown

MAX_NUMBERS = 20
"""Distinct numbers in a text; more are no answer but a listing."""
MAX_CHARACTERS = 1200
MAX_ROWS = 12
MAX_ITEMS = 40
"""Values shown of a single column."""

_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])-?\d+(?:\.\d+)?")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?")


def cell(value: Any) -> str:
    """A value in a table or a sentence."""
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return shown(value)
    return " ".join(str(value).split())


def rows_of(count: int, noun: str = "row") -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def row_said(row: Mapping[str, Any], limit: int = 8) -> str:
    """`member W302, name Abena K., group junior`, with the first `limit` columns."""
    parts = [f"{name} {clipped(cell(value))}" for name, value in list(row.items())[:limit] if value is not None]
    return ", ".join(parts) + (", …" if len(row) > limit else "")


def clipped(text: str, limit: int = 160) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def items_said(items: Sequence[str], noun: str = "more") -> str:
    """The items in one line, as many as fit, and how many are left."""
    separator = "; " if any("," in item for item in items) else ", "
    count = _fitting(items, MAX_ITEMS)
    rest = len(items) - count
    return separator.join(items[:count]) + (f" … and {rest} {noun}" if rest else "")


def table_said(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """A header and a line a row, as many as fit, and how many are left."""
    lines = [" | ".join(clipped(cell(row.get(name)), 80) for name in columns) for row in rows[: MAX_ROWS + 1]]
    count = _fitting(lines, MAX_ROWS)
    rest = len(rows) - count
    text = "\n".join([" | ".join(columns), *lines[:count]])
    return text + (f"\n… and {rest} more row{'s' * (rest > 1)}" if rest else "")


def with_notes(text: str, notes: Sequence[str]) -> str:
    return f"{text} ({'; '.join(notes)})" if notes and "\n" not in text else "\n".join([text, *notes])


def _fitting(lines: Sequence[str], limit: int) -> int:
    """How many of the lines may be shown: at least one, within the bounds on rows, characters and numbers."""
    numbers: set[str] = set()
    characters = 0
    for index, line in enumerate(lines[:limit]):
        numbers |= set(_NUMBER.findall(_DATE.sub(" ", line)))
        characters += len(line) + 2
        if index and (len(numbers) > MAX_NUMBERS or characters > MAX_CHARACTERS):
            return index
    return min(len(lines), limit)
