"""Answers that are none: that say that there is no answer, or ask something back."""

import re

_OPENINGS = re.compile(
    r"\s*(?:(?:i'm |i am )?(?:very )?sorry|unfortunately|regrettably|apologies"
    r"|(?:i|we)(?:'m| am| was| were| are)? (?:can ?not|can't|could not|couldn't|unable|not able|do not have|don't have"
    r"|did not find|didn't find|failed)"
    r"|unable to|not able to|it (?:is|was) (?:not possible|impossible)"
    r"|(?:this|that|the (?:goal|question|task|request|answer)) (?:can ?not|can't|could not|couldn't) be"
    r"|很?抱歉|对不起|遗憾|我?无法|我?不能(?:回答|确定|完成)|我?(?:没有|未)(?:能)?找到|我?找不到)",
    re.IGNORECASE,
)


def is_refusal(answer: str) -> bool:
    """Judged by its first words only: further on, such words may be part of what was found."""
    return _OPENINGS.match(answer) is not None


_ADDRESSED = re.compile(r"\b(?:you|your|shall i|should i|do i)\b|您|你|请问|是否需要", re.IGNORECASE)


def is_question(answer: str) -> bool:
    """One short paragraph that asks the user something. A quoted question is addressed to nobody here."""
    text = answer.strip()
    return len(text) <= 400 and "\n" not in text and text.endswith(("?", "？")) and bool(_ADDRESSED.search(text))
