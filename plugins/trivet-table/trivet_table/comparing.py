"""Two groups of rows side by side."""

from collections.abc import Sequence
from typing import Any

from trivet_sdk import ToolError, ToolResult, result
from trivet_table.conditions import Condition
from trivet_table.dates import with_name
from trivet_table.measure import Function, measure_of, tidy
from trivet_table.table import Column, Table
from trivet_table.where import where_of
from trivet_table.wording import cell, with_notes


def compare(
    table: Table,
    function: Function,
    column: str,
    by: str,
    first: str,
    second: str,
    where: Sequence[Condition] = (),
) -> ToolResult:
    """The figure of each, how far apart they are and which is larger; a count is nothing where no row of one meets `where`.
    Raises ToolError if either has no row."""
    group = table.column(by)
    notes = list(table.notes)
    figures: list[float] = []
    names: list[str] = []
    said = ""
    for value in (first, second):
        rows = where_of(table, [Condition(group.name, "=", value), *where])
        measure = measure_of(table, function, column, rows)
        [(figure, count, spelled)] = table.database.query(
            f"SELECT {measure.sql}, count(*), any_value({group.shown}) FROM {table.relation} WHERE {rows.sql}",
            rows.parameters,
        )
        if not count and function == "count":
            spelled = _spelled(table, group, value)
        if not (count or spelled) or not isinstance(tidy(figure), (int, float)):
            reason = f" ({'; '.join(rows.notes)})" if rows.notes else ""
            raise ToolError(f"{table.name} has no {measure}{rows.said}{reason}, so there is nothing to compare.")
        figures.append(tidy(figure))
        names.append(cell(spelled) if group.type == "text" else value)
        notes += [note for note in (*rows.notes, *measure.notes) if note not in notes]
        said = str(measure)
    first, second = names
    rest = where_of(table, where).said
    a, b = figures
    difference = tidy(abs(a - b))
    larger = first if a > b else second if b > a else ""
    said_first, said_second = map(with_name, (first, second))
    text = f"{said} in {table.name}{rest}: {said_first} {cell(a)}, {said_second} {cell(b)}; "
    text += f"{with_name(larger)} is larger by {cell(difference)}" if larger else "they are equal"
    ratio = max(a, b) / min(a, b) if min(a, b) > 0 else None
    if larger and ratio is not None:
        text += f" ({cell(float(f'{ratio:.4g}'))} times)"
    rows_ = [{group.name: first, "value": a}, {group.name: second, "value": b}]
    data = {"columns": [group.name, "value"], "rows": rows_, "row_count": 2, "first": a, "second": b}
    data |= {"difference": difference, "ratio": ratio, "larger": larger}
    return result(with_notes(text, notes), data | ({"notes": notes} if notes else {}))


def _spelled(table: Table, group: Column, value: str) -> Any:
    """How the table spells the value, whatever else its rows are; None if no row has it."""
    rows = where_of(table, [Condition(group.name, "=", value)])
    query = f"SELECT any_value({group.shown}) FROM {table.relation} WHERE {rows.sql}"
    [(spelled,)] = table.database.query(query, rows.parameters)
    return spelled
