"""Conditions as SQL, with values read as people mean them."""

import difflib
from collections.abc import Sequence
from typing import Any

import msgspec

from trivet_sdk import ToolError
from trivet_table.columns import MISSING
from trivet_table.conditions import Condition, Scalar, items_of, said
from trivet_table.dates import WEEKDAYS, Order, Span, month_named, span_of
from trivet_table.numerals import number
from trivet_table.table import Column, Table, nearest_name, numeric


class Where(msgspec.Struct, frozen=True):
    """Conditions ready for a query."""

    sql: str = "TRUE"
    parameters: dict[str, Any] = {}
    said: str = ""
    """` where group = scull and born < 1980`, or nothing."""
    notes: tuple[str, ...] = ()
    """How a value was read, or that it occurs nowhere."""


def where_of(table: Table, conditions: Sequence[Condition]) -> Where:
    """All conditions must hold. Raises ToolError for an unknown column or a value that cannot be compared with it."""
    if not conditions:
        return Where()
    compiler = _Compiler(table)
    clauses = [compiler.clause(condition) for condition in conditions]
    said_ = " where " + " and ".join(compiler.said)
    return Where(" AND ".join(f"({clause})" for clause in clauses), compiler.parameters, said_, tuple(compiler.notes))


class _Compiler:
    def __init__(self, table: Table) -> None:
        self.table = table
        self.parameters: dict[str, Any] = {}
        self.notes: list[str] = []
        self.said: list[str] = []

    def clause(self, condition: Condition) -> str:
        column = self.table.column(condition.column)
        value, op = condition.value, condition.op
        self.said.append(str(msgspec.structs.replace(condition, column=column.name)))
        if isinstance(value, (list, dict)) or op == "in":
            return self._in(column, value, negated=op == "!=")
        if op == "contains":
            if column.is_temporal and span_of(str(value), column.order):
                return self._in_time(column, str(value))
            text = f"lower(CAST({column.shown} AS VARCHAR))"
            return f"contains({text}, {self._parameter(said(value).strip().lower())})"
        if value is None or (isinstance(value, str) and not value.strip()):
            return f"{column.value} IS {'NOT ' if op == '!=' else ''}NULL"
        if op in ("=", "!="):
            clause = self._equals(column, value)
            return clause if op == "=" else f"NOT coalesce({clause}, FALSE)"
        return self._compares(column, op, value)

    def _parameter(self, value: Any) -> str:
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def _in(self, column: Column, value: Any, *, negated: bool) -> str:
        items = items_of(value, column.name)
        if isinstance(value, str) and "," in value and value.strip() not in map(str, self.table.distinct(column)):
            items = [part.strip() for part in value.split(",")]
        if not items:
            return "TRUE" if negated else "FALSE"
        if column.type == "text" and len(items) > 20:  # rows of another table: one list, compared in one go
            texts = self._parameter([said(item).strip().lower() for item in items])
            clause = f"lower(trim({column.value})) IN (SELECT unnest({texts}::VARCHAR[]))"
        elif column.is_numeric and len(items) > 20:
            figures = self._parameter([float(self._number(column, item)) for item in items if item is not None])
            clause = f"{column.value} IN (SELECT unnest({figures}::DOUBLE[]))"
        else:
            clause = " OR ".join(
                f"{column.value} IS NULL" if item is None or item == "" else self._equals(column, item)
                for item in items
            )
        return f"NOT coalesce({clause}, FALSE)" if negated else f"({clause})"

    def _equals(self, column: Column, value: Scalar) -> str:
        if column.type == "boolean":
            return f"{column.value} = {self._parameter(self._truth(column, value))}"
        if column.is_numeric:
            return f"{column.value} = {self._parameter(self._number(column, value))}"
        if column.is_temporal:
            return self._in_time(column, str(value))
        return self._same_text(column, value)

    def _compares(self, column: Column, op: str, value: Any) -> str:
        if column.is_temporal:
            span = self._span(column, str(value))
            edge = span.start if op in ("<", ">=") else span.end
            return f"{column.value} {'<' if op in ('<', '<=') else '>='} {self._parameter(edge)}"
        if column.is_numeric:
            return f"{column.value} {op} {self._parameter(self._number(column, value))}"
        figure = value if isinstance(value, (int, float)) else number(str(value))
        if figure is not None:
            return f"{numeric(column)} {op} {self._parameter(figure)}"
        return f"lower(trim({column.value})) {op} {self._parameter(str(value).strip().lower())}"

    def _same_text(self, column: Column, value: Scalar) -> str:
        text = said(value).strip()
        same = f"lower(trim({column.value})) = "
        if self._occurs(same, text.lower()):
            return same + self._parameter(text.lower())
        values = [str(v) for v in self.table.distinct(column)]
        if text.casefold() in MISSING:
            return f"{column.value} IS NULL"
        if (twin := nearest_name(text, values)) or (twin := _truth_twin(value, values)):
            self.notes.append(f"read '{text}' as '{twin}'")
            return same + self._parameter(twin.strip().lower())
        if span_of(text, Order()) and any(
            v.startswith(text) and not v[len(text)].isalnum() for v in values if v != text
        ):
            return f"starts_with(trim({column.value}), {self._parameter(text)})"  # 2014 in a column of months
        if isinstance(value, (int, float)) or number(text) is not None:
            figure = self._parameter(value if isinstance(value, (int, float)) else number(text))
            return f"{numeric(column)} = {figure}"
        near = near_values(text, values)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        self.notes.append(f"no row has {column.name} = {text}{hint}")
        return "FALSE"

    def _occurs(self, same: str, text: str) -> bool:
        sql = f"SELECT 1 FROM {self.table.relation} WHERE {same} $text LIMIT 1"
        return bool(self.table.database.query(sql, {"text": text}))

    def _number(self, column: Column, value: Any) -> int | float:
        if isinstance(value, (int, float)):
            return value
        figure = number(str(value))
        if figure is None:
            raise ToolError(f"{column.name} in {self.table.name} holds numbers, and '{value}' is not a number.")
        return figure

    def _truth(self, column: Column, value: Scalar) -> bool:
        word = said(value).strip().casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise ToolError(f"{column.name} in {self.table.name} is true or false, and '{value}' is neither.")

    def _in_time(self, column: Column, text: str) -> str:
        word = text.strip().casefold()
        if month := month_named(word) if word.isalpha() else None:
            return f"month({column.value}) = {month}"
        if word in WEEKDAYS:
            return f"isodow({column.value}) = {WEEKDAYS.index(word) + 1}"
        span = self._span(column, text)
        low, high = self._parameter(span.start), self._parameter(span.end)
        return f"{column.value} >= {low} AND {column.value} < {high}"

    def _span(self, column: Column, text: str) -> Span:
        span = span_of(text, column.order)
        if span is None:
            raise ToolError(
                f"{column.name} in {self.table.name} holds dates, and '{text}' is no date. "
                "Write it like 2014, 2014-03 or 2014-03-21."
            )
        return span


_YES = frozenset("true yes y 1 1.0 t oui ja si sí 是 on".split())
_NO = frozenset("false no n 0 0.0 f non nein 否 off".split())


def _truth_twin(value: Scalar, values: Sequence[str]) -> str | None:
    """`yes` for true in a column of yes and no, and the like."""
    word = said(value).strip().casefold()
    meant = _YES if word in _YES else _NO if word in _NO else frozenset[str]()
    twins = [v for v in values if v.strip().casefold() in meant]
    return twins[0] if len(twins) == 1 and len(values) <= 3 else None


def near_values(text: str, values: Sequence[str], limit: int = 3) -> list[str]:
    """Values of a column that someone may have meant: those that contain the text, or are spelled alike."""
    word = text.casefold()
    inside = [value for value in values if len(word) > 1 and (word in value.casefold() or value.casefold() in word)]
    alike = difflib.get_close_matches(word, [value.casefold() for value in values[:2000]], n=limit, cutoff=0.7)
    spelled = [value for value in values if value.casefold() in alike]
    return list(dict.fromkeys([*inside, *spelled]))[:limit]
