"""Where a table tool finds its rows: a file of the workspace, or the rows of an earlier step."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

import msgspec

from trivet_sdk import ToolError, Workspace
from trivet_sdk.decoding import decode
from trivet_table.columns import Typed, json_typed, typed, without_proven_missing
from trivet_table.delimited import Grid, NotATable, read_delimited
from trivet_table.documents import read_document
from trivet_table.logs import looks_like_log, read_log
from trivet_table.markdown import read_markdown
from trivet_table.records import Records, read_json, read_json_lines, records_of, rows_in
from trivet_table.workbook import SUFFIXES, read_workbook

Rows: TypeAlias = list[Any] | dict[str, Any]
"""Rows of an earlier step: a list of records, or its whole value with a `rows` list in it."""

MAX_IN_MEMORY = 64_000_000
"""Bytes of a file that is read and typed as a whole; a larger one goes through DuckDB, piece by piece."""
_OFFICE = {
    ".xls": "an old Excel workbook",
    ".xlsb": "a binary Excel workbook",
    ".ods": "a spreadsheet",
    ".pdf": "a PDF",
}
_STREAMED: dict[str, Literal["csv", "jsonl"]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip


class Stream(msgspec.Struct, frozen=True):
    """A file that DuckDB reads by itself; it is closed once it is loaded."""

    kind: Literal["parquet", "csv", "jsonl"]
    file: BinaryIO

    @property
    def is_large(self) -> bool:
        """It may not fit into memory; Parquet is packed, and much larger there."""
        return os.fstat(self.file.fileno()).st_size > (MAX_IN_MEMORY // 4 if self.kind == "parquet" else MAX_IN_MEMORY)

    @property
    def path(self) -> str:
        """Of this very file, whatever lies under its name by now."""
        number = self.file.fileno()
        return f"/proc/self/fd/{number}" if os.path.exists("/proc/self/fd") else f"/dev/fd/{number}"


class Content(msgspec.Struct, frozen=True):
    """A table read and typed; `stream` is set instead of `columns` for a file that DuckDB itself reads."""

    name: str
    columns: Sequence[Typed] = ()
    stream: Stream | None = None
    notes: tuple[str, ...] = ()


def content_of(source: str | Rows, workspace: Workspace) -> Content:
    """Read a workspace file or the rows of an earlier step. Raises ToolError with the reason and the way out."""
    if not isinstance(source, str):
        return _from_rows(source)
    source, sheet = _sheet_in(source, workspace)
    if workspace.readable(source).is_dir():
        raise ToolError(f"'{source}' is a folder. Name one of the files in it.")
    file = workspace.reading(source)
    try:
        content = _from_file(source, file, sheet)
    except NotATable as error:
        file.close()
        raise ToolError(f"{source} {error}.") from None
    if content.stream is None:
        file.close()
    return content


def _sheet_in(source: str, workspace: Workspace) -> tuple[str, str]:
    """`book.xlsx#Sales` is the sheet Sales of a workbook."""
    path, mark, sheet = source.rpartition("#")
    if not mark or not path.casefold().endswith(SUFFIXES) or (workspace.root / source).exists():
        return source, ""
    return path, sheet


def records_in(rows: Rows) -> tuple[list[str], list[dict[str, Any]]]:
    """Column names and records of what a step gave: its rows, its whole value, a single record, or plain values."""
    names: list[str] = []
    if isinstance(rows, Mapping):
        if isinstance(rows.get("rows"), list):
            names = [str(name) for name in rows.get("columns", []) if isinstance(name, str)]
            rows = rows["rows"]
        else:
            rows = [rows]
    records = [dict(row) if isinstance(row, Mapping) else {"value": row} for row in rows]
    return list(dict.fromkeys([*names, *(str(name) for record in records for name in record)])), records


def document_in(path: str, workspace: Workspace) -> Any:
    """A JSON, YAML or TOML file as it is nested. Raises ToolError if it is none, or broken."""
    try:
        with workspace.reading(path) as file:
            return read_document(decode(file.read()).text, Path(path).suffix.casefold())
    except NotATable as error:
        raise ToolError(f"{path} {error}.") from None


def _from_rows(source: Rows) -> Content:
    _, records = records_in(source)
    if not records:
        raise ToolError("the earlier step gave no rows to work on.")
    try:
        return _from_records("the earlier result", records_of(records))
    except NotATable as error:
        raise ToolError(f"the earlier result {error}.") from None


def _from_file(name: str, file: BinaryIO, sheet: str = "") -> Content:
    suffix = Path(name).suffix.casefold()
    head = file.read(8)
    file.seek(0)
    if head[:4] == b"PAR1":
        return Content(name, stream=Stream("parquet", file))
    if suffix in SUFFIXES and head:
        grid, notes = read_workbook(file, sheet)
        columns = without_proven_missing([typed(title, cells) for title, cells in grid.items()])
        return Content(name, columns, notes=notes)
    if suffix in _OFFICE or head[:4] == b"PK\x03\x04":
        kind = _OFFICE.get(suffix, "an archive or an office file")
        raise NotATable(f"is {kind}, which the table tools cannot read; save it as .xlsx or CSV first")
    if not head:
        raise NotATable("is empty: it has no rows")
    if suffix == ".parquet":
        raise NotATable("is no Parquet file, in spite of its name: it is damaged or something else")
    if os.fstat(file.fileno()).st_size > MAX_IN_MEMORY:
        if suffix not in _STREAMED:
            raise NotATable(
                f"is larger than {MAX_IN_MEMORY // 1_000_000} MB, the most that is read of {suffix or 'such'} files; "
                "larger ones are read as CSV, JSON Lines or Parquet"
            )
        return Content(name, stream=Stream(_STREAMED[suffix], file))
    text = decode(file.read()).text
    match suffix:
        case ".csv" | ".tsv" | ".tab":
            return _from_grid(name, read_delimited(text, suffix))
        case ".json" | ".geojson":
            return _from_records(name, read_json(text))
        case ".jsonl" | ".ndjson":
            return _from_records(name, read_json_lines(text))
        case ".yaml" | ".yml" | ".toml":
            return _from_records(name, records_of(rows_in(read_document(text, suffix))))
        case ".log":
            return _from_log(name, text)
        case ".md" | ".markdown":
            return _from_grid(name, read_markdown(text))
    return _by_look(name, text)


def _by_look(name: str, text: str) -> Content:
    """A file whose suffix promises nothing, such as `.txt`, is a table if it plainly looks like one."""
    if text.lstrip()[:1] in "[{" and text.strip():
        return _from_records(name, read_json(text))
    if looks_like_log(text):
        return _from_records(name, read_log(text))
    try:
        grid = read_delimited(text)
    except NotATable:
        grid = None
    if grid is None or len(grid.header) < 2 or any(len(title) > 60 for title in grid.header):
        raise NotATable("is text, not a table; search it with files.find or read it with files.read")
    return _from_grid(name, grid)


def _from_log(name: str, text: str) -> Content:
    if not looks_like_log(text) and text.strip():
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return _from_records(name, Records({"message": list(lines)}, len(lines)))
    return _from_records(name, read_log(text))


def _from_grid(name: str, grid: Grid) -> Content:
    cells = list(zip(*grid.rows, strict=True)) if grid.rows else [()] * len(grid.header)
    prefers_comma = grid.delimiter == ";"
    columns = [
        typed(title, column, prefers_comma=prefers_comma) for title, column in zip(grid.header, cells, strict=True)
    ]
    return Content(name, without_proven_missing(columns), notes=grid.notes)


def _from_records(name: str, records: Records) -> Content:
    columns = [json_typed(title, cells) for title, cells in records.columns.items()]
    return Content(name, columns, notes=records.notes)
