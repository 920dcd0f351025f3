"""Lists, tables and settings as entries that can be held against those of another file."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from trivet_sdk import ToolError, Workspace
from trivet_sdk.decoding import decode
from trivet_table.database import Database
from trivet_table.records import flattened
from trivet_table.selecting import rows
from trivet_table.source import Rows, content_of, document_in
from trivet_table.wording import cell

MAX_ENTRIES = 200_000
"""Rows of a side that are held at most."""
_LONG = 120
"""Characters of a line at most: what is longer is prose, and no entry of a list."""
_TEXTS = (".txt", ".text", ".list", ".md", ".markdown", "")
_NESTED = (".json", ".yaml", ".yml", ".toml")
_MARK = re.compile(r"^\s*(?:[-*+•·–]\s+(?:\[[ xX]\]\s+)?|\d{1,4}[.)]\s+)")


class Entries(msgspec.Struct, frozen=True):
    """`noun` is what one of them is called: row, entry or setting."""

    name: str
    columns: tuple[str, ...]
    records: tuple[dict[str, Any], ...]
    noun: str = "row"
    texts: frozenset[str] = frozenset()
    """Columns of words."""
    notes: tuple[str, ...] = ()


def entries_of(database: Database, source: str | Rows, workspace: Workspace) -> Entries:
    """The rows of a table; of settings each value with its dotted name; of a text its lines. Raises ToolError."""
    if isinstance(source, str):
        suffix = PurePosixPath(source).suffix.casefold()
        document = _document(source, workspace) if suffix in _NESTED else None
        if isinstance(document, Mapping) and not _holds_records(document):
            return _settings(source, document)
        if suffix in _TEXTS and (lines := _lines(source, workspace)):
            return Entries(source, ("entry",), tuple({"entry": line} for line in lines), "entry", frozenset(["entry"]))
    table = database.load(content_of(source, workspace))
    if table.row_count > MAX_ENTRIES:
        raise ToolError(f"{table.name} has {table.row_count} rows; at most {MAX_ENTRIES} can be held against others.")
    names = tuple(column.name for column in table.columns)
    texts = frozenset(column.name for column in table.columns if column.type == "text")
    return Entries(table.name, names, tuple(rows(table)), "row", texts, table.notes)


def key_of(value: Any) -> str:
    """What two values have in common that people take for the same: case and space do not tell them apart."""
    return "" if value is None else cell(value).casefold()


def _settings(name: str, document: Mapping[str, Any]) -> Entries:
    records = tuple({"setting": key, "value": value} for key, value in flattened(document).items())
    return Entries(name, ("setting", "value"), records, "setting", frozenset(["setting"]))


def _document(path: str, workspace: Workspace) -> Any:
    try:
        return document_in(path, workspace)
    except ToolError:
        return None  # what reads tables may make sense of it, or tell why not


def _holds_records(document: Mapping[str, Any]) -> bool:
    return any(
        isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value)
        for value in document.values()
    )


def _lines(path: str, workspace: Workspace) -> list[str]:
    """The entries of a plain list: a line each, without bullets, numbers and headings; none if it is a table or prose."""
    with workspace.reading(path) as file:
        text = decode(file.read()).text
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not re.match(r"#+ |[-=_*]{3,}$", line)]
    marked = [line for line in lines if _MARK.match(line)]
    if path.casefold().endswith((".md", ".markdown")):
        if any(line.startswith("|") for line in lines):
            return []
        lines = marked
    if any(len(line) > _LONG for line in lines) or any(re.search(r"[\t;|]", line) for line in lines):
        return []
    return [_MARK.sub("", line) if len(marked) == len(lines) else line for line in lines]
