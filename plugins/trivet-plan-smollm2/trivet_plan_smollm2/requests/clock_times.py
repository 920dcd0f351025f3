"""The time between two times of the day: `how long is it from 8:45 to 17:10?`, `从8:45到17:10是多久`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.requests.quantities import reckoner, told_in_hours
from trivet_plan_smollm2.words.spans import Spans

_CLOCK = (
    r"(?<![\d:.])(?P<h{0}>[01]?\d|2[0-4])(?:[:.h](?P<m{0}>[0-5]\d)|(?=\s*[ap]\.?m))(?!\s*(?:hours|h\b|min"
    r"|km))(?:\s*(?P<half{0}>[ap])\.?m\b\.?)?(?:\s*o'?clock)?"
)
_SPAN = re.compile(
    rf"(?:\b(?:from|between)\s+)?{_CLOCK.replace('{0}', '1')}\s*(?:\b(?:to|until|till|and)\b|-|–|到"
    rf"|至)\s*{_CLOCK.replace('{0}', '2')}",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:how long|how (?:many|much) (?:minutes|hours|time)|(?:minutes|hours|time|duration) (?:is it"
    r" )?(?:between|from)|what is the (?:time|duration))"
    r"|多久|多长时间|(?:多少|几)个?(?:分钟|小时)",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"\b(?:how many|in|of) minutes\b|\bminutes (?:between|from)\b|(?:多少|几)分钟", re.IGNORECASE)
_HOURS = re.compile(r"\b(?:how many|in) hours\b(?! and)|(?:多少|几)个?小时", re.IGNORECASE)
_KNOWN = re.compile(
    r"(?:\s|[?.!,:;'？。，]|\b(?:how|long|many|much|minutes?|hours?|time|is|it|are|there|was|were|what|s|the|in|does|do|did|will|take|takes"
    r"|last|lasts|duration|please|a|an|my|our|shift|meeting|trip|train|journey|class|lesson|flight|party|course|work|works?|if|i|we|from"
    r"|runs?|goes|go|and|of|between|that|this|that's)\b|从|是|有|多久|多长时间|多少|几|个|分钟|小时|一共|总共)*",
    re.IGNORECASE,
)


def between_times(goal: Spans, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The minutes, and unless minutes or hours alone are wished the same in hours and minutes; past midnight if the second
    time is the earlier one. None if the goal says anything else."""
    match = _SPAN.search(goal.goal)
    tool = reckoner(tools)
    if match is None or tool is None or goal.dates or goal.paths or goal.quoted or not _ASKED.search(goal.goal):
        return ()
    if not _KNOWN.fullmatch(f"{goal.goal[: match.start()]} {goal.goal[match.end() :]}"):
        return ()
    start, end = _time(match, "1"), _time(match, "2")
    if bool(match["half1"]) != bool(match["half2"]) and not match["half2"]:
        return ()
    midnight = " + 24 * 60" if _minutes(end) < _minutes(start) else ""
    expression = f"({end[0]} * 60 + {end[1]}) - ({start[0]} * 60 + {start[1]}){midnight}"
    if _HOURS.search(goal.goal):
        expression = f"({expression}) / 60"
    call = Call(tool=tool.name, arguments={tool.parameters["required"][0]: expression})
    is_told = _HOURS.search(goal.goal) or _MINUTES.search(goal.goal)
    return (call,) if is_told else (call, *told_in_hours("min", tools))


def _time(match: re.Match[str], which: str) -> tuple[int, int]:
    hour, minute = int(match[f"h{which}"]), int(match[f"m{which}"] or 0)
    half = (match[f"half{which}"] or match["half2"] or "").lower()  # `9 to 11 pm`
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute


def _minutes(time: tuple[int, int]) -> int:
    return time[0] * 60 + time[1]
