"""Files larger than memory: DuckDB reads them piece by piece into a table on the disk, beside what it must put aside."""

import codecs
import csv
import re
from pathlib import Path
from typing import BinaryIO

import duckdb

from trivet_sdk import ToolError
from trivet_sdk.decoding import decode
from trivet_table.columns import MISSING, Type, Typed, typed
from trivet_table.delimited import Grid, NotATable, read_delimited, unique_names
from trivet_table.numerals import PLAIN_INTEGER, PLAIN_NUMBER
from trivet_table.source import Stream
from trivet_table.table import Column, numeric

SAMPLE = 4_000_000
"""Bytes at the beginning from which delimiter, header and types are guessed; each type is then checked in every row."""
_MAX_MALFORMED = 0.05
_DATE = r"\d{4}-\d{2}-\d{2}"
_DATETIME = rf"{_DATE}[T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?"


def load_delimited(
    connection: duckdb.DuckDBPyConnection, name: str, stream: Stream, relation: str, folder: Path
) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Make the table `relation` of a CSV; its columns, and notes for people. Raises ToolError."""
    content = stream.file.read(SAMPLE)
    decoded = decode(content[: content.rfind(b"\n") + 1] or content)
    try:
        grid = read_delimited(decoded.text, Path(name).suffix.casefold())
    except NotATable as error:
        raise ToolError(f"{name} {error}.") from None
    path = stream.path if decoded.encoding.startswith("utf-8") else _in_utf8(stream.file, decoded.encoding, folder)
    titles = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(grid.header)))
    connection.execute(
        f"CREATE TABLE {relation} AS SELECT * FROM read_csv($path, delim=$delimiter, header=false, skip=$skip, "
        f"columns={{{titles}}}, auto_detect=false, quote='\"', escape='\"', null_padding=true, parallel=false, "
        "ignore_errors=true, store_rejects=true, rejects_limit=0)",
        {"path": path, "delimiter": grid.delimiter, "skip": _lines_above(decoded.text, grid)},
    )
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {relation}").fetchall()
    [(broken,)] = connection.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()
    if broken > _MAX_MALFORMED * (rows + broken):
        raise ToolError(
            f"{name} is damaged: {broken} of its {rows + broken} rows do not fit its {len(grid.header)} columns, "
            "so figures from it would be wrong."
        )
    notes = [note for note in grid.notes if "malformed" not in note]
    if broken:
        notes.append(f"skipped {broken} malformed row{'s' * (broken > 1)}")
    return _typed_columns(connection, relation, grid, notes), tuple(notes)


def load_json_lines(
    connection: duckdb.DuckDBPyConnection, name: str, stream: Stream, relation: str
) -> list[tuple[str, str]]:
    """Make the table `relation` of JSON Lines; names and SQL types. What is nested stays JSON."""
    source = "read_json($path, format='newline_delimited', ignore_errors=true, sample_size=-1, maximum_depth=2)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}", {"path": stream.path}).fetchall()
    columns = [(column, sql_type) for column, sql_type, *_ in described]
    quoted = ['"' + column.replace('"', '""') + '"' for column, _ in columns]
    anything = " OR ".join(f"{column} IS NOT NULL" for column in quoted)
    connection.execute(f"CREATE TABLE {relation} AS SELECT * FROM {source} WHERE {anything}", {"path": stream.path})
    return columns


def _in_utf8(file: BinaryIO, encoding: str, folder: Path) -> str:
    """A copy of the file in the encoding that DuckDB reads."""
    target = folder / "utf8.csv"
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with target.open("wb") as copy:
        while piece := file.read(1 << 20):
            copy.write(decoder.decode(piece).encode("utf-8", "replace"))
        copy.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    return str(target)


def _lines_above(sample: str, grid: Grid) -> int:
    """Lines of the file above the first row."""
    lines = re.split(r"\r\n|\n|\r", sample[:500_000])[:50]
    for number, line in enumerate(lines, 1):
        cells = _cells(line.removeprefix("\ufeff"), grid.delimiter)
        for found in (cells, ["row", *cells], [cells[0].lstrip("# "), *cells[1:]] if cells else []):
            if found and unique_names(found[: len(grid.header)]) == grid.header:
                return number
    for number, line in enumerate(lines):  # there is no header, and its names are ours
        if len(_cells(line, grid.delimiter)) == len(grid.header):
            return number
    return 1


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _typed_columns(
    connection: duckdb.DuckDBPyConnection, relation: str, grid: Grid, notes: list[str]
) -> tuple[Column, ...]:
    """Each column as the sample has it, if every row does; else as text."""
    cells = [*zip(*grid.rows, strict=True)] if grid.rows else [()] * len(grid.header)
    guessed = [
        typed(title, column, prefers_comma=grid.delimiter == ";")
        for title, column in zip(grid.header, cells, strict=True)
    ]
    columns, unlike = [], []
    for place, guess in enumerate(guessed):
        column = _column(connection, relation, place, guess)
        columns.append(column)
        if column.type == "text" and guess.type != "text":
            unlike.append(column.name)
    if unlike:
        shown = ", ".join(unlike[:10])
        notes.append(f"{shown} stay{'s' * (len(unlike) == 1)} text: not every row of this large file writes it plainly")
    return tuple(columns)


def _column(connection: duckdb.DuckDBPyConnection, relation: str, place: int, guess: Typed) -> Column:
    missing = ", ".join("'" + word.replace("'", "''") + "'" for word in sorted(MISSING))
    text = f"nullif(trim(c{place}), '')"
    value = f"CASE WHEN lower({text}) NOT IN ({missing}) THEN {text} END"
    decorated = numeric(Column(guess.name, "text", f"c{place}", ""))
    candidates: list[tuple[Type, str]] = []
    if guess.type in ("integer", "number"):
        candidates = [
            ("integer", _matching(value, PLAIN_INTEGER.pattern, "BIGINT")),
            ("number", _matching(value, PLAIN_NUMBER.pattern, "DOUBLE")),
            ("number", decorated),
        ]
    elif guess.type == "boolean":
        candidates = [("boolean", _matching(f"lower({value})", "true|false", "BOOLEAN"))]
    elif guess.type == "date":
        candidates = [
            ("date", _matching(value, _DATE, "DATE")),
            ("datetime", _matching(value, f"{_DATE}|{_DATETIME}", "TIMESTAMP")),
        ]
    elif guess.type == "datetime":
        candidates = [("datetime", _matching(value, f"{_DATE}|{_DATETIME}", "TIMESTAMP"))]
    for type_, expression in candidates:
        unread = f"SELECT 1 FROM {relation} WHERE ({value}) IS NOT NULL AND ({expression}) IS NULL LIMIT 1"
        if not connection.execute(unread).fetchall():
            shown = f"({value})" if type_ in ("date", "datetime") else f"({expression})"
            return Column(guess.name, type_, f"({expression})", shown)
    return Column(guess.name, "text", f"({text})", f"({text})")


def _matching(value: str, pattern: str, sql_type: str) -> str:
    pattern = pattern.replace("'", "''")
    return f"CASE WHEN regexp_full_match({value}, '{pattern}') THEN TRY_CAST({value} AS {sql_type}) END"
