"""Rows in a file whose columns and order the goal says: `results/a.csv with the columns crop and kg: …, sorted by crop`, `…, one
a line, each once, in alphabetical order`, `Whose card expires before May? Write name and card_until to a.csv, earliest first.`
"""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.plainer import plainer
from trivet_plan_smollm2.tables.rendering import WRITTEN
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, is_chinese, read_goal

_FILE = "\0"
_IT = r"(?: (?:it|that|this|them|the (?:result|rows|list|table)))?"
_SAVE = rf"(?:save|store|write|put|record|export|dump|collect|list)(?:d|n)?{_IT}"
_NAMED = r"(?:(?:a|the|new|file|called|named|text) )*"
_PLACE = rf"(?:please |kindly |then |and )*(?:{_SAVE} )?(?:(?:to|into|in|as|under) )?{_NAMED}{_FILE}"
_WANTS = rf"(?:please )?(?:(?:i(?:['’]d)? (?:need|want|would like|like)|make|create|produce|give me|we need) ){_NAMED}{_FILE}"
_COLUMNS = r"(?:with|having|using|and)?(?: only| just)?(?: the)? ?columns?:?\s+(?P<columns>{0}(?:(?:, and |, | and | & |,){0})*)"
_ORDER = (
    (r"(?:sorted|ordered|arranged) by (?:the )?(?P<by>[\w ]+?)(?:,? ?(?P<way>descending|ascending|\w+ first))?", ""),
    (
        r"(?P<way>earliest|oldest|soonest|smallest|lowest|cheapest|latest|newest|largest|biggest|highest|dearest"
        r"|most expensive) first",
        "",
    ),
    (r"(?:in |sorted |ordered )?(?:alphabetical(?:ly)?|alphabetical order|in alphabetical order)(?: order)?", "alphabet"),
)  # fmt: skip
_DOWN = re.compile(r"descending|(?:latest|newest|largest|biggest|highest|dearest|expensive|most) first", re.IGNORECASE)
_TIMED = frozenset("earliest oldest soonest latest newest".split())
_ONCE = r"(?:each|every one|everyone|all)(?: name| one| of them)? (?:only |just )?once|(?:without|no) (?:repeats|duplicates)"
_LINES = r"one (?:name |entry |value |date |of them )?(?:per|a|on each|to a|in each) line|nothing else|and nothing else|no header"


_ONE_MORE = re.compile(
    r"\s*(?:,|,?\s+and)\s+(?!(?:desc|asc|sort|order|alphabet|in|by|each|every|one|without|no|nothing|from|the|with|please|then|save|write"
    r"|put|store|most|largest|smallest|biggest|highest|lowest|newest|oldest|latest|earliest|soonest|cheapest|dearest)\w*\b)\w+",
    re.IGNORECASE,
)
"""Behind the columns that a goal lists, another word in the list."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the goal says of the file, and the question that is left."""

    rest: str
    path: str
    columns: tuple[str, ...] = ()
    order: tuple[str, bool, str] | None = None
    """Which column is said, whether the largest comes first, and in which word."""
    is_once: bool = False


