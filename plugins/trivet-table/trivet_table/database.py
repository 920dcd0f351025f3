"""An in-memory DuckDB that holds the tables of one call and can reach nothing else."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from trivet_sdk import ToolContext, ToolError
from trivet_table.columns import Type
from trivet_table.source import Content
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
MAX_ROWS = 100_000
_POLL = 0.05  # seconds between looks at cancellation and deadline


class Database:
    """Tables are loaded first; `seal` then shuts the door to files and network for good."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._count = 0

    def load(self, content: Content) -> Table:
        """Make a table of what was read. Raises ToolError for a Parquet file that cannot be read."""
        relation = f"t{self._count}"
        self._count += 1
        columns = self._load_parquet(content, relation) if content.parquet else self._load_columns(content, relation)
        [(rows,)] = self.query(f"SELECT count(*) FROM {relation}")
        return Table(self, content.name, relation, columns, rows, content.notes)

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

    def _load_parquet(self, content: Content, relation: str) -> tuple[Column, ...]:
        path = str(content.parquet)
        try:
            described = self._connection.execute(
                "DESCRIBE SELECT * FROM read_parquet($path)", {"path": path}
            ).fetchall()
            columns, selected = [], []
            for i, (name, sql_type, *_) in enumerate(described):
                type_ = _type_of(sql_type)
                source = '"' + name.replace('"', '""') + '"'
                cast = "VARCHAR" if type_ == "text" else SQL_TYPES[type_]
                source = f"CAST({source} AS VARCHAR)" if sql_type == "FLOAT" else source  # 18.4, not 18.399999618
                selected.append(f"CAST({source} AS {cast}) AS c{i}")
                shown = f"CAST(c{i} AS VARCHAR)" if type_ in ("date", "datetime") else f"c{i}"
                columns.append(Column(name, type_, f"c{i}", shown))
            self._connection.execute(
                f"CREATE TABLE {relation} AS SELECT {', '.join(selected)} FROM read_parquet($path)", {"path": path}
            )
        except duckdb.Error as error:
            raise ToolError(f"{content.name} cannot be read as Parquet: {first_line(error)}") from None
        return tuple(columns)


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

    watcher = threading.Thread(target=watch, name="trivet-table-watch", daemon=True)
    watcher.start()
    try:
        yield Database(connection)
    except duckdb.InterruptException:
        raise ToolError(interrupted[0] if interrupted else "the query was interrupted.", is_transient=True) from None
    except duckdb.OutOfMemoryException:
        raise ToolError("the query needs more than 1 GB of memory. Ask for fewer rows or columns.") from None
    finally:
        done.set()
        watcher.join()
        connection.close()


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
