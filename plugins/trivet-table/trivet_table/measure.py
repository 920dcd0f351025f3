"""A function of a column, such as the mean of the salary."""

from typing import Any, Literal, TypeAlias

import msgspec

from trivet_sdk import ToolError
from trivet_table.table import Column, Table, numeric
from trivet_table.where import Where
from trivet_table.wording import clipped, rows_of

Function: TypeAlias = Literal["count", "sum", "mean", "min", "max", "median", "distinct"]

_SQL = {"sum": "fsum({})", "mean": "favg({})", "median": "median({})", "min": "min({})", "max": "max({})"}


class Measure(msgspec.Struct, frozen=True):
    """A function of a column as an SQL aggregate."""

    function: Function
    column: Column | None
    sql: str
    key: str
    """SQL expression whose extremes are the rows that `min` and `max` speak of; empty for other functions."""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = self.column.name if self.column else "rows"
        return {"count": f"number of {name}", "distinct": f"number of different {name}"}.get(
            self.function, f"{self.function} of {name}"
        )


def measure_of(table: Table, function: Function, column_name: str, where: Where) -> Measure:
    """Raises ToolError if the function needs numbers and the column does not hold them."""
    if function == "count" and not column_name:
        return Measure(function, None, "count(*)", "")
    if not column_name:
        raise ToolError(f"{function} needs a column. {table.name} has {_names(table)}.")
    column = table.column(column_name)
    if function in ("count", "distinct"):
        inner = f"DISTINCT {column.value}" if function == "distinct" else column.value
        return Measure(function, column, f"count({inner})", "")
    if column.is_temporal:
        if function in ("min", "max"):
            return Measure(function, column, f"arg_{function}({column.shown}, {column.value})", column.value)
        raise ToolError(f"{column.name} in {table.name} holds dates, so it has no {function}.")
    if column.type != "text":
        expression = numeric(column)
        return Measure(function, column, _SQL[function].format(expression), expression)
    return _of_text(table, function, column, where)


def _of_text(table: Table, function: Function, column: Column, where: Where) -> Measure:
    """Texts count as numbers if at least half of them are; what is left out is said."""
    expression = numeric(column)
    [(values, numbers, other)] = table.database.query(
        f"SELECT count({column.value}), count({expression}), "
        f"any_value(CASE WHEN {expression} IS NULL THEN {column.value} END) FROM {table.relation} WHERE {where.sql}",
        where.parameters,
    )
    if numbers * 2 >= values and numbers:
        left_out = values - numbers
        note = (f"left out {rows_of(left_out, 'value')} that are no numbers, such as '{other}'",) if left_out else ()
        return Measure(function, column, _SQL[function].format(expression), expression, note)
    if function in ("min", "max"):
        return Measure(function, column, f"{function}({column.value})", column.value)
    if not values:
        return Measure(function, column, "NULL", "")
    having = "none" if not numbers else f"only {numbers}"
    raise ToolError(
        f"{function} needs numbers, and {having} of the {values} values of {column.name} in {table.name} "
        f"{'is one' if numbers < 2 else 'are'}, such as '{clipped(str(other), 40)}'."
    )


def value_name(measure: Measure, group: str) -> str:
    """The column that holds the figure is called after the column it was made from; a count is called `count`."""
    if measure.function == "count":
        return "count" if group != "count" else "number"
    name = measure.column.name if measure.column else measure.function
    return name if name != group and measure.function != "distinct" else f"{measure.function}_{name}"


def tidy(value: Any) -> Any:
    """Without the noise that binary fractions leave in the sixteenth digit; a whole sum of whole numbers is an int."""
    if isinstance(value, float):
        return float(f"{value:.13g}")
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return float(value)  # DuckDB's medians of integers are decimals


def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)
