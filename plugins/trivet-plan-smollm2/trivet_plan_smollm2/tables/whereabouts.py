"""Where something is, in settings that tell its place: `where does the repeater stand?`, of an entry `repeater.site`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.grounding import Ground
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.tables.settings_units import described_settings, settings_of
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import Services, ToolSpec

_PLACES = frozenset("site place location position where address room spot standort ort lieu 位置 地点 地址".split())
_WHERE = re.compile(
    r"\s*(?:please )?(?:(?:tell me|do you know|i wonder) )?where(?:['’]s| is| are| does| do| can i find| will i find)?"
    r" (?:the |our |my )?(?P<thing>\w+)"
    r"(?: (?:is|are|stands?|located|placed|mounted|installed|kept|situated|set up|sits?|hangs?|be found|it|live|lives))*"
    r"\s*[?.!]*\s*"
    r"|\s*(?:请问)?(?P<zh>[\u3400-\u9fff]{1,6}?)(?:设|装|安装|放|位于|立|架)*在(?:哪里|哪儿|什么地方|何处)[？?。]*\s*",
    re.IGNORECASE,
)


async def whereabouts(goal: Spans, ground: Ground, tools: Sequence[ToolSpec], services: Services) -> tuple[Call, ...]:
    """The entry; none unless one file of one record has exactly one such entry, and nothing else is said."""
    text = goal.goal
    for path in goal.paths:
        text = re.sub(rf"\(?\s*(?:(?:see|in|from|look in|it is in|it['’]s in)\s+)?{re.escape(path)}\s*\)?", " ", text)
    match = _WHERE.fullmatch(re.sub(r"\s+", " ", text))
    selector = next(
        (t for t in tools if {"columns", "where", "sort_by"} <= _names(t) and "other" not in _names(t)), None
    )
    if match is None or selector is None:
        return ()
    thing = stem((match["thing"] or match["zh"]).lower())
    found = [
        (card.path, column.name)
        for card in await described_settings(settings_of(ground), tools, services)
        for column in card.columns
        if card.rows == 1 and (not goal.paths or any(card.path.endswith(path) for path in goal.paths))
        if (parts := re.split(r"[._]", column.name.lower()))[-1] in _PLACES
        and stem(parts[-2] if parts[1:] else "") == thing
    ]
    if len(found) != 1:
        return ()
    return (Call(tool=selector.name, arguments={"path": found[0][0], "columns": [found[0][1]]}),)


def _names(tool: ToolSpec) -> set[str]:
    return {*tool.parameters.get("properties", {})}
