"""Rows to the bytes of a file, in the format that its suffix promises."""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from trivet_sdk import ToolError
from trivet_table.markdown import as_markdown

FORMATS = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".md", ".txt")


def format_of(path: str) -> str:
    """The suffix in lower case. Raises ToolError for one that no table is written as."""
    suffix = PurePosixPath(path).suffix.casefold()
    suffix = {".ndjson": ".jsonl", ".tab": ".tsv", ".markdown": ".md", ".pq": ".parquet"}.get(suffix, suffix)
    if suffix not in FORMATS:
        raise ToolError(f"'{path}' names no table format. End it in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.")
    return suffix


def encoded(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], suffix: str) -> bytes:
    """The file's content, UTF-8 where it is text. An absent value is empty in CSV and null in JSON; one column alone is a plain
    text with a value a line."""
    match suffix:
        case ".csv" | ".tsv":
            buffer = io.StringIO()
            writer = csv.writer(buffer, delimiter="\t" if suffix == ".tsv" else ",", lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([text_of(row.get(name)) for name in columns] for row in rows)
            return buffer.getvalue().encode()
        case ".json":
            records = [{name: row.get(name) for name in columns} for row in rows]
            return msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n"
        case ".jsonl":
            lines = [msgspec.json.encode({name: row.get(name) for name in columns}) for row in rows]
            return b"".join(line + b"\n" for line in lines)
        case ".parquet":
            return _parquet(columns, rows)
        case ".txt" if len(columns) == 1:
            return "".join(f"{_line_of(row.get(columns[0]))}\n" for row in rows).encode()
    return as_markdown(columns, [[text_of(row.get(name)) for name in columns] for row in rows]).encode()


def _line_of(value: Any) -> str:
    return " ".join(text_of(value).splitlines())


def text_of(value: Any) -> str:
    """A value in a text table; a number keeps its full precision."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(value).decode()
    return str(value)


def _parquet(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    import duckdb

    from trivet_table.columns import json_typed
    from trivet_table.database import SQL_TYPES, quoted

    typed = [json_typed(name, [_flat(row.get(name)) for row in rows]) for name in columns]
    with tempfile.TemporaryDirectory(prefix="trivet-table-") as folder, duckdb.connect(":memory:") as connection:
        selected = ", ".join(
            f"unnest($c{i}::{SQL_TYPES[column.type]}[]) AS {quoted(column.name)}" for i, column in enumerate(typed)
        )
        connection.execute(
            f"CREATE TABLE t AS SELECT {selected}", {f"c{i}": list(column.values) for i, column in enumerate(typed)}
        )
        target = Path(folder, "table.parquet")
        connection.execute(f"COPY t TO '{target}' (FORMAT parquet)")
        return target.read_bytes()


def _flat(value: Any) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, (str, int, float, bool)) else text_of(value)
