"""Slips and abbreviations that everybody reads over, put right before a goal is read."""

import re

_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b((?!(?:after|order|number|later|over|under|together|either|never)\b)[a-z]{2,}er|more|less) then (?=\d|the |in )", re.I),
     r"\1 than "),
    (re.compile(r"(?<![\w#])(?:no|nr|nbr)\.? of (?=\w)|(?<![\w#])#\s?of (?=\w)", re.I), "number of "),
    (re.compile(r"\bacc(?:ord)?\. to\b", re.I), "according to"),
    (re.compile(r"\bavg\b\.?", re.I), "average"),
)  # fmt: skip


def put_right(goal: str) -> str:
    """`longer then 5 km` as `longer than 5 km`, `no of rows` as `number of rows`; a number's name stays what it is."""
    for slip, right in _SLIPS:
        goal = slip.sub(right, goal)
    return goal
