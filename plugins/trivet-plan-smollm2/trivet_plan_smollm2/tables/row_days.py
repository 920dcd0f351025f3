"""The day of one row, of which a table tells the date: its weekday, the day so long after it, and how long it lies from a
given day: `on which weekday was mission R031`, `for how many full years had M122 been a member on 1 January 2026?`"""

import re
from collections.abc import Callable, Sequence

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.requests.event_days import MOVES, WEEKDAYS, amount_said
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.logged import sql_test
from trivet_plan_smollm2.words.similarity import STOP, stem_words
from trivet_plan_smollm2.words.spans import Spans, read_goal

Read = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_UNIT = r"(?P<full>(?:full|whole|complete|completed)\s+)?(?P<unit>years|months|weeks|days)"
_LASTED = (
    re.compile(
        rf"\s*(?:for )?how many {_UNIT} (?:has|had|have|was|is|were|are|will"
        rf"|would) (?P<a>.+?)(?: have)?(?: been)?(?: an?| the)?"
        r"(?P<role>(?: [a-z]+){1,4}?)?,? (?:on|by|as of|at|until|till) \0[\s?.!]*",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\s*how many {_UNIT} (?:are |lie |were )?(?:there )?(?:between|from) (?P<a>.+?) (?:and|to|until|till) \0[\s?.!]*",
        re.IGNORECASE,
    ),
)
_ROLES = frozenset(stem_words("club us here with in of our the association society team there group"))


def row_day(
    goal: Spans, files: Sequence[FileCard], read: Read, listing: Sequence[str], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    """The calls; none unless the goal names one row of exactly one table, which has one column of dates."""
    if len(goal.dates) == 1:
        return _only([_lasted(goal, card, read, listing, tools) for card in files])
    moved = next((match for form in MOVES if (match := form.fullmatch(goal.goal))), None)
    asked = moved or next((match for form in WEEKDAYS if (match := form.fullmatch(goal.goal))), None)
    if asked is None or goal.dates:
        return ()
    plans = []
    for card in files:
        if (found := _found(asked["a"], card, read, listing)) is None:
            continue
        row, column = found
        ref = {"$ref": f"s1#/rows/0/{column.name.replace('~', '~0').replace('/', '~1')}"}
        for tool in tools:
            dates, numbers = places(tool)
            if moved is not None and len(dates) == len(numbers) == 1 and amount_said(moved):
                arguments = {dates[0]: ref, numbers[0]: amount_said(moved), "unit": f"{moved['unit'].lower()}s"}
                plans.append((row, Call(tool=tool.name, arguments=arguments)))
            elif moved is None and dates and len(tool.parameters["properties"]) == 1 and "weekday" in tool.name:
                plans.append((row, Call(tool=tool.name, arguments={dates[0]: ref})))
    return _only(plans)


_END = re.compile(r"^(?:the |our |their )?(?:very )?(?:last|first|latest|earliest|most recent)\s", re.IGNORECASE)


def asks_end_day(goal: Spans) -> bool:
    """`on what weekday was the last mission`, which no count of weekdays answers."""
    match = next((match for form in WEEKDAYS if (match := form.fullmatch(goal.goal))), None)
    return match is not None and _END.match(match["a"].strip()) is not None


def places(tool: ToolCard) -> tuple[list[str], list[str]]:
    """Names of the dates and of the numbers that it takes."""
    properties = tool.parameters.get("properties", {})
    dates = [name for name, schema in properties.items() if schema.get("format") == "date"]
    return dates, [name for name, schema in properties.items() if schema.get("type") in ("integer", "number")]


def _only(plans: Sequence[tuple[Call, ...]]) -> tuple[Call, ...]:
    found = [plan for plan in plans if plan]
    return found[0] if len(found) == 1 else ()


def _found(thing: str, card: FileCard, read: Read, listing: Sequence[str]) -> tuple[Call, Column] | None:
    """The call that brings the one row's date, and the column of it."""
    dated = [column for column in card.columns if column.type in ("date", "datetime")]
    if len(dated) != 1:
        return None
    if _END.match(thing.strip()):
        calls = read(read_goal(f"what is the {dated[0].name} of {thing}", listing), [card])
        arguments = calls[0].arguments if len(calls) == 1 else {}
        is_one = arguments.get("limit") == 1 and arguments.get("sort_by") == dated[0].name
        return (calls[0], dated[0]) if is_one and arguments.get("columns") == [dated[0].name] else None
    if re.search(r"\b(?:first|last|latest|earliest|next|every|each|all|any|most|least|fewest)\b", thing, re.IGNORECASE):
        return None
    for text in (f"{thing} {dated[0].name}", f"{dated[0].name} of {thing}"):
        calls = read(read_goal(text, listing), [card])
        if len(calls) != 1 or calls[0].arguments.get("columns") != [dated[0].name]:
            continue
        tests = calls[0].arguments.get("where") or ()
        keys = {each.name for each in card.columns if each.distinct is not None and each.distinct == card.rows}
        if any(test["op"] == "=" and test["column"] in keys for test in tests):
            return calls[0], dated[0]
    return None


def _lasted(
    goal: Spans, card: FileCard, read: Read, listing: Sequence[str], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    text, day = _without_day(goal)
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    match = next((match for form in _LASTED if (match := form.fullmatch(text))), None) if text else None
    if match is None or asker is None:
        return ()
    thing = re.sub(r"(?:’s|'s)\b", "", match["a"])
    role = match.groupdict().get("role") or ""
    names = " ".join([re.sub(r"[./_]", " ", card.path), *(spaced(column.name) for column in card.columns)])
    if {word for word in stem_words(role) if word not in STOP} - {*stem_words(names)} - _ROLES:
        return ()
    if (found := _found(thing, card, read, listing)) is None:
        return ()
    call, column = found
    tests = [sql_test(test) for test in call.arguments.get("where") or ()]
    if not all(tests) or not re.fullmatch(r"\d{4}-\d\d-\d\d.*", str(column.min)):
        return ()
    unit = match["unit"].lower()
    name = column.name.replace('"', "")
    query = (
        f"SELECT date_sub('{unit[:-1]}', CAST(\"{name}\" AS DATE), DATE '{day}') AS {unit}, \"{name}\" FROM data "
        f"WHERE {' AND '.join(tests)}"
    )
    return (Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),)


_DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}|(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? [A-Z][a-z]{2,8}\.?,? \d{4}"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
)


def _without_day(goal: Spans) -> tuple[str, str]:
    """The goal with a mark in the place of its one date, and that date; empty if it stands there in no plain form."""
    said = [*_DATE.finditer(goal.goal)]
    if len(said) != 1 or read_goal(said[0][0]).dates != goal.dates:
        return "", ""
    return f"{goal.goal[: said[0].start()]}\0{goal.goal[said[0].end() :]}", goal.dates[0]
