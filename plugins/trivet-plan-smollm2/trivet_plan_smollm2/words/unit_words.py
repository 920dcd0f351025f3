"""A result in another unit than the goal's figures or the table's column have: `… in miles`, `how many hours is that?`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.words.spans import Spans, without_form
from trivet_plan_smollm2.words.units import KINDS, unit_of

_ASKED = (
    re.compile(r"[,.;]?\s*(?:and )?(?:how (?:many|much)|what) (?:is (?:that|this|it) in )?(?P<unit>[a-z]+)"
               r" (?:is|are|does|do|would|will) (?:that|this|it|those|they)(?: be| make| come to)?(?: altogether| in total)?"
               r"\s*[?.!]*\s*$", re.I),
    re.compile(r"[,.;]?\s*(?:how (?:many|much)|what) is (?:that|this|it) in (?P<unit>[a-z]+)\s*[?.!]*\s*$", re.I),
    re.compile(r"[,.;]?\s*(?:and )?(?:(?:tell|give|show) me )?(?:its|the) (?:length|distance|height|weight"
               r"|duration|mass|depth|temperature) in (?P<unit>[a-z]+)\s*[?.!]*\s*$", re.I),
    re.compile(r"[,.;]?\s*(?:expressed |measured |given )?in (?P<unit>[a-z]+)(?:,? please)?\s*[?.!]*\s*$", re.I),
)  # fmt: skip
_UNIT = r"[a-z]+(?:\s*/\s*[a-z]+| per [a-z]+)?"
_WISHED = re.compile(
    rf"[\s,.;]*(?:(?:and|then|please)\s+)*(?:(?:turn|turned|convert|converted|change|express|expressed|give|put|bring|do)"
    rf"(?: (?:it|that|this|the (?:result|figure|number|value|answer)))?\s+)?(?:to|in|into|as)\s+(?P<unit>{_UNIT})"
    r"(?:,? please)?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
"""`, turn it into metres per second`, at the end of a goal."""
_AFTER_NUMBER = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|a|an|each|per))\s*(?<![a-z])([A-Za-z]+)\b",
    re.IGNORECASE,
)


class Wanted(msgspec.Struct, frozen=True):
    """A goal without its wish for a unit, and the unit."""

    rest: str
    unit: str


def unit_wanted(goal: str) -> Wanted | None:
    """None if the goal ends without such a wish."""
    goal = re.sub(r"\(\s*(?:please)?\s*\)", " ", without_form(goal), flags=re.IGNORECASE).rstrip(" ,;()")
    for form in _ASKED:
        match = form.search(goal)
        if match and match.start() > 0 and unit_of(match["unit"]) in KINDS:
            return Wanted(goal[: match.start()].rstrip(" ,;"), unit_of(match["unit"]))
    return None


def wish_for_unit(text: str) -> Wanted | None:
    """As `unit_wanted`, of a part of a goal, which may be the wish alone; for a quotient such as `km per hour`, too."""
    match = _WISHED.search(re.sub(r"\s+", " ", text))
    unit = compound(match["unit"]) if match else ""
    return Wanted(re.sub(r"\s+", " ", text)[: match.start()].rstrip(" ,;"), unit) if match and unit else None


def compound(said: str) -> str:
    """`metres per second` as `m/s`; a plain unit in its one spelling; empty if it is none."""
    if said.lower() in ("mph", "kmh", "kph"):
        return {"mph": "mi/h"}.get(said.lower(), "km/h")
    parts = [unit_of(part.strip()) for part in re.split(r"/| per ", said.lower())]
    parts = [part if part != "in" or said.lower().startswith("inch") else "" for part in parts]
    return "/".join(parts) if all(part in KINDS for part in parts) else ""


def kinds_of(unit: str) -> list[int]:
    """What each part of a unit measures, to tell whether two can be turned into each other."""
    return [KINDS.get(part, -1) for part in unit.split("/")]


def unit_of_column_name(name: str) -> str:
    """The unit that the column's name ends with; empty if it has none."""
    unit = unit_of(re.split(r"[_\-. ()\[\]]+", name.strip(" )]"))[-1])
    return unit if unit in KINDS else ""


def converting(ref: str, unit: str, wanted: str, tools: Sequence[ToolCard]) -> Call | None:
    """The call that turns the figure at this reference into the wanted unit; None if no tool converts."""
    tool = next((tool for tool in tools if _takes(tool) is not None), None)
    taken = _takes(tool) if tool is not None else None
    if tool is None or taken is None:
        return None
    value, source, target = taken
    return Call(tool=tool.name, arguments={value: {"$ref": ref}, source: unit, target: wanted})


def unit_said(goal: Spans, wanted: str) -> str:
    """The one unit behind a number of the goal that can be turned into the wanted one; empty if there is none, or two."""
    said = {unit_of(word) for word in _AFTER_NUMBER.findall(goal.goal)}
    said = {unit for unit in said if KINDS.get(unit) == KINDS[wanted]} - {wanted}
    return said.pop() if len(said) == 1 else ""


def unit_of_column(name: str, wanted: str) -> str:
    """The unit that the column's name ends with, if it can be turned into the wanted one: `length_km`, `km`."""
    unit = unit_of(re.split(r"[_\-. ()\[\]]+", name.strip(" )]"))[-1])
    return unit if KINDS.get(unit) == KINDS[wanted] and unit != wanted else ""


def asks_which(goal: str) -> bool:
    """Whether a thing is asked for, which no figure tells: `which boat is the heaviest, in grams?`"""
    return re.search(r"\b(?:which|who|whose)\b|哪|谁", goal, re.IGNORECASE) is not None


def then_converted(calls: Sequence[Call], wanted: str, goal: Spans, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The one call that brings a figure, with one more that converts it; the call alone where its figure
    has that unit, and none where the figure's unit is not plain."""
    converter = next((tool for tool in tools if _takes(tool) is not None), None)
    if len(calls) != 1 or asks_which(goal.goal):
        return ()
    arguments = calls[0].arguments
    if _is_in(arguments, wanted):
        return tuple(calls)
    if converter is None:
        return ()
    if "expression" in arguments:
        unit = unit_said(goal, wanted)
    elif arguments.get("function") in ("max", "min", "sum", "mean", "median") and "group_by" not in arguments:
        unit = unit_of_column(str(arguments.get("column", "")), wanted)
    else:
        unit = ""
    taken = _takes(converter)
    if not unit or taken is None:
        return ()
    value, source, target = taken
    return calls[0], Call(tool=converter.name, arguments={value: {"$ref": "s1#/value"}, source: unit, target: wanted})


def _is_in(arguments: Mapping[str, Any], wanted: str) -> bool:
    """Whether the one column that is looked at has the unit already: `weight_g`, in grams."""
    columns = arguments.get("columns") or [arguments.get("column") or ""]
    return len(columns) == 1 and unit_of(re.split(r"[_\-. ()\[\]]+", str(columns[0]).strip(" )]"))[-1]) == wanted


def _takes(tool: ToolCard) -> tuple[str, str, str] | None:
    """Names of the number and of the two units that a tool takes which converts."""
    properties = tool.parameters.get("properties", {})
    numbers = [name for name, schema in properties.items() if schema.get("type") in ("number", "integer")]
    units = [name for name, schema in properties.items() if schema.get("format") == "unit"]
    return (numbers[0], units[0], units[1]) if len(numbers) == 1 and len(units) == 2 else None
