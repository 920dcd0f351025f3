"""JSON and JSON Lines as tables: find the records, flatten what is nested."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_table.columns import Cell
from trivet_table.delimited import MAX_COLUMNS, NotATable

_MAX_MALFORMED = 0.05


class Records(msgspec.Struct, frozen=True):
    """Columns by name, all of the same length; a cell that a record lacks is None."""

    columns: dict[str, list[Cell]]
    row_count: int
    notes: tuple[str, ...] = ()


def read_json(text: str) -> Records:
    """A list of records, an object that holds one, columns side by side, or a single record. Raises NotATable."""
    if not text.strip():
        raise NotATable("is empty: it has no rows")
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        if "\n" in text.strip():
            try:
                return read_json_lines(text)
            except NotATable:
                pass
        raise NotATable(f"is not valid JSON: {error}") from None
    except RecursionError:
        raise NotATable("is nested too deeply to be read") from None
    return records_of(rows_in(document))


def read_json_lines(text: str) -> Records:
    """One record a line; up to 5% of broken lines are skipped and noted. Raises NotATable."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        raise NotATable("is empty: it has no rows")
    rows, broken = [], 0
    for line in lines:
        try:
            rows.append(msgspec.json.decode(line))
        except (msgspec.DecodeError, RecursionError):
            broken += 1
    if broken == len(lines):
        raise NotATable("is not JSON Lines: no line of it is valid JSON")
    if broken > max(1, _MAX_MALFORMED * len(lines)):
        raise NotATable(f"is damaged: {broken} of its {len(lines)} lines are not valid JSON")
    notes = (f"skipped {broken} malformed row{'s' * (broken > 1)}",) if broken else ()
    return records_of(rows, notes)


def rows_in(document: Any) -> list[Any]:
    """The records that a JSON document holds."""
    if isinstance(document, list):
        if len(document) > 1 and all(isinstance(row, list) for row in document):
            header, *rows = document
            if all(isinstance(name, str) for name in header) and all(len(row) == len(header) for row in rows):
                return [dict(zip(header, row, strict=True)) for row in rows]
        return document
    if not isinstance(document, Mapping):
        return [document]
    lists = [value for value in document.values() if isinstance(value, list) and _are_records(value)]
    if lists:
        return max(lists, key=len)
    values = list(document.values())
    if len(values) > 1 and all(isinstance(value, list) for value in values) and len({len(v) for v in values}) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    if len(values) > 1 and all(isinstance(value, Mapping) for value in values):
        return [{"key": key, **value} for key, value in document.items()]
    inner = [value for value in values if isinstance(value, Mapping)]
    if len(inner) == len(values) == 1 and (rows := rows_in(inner[0])) != [inner[0]]:
        return rows
    return [document]


def records_of(rows: Sequence[Any], notes: tuple[str, ...] = ()) -> Records:
    """Flatten records into columns; a nested object becomes dotted columns, a list its items joined by `, `."""
    if not rows:
        raise NotATable("is empty: it has no rows")
    flat = [flattened(row) if isinstance(row, Mapping) else {"value": cell_of(row)} for row in rows]
    names = dict.fromkeys(name for row in flat for name in row)
    if not names:
        raise NotATable("holds no values: all of its records are empty")
    if len(names) > MAX_COLUMNS:
        raise NotATable(f"has {len(names)} columns; at most {MAX_COLUMNS} can be worked with")
    return Records({name: [row.get(name) for row in flat] for name in names}, len(flat), notes)


def flattened(record: Mapping[str, Any], prefix: str = "") -> dict[str, Cell]:
    flat: dict[str, Cell] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat.update(flattened(value, f"{name}."))
        else:
            flat[name] = cell_of(value)
    return flat


def cell_of(value: Any) -> Cell:
    """A scalar as it is, a list of scalars joined, anything deeper as JSON text."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
        return ", ".join(str(item) for item in value)
    return msgspec.json.encode(value).decode()


def _are_records(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, Mapping) for item in items)
