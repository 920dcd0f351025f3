"""Entries of a log that nothing has answered: `which tools are OUT without a BACK`, `DOWN without an UP`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.words.similarity import STOP, stem
from trivet_plan_smollm2.words.spans import Spans, is_chinese

_VALUE = r"[\"'“”‘’]?(?P<{}>[\w-]+)[\"'“”‘’]?"
_WITHOUT = re.compile(
    rf"{_VALUE.format('opened')}s?(?: entry| line| event)? (?:without|but (?:no|never)|and (?:no|never)|with no) "
    rf"(?:an? |any |the |its |later |matching |following |corresponding )*{_VALUE.format('closed')}(?!\w)",
    re.IGNORECASE,
)
_WITHOUT_ZH = re.compile(
    r"(?:有|只有)\s*(?P<opened>[A-Za-z_-]+)\s*(?:却|但|而)?(?:没有|无|没)\s*(?:对应的)?\s*(?P<closed>[A-Za-z_-]+)"
)
_SEVERE = frozenset("TRACE DEBUG INFO NOTICE WARN WARNING ERROR ERR FATAL CRITICAL ALERT EMERGENCY".split())
"""Levels of what is told, none of which ends another: `errors without the warnings` leaves something out."""
_SAYS_LITTLE = frozenset(
    "which what show list find give tell me name all every those the still yet never not no out back been brought returned come "
    "came given taken open closed ended finished gone missing away it them one ones thing things item items entry entries tool "
    "tools key keys book books device devices machine machines vehicle vehicles van vans car cars boat boats bike bikes station "
    "stations service services job jobs alarm alarms session sessions person persons people member members who whose log logs "
    "line lines file haven hasn isn aren has have is are was were t s please and in of from to there any".split()
)


def unanswered(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The messages of which the newest entry is the first of the two; none unless one log has both, and nothing else is said."""
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    found = [(card, *pair) for card in files if (pair := _pair(goal, card)) is not None]
    if asker is None or len(found) != 1 or goal.digits or goal.dates or goal.periods:
        return ()
    card, match, opened, closed = found[0]
    text = f"{goal.goal[: match.start()]} {goal.goal[match.end() :]}"
    for path in goal.paths:
        text = text.replace(path, " ")
    words = re.findall(r"[A-Za-z]+", text.lower())
    if is_chinese(goal.goal):
        rest = re.sub(
            r"哪些|哪个|什么|工具|东西|设备|钥匙|还|没有?|归还|还回来?|回来|的|了|里|中|在|记录|日志|是|请|列出|[\W]",
            "",
            text,
        )
        words = [rest] if re.search(r"\w", rest) else []
    if any(word not in _SAYS_LITTLE | STOP for word in words):
        return ()
    query = (
        f"SELECT message, max(time) AS since FROM data WHERE level IN ('{opened}', '{closed}') GROUP BY message "
        f"HAVING arg_max(level, time) = '{opened}' ORDER BY since"
    )
    return (Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),)


def speaks_of_pairs(goal: Spans, card: FileCard) -> bool:
    """Whether rows are meant of which another one is missing, which no condition on one row can tell."""
    return _pair(goal, card) is not None


def _pair(goal: Spans, card: FileCard) -> tuple[re.Match[str], str, str] | None:
    names = {column.name for column in card.columns}
    level = next((column for column in card.columns if column.name == "level"), None)
    if level is None or not {"time", "message"} <= names:
        return None
    for match in (*_WITHOUT.finditer(goal.goal), *_WITHOUT_ZH.finditer(goal.goal)):
        opened, closed = _known(match["opened"], level), _known(match["closed"], level)
        if opened and closed and opened != closed and not _SEVERE & {opened.upper(), closed.upper()}:
            return match, opened, closed
    return None


def _known(word: str, column: Column) -> str:
    values = [str(value) for value in column.examples if re.fullmatch(r"[\w -]+", str(value))]
    return next((value for value in values if stem(value.lower()) == stem(word.lower())), "")
