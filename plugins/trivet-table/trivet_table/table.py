"""A table in the database, and the columns by which people call it."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from trivet_sdk import ToolError
from trivet_table.columns import Type
from trivet_table.dates import Order


class Queries(Protocol):
    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]: ...


class Column(msgspec.Struct, frozen=True):
    name: str
    type: Type
    value: str
    """SQL expression of the typed value."""
    shown: str
    """SQL expression of what results show: for dates the text as the file writes it."""
    order: Order = Order()

    @property
    def is_numeric(self) -> bool:
        return self.type in ("integer", "number")

    @property
    def is_temporal(self) -> bool:
        return self.type in ("date", "datetime")


class Table(msgspec.Struct, frozen=True):
    database: Queries
    name: str
    """As the user knows it: the file's path."""
    relation: str
    columns: tuple[Column, ...]
    row_count: int
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column called `name`, also in another case or with other separators; a part of a date column,
        `day.month`; or columns and numbers reckoned together, `count * price`. Raises ToolError that names the columns
        and the nearest one."""
        found = nearest_name(name, [column.name for column in self.columns])
        if found is not None:
            return next(column for column in self.columns if column.name == found)
        if derived := self._part_of_date(name) or self._reckoned(name):
            return derived
        names = [column.name for column in self.columns]
        near = difflib.get_close_matches(folded(name), [folded(n) for n in names], n=1, cutoff=0.5)
        hint = next((f" Did you mean '{n}'?" for n in names if near and folded(n) == near[0]), "")
        raise ToolError(f"{self.name} has no column '{name}'.{hint} Its columns are {listed(names)}.")

    def _part_of_date(self, name: str) -> Column | None:
        base, _, part = name.rpartition(".")
        found = nearest_name(base, [column.name for column in self.columns if column.is_temporal])
        if found is None or part not in _DATE_PARTS:
            return None
        column = next(column for column in self.columns if column.name == found)
        type_, expression = _DATE_PARTS[part]
        value = expression.format(column.value)
        return Column(name, type_, value, value)

    def _reckoned(self, name: str) -> Column | None:
        """Columns and numbers joined by `* / + -`, from left to right; nothing by zero."""
        parts = re.split(r"\s*([*×/÷+-])\s*", name.strip())
        operands = [self._operand(part) for part in parts[::2]]
        if len(operands) < 2 or None in operands:
            return None
        value = f"CAST({operands[0]} AS DOUBLE)"
        for operator, operand in zip(parts[1::2], operands[1:], strict=True):
            right = f"/ nullif({operand}, 0)" if operator in "/÷" else f"{operator.replace('×', '*')} {operand}"
            value = f"({value} {right})"
        return Column(name.strip(), "number", value, value)

    def _operand(self, text: str) -> str | None:
        found = nearest_name(text, [column.name for column in self.columns if not column.is_temporal])
        if found is not None:
            return numeric(next(column for column in self.columns if column.name == found))
        return text if re.fullmatch(r"\d+(?:\.\d+)?", text) else None

    def distinct(self, column: Column, limit: int = 5000) -> list[Any]:
        """Values that occur, the most frequent first, nulls left out."""
        sql = (
            f"SELECT {column.shown}, count(*) AS n, min(rowid) AS r FROM {self.relation} "
            f"WHERE {column.shown} IS NOT NULL GROUP BY 1 ORDER BY n DESC, r LIMIT {limit}"
        )
        return [value for value, *_ in self.database.query(sql)]


_DATE_PARTS: dict[str, tuple[Type, str]] = {
    "year": ("integer", "year({})"),
    "month": ("text", "strftime({}, '%Y-%m')"),
    "day": ("text", "strftime({}, '%Y-%m-%d')"),
    "date": ("text", "strftime({}, '%Y-%m-%d')"),
    "hour": ("integer", "hour({})"),
    "weekday": ("text", "dayname({})"),
}


def folded(text: str) -> str:
    """Without case, accents, separators and punctuation: two names that differ only there are the same to people."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in plain if c.isalnum())
    return kept or text.casefold().strip()


def singular(text: str) -> str:
    """A folded English word without its plural ending."""
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x")):
        if text.endswith(ending) and len(text) > len(ending) + 1:
            return text[: -len(ending)] + replacement
    return text[:-1] if text.endswith("s") and not text.endswith("ss") and len(text) > 3 else text


_LEVELS_OF_LIKENESS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: text.strip().casefold(),
    folded,
    lambda text: singular(folded(text)),
)


def nearest_name(wanted: str, names: Iterable[str]) -> str | None:
    """The one name that is `wanted`: exactly, else ignoring case, else separators and accents, else the plural's s.

    None if no level has a match, or the first level that has one has several.
    """
    names = list(dict.fromkeys(names))
    for alike in _LEVELS_OF_LIKENESS:
        key = alike(wanted)
        found = [name for name in names if alike(name) == key]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def listed(names: Sequence[str], limit: int = 20) -> str:
    """`a, b and c`, shortened when there are many."""
    if len(names) > limit:
        return ", ".join(names[:limit]) + f" and {len(names) - limit} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else "none"


def numeric(column: Column) -> str:
    """SQL expression of the column as a number; for texts, of those that are one, the usual decorations ignored."""
    if column.is_numeric:
        return column.value
    if column.type == "boolean":
        return f"CAST({column.value} AS INTEGER)"
    stripped = f"regexp_replace(trim({column.value}), '^[€$£¥₹]\\s*|\\s*[%€$£¥₹]$', '', 'g')"
    grouped = (
        f"CASE WHEN regexp_full_match({stripped}, '[-+]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d+)?') "
        f"THEN replace({stripped}, ',', '') ELSE {stripped} END"
    )
    plain = f"CASE WHEN regexp_full_match({grouped}, '[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?') THEN {grouped} END"
    return f"TRY_CAST({plain} AS DOUBLE)"


def safe_identifier(stem: str) -> str:
    """A file's stem as an SQL name that needs no quotes: `2024 trips` becomes `t_2024_trips`."""
    name = re.sub(r"\W+", "_", stem).strip("_") or "t"
    return f"t_{name}" if name[0].isdigit() else name
