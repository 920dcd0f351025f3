"""A forecast as a service delivers it: town -> day -> figures, and warnings by town."""

import json
from typing import Any

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Date, Span

FILE = "forecast.json"


def _forecast(ctx: ToolContext) -> dict[str, Any]:
    with ctx.workspace.reading(FILE) as file:
        found: dict[str, Any] = json.load(file)
    return found


def _town(names: dict[str, Any], town: str) -> str:
    found = [name for name in names if name.casefold() == town.strip().casefold()]
    if not found:
        raise ToolError(f"there is no forecast for '{town}', only for {', '.join(names)}")
    return found[0]


@tool(effect="pure")
def at(town: Span, day: Date, ctx: ToolContext) -> ToolResult:
    """Tell the forecast for a town on a day.

    Args:
        town: Its name.
        day: Which day.
    """
    towns = _forecast(ctx)["towns"]
    name = _town(towns, town)
    if day not in towns[name]:
        raise ToolError(f"the forecast for {name} covers {min(towns[name])} to {max(towns[name])}, not {day}")
    figures = towns[name][day]
    return result(
        f"{name}, {day}: {figures['sky']}, {figures['max_c']} °C, {figures['rain_mm']} mm of rain",
        {"town": name, "day": day, **figures},
    )


@tool(effect="pure")
def warnings(town: Span, ctx: ToolContext) -> ToolResult:
    """List the weather warnings for a town.

    Args:
        town: Its name.
    """
    forecast = _forecast(ctx)
    name = _town(forecast["towns"], town)
    found = forecast["warnings"].get(name, [])
    return result(f"{name}: {'; '.join(found) or 'no warning'}", {"town": name, "warnings": found})


@tool(effect="pure")
def warmest(day: Date, ctx: ToolContext) -> ToolResult:
    """Find the warmest town on a day.

    Args:
        day: Which day.
    """
    degrees = {name: days[day]["max_c"] for name, days in _forecast(ctx)["towns"].items() if day in days}
    if not degrees:
        raise ToolError(f"there is no forecast for {day}")
    town = max(degrees, key=lambda name: degrees[name])
    return result(f"{town} with {degrees[town]} °C on {day}", {"town": town, "max_c": degrees[town]})
