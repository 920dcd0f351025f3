"""Which messages a log has, and how often: `the most frequent error message`, `which errors occur, and how often each?`"""

import re
from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.logged import sql_test
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal

_OFTEN = r"(?:frequent(?:ly)?|common(?:ly)?|often)"
_KIND = (
    r"(?:(?P<level>[a-z]+)\s+)??(?P<noun>messages?|texts?|errors?|warnings?|entries|entry|problems?|faults?|alarms?)"
)
_OCCURS = (
    r"(?:(?:is|are|was|were|has|have|been|logged|reported|(?:occur|appear|happen|show|turn|come|stand)(?:s|ed|red)?|came|up)"
    r"\s*)+"
)
_FORMS = tuple(
    (is_one, re.compile(form, re.IGNORECASE))
    for is_one, form in (
        (
            True,
            r"(?:(?:what|which)(?:['’]s| is| was| are| were)? )?(?:the )?(?P<most>most|least) "
            rf"{_OFTEN}(?: \w+ing)? {_KIND}(?! level)",
        ),
        (True, rf"(?:which|what) {_KIND} {_OCCURS}(?:the )?(?P<most>most|least)(?: {_OFTEN})?(?! \w*(?:recent|late))"),
        (False, rf"(?:which|what) {_KIND} (?:{_OCCURS})?[^?]{{0,40}}?,? ?and how (?:often|many times)(?: each)?"),
        (False, rf"how (?:often|many times) (?:does|did|is|was|has) each {_KIND} ?(?:{_OCCURS})?"),
    )
)
_AHEAD = re.compile(
    r"\W*(?:(?:please|tell me|show me|find|give me|in|for|from|of|and|the|log|file|name)\W+)*", re.IGNORECASE
)
"""What may stand before such a question; anything else would be what the messages are told apart by."""
_MANY = re.compile(
    r"[?.,]\s*(?:and )?how (?:many|often)(?: times)?(?: (?:was|is|were|did) (?:it|that|they))?[^?]{0,20}(?=[?.]|$)",
    re.IGNORECASE,
)
_ALL = frozenset(("message", "text", "entry", "entri"))


def counted_messages(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The rows of a log counted for each message; none unless exactly one log makes sense of the rest, and has messages that
    come up again and again."""
    found = next(((is_one, match) for is_one, form in _FORMS if (match := form.search(goal.goal))), None)
    if found is None or is_chinese(goal.goal):
        return ()
    is_one, match = found
    ahead = goal.goal[: match.start()]
    for path in goal.paths:
        ahead = ahead.replace(path, " ")
    if not _AHEAD.fullmatch(f"{ahead} "):
        return ()
    plans = [
        plan
        for card in files
        if {"level", "message"} <= {column.name for column in card.columns}
        if not goal.paths or any(card.path == path or card.path.endswith(f"/{path}") for path in goal.paths)
        if (plan := _of_log(goal, match, card, tools, is_one=is_one))
    ]
    return plans[0] if len(plans) == 1 else ()


def _of_log(
    goal: Spans, match: re.Match[str], card: FileCard, tools: Sequence[ToolCard], *, is_one: bool
) -> tuple[Call, ...]:
    message = next(column for column in card.columns if column.name == "message")
    levels = [str(value) for column in card.columns if column.name == "level" for value in column.examples]
    said = [word for word in (match["level"], match["noun"]) if word and stem(word.lower()) not in _ALL]
    known = [word for word in said if any(stem(stem(word.lower())) == stem(value.lower()) for value in levels)]
    if len(known) != len(said):
        return ()
    counted = f"how many {known[0] if known else 'entries'}"
    text = f"{goal.goal[: match.start()]} {counted} {goal.goal[match.end() :]}"
    text = _MANY.sub(" ", text)
    reading = reading_of(read_goal(text.strip(), [card.path]), card)
    if reading is None or reading.function != "count" or not reading.is_whole or reading.beyond:
        return ()
    if reading.group_by or reading.pair or reading.limit or reading.share_of is not None:
        return ()
    is_least = is_one and match["most"].lower() == "least"
    if not any(re.search(_FIGURE, str(example)) for example in message.examples):
        counted_each = msgspec.structs.replace(reading, group_by="message", limit=int(is_one), descending=not is_least)
        return rendered(counted_each, tools)
    return _without_figures(reading, card, tools, order="ASC" if is_least else "DESC", limit=int(is_one))


_FIGURE = r"(^|[\s=:])-?\d+(\.\d+)?"
"""A number in a message that is no part of a name: `in 253 ms`, and not `till-2`."""


def _without_figures(
    reading: Reading, card: FileCard, tools: Sequence[ToolCard], order: str, limit: int
) -> tuple[Call, ...]:
    """Messages that differ only in their figures are one: `refused in N ms`."""
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    moments = {column.name for column in card.columns if column.type in ("date", "datetime")}
    tests = [sql_test(test) for test in reading.where]
    if asker is None or not all(tests) or any(test["column"] in moments for test in reading.where):
        return ()
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    query = (
        f"SELECT regexp_replace(message, '{_FIGURE}', '\\1N', 'g') AS message, count(*) AS entries FROM data{where} "
        f"GROUP BY 1 ORDER BY 2 {order}, 1{' LIMIT 1' if limit else ''}"
    )
    return (Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),)
