"""The weekday of a thing of which a text of the workspace tells the date, and the day so long before or after it: `what
weekday is
the regatta on?`, `which date is two weeks before the regatta?`"""

import re
from collections.abc import Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.events import date_told, days_between_events
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans
from trivet_sdk import Services, ToolSpec

_WEEKDAY = r"(?:weekday|week day|day of the week)"
_HELD = r"(?:\s+(?:on|held|held on|take place|takes place|took place|happen|fall|fall on|falls on|be|be held|start|begin|over))*"
WEEKDAYS = tuple(
    re.compile(form, re.IGNORECASE | re.DOTALL)
    for form in (
        rf"\s*(?:on\s+)?(?:what|which) {_WEEKDAY} (?:is|was|does|did|will|are|were) (?P<a>.+?){_HELD}[\s?.!]*",
        rf"\s*(?:what|tell me|give me)?(?: is|'s)?\s*(?:the )?{_WEEKDAY} (?:of|for) (?P<a>.+?)[\s?.!]*",
        rf"\s*(?P<a>.+?)(?:,| is| was) (?:on )?(?:what|which) {_WEEKDAY}(?: is (?:that|it))?[\s?.!]*",
        r"\s*(?P<a>.+?)(?:是|在)*(?:星期几|周几|礼拜几)(?:举行|开始|开)?[\s？?。]*",
    )
)
_AMOUNT = r"(?P<number>\d{1,3}|an?|[a-z]{3,9}) (?P<unit>day|week|month|year)s?"
_WAY = r"(?P<way>before|after|prior to|ahead of|later than|following)"
MOVES = tuple(
    re.compile(form, re.IGNORECASE | re.DOTALL)
    for form in (
        rf"\s*(?:(?:what|which)(?:'s| is)?(?: the)? (?:date|day)|when)(?: is| was| falls| lies| comes)?(?:"
        rf" it)?\s+(?:exactly )?{_AMOUNT} {_WAY} (?P<a>.+?)[\s?.!]*",
        rf"\s*(?:what|tell me|give me)?(?: is|'s)?\s*the (?:date|day)(?: that is| which is)? {_AMOUNT} {_WAY} (?P<a>.+?)[\s?.!]*",
        rf"\s*{_AMOUNT} {_WAY} (?P<a>.+?)(?:[,:;]| is)? (?:what|which) (?:date|day)(?: is (?:that|it))?[\s?.!]*",
        rf"(?P<ahead>[^.?!,;\d]*?)\b{_AMOUNT} {_WAY} (?P<a>[^.?!,;]+?)\s*[.,:;!?-]+\s*(?:and )?(?:(?:what|which|on which|on what)"
        r" (?:date|day)|when)(?: exactly)? (?:is|was|would|will|does|did)(?: (?:that|it|this))?(?: be| end| fall| mean)?[\s?.!]*",
    )
)
RANKED = re.compile(
    r"\b(?:most|least|fewest|more|less|fewer|usually|often|highest|lowest|busiest|average|each|every"
    r"|last|latest|earliest)\b",
    re.I,
)
"""Words by which it is one of many, which only rows can tell."""
_WAYS = re.compile(
    r"\b(?:before|after|prior|following|not|except|without|between|working|business|days?|weeks?|months?|years?)\b",
    re.I,
)
"""Words ahead of a span by which it is not the one that is asked."""


async def of_events(
    goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services
) -> tuple[Call, str] | None:
    """The days between two things, or the day of one: the call, and where the dates stand."""
    between = await days_between_events(goal, cards, tools, services)
    return between or await day_of_event(goal, cards, tools, services)


async def day_of_event(
    goal: Spans, cards: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services
) -> tuple[Call, str] | None:
    """The call, and which day the thing was taken to be on and where that stands; None if the goal asks for no such day, or if
    no text tells the date, or two tell different ones."""
    if goal.dates or goal.paths or goal.quoted:
        return None
    moved = next((match for form in MOVES if (match := form.fullmatch(goal.goal))), None)
    asked = None if moved else next((match for form in WEEKDAYS if (match := form.fullmatch(goal.goal))), None)
    if moved is None and asked is None:
        return None
    thing = (moved or asked)["a"].strip()  # type: ignore[index]
    if RANKED.search(thing):
        return None
    if moved and _WAYS.search(moved.groupdict().get("ahead") or ""):
        return None
    tool = next((tool for tool in tools if (_moves(tool) if moved else _tells_weekday(tool))), None)
    amount = amount_said(moved) if moved else 1
    told = await date_told(thing, cards, tools, services) if tool and amount else None
    if tool is None or told is None:
        return None
    if moved is None:
        arguments: dict[str, Any] = {next(iter(tool.parameters["properties"])): told.day}
    else:
        dates, numbers = _places(tool)
        arguments = {dates[0]: told.day, numbers[0]: amount, "unit": f"{moved['unit'].lower()}s"}
    return Call(tool=tool.name, arguments=arguments), f"{thing}: {told.day} ({told.path})"


def amount_said(match: re.Match[str]) -> int:
    said = match["number"].lower()
    number = int(said) if said.isdigit() else 1 if said in ("a", "an") else NUMBER_WORDS.get(said, 0)
    return -number if match["way"].lower() in ("before", "prior to", "ahead of") else number


def _places(tool: ToolSpec) -> tuple[list[str], list[str]]:
    """Names of the dates and of the numbers that it takes."""
    properties = tool.parameters.get("properties", {})
    dates = [name for name, schema in properties.items() if schema.get("format") == "date"]
    numbers = [name for name, schema in properties.items() if schema.get("type") in ("integer", "number")]
    return dates, numbers


def _moves(tool: ToolSpec) -> bool:
    dates, numbers = _places(tool)
    units = tool.parameters.get("properties", {}).get("unit", {}).get("enum", ())
    return len(dates) == len(numbers) == 1 and {"days", "weeks", "months", "years"} <= set(units)


def _tells_weekday(tool: ToolSpec) -> bool:
    properties = tool.parameters.get("properties", {})
    return len(properties) == 1 and bool(_places(tool)[0]) and "weekday" in tool.name
