"""The tools: each reads its tables into a database of its own, asks, and answers in a sentence or a small table."""

import shutil
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Column, NewPath, Sql, WorkspacePath, of
from trivet_table import (
    aggregating,
    comparing,
    describing,
    differing,
    documents,
    joining,
    plotting,
    png,
    selecting,
    sharing,
    text_plot,
)
from trivet_table.conditions import Condition
from trivet_table.database import Database, open_database
from trivet_table.listing import entries_of
from trivet_table.measure import Function
from trivet_table.selecting import Selection
from trivet_table.source import content_of, document_in, records_in
from trivet_table.sql import run_sql
from trivet_table.table import Table, nearest_name
from trivet_table.wording import rows_of, with_notes
from trivet_table.writing import encoded, format_of

Source: TypeAlias = WorkspacePath | list[Any] | dict[str, Any]
"""A file, or the rows of an earlier step."""


def _load(database: Database, source: Source, ctx: ToolContext) -> Table:
    return database.load(content_of(source, ctx.workspace))


@tool(effect="pure", describes="column")
def describe(path: Source, ctx: ToolContext) -> ToolResult:
    """Tell a table's columns, their types and typical values, and how many rows it has.

    Args:
        path: A CSV, TSV, JSON, JSON Lines, Parquet or log file, or a Markdown page with a table.
    """
    with open_database(ctx) as database:
        return describing.describe(_load(database, path, ctx))


@tool(effect="pure")
def select(
    path: Source,
    ctx: ToolContext,
    columns: list[Column] = [],  # noqa: B006 - defaults are never changed
    where: list[Condition] = [],  # noqa: B006
    sort_by: Column = "",
    descending: bool = False,
    limit: int = 0,
    distinct: bool = False,
) -> ToolResult:
    """Get rows of a table: those that meet the conditions, sorted, with the columns that matter.

    Args:
        path: The table, or the rows of an earlier step.
        columns: Which columns, in this order; all if none is named.
        where: Conditions that must all hold.
        sort_by: Column to sort by.
        descending: Largest, latest or last first.
        limit: At most so many rows; 0 for all.
        distinct: Leave out repeated rows.
    """
    chosen = Selection(
        columns=columns, where=where, sort_by=sort_by, descending=descending, limit=limit, distinct=distinct
    )
    with open_database(ctx) as database:
        return selecting.select(_load(database, path, ctx), chosen)


@tool(effect="pure")
def aggregate(
    path: Source,
    function: Function,
    ctx: ToolContext,
    column: Column = "",
    group_by: Column = "",
    where: list[Condition] = [],  # noqa: B006
    descending: bool = True,
    limit: int = 0,
) -> ToolResult:
    """Count rows, or take the sum, mean, min, max or median of a column, as a whole or for each group.

    Args:
        path: The table, or the rows of an earlier step.
        function: What to compute; distinct counts different values.
        column: The column to compute it of; not needed to count rows.
        group_by: One figure for each value of this column, sorted by the figure.
        where: Conditions that must all hold.
        descending: Largest group first.
        limit: Only so many groups; 1 tells which group has the most.
    """
    with open_database(ctx) as database:
        return aggregating.aggregate(
            _load(database, path, ctx), function, column, group_by, where, descending=descending, limit=limit
        )


@tool(effect="pure")
def compare(
    path: Source,
    function: Function,
    ctx: ToolContext,
    *,
    column: Column = "",
    by: Column,
    first: str,
    second: str,
    where: list[Condition] = [],  # noqa: B006
) -> ToolResult:
    """Compare two groups of a table: the figure of each, the difference, and which is larger.

    Args:
        path: The table, or the rows of an earlier step.
        function: What to compute for each of the two.
        column: The column to compute it of; not needed to count rows.
        by: The column in which the two are told apart.
        first: One value of that column.
        second: The other value.
        where: Conditions that must hold for both.
    """
    with open_database(ctx) as database:
        return comparing.compare(_load(database, path, ctx), function, column, by, first, second, where)


