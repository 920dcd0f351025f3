"""How far rows lie apart in time: the longest time between two of them, and how much time a log covers."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.logged import sql_test
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal, without_form

_LONG = r"(?P<rank>longest|largest|biggest|greatest|maximum|shortest|smallest|minimum)"
_TWO = r"(?:(?:any|the)\s+)?(?:two\s+)?(?:(?:consecutive|successive|subsequent|neighbou?ring|adjacent)\s+)?"
_GAP = re.compile(
    rf"(?:(?:what|how long|when)(?:['’]s| is| was)? )?(?:the )?{_LONG}\s+(?:time|gap|pause|break|interval|silence|stretch|span"
    r"|distance|wait)(?:\s+(?:of time|in time|that passed|passed|elapsed))?\s+(?:between|from one|in between)\s+"
    rf"{_TWO}(?P<rows>[^?,.()]+?)(?=\s+(?:in|of)\s+\0|\s*[?.,(]|$)",
    re.IGNORECASE,
)
_COVER = re.compile(
    r"(?:how (?:many (?P<unit>seconds|minutes|hours|days)|long(?: a time)?|much time)|(?:what|which) (?:time )?(?:span|period)"
    r"(?: of time)?)\s+(?:does|do|is|are)\s+(?:the )?(?:log |file )?\0\s*(?:log |file )?(?:cover(?:ed)?|span(?:ned)?|last|run"
    r"|go over|comprise|record)(?: by)?",
    re.IGNORECASE,
)
_IN = re.compile(
    r"\s*(?:,|\()?\s*\bin (?P<unit>seconds|minutes|hours|days)\)?(?!\w)|\bhow many (?P<too>seconds|minutes|hours|days)\b",
    re.I,
)
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_LOW = ("shortest", "smallest", "minimum")


def gap(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """One query; none unless exactly one table has one column of moments and makes sense of what the rows are."""
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    if asker is None or is_chinese(goal.goal) or len(goal.paths) > 1:
        return ()
    text = without_form(goal.goal)
    for path in goal.paths:
        text = text.replace(path, "\0")
    unit, match = "", None
    if (cover := _COVER.search(text)) is not None:
        unit = (cover["unit"] or "hours").lower()
    elif said := _IN.search(text):
        unit = (said["unit"] or said["too"]).lower()
        text = f"{text[: said.start()]} {text[said.end() :]}"
    if cover is None and (match := _GAP.search(text)) is None:
        return ()
    named = [c for c in files if any(c.path == path or c.path.endswith(f"/{path}") for path in goal.paths)]
    queries = []
    for card in named if goal.paths else [card for card in files if card.kind == "log"]:
        if cover is not None:
            rest = f"{text[: cover.start()]} how many entries {text[cover.end() :]}"
            form = f'SELECT {{span}} AS {unit}, min({{time}}) AS "first", max({{time}}) AS "last" FROM data{{where}}'
        else:
            assert match is not None
            rest = f"{text[: match.start()]} how many {match['rows']} {text[match.end() :]}"
            form = _gaps(unit, is_low=match["rank"].lower() in _LOW)
        if (query := _query(rest, form, unit, card)) is not None:
            queries.append(Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}))
    return (queries[0],) if len(queries) == 1 else ()


def _gaps(unit: str, *, is_low: bool) -> str:
    """Without a unit that is wanted: minutes, and seconds beside them."""
    shown = [unit] if unit else ["minutes", "seconds"]
    figures = ", ".join(f"round(gap / {_SECONDS[each]}.0, 3) AS {each}" for each in shown)
    return (
        f'SELECT {figures}, earlier AS "from", later AS "to" FROM (SELECT '
        "{time} AS later, "
        "lag({time}) OVER (ORDER BY {time}) AS earlier, "
        "date_diff('second', lag({time}) OVER (ORDER BY {time}), {time}) AS gap FROM data{where}) "
        f"WHERE gap IS NOT NULL ORDER BY gap {'ASC' if is_low else 'DESC'}, later LIMIT 1"
    )


def _query(counted: str, form: str, unit: str, card: FileCard) -> str | None:
    """None if the table has no one column of moments, or if the rows are not understood."""
    timed = [column.name for column in card.columns if column.type == "datetime"]
    reading = reading_of(read_goal(re.sub(r"\s+", " ", counted.replace("\0", card.path)).strip(), [card.path]), card)
    if len(timed) != 1 or reading is None or reading.function != "count" or not reading.is_whole:
        return None
    if reading.group_by or reading.pair or reading.limit or reading.beyond:
        return None
    tests = [sql_test(test) for test in reading.where]
    if not all(tests) or any(test["column"] == timed[0] for test in reading.where):
        return None
    time = f'CAST("{timed[0].replace(chr(34), "")}" AS TIMESTAMP)'
    span = f"round(date_diff('second', min({time}), max({time})) / {_SECONDS.get(unit, 1)}.0, 3)"
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return form.format(time=time, where=where, span=span)
