"""`and for Gentoo?`, `what about 2009?`, `那红茶呢？`: the goal before, with one thing in it replaced.

What is replaced is a part of the call that was made then: a value that rows are compared with, what is computed, of which
column, for which groups. Only what has exactly one place there is taken.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.earlier import last_work
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk, read_goal
from trivet_sdk import Exchange

_ENGLISH = re.compile(
    r"(?:(?:ok(?:ay)?|so|now|well|right)[,\s]+)*"
    r"(?:and now|and|(?:and )?(?:what|how) about|the same|same|now|only|just|for|in)"
    r"(?P<how>(?:[,\s]+(?:for|in|of|from|with|on|only|just|by|per|each|those|the|ones?|rows?))*)"
    r"\s+(?P<what>.+?)(?:\s+(?:instead|only|then|ones?|please))*\s*[?.!]*",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?P<before>(?:那么|那|还有|如果是|如果|换成|换|只看|只要|只算|而|再看|再|按照?)*)(?P<what>.+?)"
    r"(?P<after>(?:的话|的)?(?:呢|怎么样|如何|又如何)?)[？?。！!]*"
)
_FUNCTIONS = {
    "mean": "mean|average|平均值?|平均数|均值",
    "median": "median|中位数",
    "sum": "sum|total|总和|总数|总计|合计",
    "max": "max|maximum|highest|largest|最大值?|最高",
    "min": "min|minimum|lowest|smallest|最小值?|最低",
}
_NEEDS_COLUMN = frozenset(_FUNCTIONS)


def followed(
    goal: Spans, earlier: Sequence[Exchange], cards: Mapping[str, FileCard], tools: Sequence[ToolCard]
) -> tuple[Call, str] | None:
    """The call of the goal before with the one thing replaced, and what that is in words; None if the goal is no such
    question, or if what it names has no place or several."""
    said = _said(goal.goal.strip())
    if said is None or goal.paths:
        return None
    work = last_work(earlier)
    if work is None or len(work.calls) != 1:
        return None
    call = work.calls[0]
    card = cards.get(str(call.arguments.get("path")))
    tool = next((tool for tool in tools if tool.name == call.tool), None)
    if card is None or not card.columns or tool is None or "first" in call.arguments:
        return None
    what, is_grouping = said
    what = _without_rows(what, card)
    found = [*_places(what, call, card, tool, is_grouping=is_grouping)]
    return found[0] if len(found) == 1 else None


def _said(text: str) -> tuple[str, bool] | None:
    """What shall be in the place of something, and whether it is what groups are made by."""
    if has_cjk(text):
        match = _CHINESE.fullmatch(text)
        if match is None or not (match["before"] or "呢" in match["after"]):
            return None
        return match["what"].strip(), match["before"].endswith(("按", "按照"))
    match = _ENGLISH.fullmatch(text)
    if match is None:
        return None
    return match["what"].strip(" \"'“”"), bool(re.search(r"\b(?:by|per|each)\b", match["how"], re.IGNORECASE))


def _without_rows(what: str, card: FileCard) -> str:
    """`female penguins` is about rows of penguins.csv anyway."""
    first, _, last = what.rpartition(" ")
    names = stem_words(spaced(card.path.rpartition("/")[2].partition(".")[0]))
    return first if first and stem_words(last) and set(stem_words(last)) <= {*names, "row", "lin", "entry"} else what


def _places(what: str, call: Call, card: FileCard, tool: ToolCard, *, is_grouping: bool) -> Iterator[tuple[Call, str]]:
    columns = [column for column in card.columns if _is_called(column, what)]
    if is_grouping:
        for column in columns:
            if "group_by" in _properties(tool) and call.arguments.get("function"):
                yield _with(call, group_by=column.name), f"by {column.name}"
        return
    if "where" in _properties(tool):
        yield from _values(what, call, card)
    for function, words in _FUNCTIONS.items():
        is_meant = re.fullmatch(f"(?:the )?(?:{words})", what, re.IGNORECASE)
        if is_meant and call.arguments.get("column") and call.arguments.get("function") not in ("", None, function):
            yield _with(call, function=function), f"{function} of {call.arguments['column']}"
    for column in columns:
        if (
            column.type in MEASURABLE
            and call.arguments.get("function") in _NEEDS_COLUMN
            and call.arguments.get("column")
        ):
            yield _with(call, column=column.name), f"of {column.name}"


def _values(what: str, call: Call, card: FileCard) -> Iterator[tuple[Call, str]]:
    """The call with `what` in a condition: in the place of another value of that column, or as a condition more."""
    where = [dict(test) for test in call.arguments.get("where") or ()]
    if not all(
        isinstance(test.get("column"), str) and not isinstance(test.get("value"), dict | list) for test in where
    ):
        return
    for column in card.columns:
        for value in _meant(what, column):
            places = [test for test in where if test["column"] == column.name]
            if not places:
                if not _is_only_number(what) or column.type in ("date", "datetime") or _is_year(column):
                    changed = [*where, {"column": column.name, "op": "=", "value": value}]
                    yield _with(call, where=changed), f"with {column.name} = {value}"
            elif len(places) == 1:
                changed = [{**test, "value": value} if test is places[0] else test for test in where]
                yield _with(call, where=changed), f"with {column.name} {places[0].get('op', '=')} {value}"


def _meant(what: str, column: Column) -> Iterator[Any]:
    """The value of this column that the words can mean, at most one."""
    if column.type in ("text", "boolean"):
        for example in column.examples:
            if isinstance(example, str) and _same(example, what):
                yield example
                return
        return
    spans = read_goal(what)
    if column.type in ("date", "datetime"):
        said = (*spans.dates, *spans.periods)
        if len(said) == 1 and not _rest(what, said[0]):
            yield said[0]
        return
    if column.type in MEASURABLE and _is_only_number(what):
        number = float(what.replace(",", ""))
        is_within = not isinstance(column.min, int | float) or column.min <= number <= column.max
        if is_within:
            yield int(number) if number == int(number) else number


def _rest(what: str, said: str) -> bool:
    """Whether more is said than the date, which may be written in words."""
    words = re.sub(r"\d+|(?:the )?year|年|月|日|号|st\b|nd\b|rd\b|th\b|of\b", " ", what.lower())
    months = r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b"
    return bool(re.sub(rf"{months}|[\s,./-]", "", words))


def _is_only_number(what: str) -> bool:
    return re.fullmatch(r"-?\d[\d,]*(?:\.\d+)?", what) is not None


def _is_year(column: Column) -> bool:
    return column.type == "integer" and bool(re.search(r"year|jahr|annee|年", column.name.lower()))


def _is_called(column: Column, what: str) -> bool:
    words = stem_words(what)
    return bool(words) and (column.name.lower() == what.lower() or stem_words(spaced(column.name)) == words)


def _same(value: str, what: str) -> bool:
    return value.casefold() == what.casefold() or (
        not has_cjk(what) and len(value) > 3 and bool(stem_words(what)) and stem_words(value) == stem_words(what)
    )


def _with(call: Call, **changed: Any) -> Call:
    return Call(tool=call.tool, arguments={**call.arguments, **changed})


def _properties(tool: ToolCard) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = tool.parameters.get("properties", {})
    return properties
