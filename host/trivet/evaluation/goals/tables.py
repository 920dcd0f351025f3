"""A file that a goal asked for, read as a table."""

import csv
import io
import json
from pathlib import PurePath
from typing import Any


def table_of(path: PurePath, text: str) -> tuple[list[str], list[Any]]:
    """Header and rows. Of a JSON object that holds one list these are the list's. Raises ValueError."""
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson"):
        return _of_json(json.loads(text) if suffix == ".json" else [json.loads(line) for line in _filled(text)])
    if suffix not in (".csv", ".tsv"):
        return [], _filled(text)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter="\t" if suffix == ".tsv" else ",") if row]
    if not rows:
        return [], []
    return rows[0], [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path, `a.0.b`. Raises KeyError, IndexError, ValueError or TypeError."""
    for part in filter(None, path.split(".")):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _of_json(value: Any) -> tuple[list[str], list[Any]]:
    if isinstance(value, dict):
        lists = [each for each in value.values() if isinstance(each, list)]
        value = lists[0] if len(lists) == 1 else [value]
    header = list(value[0]) if value and isinstance(value[0], dict) else []
    return header, value


def _filled(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
