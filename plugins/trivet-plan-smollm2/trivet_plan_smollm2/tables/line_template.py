"""Rows as lines of a form that the goal shows: `a line "name: phone" for every dog handler`."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Any

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.logged import sql_test
from trivet_plan_smollm2.words.spans import Spans, read_goal

_LINE = re.compile(
    r"(?:,?\s*(?:with|containing|holding|and|in which there is))?\s*(?:(?:one|a|each|every) )?(?:line|row|entry)s?"
    r"(?: (?:like|of the form|in the form|reading|such as|that (?:reads|says)))?\s*[:]?\s*[\"“'](?P<form>[^\"”\n]{3,80})[\"”']"
    r"\s*(?:for|per|about)\s+(?:every|each|all)?\s*(?:the |of the |our )?",
    re.IGNORECASE,
)
_SAVE = re.compile(
    r"^\s*(?:please |kindly )*(?:write|make|create|produce|save|put|i(?:['’]d)? (?:need|want|like))\s+"
    r"(?:(?:a|the|file|new) )*\0\s*",
    re.IGNORECASE,
)


def lines_of_form(
    goal: Spans,
    files: Sequence[FileCard],
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
    tools: Sequence[ToolCard],
) -> tuple[Call, ...]:
    """A query that puts the columns together, and the call that writes it; none unless exactly one table has all words of the
    form as columns, and the rest says which of its rows."""
    new, named = new_paths(goal, listing), mentioned(goal, listing)
    if len(new) != 1 or PurePosixPath(new[0]).suffix.lower() not in (".txt", ".md"):
        return ()
    text = goal.goal.replace(new[0], "\0", 1)
    match = _LINE.search(text)
    if match is None or not _SAVE.match(text[: match.start()] + " "):
        return ()
    rest = f"{_SAVE.sub('', text[: match.start()] + ' ')} {text[match.end() :]}".strip(" .,")
    plans = [
        plan
        for card in files
        if card.columns and (not named or card.path in named)
        if (plan := _planned(match["form"], rest, card, heard, listing, tools, new[0]))
    ]
    return plans[0] if len(plans) == 1 else ()


def _planned(
    form: str,
    rest: str,
    card: FileCard,
    heard: Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]],
    listing: Sequence[str],
    tools: Sequence[ToolCard],
    path: str,
) -> tuple[Call, ...]:
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    writer = next((tool for tool in tools if {"rows", "path"} <= tool.parameters.get("properties", {}).keys()), None)
    names = {column.name.lower(): column.name for column in card.columns}
    parts = re.split(r"([^\W\d]\w*)", form)
    shown = [names[part.lower()] for part in parts if part.lower() in names]
    if asker is None or writer is None or len(shown) < 2 or any(p and p.lower() not in names for p in parts[1::2]):
        return ()
    said = "" if card.path in rest or rest.endswith(PurePosixPath(card.path).name) else f" in {card.path}"
    calls = heard(read_goal(f"{' and '.join(shown)} of all {rest}{said}", listing), [card])
    if len(calls) != 1 or calls[0].arguments.get("path") != card.path or calls[0].arguments.get("function"):
        return ()
    arguments = calls[0].arguments
    tests = [sql_test(test) for test in arguments.get("where", [])]
    if set(arguments) - {"path", "columns", "where"} or list(arguments.get("columns", [])) != shown or not all(tests):
        return ()
    values = [str(value) for test in arguments.get("where", []) for value in _listed(test["value"])]
    if values and not any(rest.lower().startswith(value.lower()) for value in values):
        return ()  # `every tall cook`: of which cooks, nobody can tell
    pieces = [
        f"coalesce(CAST(\"{names[part.lower()]}\" AS VARCHAR), '')" if part.lower() in names else _literal(part)
        for part in parts
        if part
    ]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    table = re.sub(r"\W", "_", PurePosixPath(card.path).stem)
    query = f'SELECT {" || ".join(pieces)} AS line FROM "{table}"{where}'
    rows = {"$ref": "s1#/rows"}
    return (
        Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),
        Call(tool=writer.name, arguments={"rows": rows, "path": path}),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
