"""Rows of a table: filtered, sorted, cut to the columns that matter."""

from collections.abc import Sequence
from typing import Any

import msgspec

from trivet_sdk import ToolError, ToolResult, result
from trivet_table.conditions import Condition
from trivet_table.table import Column, Table, listed, numeric
from trivet_table.where import where_of
from trivet_table.wording import cell, clipped, items_said, row_said, rows_of, table_said, with_notes

MAX_ROWS = 100_000
MAX_HELD = 2_000_000
"""Rows of a whole table that are taken into memory to be written."""
_MAX_VALUES = 10_000
"""Rows up to which a result also lists each column's different values, for an `in` condition of a later step."""


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows and columns, in which order."""

    columns: Sequence[str] = ()
    """All, if none is named."""
    where: Sequence[Condition] = ()
    sort_by: str = ""
    descending: bool = False
    limit: int = 0
    """0 means no limit."""
    distinct: bool = False


def select(table: Table, selection: Selection) -> ToolResult:
    """The rows, with every value as the file shows it. Empty cells sort last, equal ones stay in the file's order."""
    columns = [table.column(name) for name in dict.fromkeys(selection.columns)] or list(table.columns)
    where = where_of(table, selection.where)
    sort = table.column(selection.sort_by) if selection.sort_by else None
    shown = ", ".join(f"{column.shown} AS o{i}" for i, column in enumerate(columns))
    sql = f"SELECT {shown}{', ' + sort_key(table, sort) + ' AS k' if sort else ''}, rowid AS r FROM {table.relation}"
    sql += f" WHERE {where.sql}"
    outputs = ", ".join(f"o{i}" for i in range(len(columns)))
    direction = "DESC" if selection.descending else "ASC"
    if selection.distinct:
        key = f", {'max' if selection.descending else 'min'}(k) AS k" if sort else ""
        sql = f"SELECT {outputs}{key}, min(r) AS r FROM ({sql}) GROUP BY {outputs}"
    ordered = f"SELECT {outputs} FROM ({sql}) ORDER BY {f'k {direction} NULLS LAST, ' if sort else ''}r"
    most = selection.limit if selection.limit > 0 else MAX_ROWS + 1
    found = table.database.query(f"{ordered} LIMIT {most}", where.parameters)
    if len(found) > MAX_ROWS:
        raise ToolError(f"{table.name} has more than {MAX_ROWS} such rows. Set a limit, or let them be counted.")
    matched = len(found)
    if matched == selection.limit:
        [(matched,)] = table.database.query(f"SELECT count(*) FROM ({sql})", where.parameters)
    names = [column.name for column in columns]
    records = [dict(zip(names, row, strict=True)) for row in found]
    order = f", sorted by {sort.name}{' descending' if selection.descending else ''}" if sort else ""
    what = f"{table.name}{where.said}{order}"
    notes = (*table.notes, *where.notes)
    text = with_notes(_said(names, records, matched, what, is_distinct=selection.distinct), notes)
    value: dict[str, Any] = {"columns": names, "rows": records, "row_count": len(records), "matched": matched}
    if len(records) <= _MAX_VALUES:
        value["values"] = {name: list(dict.fromkeys(record[name] for record in records)) for name in names}
    return result(text, value | ({"notes": list(notes)} if notes else {}))


def rows(table: Table) -> list[dict[str, Any]]:
    """Every row, as the file shows it. Raises ToolError for more than can be held."""
    if table.row_count > MAX_HELD:
        raise ToolError(
            f"{table.name} has {table.row_count} rows, too many for that format. Convert it to .csv, .tsv, .jsonl or .parquet."
        )
    shown = ", ".join(column.shown for column in table.columns)
    names = [column.name for column in table.columns]
    found = table.database.query(f"SELECT {shown} FROM {table.relation} ORDER BY rowid")
    return [dict(zip(names, row, strict=True)) for row in found]


def sort_key(table: Table, column: Column) -> str:
    """Texts that are all numbers sort as numbers; other texts by code point, as programs that read the file will."""
    if column.type != "text":
        return column.value
    [(texts, numbers)] = table.database.query(
        f"SELECT count({column.value}), count({numeric(column)}) FROM {table.relation}"
    )
    return numeric(column) if texts == numbers and texts else column.value


def _said(names: list[str], rows: list[dict[str, Any]], matched: int, what: str, *, is_distinct: bool) -> str:
    noun = "different row" if is_distinct else "row"
    if not rows:
        return f"no row of {what}"
    if len(names) == 1:
        values = [clipped(cell(row[names[0]])) for row in rows]
        if is_distinct:
            return f"{rows_of(len(rows), 'different value')} of {names[0]} in {what}: {items_said(values)}"
        if len(rows) == 1:
            return f"{names[0]} in {what}: {values[0]}"
        return f"{names[0]} in {what} ({_counted(len(rows), matched, noun)}): {items_said(values)}"
    counted = _counted(len(rows), matched, noun)
    if len(rows) == 1:
        return f"{counted} of {what}: {row_said(rows[0], 14)}"
    shown = names[:10]
    left_out = f"\n(further columns: {listed(names[10:])})" if len(names) > 10 else ""
    return f"{counted} of {what}:\n{table_said(shown, rows)}{left_out}"


def _counted(count: int, matched: int, noun: str) -> str:
    if count == matched:
        return rows_of(count, noun)
    return f"first{f' {count}' if count > 1 else ''} of {rows_of(matched, noun)}"
