"""Times of the day that keep some rows: `errors between 08:00 and 08:30 on 3 September 2024`, `warnings after 3 pm`."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import ToolSpec

_TIME = (
    r"(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\b\.?)?"
    r"|\d{1,2}\s*(?:[ap]\.?m\b\.?|o['’]?clock)|\d{1,2}[点时](?:半|\d{1,2}分)?)"
)
_FORMS = (
    ("between", re.compile(rf"\b(?:between|from)\s+(?P<a>{_TIME})\s*(?:and|to|until|till|-|–)\s*(?P<b>{_TIME})", re.IGNORECASE)),
    ("between", re.compile(rf"(?:在|从)?(?P<a>{_TIME})[到至和](?P<b>{_TIME})(?:之间|之内)?(?:的)?")),
    (">", re.compile(rf"\b(?:later than|after)\s+(?P<a>{_TIME})", re.IGNORECASE)),
    (">=", re.compile(rf"\b(?:from|since)\s+(?P<a>{_TIME})(?:\s+on(?:wards)?)?", re.IGNORECASE)),
    ("<", re.compile(rf"\b(?:earlier than|before)\s+(?P<a>{_TIME})", re.IGNORECASE)),
    ("<=", re.compile(rf"\b(?:until|till|up to)\s+(?P<a>{_TIME})", re.IGNORECASE)),
    (">", re.compile(rf"在?(?P<a>{_TIME})(?:之后|以后)的?")),
    ("<", re.compile(rf"在?(?P<a>{_TIME})(?:之前|以前)的?")),
)  # fmt: skip


class Clock(msgspec.Struct, frozen=True):
    """A goal without its times of the day, and these as operators with minutes of the day."""

    rest: str
    bounds: tuple[tuple[str, int], ...]


def clock(goal: str) -> Clock | None:
    """None unless one stretch of the day is said, which does not go beyond midnight."""
    for op, form in _FORMS:
        if (match := form.search(goal)) is None:
            continue
        rest = f"{goal[: match.start()].rstrip()} {goal[match.end() :].lstrip()}".strip()
        first, last = _minutes(match["a"]), _minutes(match["b"]) if op == "between" else None
        if (
            re.search(_TIME, rest, re.IGNORECASE)
            or first is None
            or (op == "between" and (last is None or last <= first))
        ):
            return None
        return Clock(rest, ((">=", first), ("<=", last)) if last is not None else ((op, first),))
    return None


def clocked(
    goal: Spans,
    files: Sequence[FileCard],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
    tools: Sequence[ToolSpec],
) -> tuple[Call, ...]:
    """The plan of the goal without its times, with conditions for them; none unless its rows have one column of moments, and
    it is plain which days are meant: the one that is said, the only one there is, or, for whole hours, all of them."""
    if (said := clock(goal.goal)) is None or not (calls := heard(read_goal(said.rest, listing), files)):
        return ()
    takes = next((tool.parameters.get("properties", {}).keys() for tool in tools if tool.name == calls[0].tool), ())
    card = next((card for card in files if card.path == calls[0].arguments.get("path")), None)
    if card is None or "where" not in takes or len(calls) > 2 or (len(calls) == 2 and "rows" not in calls[1].arguments):
        return ()
    times = [column for column in card.columns if column.type == "datetime"]
    where = list(calls[0].arguments.get("where") or ())
    if len(times) != 1 or not (more := _conditions(said, times[0].name, where, (times[0].min, times[0].max))):
        return ()
    return Call(tool=calls[0].tool, arguments={**calls[0].arguments, "where": [*where, *more]}), *calls[1:]


def _conditions(
    said: Clock, name: str, where: Sequence[Mapping[str, Any]], span: tuple[Any, Any]
) -> list[dict[str, Any]]:
    first, last = str(span[0])[:10], str(span[1])[:10]
    days = [str(test["value"]) for test in where if test.get("column") == name]
    if days and not (len(days) == 1 and len(days[0]) == 10 and where[0].get("op", "=") == "="):
        return []
    day = days[0] if days else first if first == last else ""
    if day:
        return [{"column": name, "op": op, "value": f"{day}T{at // 60:02}:{at % 60:02}"} for op, at in said.bounds]
    if any(at % 60 for _, at in said.bounds):
        return []
    turned = {">": ">=", "<=": "<"}  # from the full hour on, and up to it
    return [{"column": f"{name}.hour", "op": turned.get(op, op), "value": at // 60} for op, at in said.bounds]


def _minutes(text: str) -> int | None:
    match = re.match(r"(\d{1,2})(?::(\d{2})|[点时](?:(半)|(\d{1,2})分)?)?", text)
    if match is None:
        return None
    hour, minute = int(match[1]), 30 if match[3] else int(match[2] or match[4] or 0)
    if re.search(r"p\.?m", text, re.IGNORECASE) and hour < 12:
        hour += 12
    elif re.search(r"a\.?m", text, re.IGNORECASE) and hour == 12:
        hour = 0
    return hour * 60 + minute if hour <= 24 and minute < 60 else None