def rows_in_file(
    goal: Spans,
    files: Sequence[FileCard],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    """The question's one call with these columns in this order, and one that writes its rows; none unless exactly one table
    has them and makes sense of the whole question."""
    named = mentioned(goal, listing)
    plans = []
    for card in files:
        if not card.columns or (named and card.path not in named):
            continue
        wish = wished(goal, listing, card)
        if wish is not None and (plan := _planned(wish, card, heard, listing, tools)):
            plans.append(plan)
    return plans[0] if len(plans) == 1 else ()


def wished(goal: Spans, listing: Sequence[str], card: FileCard) -> Wish | None:
    """None unless one new file is named, and something is said of its columns, lines or order."""
    new = new_paths(goal, listing)
    if len(new) != 1 or is_chinese(goal.goal) or not new[0].lower().endswith(WRITTEN):
        return None
    names = sorted((c.name for c in card.columns), key=len, reverse=True)
    text = goal.goal.replace(new[0], _FILE, 1)
    for path in goal.paths:
        text = text.replace(path, "\1") if path != new[0] else text
    columns: tuple[str, ...] = ()
    order: tuple[str, bool, str] | None = None
    is_told = False
    one = rf"(?:{'|'.join(map(re.escape, dict.fromkeys([*names, *map(spaced, names)])))})"
    if match := re.search(_bounded(_COLUMNS.format(one)), text, re.IGNORECASE):
        if _ONE_MORE.match(text, match.end()):
            return None  # one of them is no column of this table
        columns = _names(match["columns"], names)
        text, is_told = _without(text, match), True
    elif re.search(r"\bcolumns?\b", text, re.IGNORECASE):
        return None  # of columns that this table has not
    if not columns and (
        match := re.search(
            rf"(?<=[?.] )(?:please )?{_SAVE} (?P<columns>{one}(?:(?:, | and |, and ){one})+) (?:to|into|in) {_NAMED}{_FILE}",
            text,
            re.IGNORECASE,
        )
    ):
        columns = _names(match["columns"], names)
        text, is_told = f"{text[: match.start()]} {text[match.end() :]}", True
    for form, word in _ORDER:
        if order is None and (match := re.search(_bounded(form), text, re.IGNORECASE)):
            said = match.groupdict()
            by = next((n for n in names if n.lower() == str(said.get("by") or "").strip().lower()), "")
            if said.get("by") and not by:
                return None
            way = str(said.get("way") or "")
            order = (by, _DOWN.search(match[0]) is not None, word or way.split(" ")[0].lower())
            text, is_told = _without(text, match), True
    is_once = False
    if match := re.search(_bounded(_ONCE), text, re.IGNORECASE):
        text, is_once, is_told = _without(text, match), True, True
    while match := re.search(_bounded(_LINES), text, re.IGNORECASE):
        text, is_told = _without(text, match), True
    if not is_told or re.match(r"\W*(?:please )?(?:turn|convert|transform|change)\b", text, re.IGNORECASE):
        return None  # a table in another form, whose order its own reader hears
    for place in (_WANTS, _PLACE):
        if match := re.search(place, text, re.IGNORECASE):
            text = f"{text[: match.start()]} {text[match.end() :]}"
            break
    text = re.sub(r"^[\s,;:.()]+|(?:\(\s*\))|[\s,;:(]+$", " ", text)
    text = re.sub(r"[\s,;:]+(?=[.?!]*\s*$)", "", text).replace("\1", card.path).strip()
    text = re.sub(rf"^(?:please |kindly )*(?:{_SAVE})\s+(?=\w)", "", text, flags=re.IGNORECASE)
    text = _without_reason(text, card)
    return Wish(rest=text, path=new[0], columns=columns, order=order, is_once=is_once)


def _without_reason(text: str, card: FileCard) -> str:
    """The wish without what stands before it and only tells why: `I want to print door signs: the names …`."""
    match = re.match(
        r"(?:I|we)(?:['’]\w+)? [^:\d]{3,80}: (?:(?:please )?(?:put|write|save|list) )?(?=(?:the|all|every|names?)\b)",
        text,
        re.I,
    )
    if match is None:
        return text
    values = [str(value) for column in card.columns for value in (column.name, *column.examples)]
    known = {word for value in values for word in stem_words(spaced(value))}
    return text if known & set(stem_words(match[0])) else text[match.end() :]


def _planned(
    wish: Wish,
    card: FileCard,
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    calls = heard(read_goal(plainer(wish.rest, card), listing), [card])
    if len(calls) != 1 or calls[0].arguments.get("path") != card.path:
        return ()
    arguments: dict[str, Any] = dict(calls[0].arguments)
    names = [column.name for column in card.columns]
    if arguments.get("function"):
        group = str(arguments.get("group_by", ""))
        has = [group, str(arguments.get("column") or "count")]
        if group not in names or wish.is_once or "first" in arguments:
            return ()
    elif "other" not in arguments and not {"query", "by", "expression"} & arguments.keys():
        has = names
        arguments["columns"] = list(wish.columns) or arguments.get("columns", [])
        if wish.is_once:
            arguments["distinct"] = True
            if len(arguments["columns"]) != 1:
                return ()
    else:
        return ()
    shown = list(wish.columns) or arguments.get("columns") or has
    if not set(shown) <= set(has):
        return ()
    if PurePosixPath(wish.path).suffix.lower() == ".txt" and len(shown) != 1:
        return ()
    return _sorted_and_written(wish, card, calls[0].tool, arguments, shown, tools)


def _sorted_and_written(
    wish: Wish, card: FileCard, tool: str, arguments: dict[str, Any], shown: Sequence[str], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    selector = next(
        (t.name for t in tools if _has(t, "path", "columns", "where", "sort_by") and not _has(t, "other")), ""
    )
    writer = next((t.name for t in tools if _has(t, "rows", "path")), "")
    if not selector or not writer or (arguments.get("sort_by") and wish.order is not None):
        return ()
    by = ""
    if wish.order is not None and not (by := _order_column(wish.order, card, shown)):
        return ()
    ordered = {"sort_by": by, **({"descending": True} if wish.order and wish.order[1] else {})} if by else {}
    written: dict[str, Any] = {"path": wish.path}
    if arguments.get("function"):
        steps = [Call(tool=tool, arguments=arguments)]
        if by:
            again = {"path": {"$ref": "s1#/rows"}, "columns": list(shown), **ordered}
            steps.append(Call(tool=selector, arguments=again))
        elif wish.columns:
            written["columns"] = list(wish.columns)
    else:
        steps = [Call(tool=tool, arguments={k: v for k, v in (arguments | ordered).items() if v not in ([], "")})]
    rows = {"$ref": f"s{len(steps)}#/rows"}
    return *steps, Call(tool=writer, arguments={"rows": rows, **written})


def _order_column(order: tuple[str, bool, str], card: FileCard, shown: Sequence[str]) -> str:
    """The column by which rows are ordered: the one that is said, or the only one of the shown that can be meant."""
    by, _, word = order
    if by:
        return by
    kinds = (
        ("date", "datetime") if word in _TIMED else ("text",) if word == "alphabet" else ("integer", "number", "float")
    )
    fitting = [column.name for column in card.columns if column.name in shown and column.type in kinds]
    if word == "alphabet":
        return fitting[0] if len(shown) == 1 and fitting else ""
    return fitting[0] if len(fitting) == 1 else ""


def _names(said: str, names: Sequence[str]) -> tuple[str, ...]:
    parts = [part.strip().lower() for part in re.split(r",|&|\band\b", said) if part.strip()]
    known = {name.lower(): name for name in names} | {spaced(name).lower(): name for name in names}
    return tuple(known[part] for part in parts) if parts and all(part in known for part in parts) else ()


def _bounded(form: str) -> str:
    return rf"(?:^|[\s,;:(]+)(?:and )?(?:{form})(?=\s*(?:[,;:).?!]|$))"


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]}{text[match.end() :]}"


def _has(tool: ToolCard, *names: str) -> bool:
    return set(names) <= {*tool.parameters.get("properties", {})}
