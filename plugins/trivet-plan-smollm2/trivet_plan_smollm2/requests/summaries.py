"""Goals that want a text made short: which document is meant, and what it may cost in characters."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.grounding import mentioned, name_score
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import MONTHS, Spans, read_goal
from trivet_sdk import ToolSpec

_SHORT = re.compile(
    r"\s*(?:please |kindly |can you |could you |would you |briefly )*(?:(?:write|give|make|get|show)(?: me)? )?(?:an? |the )?"
    r"(?:brief |short |quick |concise )*(?:summari[sz]e|summary|tl;?dr|gist|overview|main points|key points|short version)\b"
    r"|\s*what (?:are|is) the (?:main|key) (?:points?|message)|\s*(?:请)?(?:用.{1,6}话)?(?:概括|总结|摘要)",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(?P<number>\d[\d,]*)\s*(?:characters|chars|letters|字符|字)", re.IGNORECASE)
_WORDS = re.compile(r"(?P<number>\d[\d,]*)\s*words", re.IGNORECASE)
A_WORD = 6
"""Characters of a word, with the space behind it."""


_SUM_UP = re.compile(r"\s*(?:please |kindly |can you |could you |would you )*sum up\b", re.IGNORECASE)
"""A text, or figures: what is meant is told by what there is."""


_ANYWHERE = re.compile(
    r"\bwhat (?:was|were|got|has been|did (?:they|we|the \w+(?: (?:of|in|on|from) [\w ]{1,24}?)?))"
    r" (?:discuss|decide|agree|talk|say|said)\w*\b"
    r"|\b(?:its|the|their) (?:main|key|most important) (?:points?|ideas?)\b|\bin (?:an? )?(?:few|couple of|one|two"
    r"|three|four) (?:short )?sentences?\b"
    r"|\bwhat (?:is|are) \S+\.\w+ (?:all )?about\b|\bwhat \S+\.\w+ (?:is|are) (?:all )?about\b"
    r"|\bkeep it (?:brief|short)\b|\b(?:short|brief|quick) (?:resume|résumé|recap|digest|overview|summary)\b"
    r"|\bsummary\b|\bsummari[sz]e\b"
    r"|\btl;?\s?dr\b|\bin (?:short|brief|a nutshell)\b|\b(?:the )?(?:gist|main points|key points|short version) of\b"
    r"|(?:简单|简要|大致|用.{1,6}话)?(?:概括|总结|概述)(?:一下)?|讲了(?:什么|些什么|啥)|(?:主要内容|大意)",
    re.IGNORECASE,
)
"""Said wherever, if a text is named."""


_SECTION = re.compile(
    r"\b(?:section|chapter|part|paragraph)s? (?:on|about|called|named|titled|dealing with|regarding) (?:the )?"
    r"(?P<name>[^,.;:()]+?)(?= (?:in|of|from|for|at|to) |[,.;:()?!]|$)"
    r"|\bthe (?!first|second|third|fourth|fifth|last|next|main|whole|longest|shortest)"
    r"(?P<before>[\w-]+(?: [\w-]+)?) (?:section|chapter|part|paragraph)\b(?= (?:of|in|from)\b)"
    r"|关于(?P<zh>[\u4e00-\u9fff]{2,8}?)的?(?:部分|章节|一节|那节|段落)",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\b(?:section|chapter|paragraph)s?\b|章节|部分|段落", re.IGNORECASE)


def is_summary(goal: str) -> bool:
    return _SHORT.match(goal) is not None or _ANYWHERE.search(goal) is not None


def summarised(goal: Spans, tools: Sequence[ToolCard], cards: Mapping[str, FileCard]) -> Call | None:
    """The call that makes the one document short that the goal names, or speaks of; None where two could be meant."""
    if not is_summary(goal.goal) and not _SUM_UP.match(goal.goal):
        return None
    tool = next((tool for tool in tools if summarises(tool)), None)
    path = _meant(goal, cards)
    if tool is None or not path:
        return None
    properties = tool.parameters["properties"]
    arguments: dict[str, object] = {next(n for n in tool.parameters["required"]): path}
    length = next((name for name in properties if "char" in name), "")
    if said := _LENGTH.search(goal.goal):
        wanted = int(said["number"].replace(",", ""))
    elif said := _WORDS.search(goal.goal):
        wanted = int(said["number"].replace(",", "")) * A_WORD
    else:
        wanted = 0
    if wanted and length:
        arguments[length] = max(int(properties[length].get("minimum", 1)), wanted)
    if _PARTS.search(goal.goal) or _SECTION.search(goal.goal):
        section = _SECTION.search(goal.goal)
        if section is None or "section" not in properties:
            return None
        arguments["section"] = section["name"] or section["before"] or section["zh"]
    return None if wanted and not length else Call(tool=tool.name, arguments=arguments)


def summarises(tool: ToolCard | ToolSpec) -> bool:
    required = tool.parameters.get("required", ())
    properties = tool.parameters.get("properties", {})
    return (
        re.search(r"\bsummar", f"{tool.name} {tool.summary}", re.IGNORECASE) is not None
        and len(required) == 1
        and properties[required[0]].get("format") == "workspace-path"
    )


def _meant(goal: Spans, cards: Mapping[str, FileCard]) -> str:
    texts = [card for card in cards.values() if card.kind == "text"]
    named = [card for card in cards.values() if card.path in mentioned(goal, cards)]
    if named:
        return named[0].path if len(named) == 1 else ""
    texts = [card for card in texts if not _is_of_another_time(goal, card.path)]
    if (
        goal.dates and (dated := [card for card in texts if set(goal.dates) & set(read_goal(_spaced(card.path)).dates)])
    ) or ((months := _months(goal.goal)) and (dated := [card for card in texts if months & _months_of(card.path)])):
        texts = dated
        if len(texts) == 1:
            return texts[0].path
    elif _months(goal.goal) and not goal.dates:
        return ""  # no file's name tells this month
    scores = {card.path: _score(goal, card.path) for card in texts}
    best = max(scores.values(), default=0.0)
    fitting = [path for path, score in scores.items() if score == best]
    if len(texts) == 1 and goal.dates:
        return texts[0].path
    return fitting[0] if best >= 1 and len(fitting) == 1 else ""


def _is_of_another_time(goal: Spans, path: str) -> bool:
    """Whether the file's name tells a year or month, and the goal another one."""
    own = read_goal(_spaced(path))
    times = [time for time in (*own.dates, *own.periods) if len(time) >= 4]
    years = {time[:4] for time in (*goal.dates, *goal.periods) if len(time) >= 4}
    if times and years and not any(time[:4] in years for time in times):
        return True
    months = _months(goal.goal) | {time[5:7] for time in (*goal.dates, *goal.periods) if len(time) > 4}
    return bool(months and _months_of(path) and not months & _months_of(path))


def _months(text: str) -> set[str]:
    """`09`, of September, with or without a year."""
    named = rf"(?<!\w)(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})(?!\w)"
    in_may = {"05"} if re.search(r"\b(?:in|of|from|for) May\b", text) else set()
    return in_may | {
        f"{MONTHS[match[0].lower()]:02}"
        for match in re.finditer(named, text, re.IGNORECASE)
        if match[0].lower() != "may"
    }


def _months_of(path: str) -> set[str]:
    said = read_goal(_spaced(path))
    named = re.search(r"(?<![a-z])may(?![a-z])", path, re.IGNORECASE)
    return (
        {day[5:7] for day in (*said.dates, *said.periods) if len(day) > 4}
        | _months(_spaced(path))
        | ({"05"} if named else set())
    )


def _score(goal: Spans, path: str) -> float:
    """Words of the file's name that are said, and a little for a name of which nothing else is left."""
    stems = set(stem_words(_spaced(PurePosixPath(path).stem)))
    said = stems & set(stem_words(goal.goal))
    return name_score(goal, path) + (0.25 if stems and said == stems else 0.0)


def _spaced(path: str) -> str:
    return re.sub(r"[_./]+", " ", path)
