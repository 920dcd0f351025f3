"""What a program's result says to people and models, and what later steps may refer to."""

import ast
import math
from collections.abc import Iterator

from trivet_sandbox import Result, Table
from trivet_sandbox.excerpt import output_of, shortened
from trivet_sdk import Json
from trivet_sdk.changes import told

_ROWS = 10


def text_of(result: Result, written: tuple[str, ...], removed: tuple[str, ...], notes: tuple[str, ...]) -> str:
    return "\n".join((*notes, *_said(result), *told(written, removed))) or "It ran to its end and printed nothing."


def failure_of(result: Result, written: tuple[str, ...], removed: tuple[str, ...], notes: tuple[str, ...]) -> str:
    """The error comes last, where a model looks for it."""
    said = (*notes, *_said(result), *told(written, removed))
    return "\n".join((*said, shortened(result.error.strip())))


def value_of(result: Result, written: tuple[str, ...]) -> dict[str, Json]:
    value: dict[str, Json] = {"value": _json(result.value), "stdout": result.stdout, "files": list(written)}
    if result.isolation != "full":
        value["isolation"] = result.isolation
    if result.stderr:
        value["stderr"] = result.stderr
    if result.table is not None:
        columns, rows = list(result.table.columns), [list(row) for row in result.table.rows]
        value["table"] = {"columns": columns, "rows": rows, "total": result.table.total}
    return value


def _said(result: Result) -> Iterator[str]:
    yield from output_of(result)
    if result.table is not None:
        yield _preview(result.table)
    elif result.value:
        yield shortened(result.value)
    if result.figures:
        yield f"{len(result.figures)} figure{'s' * (len(result.figures) != 1)} drawn."


def _preview(table: Table) -> str:
    """As Markdown."""
    rows = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in table.rows[:_ROWS]]
    lines = [f"| {' | '.join(row)} |" for row in (list(table.columns), ["---"] * len(table.columns), *rows)]
    if table.total > len(rows):
        lines.append(f"({table.total} rows in all)")
    return "\n".join(lines)


def _json(value: str) -> Json:
    """The value that a `repr` stands for, if JSON has it, so that later steps can refer into it; else the text."""
    if not value:
        return None
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value
    try:
        return _plain(found)
    except (TypeError, RecursionError):
        return value


def _plain(found: object) -> Json:
    match found:
        case None | bool() | str():
            return found
        case int() if abs(found) < 1 << 63:
            return found
        case float() if math.isfinite(found):
            return found
        case list() | tuple():
            return [_plain(each) for each in found]
        case dict() if all(isinstance(key, str) for key in found):
            return {str(key): _plain(each) for key, each in found.items()}
    raise TypeError
