"""What a picture of a table shows: bars, or points; how it is drawn is another matter."""

import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import msgspec

from trivet_sdk import ToolError
from trivet_table.conditions import Condition
from trivet_table.table import Column, Table, numeric
from trivet_table.where import Where, where_of
from trivet_table.wording import cell, clipped

Kind: TypeAlias = Literal["bar", "line", "scatter", "histogram"]

MAX_BARS = 30
MAX_POINTS = 20_000


class Bars(msgspec.Struct, frozen=True):
    labels: tuple[str, ...]
    values: tuple[float, ...]
    x: str
    y: str
    notes: tuple[str, ...] = ()


class Points(msgspec.Struct, frozen=True):
    xs: tuple[float, ...]
    """Seconds since 1970 if `is_time`."""
    ys: tuple[float, ...]
    x: str
    y: str
    is_time: bool = False
    is_joined: bool = False
    notes: tuple[str, ...] = ()


Picture: TypeAlias = Bars | Points


def picture_of(table: Table, kind: Kind, x: str, y: str, conditions: Sequence[Condition]) -> Picture:
    """Raises ToolError for columns that cannot be drawn so, and for nothing to draw."""
    across = table.column(x)
    up = table.column(y) if y else None
    where = where_of(table, conditions)
    match kind:
        case "bar":
            return _bars(table, across, up, where)
        case "histogram":
            if up is not None:
                raise ToolError("a histogram counts one column. Leave `y` out, or ask for bars.")
            return _histogram(table, across, where)
        case "line" | "scatter":
            if up is None:
                raise ToolError(f"a {kind} needs a column for `y`.")
            return _points(table, across, up, where, is_joined=kind == "line")


def _bars(table: Table, x: Column, y: Column | None, where: Where) -> Bars:
    figure = "count(*)" if y is None else f"sum({_numbers(table, y)})"
    order = f"min({x.value})" if x.type != "text" else "v DESC"
    sql = f"SELECT {x.shown} AS k, {figure} AS v FROM {table.relation} WHERE ({where.sql}) AND {x.value} IS NOT NULL GROUP BY 1"
    found = table.database.query(f"{sql} HAVING v IS NOT NULL ORDER BY {order}, min(rowid)", where.parameters)
    notes = list(where.notes)
    if len(found) > MAX_BARS:
        notes.append(f"the first {MAX_BARS} of {len(found)} bars")
    rows = found[:MAX_BARS]
    _refuse_nothing(table, rows, where)
    labels = tuple(clipped(cell(key), 24) for key, _ in rows)
    title = "rows" if y is None else f"sum of {y.name}"
    return Bars(labels, tuple(float(value) for _, value in rows), x.name, title, (*table.notes, *notes))


def _histogram(table: Table, x: Column, where: Where) -> Bars:
    value = _numbers(table, x)
    sql = f"SELECT min(v), max(v), count(v) FROM (SELECT {value} AS v FROM {table.relation} WHERE {where.sql})"
    [(low, high, count)] = table.database.query(sql, where.parameters)
    _refuse_nothing(table, [1] * min(count, 1), where)
    bins = 1 if low == high else max(5, min(MAX_BARS, math.ceil(math.log2(count)) + 1))
    width = (high - low) / bins or 1.0
    place = f"least({bins - 1}, CAST(floor((v - $low) / $width) AS INTEGER))"
    counted = dict(
        table.database.query(
            f"SELECT {place} AS b, count(*) FROM (SELECT {value} AS v FROM {table.relation} WHERE {where.sql}) "
            "WHERE v IS NOT NULL GROUP BY 1",
            {**where.parameters, "low": float(low), "width": float(width)},
        )
    )
    edges = [f"{low + n * width:.6g}" for n in range(bins + 1)]
    labels = tuple(f"{a} to {b}" for a, b in itertools.pairwise(edges)) if bins > 1 else (f"{low:.6g}",)
    return Bars(
        labels, tuple(float(counted.get(n, 0)) for n in range(bins)), x.name, "rows", (*table.notes, *where.notes)
    )


def _points(table: Table, x: Column, y: Column, where: Where, *, is_joined: bool) -> Points:
    across = f"epoch({x.value})" if x.is_temporal else _numbers(table, x)
    sql = f"SELECT {across} AS a, {_numbers(table, y)} AS b, rowid AS r FROM {table.relation} WHERE {where.sql}"
    sql = f"SELECT a, b FROM ({sql}) WHERE isfinite(CAST(a AS DOUBLE)) AND isfinite(CAST(b AS DOUBLE))"
    [(count,)] = table.database.query(f"SELECT count(*) FROM ({sql})", where.parameters)
    step = max(1, math.ceil(count / MAX_POINTS))
    notes = list(where.notes)
    if step > 1:
        sql = f"SELECT a, b FROM ({sql}) QUALIFY row_number() OVER (ORDER BY a) % {step} = 0"
        notes.append(f"one in {step} of {count} points")
    found = table.database.query(f"{sql} ORDER BY a" if is_joined else sql, where.parameters)
    _refuse_nothing(table, found, where)
    xs, ys = tuple(float(a) for a, _ in found), tuple(float(b) for _, b in found)
    return Points(xs, ys, x.name, y.name, x.is_temporal, is_joined, (*table.notes, *notes))


def _numbers(table: Table, column: Column) -> str:
    """SQL of the column's numbers. Raises ToolError if it holds none."""
    if column.is_temporal:
        raise ToolError(f"{column.name} in {table.name} holds dates, and numbers are needed there.")
    expression = numeric(column)
    if column.type == "text" and not table.database.query(
        f"SELECT 1 FROM {table.relation} WHERE {expression} IS NOT NULL LIMIT 1"
    ):
        raise ToolError(f"{column.name} in {table.name} holds text, and numbers are needed there.")
    return f"CAST({expression} AS DOUBLE)"


def _refuse_nothing(table: Table, found: Sequence[object], where: Where) -> None:
    if not found:
        raise ToolError(f"there is nothing to draw: no row of {table.name}{where.said} has a value there.")


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
