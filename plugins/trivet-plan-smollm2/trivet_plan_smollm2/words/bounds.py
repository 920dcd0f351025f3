"""Which way a goal's comparisons point: `more than 500` can only be `>`, however the small model would write it."""

import re

ALL_OPS = ("=", "!=", "<", "<=", ">", ">=")
_NO_MORE = r"(?:no|not) (?:more|greater|longer|later|higher|older|larger|bigger|heavier) than|(?:no|not) (?:over|above|exceed\w*)"
_NO_LESS = r"(?:no|not) (?:less|fewer|lower|shorter|earlier|smaller|younger|lighter) than|(?:no|not) (?:under|below)"
_WORDS: tuple[tuple[str, str], ...] = (
    (
        "<=",
        rf"{_NO_MORE}|\b(?:at most|up to|or (?:less|fewer|lower|earlier|below|under)|until|maximum of)\b"
        "|至多|最多|以下|不超过|以内",
    ),
    (
        ">=",
        rf"{_NO_LESS}|\b(?:at least|or (?:more|higher|later|above|over|greater)|since|minimum of)\b"
        "|至少|以上|不少于|不低于",
    ),
    (
        "<",
        r"\b(?:less|fewer|lower|shorter|smaller|cheaper|lighter|earlier|slower|colder|cooler) than\b"
        r"|\b(?:under|below|before)\b|小于|少于|低于|不到|之前|以前|早于",
    ),
    (
        ">",
        r"\b(?:more|greater|higher|larger|bigger|longer|heavier|taller|later|faster|warmer|hotter|dearer) than\b"
        r"|\b(?:over|above|after|exceed\w*|beyond)\b|\bmore [a-z]+ than\b"
        r"|\b(?!other\b|rather\b)[a-z]{3,}er than\b|大于|多于|高于|超过|之后|以后|晚于",
    ),
)
"""In this order, so that `no more than` is not read as `more than`."""
_UNSURE = re.compile(r"\b(?:between|from|older than|younger than|outside|within)\b|到|至(?![少多])|之间", re.IGNORECASE)
"""Two bounds at once, or words that point one way for an age and the other way for a date of birth."""


def bound_said(text: str) -> str | None:
    """The one bound that these words put on a number; empty if they put none, None if more than one could be meant."""
    if _UNSURE.search(text):
        return None
    bounds = [op for op in ops_said(text) if op not in ("=", "!=")]
    return bounds[0] if len(bounds) == 1 else "" if len(bounds) == len(ALL_OPS) - 2 else None


def ops_said(goal: str) -> tuple[str, ...]:
    """The comparisons that the goal's words allow between a number or date and a column; all where it says none, or
    says them in a way that is not plain."""
    if _UNSURE.search(goal):
        return ALL_OPS
    found: list[str] = []
    rest = goal
    for op, words in _WORDS:
        rest, count = re.subn(words, " ", rest, flags=re.IGNORECASE)
        if count:
            found.append(op)
    return ("=", "!=", *found) if found else ALL_OPS
