"""A rate that no column holds, of the totals of two that a table has: `how many km per hour does the Teal make on average?`"""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.logged import sql_test
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.other_units import unit_of_column
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.dimensions import UNIT, Dimension, dimension
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal, without_form

_WHOLE = r"kmh|km/h|kph|mph|knots?"
_PART = r"[a-z]+"
_RATE = re.compile(
    rf"(?:[\s,(]*\b(?:in|as)\s+|[\s,]*\(\s*|\bhow many\s+|\b)(?P<unit>(?:{_WHOLE})(?![\w/])|{UNIT})\)?", re.IGNORECASE
)
_NAMED = re.compile(
    r"\b(?:average|mean|overall|typical)?\s*(?:speed|pace|consumption|velocity)\b(?:\s+on average)?", re.IGNORECASE
)
_FILLING = re.compile(
    r"\b(?:how (?:fast|many|much)|on average|average|mean|overall|what(?: is|'s| was| were)?|work out|calculate"
    r"|tell me|give me|does|do|did"
    r"|make[sd]?|made|go|goes|went|rows?|rowed|drives?|drove|driven|needs?|needed|takes?|took|use[sd]?|travel(?:s|led)?|runs?|ran|covers?"
    r"|covered|rides?|rode|cycled?|walk(?:s|ed)?|flew|fl(?:y|ies)|is|was|were|are)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"\b(?:median|fastest|slowest|quickest|max\w*|minimum|top|record|best|each trip|every trip)", re.IGNORECASE
)
_RANKED = re.compile(r"\b(?:highest|lowest|greatest|smallest|best|worst|most|least)\b", re.IGNORECASE)


def average_rate(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """Both totals and their quotient in the unit that is wished, or one query where groups are wished; none unless one table
    has one column for each part of the unit, and none for the whole."""
    text = without_form(goal.goal)
    found = [(match, rate) for match in _RATE.finditer(text) if (rate := dimension(match["unit"])) is not None]
    found = [(match, rate) for match, rate in found if len(rate.powers) == 2]
    if len(found) != 1 or is_chinese(goal.goal) or re.search(r"\d\s*$", text[: found[0][0].start("unit")]):
        return ()
    match, rate = found[0]
    plans = [plan for card in files if (plan := _of_table(goal, text, match, rate, card, tools))]
    return plans[0] if len(plans) == 1 else ()


def _of_table(
    goal: Spans, text: str, match: re.Match[str], rate: Dimension, card: FileCard, tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    powers = dict(rate.powers)
    over, under = (next((kind for kind, power in powers.items() if power == each), "") for each in (1, -1))
    above, below = _columns(card, over), _columns(card, under)
    is_dated = any(column.type in ("date", "datetime") for column in card.columns)
    if is_dated and re.search(r"\b(?:days?|weeks?)\b", match["unit"], re.IGNORECASE):
        return ()  # `km per day` is what each day has
    has_rate = any(unit_of_column(column, match["unit"]) for column in card.columns)
    if len(above) != 1 or len(below) != 1 or has_rate or _FIGURES.search(text):
        return ()
    readings = [_reading(text, match, column.name, card) for column, _ in (*above, *below)]
    one, other = readings
    if (
        one is None
        or other is None
        or (one.where, one.group_by, one.limit) != (other.where, other.group_by, other.limit)
    ):
        return ()
    (top, top_unit), (bottom, bottom_unit) = above[0], below[0]
    factor = top_unit.size / bottom_unit.size / rate.size
    if one.group_by:
        return _of_groups(
            one, top.name, bottom.name, factor, match["unit"], tools, is_ranked=bool(_RANKED.search(text))
        )
    reckoner = next((t for t in tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    sums = (*rendered(one, tools), *rendered(other, tools))
    if reckoner is None or len(sums) != 2 or one.limit:
        return ()
    names = [re.sub(r"\W", "_", column.name) for column in (top, bottom)]
    values = {name: {"$ref": f"s{place}#/value"} for place, name in enumerate(names, 1)}
    expression = f"{names[0]} / {names[1]}{_scale(factor)}"
    return (*sums, Call(tool=reckoner.name, arguments={"expression": expression, "values": values}))


def _columns(card: FileCard, kind: str) -> list[tuple[Column, Dimension]]:
    """The number columns whose names end with a unit of this kind."""
    found = []
    for column in card.columns:
        words = spaced(column.name).lower().split()
        measured = dimension(words[-1]) if words and column.type in MEASURABLE else None
        if measured is not None and measured.kind == kind:
            found.append((column, measured))
    return found


def _reading(text: str, match: re.Match[str], column: str, card: FileCard) -> Reading | None:
    """The goal as one about the total of this column."""
    name = spaced(column)
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    ranked = re.search(rf"{_RANKED.pattern}\s+(?={_NAMED.pattern}|\s|$)", rest, re.IGNORECASE)
    is_named = _NAMED.search(rest)
    if ranked and is_named:
        said = _NAMED.sub(f" total {name} ", rest, count=1)
    else:
        said = f"total {name} {_FILLING.sub(' ', _NAMED.sub(' ', rest))}"
    reading = reading_of(read_goal(re.sub(r"\s+", " ", said).strip(" ,;:?.!"), [card.path]), card)
    if (
        reading is None
        or not reading.is_about_rows
        or reading.pair
        or reading.beyond
        or reading.over
        or reading.share_of
    ):
        return None
    return reading if (reading.function, reading.column) == ("sum", column) else None


def _of_groups(
    reading: Reading, above: str, below: str, factor: float, unit: str, tools: Sequence[ToolCard], *, is_ranked: bool
) -> tuple[Call, ...]:
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    tests = [sql_test(test) for test in reading.where]
    if asker is None or not all(tests) or "." in reading.group_by:
        return ()
    name = "_".join(re.findall(r"\w+", unit.replace("/", " per ")))
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    order = f" ORDER BY 2 {'DESC' if reading.descending or not is_ranked else 'ASC'}"
    limit = f" LIMIT {reading.limit}" if reading.limit else ""
    query = (
        f"SELECT {_quoted(reading.group_by)}, round(sum({_quoted(above)}) * 1.0 /"
        f" sum({_quoted(below)}){_scale(factor)}, 6) AS {name} "
        f"FROM data{where} GROUP BY 1{order}{limit}"
    )
    return (Call(tool=asker.name, arguments={"query": query, "paths": [reading.path]}),)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', "") + '"'


def _scale(factor: float) -> str:
    if abs(factor - 1) < 1e-12:
        return ""
    if factor < 1 and abs(round(1 / factor) * factor - 1) < 1e-9:
        return f" / {round(1 / factor)}"
    return f" * {factor:.12g}"
