"""What a goal asks for by name, and whether a query or a passage has it.

To `What is the median income?` a model of this size answers with the median of whatever is there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.requests.wishes import without_names
from trivet_plan_smollm2.words.dimensions import dimension
from trivet_plan_smollm2.words.similarity import Similarity, has_root, stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk

NEAR = 0.42
"""Likeness from which a column may be another word for what is asked: `rain` and `precipitation` have 0.7, `income` and
`fee paid` 0.32."""
_FUNCTION = r"maximum|max|minimum|min|average|mean|median|total|sum|highest|lowest|largest|smallest|biggest"
_PLACE = r"of|in|on|for|at|per|by|from|during|over|between|since|with|across"
_AFTER = "do|does|did|is|are|was|were|has|have|had|can|will|would|should|must|may|i|we|you|they|he|she|in|on|of|there"
"""What follows the thing of which it is asked how many there are."""
_ASKED = (
    rf"\b(?:{_FUNCTION}) (?:of )?(?:the |all |their )?(?P<what>[a-z]{{3,}})",
    rf"\bwhat(?:['’]?s| is| was| are| were) the (?:[a-z]+ )?(?P<what>[a-z]{{3,}})(?= (?:{_PLACE})\b)",
    rf"\bhow (?:many|much) (?P<what>[a-z]{{3,}}(?: (?!(?:{_AFTER})\b)[a-z]{{3,}})?)(?= (?:{_AFTER})\b)",
    r"\b(?:by|per|for each|in each|of each) (?P<what>[a-z]{3,})(?=[\s,.?!;]*$)",
    r"\b(?:what|how much) (?:do|does|did|can|must|should) .*?\b(?P<what>cost|earn|weigh|charge|owe|consume|measure)\b",
    rf"^(?P<what>[a-z]{{3,}})(?= (?:{_PLACE})\b)",
    r"\b(?:which|what) [a-z]+ (?P<what>company|person|city|country|colour|color|brand|type|kind|office|shop|team|firm)\b",
    r"\b(?:which|what) (?P<what>colour|color|company|city|country|brand|language|currency|team|firm)\b",
    r"\bhow long (?:can|may|must|do|does|should|will) (?:i|we|you|one|it|they) (?P<what>[a-z]{3,})\b",
)
_NO_THING = frozenset(
    "one ones all any each every name names number numbers amount figure figures value values row rows entry entries time times "
    "many much more most less least first last top bottom total sum average mean median share part percentage percent difference "
    "result results list lines line date day days week weeks month months year years hour hours what which who when where "
    "them those these it its their our your his her there the how and not again exactly altogether together overall only "
    "maximum max minimum min highest lowest largest smallest biggest column columns topic outcome answer result "
    "convert summarise summarize show list count save write give tell find make sort compare add put".split()
)
_TALK = re.compile(r"\bAS\s+(?:\"[^\"]*\"|\w+)", re.IGNORECASE)
_WORDING = frozenset(
    "select from where group by order desc asc limit and or not count sum avg max min round as case when then else end distinct "
    "join on having between like is null over filter date cast varchar strftime using with in left inner true false".split()
)


def asked_things(goal: Spans) -> list[str]:
    """The words that name what is asked, in an English goal; of `error lines` one must be met."""
    text = re.sub(r"\S+\.[a-z]{2,7}\b", " ", without_names(goal)).strip()
    found = [match["what"].lower() for form in _ASKED for match in re.finditer(form, text, re.IGNORECASE)]
    return [words for words in dict.fromkeys(found) if not _NO_THING & {*words.split()}]


async def unmet(goal: Spans, sql: str, paths: Sequence[str], similarity: Similarity) -> list[str]:
    """The things asked for that no table, column or value of the query is called like, nor means."""
    said = _TALK.sub(" ", sql)
    if has_cjk(goal.goal) or has_cjk(said):
        return []
    names = [re.sub(r"[\W_]+", " ", each) for each in (*re.findall(r"[A-Za-z_]\w+", said), *paths)]
    names = [name for name in dict.fromkeys(names) if name.lower() not in _WORDING]
    return await missing(goal, names, similarity)


async def missing(goal: Spans, names: Sequence[str], similarity: Similarity) -> list[str]:
    """The things asked for that none of these names says or means."""
    known = set(stem_words(" ".join(names)))
    kinds = {_kind(word) for name in names for word in name.split()} - {""}
    found = []
    for words in asked_things(goal):
        if not any([await _is_met(word, names, known, kinds, similarity) for word in words.split()]):
            found.append(f"'{words}'")
    return found


async def _is_met(word: str, names: Sequence[str], known: set[str], kinds: set[str], similarity: Similarity) -> bool:
    if kind := _kind(word):
        return kind in kinds or not kinds or kind == "money"  # prices seldom say in what
    if any(has_root(stem, known) for stem in stem_words(word)) or not similarity.has_sense:
        return True
    return max(await similarity.between(word, names), default=0.0) >= NEAR


def _kind(word: str) -> str:
    """`length`, of kilometres and km."""
    unit = dimension(word)
    return unit.kind if unit is not None else ""


def untold(goal: Spans, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why these rows do not answer a question of this kind: where and who are told by names, how much and a median by
    figures; who has the most of something has one row; and what the goal says itself is no answer."""
    cells = [cell for row in rows for cell in row.values() if cell is not None]
    question = re.match(r"\s*(?:and |so |please |tell me )*(where|who|whose)\b", goal.goal, re.IGNORECASE)
    lowered = goal.goal.lower()
    names = [cell for cell in cells if isinstance(cell, str) and cell.lower() not in lowered and not cell[:1].isdigit()]
    is_choice = re.search(r"\bor\b|\bwhich of\b|\bvs\b", lowered) is not None  # whose answer stands in the goal
    found = []
    if question is not None and not names and not is_choice:
        found.append(f"'{question[1]}'")
    is_figure = re.search(rf"\b(?:how (?:many|much)|{_FUNCTION})\b", goal.goal, re.IGNORECASE)
    if is_figure and len(rows) == 1 and len(cells) == 1 and cells[0] in ("yes", "no", "true", "false"):
        found.append(f"'{is_figure[0]}'")
    if re.search(r"\b(?:most|least|fewest)\b", lowered) and len(rows) > 1:
        first = next(iter(rows[0]))
        who = [row.get(first) for row in rows]
        if isinstance(who[0], str) and len({str(each).lower() for each in who}) < len(who):
            found.append(f"one row for each {first}: GROUP BY lower({first})")
    is_open = not re.match(r"\s*(?:is|are|was|were|do|does|did|has|have|can|could|will|should)\b", lowered)
    if is_open and not is_choice and cells and all(isinstance(c, str) and c.lower() in lowered for c in cells):
        found.append("what is asked, and not what was said")
    return found
