"""Whether what a first search of the workspace found answers a question, so that nobody need think of another way."""

import re
from collections.abc import Mapping
from typing import Any

from trivet_plan_smollm2.answering import HELD, SENTENCE
from trivet_plan_smollm2.grounding import Search
from trivet_plan_smollm2.passages import is_reckoned, is_text, objection, sentences
from trivet_plan_smollm2.words.cues import is_question
from trivet_plan_smollm2.words.similarity import Similarity, has_root, stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk

SURE_HELD, SURE_NEAR = 0.6, 0.55
"""Share of the goal's words in the passage, and nearness of its best sentence, from which on a word that some table has as
well does not matter …"""
FIGURE_HELD, FIGURE_NEAR = 0.75, 0.65
"""… and from which on a `how many` may be told by a sentence."""

_CLOSING = re.compile(
    r"\s*(?:(?:with )?(?:kind|best|warm|many|all the best) )?(?:regards|wishes|greetings|thanks|sincerely|yours|cheers)\b",
    re.IGNORECASE,
)
"""How a letter ends."""


def is_of_the_name_alone(goal: Spans, passage: Mapping[str, Any]) -> bool:
    """Whether the passage has nothing of the question but words that the file is called by: `the allotment rules`."""
    name = set(stem_words(re.sub(r"[\W_]+", " ", str(passage.get("path", "")))))
    own = [word for word in stem_words(goal.goal) if word not in name and not word.isdigit()]
    if not own or len(own) == len(set(stem_words(goal.goal))) or has_cjk(goal.goal):
        return False
    there = stem_words(f"{passage.get('heading', '')} {passage.get('text', '')}")
    return not any(has_root(word, there) for word in own)


async def is_answer(found: Search, goal: Spans, is_elsewhere: bool, similarity: Similarity, enough: float) -> bool:
    """`is_elsewhere`: the goal has words of a table, or names a file."""
    if found.call is None or not found.best or goal.paths or goal.urls or not is_text(str(found.best.get("path", ""))):
        return False
    if not (is_question(goal.goal) or re.search(r"[?？]\s*$", goal.goal)) or objection(goal, found.best):
        return False
    text = str(found.best.get("text", ""))
    if _CLOSING.match(text) or is_of_the_name_alone(goal, found.best):
        return False
    is_quoted = bool(goal.quoted) and all(quoted.lower() in text.lower() for quoted in goal.quoted)
    said = sentences(text)
    near = max(await similarity.between(goal.goal, said), default=0.0)
    if is_reckoned(goal.goal):
        return found.coverage >= FIGURE_HELD and near >= FIGURE_NEAR
    if is_elsewhere and not is_quoted:  # the very words stand here, whichever tables have some of them
        return found.coverage >= SURE_HELD and near >= SURE_NEAR
    return found.coverage >= enough or (found.coverage >= HELD and near >= SENTENCE)
