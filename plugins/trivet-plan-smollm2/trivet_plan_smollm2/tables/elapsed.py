"""The time from the first to the last row of a kind: `how many hours lie between the first and the last error?`"""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.logged import sql_test
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal, without_form

_ASKED = re.compile(
    r"(?:how many (?P<unit>seconds|minutes|hours|days)|how (?:long|much time))\b[^?]*?\b(?:between|from)\s+(?:the\s+|its\s+)?"
    r"(?:very )?(?:first|earliest)\b\s*(?P<first>[^,?]*?)\s*\b(?:and|to|until|till)\s+(?:the\s+"
    r"|its\s+)?(?:very )?(?:last|latest)\b"
    r"\s*(?P<last>[^?]*(?:\?\s*(?:please\s+)?in (?:seconds|minutes|hours|days)(?:,? please)?[\s,.!?]*$)?)",
    re.IGNORECASE,
)
_IN = re.compile(
    r"[\s,(]*\b(?:please\s+)?in (?P<unit>seconds|minutes|hours|days)\b(?:,? please)?[\s,)]*(?:please)?[\s.!]*$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"[0-2]?\d:[0-5]\d(?::[0-5]\d)?")
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def elapsed(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """One query; none unless exactly one table has one column of times and makes sense of what the rows are."""
    text = without_form(goal.goal)
    match = _ASKED.search(text)
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    if match is None or asker is None or is_chinese(goal.goal):
        return ()
    kind = re.sub(r"^(?:ones?|of (?:them|these))\b", match["first"], match["last"].strip(" .!?,"))
    if match["first"] and not set(stem_words(match["first"])) <= set(stem_words(kind)):
        return ()
    wished = _IN.search(kind)
    kind = f"{kind[: wished.start()]} {kind[wished.end() :]}".strip(" ?") if wished else kind
    unit = (match["unit"] or (wished["unit"] if wished else "hours")).lower()
    ahead = text[: match.start()].strip(" ,;:-")
    plans = [plan for card in files if (plan := _of_table(f"{ahead} how many {kind}", unit, card, asker))]
    if not plans and not ahead and len(goal.paths) == 1 and re.fullmatch(r"[a-z]+", kind):
        plans = [plan for card in files if (plan := _of_whole(goal.paths[0], unit, card, asker))]
    return plans[0] if len(plans) == 1 else ()


def _of_table(counted: str, unit: str, card: FileCard, asker: ToolCard) -> tuple[Call, ...]:
    timed = [column.name for column in card.columns if column.type == "datetime"]
    timed = timed or [column.name for column in card.columns if column.type == "date"]
    reading = reading_of(read_goal(counted, [card.path]), card)
    if len(timed) != 1 or reading is None or reading.function != "count" or not reading.is_about_rows:
        return ()
    if reading.group_by or reading.pair or reading.limit or not reading.where:
        return ()
    tests = [sql_test(test) for test in reading.where]
    if not all(tests) or any(test["column"] == timed[0] for test in reading.where):
        return ()
    time = f'CAST("{timed[0].replace(chr(34), "")}" AS TIMESTAMP)'
    query = (
        f"SELECT date_diff('second', min({time}), max({time})) / {_SECONDS[unit]}.0 AS {unit} FROM data "
        f"WHERE {' AND '.join(tests)}"
    )
    return (Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),)


def _of_whole(path: str, unit: str, card: FileCard, asker: ToolCard) -> tuple[Call, ...]:
    """Of all rows of the file that the goal names, such as a track: from the first to the last of its times; none where the
    times of a clock begin anew, as at midnight."""
    if card.path != path and not card.path.endswith(f"/{path}"):
        return ()
    timed = [column for column in card.columns if column.type == "datetime"]
    clocks = [c for c in card.columns if c.examples and all(_CLOCK.fullmatch(str(value)) for value in c.examples)]
    column = next(iter(timed or clocks), None)
    if column is None or len(timed or clocks) != 1 or (clocks and not timed and column.examples[0] != column.min):
        return ()
    name = column.name.replace(chr(34), "")
    time = f'CAST("{name}" AS {"TIMESTAMP" if timed else "TIME"})'
    query = (
        f"SELECT date_diff('second', min({time}), max({time})) / {_SECONDS[unit]}.0 AS {unit}, "
        f'min("{name}") AS "first", max("{name}") AS "last" FROM data'
    )
    return (Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),)
