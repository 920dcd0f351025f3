"""How many there are, and when the first or last of them was: `how many errors has pump.log and when did the last one happen?`"""

import re
from collections.abc import Callable, Sequence

from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.probing import selects
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, has_cjk, read_goal

_RANK = r"(?P<rank>first|earliest|oldest|last|latest|newest|most recent)"
_DONE = (
    r"(?:happen|occur|come|came|appear|show up|turn up|take place|logged|recorded|reported|noted|seen|made)(?:ed|s)?"
)
_ONE = rf"(?:the )?(?:very )?{_RANK}(?: (?:one|time|of (?:them|these|those)))?"
_AND_WHEN = re.compile(
    rf"[,;.?]?\s+(?:and |also |and also )?(?:(?:tell me|say) )?(?:when|at what time|on (?:which|what) (?:day|date))"
    rf" (?:(?:did|was|is|has) {_ONE}|(?:{_ONE.replace('?P<rank>', '?P<other>')}) (?:was|is|has))"
    rf"(?: been)?(?: {_DONE}| (?P<verb>[a-z]+))?\s*[?.!]*$",
    re.IGNORECASE,
)
_ALSO_WHEN = re.compile(r"[,;.?]?\s+(?:and |also )+(?:(?:tell me|say) )?(?:when|at what time)\b", re.IGNORECASE)
_AND_WHEN_ZH = re.compile(
    r"[，,；;。？?]\s*(?:并且?)?(?P<rank>最后|最近|最早|第)一次(?:是|发生|出现|在)*(?:什么时[候间]|何时|哪一?天|几点|几号)(?:发生|出现)?的?[？?。]*$"
)
_EARLY = ("first", "earliest", "oldest", "最早", "第")


def count_and_when(
    goal: Spans,
    files: Sequence[FileCard],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    """The count, and the one row that its time tells; none unless the first question counts rows of a table with one column
    of times."""
    match = (_AND_WHEN_ZH if has_cjk(goal.goal) else _AND_WHEN).search(goal.goal)
    selector = next((tool for tool in tools if selects(tool)), None)
    if match is None or selector is None or match.start() == 0:
        return ()
    calls = heard(read_goal(goal.goal[: match.start()], listing), files)
    if len(calls) != 1 or calls[0].arguments.get("function") != "count" or calls[0].arguments.get("group_by"):
        return ()
    arguments = calls[0].arguments
    card = next((card for card in files if card.path == arguments.get("path")), None)
    times = [column.name for column in card.columns if column.type in ("date", "datetime")] if card else []
    if len(times) != 1 or "first" in arguments:
        return ()
    if (verb := match.groupdict().get("verb")) and stem(verb.lower()) not in {stem(stem(times[0].lower())), times[0]}:
        return ()  # what they did is not what the times are of
    rank = (match["rank"] or match.groupdict().get("other") or "").lower()
    row = {"path": arguments["path"], "where": arguments.get("where", []), "sort_by": times[0], "limit": 1}
    row |= {} if rank in _EARLY else {"descending": True}
    return calls[0], Call(tool=selector.name, arguments={name: value for name, value in row.items() if value != []})


def asks_when_too(goal: Spans) -> bool:
    """Whether `when` is a second question behind another one, so that a count is half an answer."""
    match = _AND_WHEN.search(goal.goal) or _AND_WHEN_ZH.search(goal.goal) or _ALSO_WHEN.search(goal.goal)
    before = goal.goal[: match.start()] if match else ""
    return (
        re.search(r"\b(?:how (?:many|often|much)|number of|count)\b|多少|几[条次个]", before, re.IGNORECASE) is not None
    )
