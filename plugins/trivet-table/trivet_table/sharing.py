"""What percentage of the rows, or of what they add up to, meets conditions: as a whole or in each group."""

from collections.abc import Sequence
from typing import Any

from trivet_sdk import ToolError, ToolResult, result
from trivet_table.conditions import Condition
from trivet_table.delimited import unique_names
from trivet_table.measure import measure_of, tidy
from trivet_table.table import Table
from trivet_table.where import where_of
from trivet_table.wording import cell, clipped, items_said, with_notes

MAX_DECIMALS = 12


def share(
    table: Table,
    part: Sequence[Condition],
    column: str = "",
    group_by: str = "",
    where: Sequence[Condition] = (),
    decimals: int = -1,
) -> ToolResult:
    """A group without any row that meets them has 0 percent. Raises ToolError if no condition is given, or if a figure is
    negative, of which nothing is a share."""
    if not part:
        raise ToolError("a share needs the conditions of the part in 'part'. Say which rows count.")
    base, inner = where_of(table, where), where_of(table, [*where, *part])
    said = where_of(table, part).said.removeprefix(" where ")
    measure = measure_of(table, "sum" if column else "count", column, base)
    group = table.column(group_by) if group_by else None
    keys = (f"any_value({group.shown})", f"GROUP BY {group.value}") if group else ("NULL", "")
    least = f"min({measure.key})" if measure.key else "0"
    queries = [
        f"SELECT {keys[0]}, {measure.sql} AS m, {least}, min(rowid) AS r FROM {table.relation} "
        f"WHERE {rows.sql} {keys[1]} ORDER BY r"
        for rows in (base, inner)
    ]
    wholes = table.database.query(queries[0], base.parameters)
    parts = {label: value for label, value, *_ in table.database.query(queries[1], inner.parameters)}
    if any(low is not None and low < 0 for _, _, low, _ in wholes):
        raise ToolError(f"{measure} in {table.name} has negative figures, so nobody can tell what is a share of it.")
    places = min(decimals, MAX_DECIMALS)
    found = [(label, tidy(parts.get(label) or 0), tidy(whole or 0)) for label, whole, *_ in wholes]
    rows = [
        {"percent": _percent(some, whole, places), "part": some, "whole": whole} for _, some, whole in found if whole
    ]
    notes = list(dict.fromkeys([*table.notes, *inner.notes, *measure.notes]))
    place = f"{table.name}{base.said}"
    if not rows:
        return result(
            with_notes(f"no row of {place}, so there is no share", notes), {"rows": [], "row_count": 0, "value": None}
        )
    if group is None:
        one = rows[0]
        whole = f"the {cell(one['whole'])} rows of" if not column else f"the {measure} ({cell(one['whole'])}) in"
        text = f"{cell(one['percent'])} % of {whole} {place}: {cell(one['part'])} where {said}"
        data: dict[str, Any] = {"columns": ["percent", "part", "whole"], "rows": rows, "row_count": 1}
        data["value"] = one["percent"]
    else:
        labels = [tidy(label) for label, _, whole in found if whole]
        figures = sorted(zip(labels, rows, strict=True), key=lambda pair: -pair[1]["percent"])
        names = unique_names([group.name, "percent", "part", "whole"])
        items = [f"{clipped(cell(label), 80)}: {cell(row['percent'])} %" for label, row in figures]
        rows = [dict(zip(names, (label, *row.values()), strict=True)) for label, row in figures]
        of = "the rows" if not column else f"the {measure}"
        text = f"share of {of} where {said} by {group.name} in {place}: {items_said(items, 'more groups')}"
        data = {"columns": list(names), "rows": rows, "row_count": len(rows)}
    return result(with_notes(text, notes), data | ({"notes": notes} if notes else {}))


def _percent(part: float, whole: float, places: int) -> float:
    percent = 100 * part / whole
    return tidy(round(percent, places) if places >= 0 else float(f"{percent:.10g}"))  # type: ignore[no-any-return]