@tool(effect="pure")
def share(
    path: Source,
    part: list[Condition],
    ctx: ToolContext,
    column: Column = "",
    group_by: Column = "",
    where: list[Condition] = [],  # noqa: B006
    decimals: int = -1,
) -> ToolResult:
    """Tell what percentage of the rows, or of what a column adds up to, meets conditions, as a whole or for each group.

    Args:
        path: The table, or the rows of an earlier step.
        part: Conditions that the rows of the part meet.
        column: What is added up; rows are counted if empty.
        group_by: One percentage for each value of this column.
        where: Conditions of all the rows that it is a share of.
        decimals: Round to so many; -1 for as they come.
    """
    with open_database(ctx) as database:
        return sharing.share(_load(database, path, ctx), part, column, group_by, where, decimals)


@tool(effect="pure")
def join(
    path: Source,
    other: Source,
    on: Column,
    ctx: ToolContext,
    other_on: Annotated[Column, of("other")] = "",
    columns: list[Column] = [],  # noqa: B006
    where: list[Condition] = [],  # noqa: B006
    sort_by: Column = "",
    descending: bool = False,
    limit: int = 0,
) -> ToolResult:
    """Put two tables side by side where a column of each has the same value, and get rows of the result.

    Args:
        path: The first table, or the rows of an earlier step.
        other: The second table, or the rows of an earlier step.
        on: Column of the first table to match.
        other_on: Column of the second table, if it has another name there.
        columns: Which columns of both, in this order; all if none is named.
        where: Conditions that must all hold, on columns of either table.
        sort_by: Column to sort by.
        descending: Largest first.
        limit: At most so many rows; 0 for all.
    """
    chosen = Selection(columns=columns, where=where, sort_by=sort_by, descending=descending, limit=limit)
    with open_database(ctx) as database:
        return selecting.select(
            joining.join(_load(database, path, ctx), _load(database, other, ctx), on, other_on), chosen
        )


@tool(effect="pure")
def differ(
    path: Source,
    other: Source,
    ctx: ToolContext,
    on: Column = "",
    other_on: Annotated[Column, of("other")] = "",
    show: differing.Show = "changed",
) -> ToolResult:
    """Tell what one list, table or settings file has and another has not, or which values they have differently.

    Args:
        path: The list of which it is told, or the newer of two: a table, settings, or a text with an entry a line.
        other: What it is held against, or the older of the two.
        on: Column of the first that says which entries are the same; the columns that share the most values if empty.
        other_on: Column of the other, if it has another name there.
        show: only tells entries of the first that the other lacks, both those that it has too, changed the values that
            are others now.
    """
    with open_database(ctx) as database:
        left, right = (entries_of(database, source, ctx.workspace) for source in (path, other))
        return differing.differ(left, right, on, other_on, show)


@tool(effect="pure")
def sql(query: Sql, paths: list[WorkspacePath], ctx: ToolContext) -> ToolResult:
    """Answer a read-only SQL query over table files. Texts are compared and grouped without regard to case, but for LIKE.

    Args:
        query: One SELECT in DuckDB's dialect. A file is a table called by its name without suffix, or by its path, such as
            visits_2024; what SQL cannot spell is an underscore there.
        paths: The files that the query needs.
    """
    if not paths:
        raise ToolError("no file is named in paths, so the query has no table to read.")
    with open_database(ctx) as database:
        return run_sql(database, query, [_load(database, path, ctx) for path in paths])


@tool(effect="idempotent")
def write(rows: list[Any] | dict[str, Any], path: NewPath, ctx: ToolContext, columns: list[Column] = []) -> ToolResult:  # noqa: B006
    """Write rows to a file, as CSV, TSV, JSON, JSON Lines, Parquet or a Markdown table, by its suffix.

    Args:
        rows: Records, such as the rows of an earlier step.
        path: Where to write; .csv, .tsv, .json, .jsonl, .parquet, .md or .txt, which has one column as plain lines.
        columns: Which columns, in this order; all if none is named.
    """
    suffix = format_of(path)
    names, records = records_in(rows)
    chosen = []
    for column in columns:
        found = nearest_name(column, names)
        if found is None and names:
            raise ToolError(f"the rows have no column '{column}'. They have {', '.join(names)}.")
        chosen.append(found or column)
    name = ctx.workspace.write(path, encoded(chosen or names, records, suffix))
    return _written(name, len(records), chosen or names, ())


