"""What is in a table: the columns, their types and typical values. Planners ground their arguments in this."""

from typing import Any

from trivet_sdk import ToolResult, result
from trivet_table.measure import tidy
from trivet_table.table import Column, Table
from trivet_table.wording import clipped, rows_of, with_notes

_FEW = 100
"""A text column of at most so many different values has them all as examples, so that a planner knows what can be meant."""


def describe(table: Table) -> ToolResult:
    columns = [_described(table, column) for column in table.columns]
    data: dict[str, Any] = {"columns": columns, "row_count": table.row_count}
    if table.notes:
        data["notes"] = list(table.notes)
    said = ", ".join(f"{column['name']} ({column['type']})" for column in columns[:30])
    more = f" and {len(columns) - 30} more" if len(columns) > 30 else ""
    text = f"{table.name}: {rows_of(table.row_count)}, {rows_of(len(columns), 'column')}: {said}{more}"
    return result(with_notes(text, table.notes), data)


def _described(table: Table, column: Column) -> dict[str, Any]:
    extremes = (
        f"arg_min({column.shown}, {column.value}), arg_max({column.shown}, {column.value})"
        if column.is_temporal
        else f"min({column.value}), max({column.value})"
    )
    [(distinct, filled, low, high)] = table.database.query(
        f"SELECT count(DISTINCT {column.value}), count({column.value}), {extremes} FROM {table.relation}"
    )
    by_frequency = column.type == "text" and distinct <= _FEW
    examples = table.distinct(column, _FEW) if by_frequency else _first_values(table, column)
    described = {
        "name": column.name,
        "type": column.type,
        "examples": [_short(value) for value in examples],
        "distinct": distinct,
        "min": _short(low),
        "max": _short(high),
        "nulls": table.row_count - filled,
    }
    return described | _span(table, column)


def _span(table: Table, column: Column) -> dict[str, str]:
    """`earliest` and `latest` of a column of dates in ISO 8601, however the file writes them."""
    if not column.is_temporal:
        return {}
    [(low, high)] = table.database.query(f"SELECT min({column.value}), max({column.value}) FROM {table.relation}")
    return {name: str(value) for name, value in (("earliest", low), ("latest", high)) if value is not None}


def _first_values(table: Table, column: Column) -> list[Any]:
    head = f"(SELECT {column.shown} AS v, rowid AS r FROM {table.relation} WHERE {column.value} IS NOT NULL LIMIT 200)"
    return [v for v, _ in table.database.query(f"SELECT v, min(r) AS r FROM {head} GROUP BY v ORDER BY r LIMIT 8")]


def _short(value: Any) -> Any:
    return clipped(value, 80) if isinstance(value, str) else tidy(value)
