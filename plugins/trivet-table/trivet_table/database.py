"""An in-memory DuckDB that holds the tables of one call and can reach nothing else."""

import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, assert_never

import duckdb
import msgspec

from trivet_sdk import ToolContext, ToolError
from trivet_table.columns import Type
from trivet_table.selecting import MAX_ROWS
from trivet_table.source import Content, Stream
from trivet_table.streaming import load_delimited, load_json_lines
from trivet_table.table import Column, Table

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "max_temp_directory_size": "0KB",
    "temp_directory": "",  # by default `.tmp` of the current folder, which queries may then read
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
SQL_TYPES: dict[Type, str] = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "text": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
_ISO_DAY, _ISO_CLOCK = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_MAX_ASIDE = "20GB"
_POLL = 0.05  # seconds between looks at cancellation and deadline


class Database:
    """Tables are loaded first; `seal` then shuts the door to files and network for good. `folder` is where it may put what
    memory does not hold; it is empty and its own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._count = 0
        self._is_spilling = False

    def load(self, content: Content) -> Table:
        """Make a table of what was read. Raises ToolError for a Parquet file that cannot be read."""
        relation = f"t{self._count}"
        self._count += 1
        notes = content.notes
        if content.stream is None:
            columns = self._load_columns(content, relation)
        else:
            if content.stream.is_large:
                relation = self._on_disk(relation)
            with content.stream.file:
                columns, notes = self._load_stream(content.name, content.stream, relation)
        [(rows,)] = self.query(f"SELECT count(*) FROM {relation}")
        if not rows and content.stream is not None and not columns:
            raise ToolError(f"{content.name} is empty: it has no rows.")
        return Table(self, content.name, relation, columns, rows, notes)

    def seal(self) -> None:
        """No file, no network, no extension and no further change of settings from here on."""
        self._connection.execute("SET enable_external_access = false; SET lock_configuration = true")

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, dict(parameters or {})).fetchall()

    def query_bounded(self, sql: str) -> list[tuple[Any, ...]]:
        """Like `query`, for SQL that others wrote. Raises ToolError for more than MAX_ROWS rows."""
        found = self._connection.execute(sql).fetchmany(MAX_ROWS + 1)
        if len(found) > MAX_ROWS:
            raise ToolError(f"the query gives more than {MAX_ROWS} rows. Add a LIMIT, or let it group and count.")
        return found

    def header(self, sql: str) -> list[str]:
        """Column names of a query's result."""
        return [name for name, *_ in self._connection.execute(sql).description or ()]

    def export(self, table: Table, suffix: str) -> Path | None:
        """A large table as a file in the folder of its own, if it is large and the format can be written row by row."""
        csv = "FORMAT csv, HEADER, DELIMITER "
        formats = {".csv": f"{csv}','", ".tsv": f"{csv}'\t'", ".jsonl": "FORMAT json", ".parquet": "FORMAT parquet"}
        options = formats.get(suffix)
        if not table.relation.startswith("large.") or options is None:
            return None
        shown = ", ".join(f"{column.shown} AS {quoted(column.name)}" for column in table.columns)
        target = self._folder / f"export{suffix}"
        self._connection.execute(
            f"COPY (SELECT {shown} FROM {table.relation} ORDER BY rowid) TO '{target}' ({options})"
        )
        return target

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self._connection

    def _load_columns(self, content: Content, relation: str) -> tuple[Column, ...]:
        columns, selected, parameters = [], [], {}
        for i, column in enumerate(content.columns):
            selected.append(f"unnest($c{i}::{SQL_TYPES[column.type]}[]) AS c{i}")
            parameters[f"c{i}"] = list(column.values)
            if column.shown is not None:
                selected.append(f"unnest($s{i}::VARCHAR[]) AS s{i}")
                parameters[f"s{i}"] = list(column.shown)
            shown = f"s{i}" if column.shown is not None else f"c{i}"
            columns.append(Column(column.name, column.type, f"c{i}", shown, column.order))
        self._connection.execute(f"CREATE TABLE {relation} AS SELECT {', '.join(selected)}", parameters)
        return tuple(columns)

    def _on_disk(self, relation: str) -> str:
        """The name of a table that lies on the disk."""
        if not self._is_spilling:
            aside = str(self._folder / "aside").replace("'", "''")
            self._connection.execute(f"SET temp_directory = '{aside}'; SET max_temp_directory_size = '{_MAX_ASIDE}'")
            self._connection.execute(
                f"ATTACH '{str(self._folder / 'large.duckdb').replace(chr(39), chr(39) * 2)}' AS large"
            )
            self._is_spilling = True
        return f"large.{relation}"

    def _load_stream(self, name: str, stream: Stream, relation: str) -> tuple[tuple[Column, ...], tuple[str, ...]]:
        formats = {"csv": "CSV", "jsonl": "JSON Lines", "parquet": "Parquet"}
        try:
            match stream.kind:
                case "csv":
                    return load_delimited(self._connection, name, stream, relation, self._folder)
                case "jsonl":
                    return self._named(load_json_lines(self._connection, name, stream, relation)), ()
                case "parquet":
                    return self._load_parquet(stream.path, relation), ()
        except (duckdb.InterruptException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error as error:
            reason = first_line(error).replace(stream.path, name)
            raise ToolError(f"{name} cannot be read as {formats[stream.kind]}: {reason}") from None
        assert_never(stream.kind)

    def _load_parquet(self, path: str, relation: str) -> tuple[Column, ...]:
        described = self._connection.execute("DESCRIBE SELECT * FROM read_parquet($path)", {"path": path}).fetchall()
        columns, selected = [], []
        for i, (name, sql_type, *_) in enumerate(described):
            type_ = _type_of(sql_type)
            source = quoted(name)
            cast = "VARCHAR" if type_ == "text" else SQL_TYPES[type_]
            source = f"CAST({source} AS VARCHAR)" if sql_type == "FLOAT" else source  # 18.4, not 18.399999618
            selected.append(f"CAST({source} AS {cast}) AS c{i}")
            shown = f"CAST(c{i} AS VARCHAR)" if type_ in ("date", "datetime") else f"c{i}"
            columns.append(Column(name, type_, f"c{i}", shown))
        self._connection.execute(
            f"CREATE TABLE {relation} AS SELECT {', '.join(selected)} FROM read_parquet($path)", {"path": path}
        )
        return tuple(self._dated(column, relation) for column in columns)

    def _dated(self, column: Column, relation: str) -> Column:
        """A column of texts as one of dates, where every text is an ISO 8601 day or moment."""
        if column.type != "text":
            return column
        forms: tuple[tuple[Type, str], ...] = (("date", _ISO_DAY), ("datetime", f"{_ISO_DAY}[ T]{_ISO_CLOCK}"))
        for type_, form in forms:
            value = f"CAST({column.value} AS {SQL_TYPES[type_]})"
            try:
                [(count, fitting)] = self.query(
                    f"SELECT count({column.value}), count(*) FILTER (WHERE regexp_full_match({column.value}, $form) "
                    f"AND TRY_{value} IS NOT NULL) FROM {relation}",
                    {"form": form},
                )
            except duckdb.ConversionException:
                continue
            if count and count == fitting:
                return msgspec.structs.replace(column, type=type_, value=value)
        return column

    def _named(self, columns: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
        """Columns that have their own names in the table."""
        found = []
        for name, sql_type in columns:
            type_ = _type_of(sql_type)
            value = quoted(name) if type_ == "text" else f"CAST({quoted(name)} AS {SQL_TYPES[type_]})"
            if type_ == "text" and sql_type != "VARCHAR":
                value = f"CAST(to_json({quoted(name)}) AS VARCHAR)"
            shown = f"CAST({value} AS VARCHAR)" if type_ in ("date", "datetime") else value
            found.append(Column(name, type_, value, shown))
        return tuple(found)


@contextmanager
def open_database(ctx: ToolContext) -> Iterator[Database]:
    """A fresh database for one call, interrupted when the call is cancelled or past its deadline."""
    connection = duckdb.connect(":memory:", config=_CONFIG)
    done = threading.Event()
    interrupted: list[str] = []

    def watch() -> None:
        while not done.wait(_POLL):
            if ctx.is_cancelled:
                interrupted.append("the call was cancelled before the table was worked through.")
            elif ctx.deadline is not None and time.monotonic() > ctx.deadline:
                interrupted.append("the query took longer than the call may. Ask for less.")
            else:
                continue
            connection.interrupt()
            return

    folder = tempfile.TemporaryDirectory(prefix="trivet-table-")
    watcher = threading.Thread(target=watch, name="trivet-table-watch", daemon=True)
    watcher.start()
    try:
        yield Database(connection, Path(folder.name))
    except duckdb.InterruptException:
        raise ToolError(interrupted[0] if interrupted else "the query was interrupted.", is_transient=True) from None
    except duckdb.OutOfMemoryException:
        raise ToolError("the query needs more than 1 GB of memory. Ask for fewer rows or columns.") from None
    finally:
        done.set()
        watcher.join()
        connection.close()
        folder.cleanup()


def first_line(error: Exception) -> str:
    """What DuckDB complains of, without its drawing of the place."""
    return str(error).strip().splitlines()[0]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type_of(sql_type: str) -> Type:
    match sql_type.partition("(")[0]:
        case "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "UTINYINT" | "USMALLINT" | "UINTEGER":
            return "integer"
        case "FLOAT" | "DOUBLE" | "DECIMAL" | "UBIGINT" | "HUGEINT" | "UHUGEINT":
            return "number"
        case "BOOLEAN":
            return "boolean"
        case "DATE":
            return "date"
        case name if name.startswith("TIMESTAMP"):
            return "datetime"
    return "text"
