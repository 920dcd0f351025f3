"""Words of a goal that may stand in a column of which only some values are shown: looked for in the table before they count as
not understood.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, has_cjk
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

MOST = 3
"""Words that are looked for at most; more are another matter."""
COLUMNS = 3
ROWS = 20


async def found_in(
    goal: Spans, card: FileCard, reading: Reading, tools: Sequence[ToolCard], services: Services
) -> Reading | None:
    """The reading with the words that it could not place as a condition on the one column that holds them; None if no
    column does, or several do."""
    words = reading.unexplained
    if not 0 < len(words) <= MOST or any(word.isdigit() or len(word) < 2 for word in words):
        return None
    if not reading.function and not reading.columns and not reading.sort_by:
        return None  # nothing is asked about them
    selector = next((tool for tool in tools if selects(tool)), None)
    open_columns = [column for column in card.columns if _shows_some(column) or _has_part(column, words)]
    if selector is None or not 0 < len(open_columns) <= COLUMNS:
        return None
    found: list[tuple[dict[str, Any], ...]] = []
    for column in open_columns:
        for tests in _tests(goal, column.name, words):
            where = [*map(dict, reading.where), *tests]
            call = Call(tool=selector.name, arguments={"path": card.path, "where": where, "limit": ROWS})
            try:
                value = (await services.call(call.tool, call.arguments)).value
            except (ToolError, PluginError):
                continue
            rows = value.get("rows") if isinstance(value, Mapping) else None
            if rows and all(_holds(str(row.get(column.name, "")), tests) for row in rows):
                found.append(tests)
                break
    if len(found) != 1:
        return None
    return msgspec.structs.replace(reading, where=(*reading.where, *found[0]), unexplained=(), noun="")


def _tests(goal: Spans, column: str, words: Sequence[str]) -> list[tuple[dict[str, Any], ...]]:
    """The words as one phrase, if they stand side by side; and each by itself, in any form."""
    first, last = goal.goal.find(words[0]), goal.goal.rfind(words[-1])
    phrase = goal.goal[first : last + len(words[-1])]
    forms: list[tuple[dict[str, Any], ...]] = []
    if len(re.findall(r"\w+", phrase)) == len(words):
        forms.append(({"column": column, "op": "contains", "value": phrase},))
    if not has_cjk(goal.goal) and all(len(word) > 3 for word in words):
        forms.append(tuple({"column": column, "op": "contains", "value": stem(word.lower())} for word in words))
    return forms


def _holds(text: str, tests: Sequence[Mapping[str, Any]]) -> bool:
    """As words of their own or the beginning of one: `red` does not stand in `tired`."""
    return all(
        has_cjk(str(test["value"])) or re.search(rf"(?<!\w){re.escape(str(test['value']))}", text, re.IGNORECASE)
        for test in tests
    )


def _shows_some(column: Column) -> bool:
    return column.type == "text" and column.distinct is not None and column.distinct > len(column.examples)


def _has_part(column: Column, words: Sequence[str]) -> bool:
    """Whether the words stand in some of its values as a part of them: `读卡失败`, of messages that begin with a place. The last
    word alone is what all of them are: `honey`, of `forest honey`, beside `linden`."""
    shown = [str(value).lower() for value in column.examples] if column.type == "text" else []
    holding = [value for value in shown if all(word.lower() in value for word in words)]
    return any(has_cjk(value) or len(words) > 1 or value.split()[-1] != words[0].lower() for value in holding)


def selects(tool: ToolCard | ToolSpec) -> bool:
    """Whether the tool lists the rows of one table, chosen and in order."""
    names = tool.parameters.get("properties", {}).keys()
    return {"path", "columns", "where", "sort_by", "limit"} <= names and "other" not in names
