"""One figure over rows, or one for each group of rows."""

from collections.abc import Sequence
from typing import Any

from trivet_sdk import ToolResult, result
from trivet_table.conditions import Condition
from trivet_table.dates import with_name
from trivet_table.measure import Function, Measure, measure_of, tidy, value_name
from trivet_table.table import Column, Table
from trivet_table.where import Where, where_of
from trivet_table.wording import cell, clipped, items_said, row_said, rows_of, with_notes


def aggregate(
    table: Table,
    function: Function,
    column: str = "",
    group_by: str = "",
    where: Sequence[Condition] = (),
    *,
    descending: bool = True,
    limit: int = 0,
) -> ToolResult:
    """Without `group_by` one value; with it a row a group, sorted by the value. Empty cells never count."""
    conditions = where_of(table, where)
    measure = measure_of(table, function, column, conditions)
    notes = (*table.notes, *conditions.notes, *measure.notes)
    if group_by:
        return _grouped(table, measure, table.column(group_by), conditions, notes, descending=descending, limit=limit)
    return _single(table, measure, conditions, notes)


def _single(table: Table, measure: Measure, where: Where, notes: tuple[str, ...]) -> ToolResult:
    [(raw, rows)] = table.database.query(
        f"SELECT {measure.sql}, count(*) FROM {table.relation} WHERE {where.sql}", where.parameters
    )
    value = tidy(raw)
    name = value_name(measure, "")
    data: dict[str, Any] = {"columns": [name], "rows": [{name: value}], "row_count": rows, "value": value}
    place = f"{table.name}{where.said}"
    if measure.function == "count":
        unit = rows_of(rows) if measure.column is None else f"{rows_of(value, 'value')} of {measure.column.name}"
        text = f"{unit} {'of' if where.said else 'in'} {place}"
    elif not rows:
        text = f"no row of {place}, so there is no {measure}"
        data["value"], data["rows"] = None, []
    elif value is None:
        text = (
            f"every {measure.column.name if measure.column else 'value'} of {place} is empty, so there is no {measure}"
        )
    elif measure.function == "distinct" and measure.column:
        text = f"{rows_of(value, 'different value')} of {measure.column.name} in {place}"
        if 0 < value <= 30:
            sql = f"SELECT {measure.column.shown}, min(rowid) r FROM {table.relation} WHERE {where.sql} "
            sql += f"AND {measure.column.value} IS NOT NULL GROUP BY 1 ORDER BY r"
            values = [tidy(v) for v, _ in table.database.query(sql, where.parameters)]
            data["values"] = {measure.column.name: values}
            text += f": {items_said([clipped(cell(v), 60) for v in values])}"
    else:
        text = f"{measure} in {place}: {cell(value)}"
        if measure.function in ("min", "max"):
            row, count = _row_with(table, measure, where)
            data["row"] = row
            text += f" (in {'the first of ' + rows_of(count) if count > 1 else 'the row'}: {row_said(row)})"
    return result(with_notes(text, notes), data | ({"notes": list(notes)} if notes else {}))


def _row_with(table: Table, measure: Measure, where: Where) -> tuple[dict[str, Any], int]:
    """The first row that has the extreme value, and how many have it."""
    shown = ", ".join(column.shown for column in table.columns)
    extreme = f"(SELECT {measure.function}({measure.key}) FROM {table.relation} WHERE {where.sql})"
    rows = table.database.query(
        f"SELECT {shown} FROM {table.relation} WHERE ({where.sql}) AND {measure.key} = {extreme} ORDER BY rowid",
        where.parameters,
    )
    return dict(zip([column.name for column in table.columns], rows[0], strict=True)), len(rows)


def _grouped(
    table: Table,
    measure: Measure,
    group: Column,
    where: Where,
    notes: tuple[str, ...],
    *,
    descending: bool,
    limit: int,
) -> ToolResult:
    found = table.database.query(
        f"SELECT any_value({group.shown}), {measure.sql} AS m, min(rowid) AS r FROM {table.relation} "
        f"WHERE {where.sql} GROUP BY {group.value} ORDER BY m {'DESC' if descending else 'ASC'} NULLS LAST, r",
        where.parameters,
    )
    name = value_name(measure, group.name)
    every = [{group.name: tidy(label), name: tidy(value)} for label, value, _ in found]
    rows = every[:limit] if limit > 0 else every
    data: dict[str, Any] = {"columns": [group.name, name], "rows": rows, "row_count": len(rows), "groups": len(every)}
    data["values"] = {group.name: [row[group.name] for row in rows]}
    if len(rows) == 1:
        data["value"] = rows[0][name]
    ties = [row for row in every[len(rows) :] if rows and row[name] == rows[-1][name]] if len(rows) == 1 else []
    if ties:
        notes = (*notes, f"tied with {items_said([cell(row[group.name]) for row in ties])}")
    rank = "" if len(rows) == len(every) else f"{'highest' if descending else 'lowest'} "
    rank = f"{len(rows)} {rank}" if rank and len(rows) > 1 else rank
    place = f"{table.name}{where.said}"
    if not rows:
        text = f"no row of {place}, so there is no {measure}"
    else:
        text = (
            f"{rank}{measure} by {group.name} in {place}: {items_said(_pairs(rows, group.name, name), 'more groups')}"
        )
    return result(with_notes(text, notes), data | ({"notes": list(notes)} if notes else {}))


def _pairs(rows: Sequence[dict[str, Any]], group: str, name: str) -> list[str]:
    colon = ":" if any(not isinstance(row[group], str) or row[group][-1:].isdigit() for row in rows) else ""
    named = with_name if len(rows) == 1 else str
    return [f"{named(clipped(cell(row[group]), 80))}{colon} {cell(row[name])}" for row in rows]
