"""How many decimals a goal wants."""

import re

from trivet_plan_smollm2.words.spans import NUMBER_WORDS

_DECIMALS = re.compile(
    r"\b(?P<number>\d|one|two|three|four|five|six)[\s-]*(?:decimals?|decimal places?|digits after)\b"
    r"|(?P<zh>[\d一二两三四五六])\s*位小数",
    re.IGNORECASE,
)
_ZH = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}


def decimals(goal: str) -> int | None:
    """How many decimals are wanted; None if the goal does not say."""
    match = _DECIMALS.search(goal)
    if match is None:
        return None
    if match["zh"]:
        return _ZH.get(match["zh"]) or int(match["zh"])
    number = match["number"].lower()
    return int(number) if number.isdigit() else NUMBER_WORDS[number]