@tool(effect="idempotent")
def convert(path: WorkspacePath, to: NewPath, ctx: ToolContext) -> ToolResult:
    """Write a table file in another format, told by the suffix of the new file.

    JSON, YAML and TOML keep their nesting when they are written as JSON or YAML.

    Args:
        path: The file to read.
        to: The file to write; .csv, .tsv, .json, .jsonl, .parquet, .yaml, .md or .txt.
    """
    target = ctx.workspace.writable(to)
    name, source, wanted = ctx.workspace.relative(target), PurePosixPath(path).suffix, PurePosixPath(to).suffix
    if source.casefold() in documents.SUFFIXES and wanted.casefold() in documents.SUFFIXES[:-1]:
        content = documents.written_document(document_in(path, ctx.workspace), wanted.casefold())
        ctx.workspace.write(to, content)
        return result(f"wrote {path} as {name}", {"path": name, "bytes": len(content)}, artifacts=(name,))
    suffix = format_of(to)
    with open_database(ctx) as database:
        table = _load(database, path, ctx)
        names = [column.name for column in table.columns]
        if (exported := database.export(table, suffix)) is not None:
            with exported.open("rb") as made, ctx.workspace.writing(to) as file:
                shutil.copyfileobj(made, file, 1 << 20)
            return _written(name, table.row_count, names, table.notes)
        every = selecting.rows(table)
    ctx.workspace.write(to, encoded(names, every, suffix))
    return _written(name, len(every), names, table.notes)


@tool(effect="idempotent")
def plot(
    path: Source,
    kind: Annotated[
        plotting.Kind, Meta(extra_json_schema={"type": "string", "format": "chart"})
    ],  # who does not know it, draws nothing
    x: Column,
    ctx: ToolContext,
    y: Column = "",
    to: NewPath = "",
    title: str = "",
    where: list[Condition] = [],  # noqa: B006
) -> ToolResult:
    """Draw a table as bars, a line, points or a histogram, in characters and, if a file is named, as a PNG.

    Args:
        path: The table, or the rows of an earlier step.
        kind: bar draws the sum of y (or the number of rows) for each x; histogram counts x in ranges.
        x: The column across.
        y: The column of figures; not needed for a histogram, nor to count rows.
        to: The picture to write, ending in .png; none if empty.
        title: What to write above it.
        where: Conditions that must all hold.
    """
    if to and PurePosixPath(to).suffix.casefold() != ".png":
        raise ToolError(f"'{to}' names no picture that can be written. End it in .png.")
    with open_database(ctx) as database:
        picture = plotting.picture_of(_load(database, path, ctx), kind, x, y, where)
    text, notes = text_plot.drawn(picture), picture.notes
    written: tuple[str, ...] = ()
    value: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(picture))
    if to:
        content, more = png.encoded(picture, title or f"{picture.y} by {picture.x}")
        name = ctx.workspace.write(to, content)
        text, notes, written = f"{text}\nwrote {name}", (*notes, *more), (name,)
        value |= {"path": name}
    return result(with_notes(text, notes), value, artifacts=written)


def _written(name: str, count: int, columns: list[str], notes: tuple[str, ...]) -> ToolResult:
    text = f"wrote {rows_of(count)} with the columns {', '.join(columns[:20])} to {name}"
    value = {"path": name, "columns": columns, "row_count": count}
    return result(with_notes(text, notes), value, artifacts=(name,))


TOOLS = (describe, select, aggregate, compare, share, join, differ, sql, write, convert, plot)
