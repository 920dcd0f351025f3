"""Two tables side by side, row by row, where a column of each says the same."""

from pathlib import PurePosixPath

import msgspec

from trivet_sdk import ToolError
from trivet_table.delimited import unique_names
from trivet_table.table import Column, Table, nearest_name, numeric


def join(left: Table, right: Table, on: str, other_on: str = "") -> Table:
    """A new table of the rows that match, all columns of both; the right's key column is left out.

    A column of the right that is called like one of the left is named after its file, `name (boats)`.
    Raises ToolError if a column is unknown or nothing matches.
    """
    left_key = left.column(on)
    right_key = right.column(other_on) if other_on else _same_column(left_key, right)
    for table, key in ((left, left_key), (right, right_key)):
        if key not in table.columns:
            raise ToolError(
                f"'{key.name}' is worked out from {table.name} and cannot be joined on. Name one of its columns."
            )
    others = [column for column in right.columns if column.name != right_key.name]
    stem = PurePosixPath(right.name).stem
    taken = {column.name.casefold() for column in left.columns}
    names = [f"{column.name} ({stem})" if column.name.casefold() in taken else column.name for column in others]
    selected, columns = ["l.rowid AS lr", "r.rowid AS rr"], []
    sides = [("l", column) for column in left.columns] + [("r", column) for column in others]
    titles = unique_names([*(column.name for column in left.columns), *names])
    for i, ((side, column), title) in enumerate(zip(sides, titles, strict=True)):
        selected += [f"{_of(side, column.value)} AS c{i}", f"{_of(side, column.shown)} AS s{i}"]
        shown = f"s{i}" if column.is_temporal else f"c{i}"
        columns.append(msgspec.structs.replace(column, name=title, value=f"c{i}", shown=shown))
    relation = f"{left.relation}_{right.relation}"
    condition = f"{_key(left_key, right_key, 'l')} = {_key(right_key, left_key, 'r')}"
    left.database.query(
        f"CREATE TABLE {relation} AS SELECT {', '.join(selected)} FROM {left.relation} l "
        f"JOIN {right.relation} r ON {condition} ORDER BY lr, rr"
    )
    [(count, partners)] = left.database.query(f"SELECT count(*), count(DISTINCT lr) FROM {relation}")
    if not count:
        raise ToolError(
            f"no {left_key.name} of {left.name} equals a {right_key.name} of {right.name}, so nothing can be joined. "
            f"{left_key.name} holds {_some(left, left_key)}; {right_key.name} holds {_some(right, right_key)}."
        )
    alone = left.row_count - partners
    notes = [*left.notes, *right.notes]
    if alone:
        notes.append(f"{alone} of the {left.row_count} rows of {left.name} have no partner in {right.name}")
    return Table(left.database, f"{left.name} with {right.name}", relation, tuple(columns), count, tuple(notes))


def _same_column(key: Column, right: Table) -> Column:
    found = nearest_name(key.name, [column.name for column in right.columns])
    if found is None:
        raise ToolError(
            f"{right.name} has no column '{key.name}'. Say in other_on which of its columns matches: "
            f"{', '.join(column.name for column in right.columns)}."
        )
    return right.column(found)


def _of(side: str, expression: str) -> str:
    """The expression with its column taken from one side; a Parquet date is a cast around its column."""
    return expression.replace("CAST(c", f"CAST({side}.c") if expression.startswith("CAST(") else f"{side}.{expression}"


def _key(column: Column, other: Column, side: str) -> str:
    expression = msgspec.structs.replace(column, value=_of(side, column.value))
    if column.is_numeric or other.is_numeric:
        return numeric(expression) if not column.is_temporal else f"CAST({expression.value} AS VARCHAR)"
    if column.is_temporal and other.is_temporal:
        return f"CAST({expression.value} AS {'TIMESTAMP' if column.type == other.type else 'DATE'})"
    return f"lower(trim(CAST({expression.value} AS VARCHAR)))"


def _some(table: Table, column: Column) -> str:
    return ", ".join(f"'{value}'" for value in table.distinct(column, 3)) or "nothing"
