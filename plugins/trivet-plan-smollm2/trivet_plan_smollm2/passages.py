"""Whether a passage that a search found can be the answer: what the goal says outright must stand in it."""

import re
from collections.abc import Mapping
from typing import Any

from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.similarity import stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, read_goal

_DOING = re.compile(
    r"\s*(?:please |kindly |can you |could you |would you |i (?:want|need) you to |go and )*"
    r"(?:order|book|buy|purchase|reserve|send|e-?mail|mail|text|phone|ring|pay|transfer|invite|remind|print|fax|post|publish|tweet"
    r"|schedule|reschedule|cancel|hire|install|upload|translate|delete|remove|erase|move|rename|fix|repair|draw|record|play|sign"
    r"|subscribe|unsubscribe|log (?:in|into)|sell|ship|deliver|notify|apply|register|turn (?:on|off)|switch (?:on|off)|call)\b"
    r"(?! (?:of|for|from|to|is|was|are|were|numbers?|lists?)\b)",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\s*(?:please |kindly )*(?:tell|let|notify|inform|warn|alert|ping|remind|call|text) (?:me|us)(?: know)? "
    r"(?:(?:when|if|once) (?:he|she|it|they)\b|as soon as\b)",
    re.IGNORECASE,
)
"""Somebody wants to hear of it once it happens."""
_DOING_ZH = re.compile(
    r"\s*(?:请|麻烦您?你?|帮我|帮忙|给我)*(?:把.{1,12})?(?:改|修改|删|发|寄|订|买|预订|预约|取消|打电话|打给|通知|安排|提醒|更新|调整|重命名|打印"
    r"|付|转账|发布|关掉|打开|重启|翻译)(?!.*(?:多少|几|什么|吗|谁|哪|怎|何|[?？]))"
)
"""Orders, and no questions about them."""
_TIMES = frozenset(
    "today yesterday tomorrow now then once again week month year day morning evening lately recently".split()
)
_ROWS = re.compile(r"\.(?:log(?:\.\d+)?|csv|tsv|jsonl|parquet|xlsx)$", re.IGNORECASE)
_RECKONED = re.compile(
    r"\b(?:how many|how often|number of|count|total|sum|average|mean|most|fewest|percent\w*|share of)\b|多少|几|平均|总|最",
    re.IGNORECASE,
)
_AHEAD = re.compile(
    r"\b(?:will|shall|going to)\b.*\b(?:next (?:week|month|year|\w+day|spring|summer|autumn|winter)|tomorrow|tonight)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])|(?<=[。！？])|\n\n+")
_ROLE = re.compile(
    r"\s*who(?:['’]s| is| was| are| were) (?:the |our |my )(?:\w+ ){0,2}?(\w+)\s*(?:of\b|for\b|in\b|at\b|[?.!]|$)", re.I
)
"""Who has an office or a part."""
LEAST = 2
"""Speaking words that a question must have to be searched for."""


def objection(goal: Spans, passage: Mapping[str, Any]) -> str:
    """Why this passage is no answer, as a sentence; empty if nothing speaks against it."""
    if any(order.match(goal.goal) for order in (_DOING, _NOTICE, _DOING_ZH)):
        return "This asks for something to be done, and no installed tool does it; it was only found mentioned."
    if _AHEAD.search(goal.goal):
        return "This asks for what is still to come, and no text here can tell it."
    if _ROWS.search(str(passage.get("path", ""))) and (
        _RECKONED.search(goal.goal) or lexicon.found(lexicon.GROUPED, goal.goal)
    ):
        return "This asks for what many rows or lines say together, and only single ones were found."
    if asked := _attribute_asked(goal.goal, passage):
        return f"What was found says nothing of '{asked}'."
    words = [word for word in stem_words(goal.goal) if word not in _TIMES and not word.isdigit()]
    if len(words) < LEAST and not (goal.paths or goal.quoted or goal.dates or goal.digits):
        return "The goal says too little to tell what is meant."
    where = " ".join(str(passage.get(name, "")) for name in ("path", "heading", "text"))
    said = read_goal(where)
    days = {day[5:] for day in said.dates}
    for day in goal.dates:
        if day not in where and day not in said.dates and day[5:] not in days | days_without_year(where):
            return f"No passage in the workspace speaks of {day}."
    text = where.replace(",", "")
    for digits in goal.digits:
        if not re.search(rf"(?<![\d.]){re.escape(digits)}(?![\d]|\.\d)", text):
            return f"No passage in the workspace that speaks of this has the number {digits}."
    return ""


def sentences(text: str) -> list[str]:
    """At most a dozen, line breaks within a sentence as blanks."""
    apart = re.sub(r"(?m)^(.{1,30})\n(?!\n)", r"\1\n\n", text)  # a short line is a title, or the day of a diary
    return [re.sub(r"\s+", " ", part).strip() for part in _SENTENCE.split(apart) if part.strip()][:12]


def is_text(path: str) -> bool:
    """Whether the file is prose and no rows, settings or log."""
    return re.search(r"\.(?:md|markdown|txt|text|rst|html?|pdf|docx?|odt|eml)$", path, re.IGNORECASE) is not None


def is_reckoned(goal: str) -> bool:
    """Whether a figure of many things is asked for."""
    return _RECKONED.search(goal) is not None


def _attribute_asked(goal: str, passage: Mapping[str, Any]) -> str:
    """`工资`, of `罗建国的工资是多少`, where a row was found that has none; `president`, of `Who is the president of the club?`,
    where no such word was found."""
    is_row = re.search(rf"{_ROWS.pattern}|\.json$", str(passage.get("path", "")), re.IGNORECASE)
    asked = re.search(r"的([\u4e00-\u9fff]{2,4}?)(?:是|有|为)?(?:多少|几|什么|谁|哪)", goal) if is_row else None
    where = " ".join(str(passage.get(name, "")) for name in ("heading", "text"))
    if asked and not set(asked[1]) & set(where):
        return asked[1]
    role = _ROLE.match(goal)
    return role[1] if role and stem(role[1].lower()) not in stem_words(where) else ""


def days_without_year(text: str) -> set[str]:
    """`4 July` and `July 4`, as `07-04`."""
    dated = re.sub(
        r"\b(\d{1,2}(?:st|nd|rd|th)?(?: of)? [A-Za-z]{3,9}|[A-Za-z]{3,9} \d{1,2}(?:st|nd|rd|th)?)\b(?!,? \d{4})",
        r"\1 2000",
        text,
    )
    return {day[5:] for day in read_goal(dated).dates}
