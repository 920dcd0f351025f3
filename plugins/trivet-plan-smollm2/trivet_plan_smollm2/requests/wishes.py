"""What a goal wishes and a plan does not do, told by words that have nothing to do with a table: a discount, a summary, a text
about something.
"""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.summaries import is_summary
from trivet_plan_smollm2.words.percentages import discount
from trivet_plan_smollm2.words.spans import Spans


def undiscounted(goal: Spans, calls: Sequence[Call]) -> list[str]:
    """A discount said as `打八五折`, with which no call reckons."""
    factor = discount(goal.goal)
    expressions = [str(call.arguments["expression"]) for call in calls if "expression" in call.arguments]
    percent = str(round(float(factor) * 100)) if factor else ""
    missing = bool(factor) and bool(expressions) and not any(factor in text or percent in text for text in expressions)
    return ["the discount"] if missing else []


_AGE = re.compile(
    r"\byears?\b.*\b(?:between|from|since|passed|ago|old)\b|\bold\b|\bage\b|岁|多少年|几年", re.IGNORECASE
)


def without_names(goal: Spans) -> str:
    """The goal with its files' names blanked out, every character else at its place: `二月.csv` is no February."""
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, " " * len(path))
    return text


def years_reckoned(goal: Spans, calls: Sequence[Call]) -> list[str]:
    """Years that tell what happened when, where a call reckons with them and with no number of the goal."""
    years = {period for period in goal.periods if len(period) == 4}
    reckoned = [set(re.findall(r"\d+(?:\.\d+)?", str(call.arguments.get("expression", "")))) for call in calls]
    is_age = _AGE.search(goal.goal)
    said = set(goal.digits) - years
    return [f"the year {min(found & years)}" for found in reckoned if found & years and not found & said and not is_age]


def unsummarised(goal: Spans, calls: Sequence[Call]) -> list[str]:
    """A wish for a summary that no call makes."""
    makes = any("summar" in call.tool for call in calls)
    return ["the word for 'summarize'"] if is_summary(without_names(goal)) and not makes else []


_IN_TIME = re.compile(r"\b(?:earliest|soonest|latest|newest|most recent)(?: \w+)? first\b", re.IGNORECASE)
_TIMES = re.compile(r"date|day|time|year|month|hour|since|until|age", re.IGNORECASE)


def untimed(goal: Spans, calls: Sequence[Call], files: Sequence[FileCard]) -> list[str]:
    """`earliest first`, where rows are sorted by a figure that is no time."""
    types = {(card.path, column.name): column.type for card in files for column in card.columns}
    sorted_by = [
        str(call.arguments["sort_by"])
        for call in calls
        if call.arguments.get("sort_by")
        and types.get((str(call.arguments.get("path")), str(call.arguments["sort_by"]))) in ("integer", "number")
    ]
    said = _IN_TIME.search(goal.goal)
    return [f"'{said[0]}'" for name in sorted_by if said and not _TIMES.search(name)]


_TOPIC = r"(?:\b(?:about|on|regarding|concerning|describing|explaining)\s+(?:(?:the|our|my|a|an)\s+)?|关于|有关)"


def uncomposed(goal: Spans, calls: Sequence[Call]) -> list[str]:
    """What a text is to be about, where a call takes it for the text itself: composing one is beyond this planner."""
    texts = [call.arguments.get("text") for call in calls if "path" in call.arguments]
    return [
        f"the wish for a text about '{text}'"
        for text in texts
        if isinstance(text, str)
        and text
        and text not in goal.quoted
        and re.search(_TOPIC + re.escape(text), goal.goal, re.IGNORECASE)
        and not re.search(r"\bsay(?:s|ing)?\b|写着|内容是", goal.goal)
    ]
