"""What the small model reads and writes, as text; used alike in training and at work.

The context (tools, then files with their columns) stands in the system message and the goal alone in the user's, so that
goals over the same context share a prefix. The model answers with one tool call a line: the tool's name and its
arguments as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

SHOWN_VALUES = 5
SHOWN_LENGTH = 24


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column as the model sees it."""

    name: str
    type: str = "text"
    """`number`, `integer`, `text`, `date`, `datetime` or `boolean`."""
    examples: tuple[Any, ...] = ()
    """Values that occur, the most frequent first."""
    distinct: int | None = None
    min: Any = None
    max: Any = None
    nulls: int = 0
    """Rows that have no value here."""


class FileCard(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace file as the model sees it; files that are no tables have no columns."""

    path: str
    kind: str = "text"
    rows: int | None = None
    columns: tuple[Column, ...] = ()


class ToolCard(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as the model sees it."""

    name: str
    summary: str = ""
    parameters: dict[str, Any] = {}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the model's plan."""

    tool: str
    arguments: dict[str, Any] = {}


def signature(tool: ToolCard) -> str:
    """`table.aggregate(path, function: count|sum, column?) - Count or sum rows`."""
    required = set(tool.parameters.get("required", ()))
    names = [
        name + ("" if name in required else "?") + _values(schema)
        for name, schema in tool.parameters.get("properties", {}).items()
    ]
    summary = tool.summary.split("\n")[0].rstrip(".")
    return f"{tool.name}({', '.join(names)}) - {summary}"


def _values(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ": " + "|".join(str(value) for value in schema["enum"])
    if schema.get("type") in ("integer", "number", "boolean"):
        return f": {schema['type']}"
    return f": {schema['format']}" if schema.get("format") in ("date", "unit", "span") else ""


def describe(card: FileCard) -> str:
    """`trips.jsonl: day 2024-04-02..2024-10-30, boat Teal/Curlew/…, km 4.1..21.0`."""
    if not card.columns:
        return card.path
    return f"{card.path}: {', '.join(f'{column.name} {_range(column)}'.rstrip() for column in card.columns)}"


def _range(column: Column) -> str:
    if column.type in ("number", "integer", "date", "datetime") and column.min is not None:
        return f"{_short(column.min)}..{_short(column.max)}"
    values = [_short(value) for value in column.examples[:SHOWN_VALUES]]
    is_open = column.distinct is not None and column.distinct > len(values)
    return "/".join([*values, "…"] if is_open and values else values)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e6 else f"{value:.0f}"
    text = str(value)
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def context(tools: Sequence[ToolCard], files: Sequence[FileCard]) -> str:
    """The system message."""
    return "\n".join(["Tools:", *map(signature, tools), "Files:", *map(describe, files)])


def write_plan(calls: Sequence[Call], tools: Sequence[ToolCard] = ()) -> str:
    """The text the model is to write; arguments stand in the order of the tools' schemas, as the grammar has them."""
    order = {tool.name: list(tool.parameters.get("properties", {})) for tool in tools}
    lines = []
    for call in calls:
        known = order.get(call.tool, [])
        names = sorted(call.arguments, key=lambda name: known.index(name) if name in known else len(known))
        arguments = {name: call.arguments[name] for name in names}
        lines.append(f"{call.tool} {json.dumps(arguments, ensure_ascii=False, separators=(',', ':'))}")
    return "\n".join(lines)


def read_plan(text: str) -> tuple[Call, ...]:
    """The calls in the model's text. Raises ValueError with the line that cannot be read."""
    calls = []
    for line in text.strip().splitlines():
        name, _, arguments = line.strip().partition(" ")
        try:
            parsed = json.loads(arguments or "{}")
        except ValueError as error:
            raise ValueError(f"'{line}' is not a tool call: {error}") from None
        if not isinstance(parsed, dict):
            raise ValueError(f"'{line}' is not a tool call: its arguments are no object")
        calls.append(Call(tool=name, arguments=parsed))
    return tuple(calls)
