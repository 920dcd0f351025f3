"""What is asked: of the user, and of a search."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.grounding import is_search
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

_POINTS = re.compile(
    r"\s*(?:please |can you |could you |now |just )*(?:and )?(?:[a-z]+(?: up| out)?) "
    r"(?P<what>it|them|this|that|these|those|the other one|that one|this one)"
    r"(?:\s+(?:by|as|to|into|in|from|with|for|again|please|up|out|all|first|then|there|here)\b.*)?[\s.!?]*",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\s*(?:is|are|was|were|does|do|did|has|have|what|who|why|when|where|how|which|about)\b", re.IGNORECASE
)


SHORT = 8
"""Words of a goal in which a pronoun has nothing that it could stand for."""
FEW = 6
"""Words of a question that has room for nothing else."""
_PRONOUN = re.compile(
    r"\b(?:it(?!.*\b(?:to|from|if|when)\b)|its|she|he|they|them|him|her|that one|this one|those|these"
    r"|the same|the others?|the (?:new|old) ones?)\b"
    r"|它|他|她|那个|这个|上次",
    re.IGNORECASE,
)


def pointed_at(goal: Spans) -> str:
    """The word that points at what nobody has named: `it`, of `sort it by date`; empty if the goal names what it is about."""
    match = _POINTS.fullmatch(goal.goal)
    is_order = match is not None and not _PASSIVE.match(goal.goal)
    return match["what"].lower() if match and is_order and not (goal.quoted or goal.urls) else ""


def is_vague(goal: Spans) -> bool:
    """Whether a short goal speaks of something by a pronoun and names nothing: `And how old is she now?`"""
    if goal.paths or goal.quoted or goal.urls or goal.digits or goal.dates:
        return False
    is_short = len(re.findall(r"\w+", goal.goal)) <= SHORT
    return is_short and _PRONOUN.search(goal.goal) is not None and not re.search(r"(?<=[a-z,] )[A-Z][a-z]", goal.goal)


_UNNAMED = re.compile(
    r"\b(?<!time )(?<!day )(?<!date )(?<!year )(?:is|are|was|were|does|did|do|about|of|with|for) "
    r"(?P<what>it|she|he|they|them|him|her|that one|this one)\b"
    r"(?!.*\b(?:to|from|if|when|that|rain|snow|hail|freeze|dark|true)\b)",
    re.IGNORECASE,
)


def unnamed(goal: Spans) -> str:
    """The pronoun of a question of a few words that names nothing it could stand for: `Is it still valid?`; empty if there is
    none."""
    if not is_vague(goal) or goal.periods or len(re.findall(r"\w+", goal.goal)) > FEW:
        return ""
    match = _UNNAMED.search(goal.goal)
    return match["what"].lower() if match and not re.search(r"\band\b|,", goal.goal[: match.start()]) else ""


_ORDER = re.compile(
    r"\s*(?:please |can you |could you |now |just )*(?:make|copy|rename|move|delete|remove|send|add|change|set|fix|update|merge"
    r"|undo|archive|sort|replace|book|order|buy|call|print|upload|install|reply|open|put|turn)\b",
    re.IGNORECASE,
)


def is_order(goal: Spans) -> bool:
    """Whether something is to be done that no text can tell: `Make a copy of the file.`"""
    return _ORDER.match(goal.goal) is not None


def asking_all(call: Call, tools: Sequence[ToolSpec], goal: Spans) -> Call:
    """A search asked with all the goal's words instead of the few that the model chose: words cost nothing, and how many
    of them a passage holds tells whether it is an answer."""
    tool = next((tool for tool in tools if tool.name == call.tool), None)
    properties = tool.parameters.get("properties", {}) if tool else {}
    asked = {
        name: goal.goal
        for name in call.arguments
        if tool and is_search(tool) and properties.get(name, {}).get("format") == "span"
    }
    return Call(tool=call.tool, arguments={**call.arguments, **asked})


def question(kind: str, files: Sequence[FileCard]) -> str:
    """The question in a person's words, with what there is to choose from."""
    names = ", ".join(card.path for card in files[:4])
    if kind == "which file":
        return f"Which file do you mean? {names}".strip() if names else "Which file do you mean?"
    if kind == "which column":
        columns = ", ".join(column.name for card in files[:1] for column in card.columns)
        return f"Which column do you mean? {columns}".strip()
    return {"where to": "Where shall the result be written?"}.get(kind, f"{kind.capitalize()} do you mean?")
