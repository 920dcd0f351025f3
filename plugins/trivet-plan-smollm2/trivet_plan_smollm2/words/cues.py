"""Words that say what is to be computed: where one stands in the goal, some call must answer to it."""

import re
from collections.abc import Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans

_FUNCTIONS = (
    (("mean",), re.compile(r"\b(?:average|averages|mean|on average)\b|平均", re.IGNORECASE)),
    (("median",), re.compile(r"\bmedian\b|中位数", re.IGNORECASE)),
    (("sum", "count"), re.compile(r"\b(?:sum|total|totals|altogether)\b|合计|总共|总和", re.IGNORECASE)),
)
"""Words that name functions outright; where one is said, some call must compute one of them."""
_OPERATIONS = (
    ("/", re.compile(r"\bdivided by\b|除以", re.IGNORECASE)),
    (
        "*",
        re.compile(
            r"\bmultipl(?:y|ied|ying)\b|\b(?!many\b|few\b|several\b|some\b|all\b)[a-z]{3,} times "
            r"(?:the |its |their )?(?!a\b|as\b|in\b|did\b|was\b|per\b)"
            r"[a-z]{3,}|乘",
            re.IGNORECASE,
        ),
    ),
)
_EACH = re.compile(r"\b(?:for each|in each|by each|per (?!cent|month in|person)\w+|each)\b|每个|各个?", re.IGNORECASE)
_RANK = re.compile(
    r"\b(?<!at )(?:most|fewest)\b(?! recent| of\b)|(?:哪|谁|什么).*最[多少高低大小好差长短]"
    r"|最[多少高低大小好差长短]的.*(?:哪|谁|什么)",
    re.IGNORECASE,
)
"""Something is ranked, which a figure of all rows does not do."""
_BOUND = re.compile(
    r"\b(?:after|since|before|more than|less than|fewer than|over|above|below|under|at least|at most|or more|or less"
    r"|older than|younger than|later than|earlier than|exceed\w*)\b|超过|以上|以下|之前|之后|大于|小于",
    re.IGNORECASE,
)
_BACK = re.compile(r"\b(?:before|ago|earlier)\b|之前|以前", re.IGNORECASE)


_SOUGHT = re.compile(
    r"[?？]|吗|什么|谁|哪|多少|几|怎|为何|何时|找|查|搜|说|讲|写了|规定|告诉"
    r"|\b(?:find|search|look(?:ing)? (?:up|for|at|in)|show|tell|quote|where|why|who|what|when|how|read|explain|describe|says?"
    r"|mention\w*|know|wonder\w*|remember|remind|passages?|sentences?|paragraphs?|according to)\b",
    re.IGNORECASE,
)


def says_each(goal: str) -> bool:
    """Whether the goal wants a figure for every group."""
    return _EACH.search(goal) is not None


def unheard_functions(goal: Spans, calls: Sequence[Call]) -> list[str]:
    functions = {call.arguments.get("function") for call in calls if "function" in call.arguments}
    text = " ".join(str(call.arguments.get(name, "")) for call in calls for name in ("expression", "column"))
    if any("part" in call.arguments for call in calls):  # a share, which the tool reckons
        functions |= {"count", "sum"}
        text += " 100 * part / whole"
    divides = "/" in text or "mean" in text
    uses_table = any("path" in call.arguments and "query" not in call.arguments for call in calls)
    groups = any("group_by" in call.arguments or "by" in call.arguments for call in calls)
    if not uses_table:
        return []
    missing = [
        f"the word for '{names[0]}'"
        for names, words in _FUNCTIONS
        if words.search(goal.goal) and not functions & set(names) and not divides
    ]
    missing += [f"the word for '{sign}'" for sign, words in _OPERATIONS if words.search(goal.goal) and sign not in text]
    if (
        functions
        and says_each(goal.goal)
        and not groups
        and not (functions & {"mean", "median"} and _is_per_row(goal, calls))
    ):
        missing.append("the word for 'each'")
    if functions and functions <= {"count", "sum", "mean", "median"} and _RANK.search(goal.goal) and not groups:
        missing.append("the word for 'most'")
    return missing


def _is_per_row(goal: Spans, calls: Sequence[Call]) -> bool:
    """`average number of copies per book`, of books.csv: a mean of the rows as they are."""
    rows = {
        stem for call in calls for stem in stem_words(re.sub(r"[_\-./]+", " ", str(call.arguments.get("path", ""))))
    }
    if re.search(r"\bper (?:visit|row|entry|line)\b", goal.goal, re.IGNORECASE):
        return True
    return any(set(stem_words(match[0])) & rows for match in _EACH.finditer(goal.goal)) or any(
        set(stem_words(match[1])) & rows for match in re.finditer(r"\beach (\w+)", goal.goal)
    )


def unheard_bounds(goal: Spans, calls: Sequence[Call]) -> list[str]:
    """`after`, `at least` and the like, where a plan compares numbers or dates for equality only."""
    conditions = [condition for call in calls for condition in call.arguments.get("where") or ()]
    figures = [condition for condition in conditions if is_figure(condition.get("value"))]
    if figures and _BOUND.search(goal.goal) and all(condition.get("op") in ("=", "!=", "in") for condition in figures):
        return ["the bound"]
    forward = any(isinstance(amount := call.arguments.get("amount"), int) and amount > 0 for call in calls)
    return ["the word for 'before'"] if forward and _BACK.search(goal.goal) else []


def is_figure(value: Any) -> bool:
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or bool(
        re.fullmatch(r"[\d-]{4,10}", str(value))
    )


def is_question(goal: str) -> bool:
    return re.match(r"\s*(?:how|why|who|when|where|which|what)(?:['’]?s|['’]?re)?\b", goal, re.IGNORECASE) is not None


def is_sought(goal: str) -> bool:
    """Whether a passage of a text can be an answer: to a question, or to who wants to find or to know something."""
    return is_question(goal) or _SOUGHT.search(goal) is not None
