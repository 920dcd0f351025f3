"""A second question about what the first one finds: `which film sold the most tickets, and who directed it?`"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.requests.results import found_row, row_of, thing_at
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.words.lexicon import PERSONS
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import Spans, read_goal

Heard = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_TELL = r"(?:please\s+)?(?:tell|show|give) me\s+(?:also\s+)?"
_AND = re.compile(
    rf"[,;]?\s+(?:and|then)\s+(?:{_TELL})?(?=(?:who|what|which|where|when|how|in which|on which|at which"
    r"|in what|on what|(?:his|her|its|their)|the)\b)"
    rf"|[?.]\s+(?:and\s+|also\s+)?(?:{_TELL}|i(?:'d| would| also)* (?:need|want|like)\s+(?:to know\s+)?(?:also\s+)?)?"
    r"(?=(?:who|what|which|where|when|how|in which|in what|on which|on what|his|her|its|their|that|this)\b)",
    re.IGNORECASE,
)
_POINTS = (
    r"\b(?:(?P<there>there|then(?=\s*[?.!]*$)|at (?:that|the) time|(?:on |in )?that (?:day|month|year))"
    r"|it(?! then)|him|her|them|he|she|they|(?:that|this|the same|said) (?P<noun>[a-z]+)"
    r"|(?P<own>his|its|their|whose)|her(?= \w))\b"
)
_BACK = (
    r"\b(?:there|then|his|her|its|their|has it|have they|that (?:person|day|month|year)"
    r"|(?:did|does|do|is|was|were) (?:it|he|she|they)(?! (?:in|on|at|all)\b)(?= \w+))\b"
)
_YES_OR_NO = re.compile(
    r"(?:[,;?.]\s+(?:and\s+)?|\s+and\s+)(?=(?:is|are|was|were|does|do|did|has|have)\s+(?:it|he|she|they|that|this)\s+\w+)",
    re.IGNORECASE,
)
_NAME = re.compile(r"\s*[(,]?\s*(?:the |his |her |with )?name(?:,)?(?: please| pls)?[)]?$", re.IGNORECASE)
_OF_ROW = re.compile(
    r"(?P<kind>when|where|who|(?:in|on|at) (?:which|what) (?P<span>day|date|year|month|place|station|site)"
    r"|what (?:day|date)|which day)\s+(?:was|is|were|did|happened)\s*(?:that|it|this|he|she|they)?"
    r"(?:\s+(?:happen(?:ed)?|take place|be|on|in|then))?\s*[?.!]*$",
    re.IGNORECASE,
)
_PLACES = r"place|location|site|spot|where|venue|station|town|city|address|area|region"


def sequel(
    goal: Spans, files: Sequence[FileCard], heard: Heard, listing: Sequence[str], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    """Both questions' calls, the second about what the first one found; none unless both are read in whole, and what is
    meant stands in one table."""
    for match in _AND.finditer(goal.goal):
        before, behind = goal.goal[: match.start()].strip(" ,;?."), goal.goal[match.end() :]
        if (kind := _OF_ROW.match(behind)) is not None:
            first = heard(read_goal(before, listing), files)
            if calls := _told(first, kind, files, tools):
                return calls
        pointing = re.search(_POINTS, behind, re.IGNORECASE)
        if pointing is None:
            continue
        is_named = _NAME.search(before)
        said = before[: is_named.start()] if is_named else before
        first = heard(read_goal(said.strip(" ,;?."), listing), files)
        if not first:
            continue
        things = [*_things(first, files, tools)]
        plans = [
            (*row, plan)
            for row, column, ref in things
            for card in files
            for key in card.columns
            if _alike(key, column)
            if card.path != first[0].arguments.get("path") or key.distinct == card.rows  # `and how many are they`
            if (plan := _second(behind, pointing, key, card, column, ref, heard, listing))
        ]
        unlike = {str(msgspec.to_builtins(plan[-1])): plan for plan in plans}
        if len(unlike) == 1:
            both = next(iter(unlike.values()))
            if is_named or _asks_who(said):
                return _with_person(both, things, files)
            return (both[0], *first, both[-1]) if "sort_by" in both[0].arguments else both
    return ()


def second_question(goal: str) -> tuple[str, str] | None:
    """A question and the one behind it that points back at what it finds; None if there is no such."""
    for form in (_AND, _YES_OR_NO):
        for match in form.finditer(goal):
            behind = goal[match.end() :]
            if form is _YES_OR_NO:
                return "", behind  # which no row answers
            if re.search(_BACK, behind, re.IGNORECASE) or _OF_ROW.match(behind):
                return goal[: match.start()].strip(" ,;?."), behind
    return None


def _asks_who(text: str) -> bool:
    return re.match(r"\s*(?:\w+[,!]?\s+)?who\b", text, re.IGNORECASE) is not None


def _told(
    first: Sequence[Call], kind: re.Match[str], files: Sequence[FileCard], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    """The row that was found, with the column that tells when, where or who."""
    row = found_row(first, tools)
    card = next((c for c in files if row and c.path == row.arguments.get("path")), None)
    if row is None or card is None:
        return ()
    asked, span = kind["kind"].lower(), (kind["span"] or "").lower()
    if asked == "when" or span in ("day", "date", "year", "month") or "day" in asked or "date" in asked:
        found = [c.name for c in card.columns if c.type in ("date", "datetime")]
    else:
        names = PERSONS if asked == "who" else _PLACES
        found = [
            c.name for c in card.columns
            if c.type == "text" and re.search(rf"(?:^|[ _])(?:{names})s?(?:$|[ _])", spaced(c.name), re.IGNORECASE)
        ]  # fmt: skip
    if len(found) != 1:
        return ()
    key = [c.name for c in card.columns if c.distinct == card.rows and c.type == "text"][:1]
    columns = list(dict.fromkeys([*key, *row.arguments.get("columns", ()), str(row.arguments["sort_by"]), found[0]]))
    return (Call(tool=row.tool, arguments={**row.arguments, "columns": columns}),)


def _things(
    first: Sequence[Call], files: Sequence[FileCard], tools: Sequence[ToolCard]
) -> Iterator[tuple[tuple[Call, ...], Column, str]]:
    """What was found, in every way in which a second question can speak of it: the calls, a column and where its value is."""
    name, ref = thing_at(first)
    if ref and len(first) == 1:
        column = _column(files, str(first[0].arguments.get("path")), name)
        if column is not None:
            yield tuple(first), column, ref
        return
    row = found_row(first, tools)
    card = next((c for c in files if row and c.path == row.arguments.get("path")), None)
    if row is None or card is None:
        return
    whole = Call(tool=row.tool, arguments={n: v for n, v in row.arguments.items() if n != "columns"})
    for column in card.columns:
        if column.type == "text" or (column.type == "date" and column.distinct == card.rows):
            yield (whole,), column, row_of(1, column.name)


def _second(
    behind: str, pointing: re.Match[str], key: Column, card: FileCard, thing: Column, ref: str, heard: Heard,
    listing: Sequence[str],
) -> Call | None:  # fmt: skip
    """The question with the name of some row in the place of the pronoun, read, and the reference put in for that name."""
    example = next((str(value) for value in key.examples if value in thing.examples), str(key.examples[0]))
    there = f"on {example}" if key.type == "date" else f"in {spaced(key.name)} {example}"
    said = there if pointing["there"] else f"{example}'s" if pointing["own"] else example
    text = behind[: pointing.start()] + said + behind[pointing.end() :]
    calls = heard(read_goal(text.strip(), listing), [card])
    if len(calls) != 1 or calls[0].arguments.get("path") != card.path:
        return None
    call = calls[0]
    if key.distinct != card.rows and call.arguments.get("function") not in ("sum", "count", "mean", "max", "min"):
        return None
    where = call.arguments.get("where") or []
    if not any(_is_about(test, key.name, example) for test in where):
        return None
    tests = [{**test, "value": {"$ref": ref}} if _is_about(test, key.name, example) else test for test in where]
    return Call(tool=call.tool, arguments={**call.arguments, "where": tests})


def _with_person(
    plan: tuple[Call, ...],
    things: Sequence[tuple[tuple[Call, ...], Column, str]],
    files: Sequence[FileCard],
) -> tuple[Call, ...]:
    """The same with the name of who was asked for, where the row has only a number of theirs; none if that stands nowhere."""
    row = plan[0]
    named = [
        (ref, card, key, name)
        for _, column, ref in things
        for card in files
        for key in card.columns
        if key.distinct == card.rows and _alike(key, column)
        for name in card.columns
        if name.name.lower() == "name" and name is not key
    ]
    if len(named) == 1 and "sort_by" in row.arguments:
        ref, card, key, name = named[0]
        where = [{"column": key.name, "op": "=", "value": {"$ref": ref}}]
        who = Call(tool=row.tool, arguments={"path": card.path, "columns": [name.name], "where": where})
        return row, who, *plan[1:]
    people = [ref for _, c, ref in things if re.fullmatch(rf"(?:{PERSONS})s?", spaced(c.name), re.IGNORECASE)]
    people = people if len(things) > 1 else [ref for _, _, ref in things]  # `who picked the most kg`
    is_told = len(people) == 1 and people[0] in str(msgspec.to_builtins(plan[-1]))
    return plan if is_told and not named else ()


def _is_about(test: Mapping[str, Any], column: str, value: str) -> bool:
    same = str(test.get("value")) in (value, "-".join(reversed(value.split("."))))
    return test.get("column") == column and test.get("op") == "=" and same


def _column(files: Sequence[FileCard], path: str, name: str) -> Column | None:
    card = next((card for card in files if card.path == path), None)
    return next((column for column in card.columns if column.name == name), None) if card else None


def _alike(key: Column, thing: Column) -> bool:
    """Whether both hold names of the same things: all values of one are values of the other, or as far as is shown their
    names are alike."""
    if key.type != thing.type or not key.examples or not thing.examples:
        return False
    known, shown = ({str(value) for value in column.examples} for column in (key, thing))
    if len(known) == key.distinct and len(shown) == thing.distinct:
        return shown <= known or known <= shown
    if len(known) == key.distinct:
        return shown <= known
    return stem(key.name.lower()) == stem(thing.name.lower())
