"""The tools. Each reads like a function, answers in a sentence, and keeps the bare figure for the next step."""

import re

from trivet_calculate import arithmetic, days, units
from trivet_calculate.arithmetic import shown
from trivet_sdk import ToolResult, result, tool
from trivet_sdk.formats import Date, Expression, Unit


@tool(effect="pure")
def evaluate(expression: Expression, values: dict[str, float] = {}) -> ToolResult:  # noqa: B006 - never changed
    """Work out an arithmetic expression.

    + - * / // % ** and brackets; percent as on a pocket calculator (100 + 19%, 15% of 60); sqrt, round, min, max, abs,
    sum, mean, median, log, exp, sin and the like; pi and e.

    Args:
        expression: What to work out, e.g. 3 * 24.90 * (1 - 15%).
        values: Variables of the expression, e.g. {"km": 42}.
    """
    value = arithmetic.evaluate(expression, values)
    return result(f"{expression} = {shown(value)}", {"value": value})


@tool(effect="pure")
def convert(value: float, unit: Unit, to: Unit) -> ToolResult:
    """Convert a quantity into another unit.

    Args:
        value: How many.
        unit: Of what, e.g. mph, stone, degrees fahrenheit, 公斤.
        to: The unit wanted; two, as in `hours and minutes`, for a whole number and the rest.
    """
    if len(parts := re.split(r"\s+(?:and|und)\s+", to.strip())) == 2:
        whole, rest = units.split(value, unit, parts[0], parts[1])
        text = f"{shown(value)} {unit} = {shown(whole)} {parts[0]} and {shown(rest)} {parts[1]}"
        return result(text, {"value": whole, "rest": rest, "unit": parts[0], "unit_of_rest": parts[1]})
    converted = units.convert(value, unit, to)
    return result(f"{shown(value)} {unit} = {shown(converted)} {to}", {"value": converted, "unit": to})


@tool(effect="pure")
def days_between(start: Date, end: Date) -> ToolResult:
    """Count the days from one date to another."""
    first, last = days.day(start), days.day(end)
    count = (last - first).days
    weeks, rest = divmod(abs(count), 7)
    in_weeks = f" ({weeks} weeks and {rest} days)" if weeks > 1 else ""
    text = f"{abs(count)} days from {min(first, last)} to {max(first, last)}{in_weeks}"
    return result(text, {"value": count, "start": str(first), "end": str(last)})


@tool(effect="pure")
def add_to_date(start: Date, amount: int, unit: days.Unit) -> ToolResult:
    """Find the date so many days, weeks, months or years after another one.

    Args:
        start: The date to count from.
        amount: How many; a negative number counts back.
        unit: What is counted.
    """
    first = days.day(start)
    moved = days.moved(first, amount, unit)
    counted = unit if abs(amount) != 1 else unit.removesuffix("s")
    text = f"{abs(amount)} {counted} {'after' if amount >= 0 else 'before'} {first} is {moved}, a {moved:%A}"
    return result(text, {"value": str(moved), "weekday": f"{moved:%A}"})


@tool(effect="pure")
def weekday(day: Date) -> ToolResult:
    """Tell which day of the week a date is."""
    found = days.day(day)
    return result(f"{found} is a {found:%A}", {"value": f"{found:%A}", "number": found.isoweekday()})
