"""Several questions that one text answers: `Where is the outing? When does it begin?`, `活动在哪里举行？几点开始？`"""

import re
from collections.abc import Awaitable, Callable, Sequence

from trivet_plan_smollm2.grounding import Ground, Search, is_elsewhere, search
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk, read_goal
from trivet_sdk import Services, ToolSpec

_KINDS = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(told, re.IGNORECASE))
    for asked, told in (
        (
            r"几点|什么时[候间]|何时|\bwhat time\b|\bwhen (?:does|did|do|will|is) (?:it|that|this|they)\b|\bat what time\b",
            r"\d{1,2}[:.]\d{2}|[\d一二三四五六七八九十]+[点时]|\b\d{1,2} ?[ap]\.?m\b|o['’]clock|\bnoon\b|midnight",
        ),
        (
            r"多少钱|费用|收费|\bhow much (?:does|did|is|are|do) (?:it|that|this|they)\b",
            r"\d+(?:\.\d+)? ?(?:元|块|euros?|€|dollars?|pounds?|francs?)|[€$£¥] ?\d",
        ),
        (
            r"哪一?天|几号|\b(?:on )?(?:what|which) (?:day|date)\b",
            r"\d{1,2}月\d{1,2}[日号]|\d{4}-\d\d-\d\d|\b\d{1,2} [A-Z][a-z]{2,8}\b",
        ),
    )
)
"""How a short second question asks, and what stands in a text that tells it."""
SHORT = 2
"""Words of its own that a question may have that leans on the one before it."""

IsAnswer = Callable[[Search, Spans, bool], Awaitable[bool]]


async def several_questions(
    goal: Spans, ground: Ground, tools: Sequence[ToolSpec], services: Services, is_answer: IsAnswer
) -> tuple[Call, ...]:
    """A search for each question that brings its own passage; none unless all are answered, by a passage of their own or, if
    they lean on the first one, by what that brought."""
    parts = [part.strip() for part in re.findall(r"[^?？]+[?？]", goal.goal)]
    if len(parts) < 2 or goal.paths or goal.urls or "".join(parts) != re.sub(r"(?<=[?？])\s+", "", goal.goal.strip()):
        return ()
    calls: list[Call] = []
    first = ""
    for part in parts:
        asked = read_goal(part, ground.listing)
        if first and _leans(part) and any(kind.search(part) and told.search(first) for kind, told in _KINDS):
            continue
        found = await search(asked, tools, services)
        if found.call is None or not await is_answer(found, asked, is_elsewhere(asked, ground)):
            return ()
        first = first or str(found.best.get("text", ""))
        calls.append(found.call)
    return tuple(calls)


def _leans(question: str) -> bool:
    """Whether it says nothing of its own that it is about."""
    if has_cjk(question):
        return len(re.sub(r"[^\u3400-\u9fff]", "", question)) <= 6
    return len(stem_words(question)) <= SHORT
