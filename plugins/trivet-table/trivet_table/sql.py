"""Read-only SQL over tables that are already loaded."""

import difflib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import duckdb

from trivet_sdk import ToolError, ToolResult, result
from trivet_table.database import Database, first_line, quoted
from trivet_table.delimited import unique_names
from trivet_table.measure import tidy
from trivet_table.table import Table, safe_identifier
from trivet_table.wording import cell, items_said, row_said, rows_of, table_said, with_notes


def run_sql(database: Database, query: str, tables: Sequence[Table]) -> ToolResult:
    """Answer one SELECT. Each table goes by its file's stem, also by the stem and by the whole path with `_` for what
    SQL cannot spell; a single one also as `data`. Texts that differ in case alone are equal. Raises ToolError for anything but
    one SELECT, and with DuckDB's complaint."""
    names = _views(database, tables)
    database.connection.execute("SET default_collation = 'NOCASE'")  # as the other tools compare texts
    database.seal()
    statement = _only_select(database, query)
    try:
        header = database.header(f"SELECT * FROM ({statement}\n) LIMIT 0")  # a comment may end the statement
        columns = unique_names(header)
        found = database.query_bounded(statement)
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        raise ToolError(f"the query failed: {first_line(error)}{_hint(str(error), tables, names)}") from None
    rows = [{name: _plain(value) for name, value in zip(columns, row, strict=True)} for row in found]
    notes = [note for table in tables for note in table.notes]
    data: dict[str, Any] = {"columns": list(columns), "rows": rows, "row_count": len(rows)}
    if len(rows) == 1 and len(columns) == 1:
        data["value"] = rows[0][columns[0]]
    return result(with_notes(_said(columns, data["rows"]), notes), data | ({"notes": notes} if notes else {}))


def _said(columns: Sequence[str], rows: list[dict[str, object]]) -> str:
    if not rows:
        return "the query found no rows"
    if len(columns) == 1:
        values = [cell(row[columns[0]]) for row in rows]
        return f"{columns[0]}: {items_said(values)}"
    if len(rows) == 1:
        return row_said(rows[0], 14)
    return f"{rows_of(len(rows))}:\n{table_said(columns[:10], rows)}"


def _views(database: Database, tables: Sequence[Table]) -> list[str]:
    """Make the names by which the query may call the tables."""
    names: list[str] = []
    for table in tables:
        stem = PurePosixPath(table.name).stem
        whole = safe_identifier(str(PurePosixPath(table.name).with_suffix("")))
        called = dict.fromkeys([stem, safe_identifier(stem), whole, *(["data"] if len(tables) == 1 else [])])
        titles = unique_names([column.name for column in table.columns])
        columns = ", ".join(
            f"{column.value} AS {quoted(title)}" for column, title in zip(table.columns, titles, strict=True)
        )
        taken = {name.casefold() for name in names}
        for name in {n.casefold(): n for n in called if n.casefold() not in taken}.values():
            database.connection.execute(f"CREATE VIEW {quoted(name)} AS SELECT {columns} FROM {table.relation}")
            names.append(name)
    return names


def _only_select(database: Database, query: str) -> str:
    try:
        statements = database.connection.extract_statements(query)
    except duckdb.Error as error:
        raise ToolError(f"the query is no SQL that DuckDB understands: {first_line(error)}") from None
    if len(statements) != 1:
        raise ToolError(f"the query holds {len(statements)} statements. Send one SELECT.")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = statements[0].type.name
        raise ToolError(f"only SELECT is allowed, and this is {kind}. Write results with table.write.")
    return str(statements[0].query).strip().rstrip(";")


def _hint(error: str, tables: Sequence[Table], names: Sequence[str]) -> str:
    """Which tables and columns there are, when the query named one that there is not."""
    if match := re.search(r'Table with name "?(.+?)"? does not exist', error):
        near = difflib.get_close_matches(match[1].casefold(), names, n=1)
        guess = f" Did you mean {near[0]}?" if near else ""
        return f" The tables are {', '.join(names)}.{guess}"
    if "not found in FROM clause" in error or "does not have a column named" in error:
        return " " + " ".join(
            f"{PurePosixPath(table.name).stem} has {', '.join(column.name for column in table.columns)}."
            for table in tables
        )
    return ""


def _plain(value: object) -> object:
    """A value that JSON can hold."""
    if isinstance(value, (str, bool, int, float)) or value is None:
        return tidy(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    try:
        return tidy(value)
    except (TypeError, ValueError):
        return str(value)
