"""What is told from inside of a sandbox, read as if it were forged: it may be."""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Final

from trivet_sandbox.result import Table, plain

HEADER: Final = 4
"""Bytes before a frame: its size, the lowest byte first."""
LONGEST_TEXT: Final = 100_000
MOST_FIGURES: Final = 16
MOST_ROWS: Final = 50
MOST_COLUMNS: Final = 50
_PNG: Final = b"\x89PNG\r\n\x1a\n"

Answer = dict[str, object]


def frame(message: Answer) -> bytes:
    body = json.dumps(message).encode()
    return len(body).to_bytes(HEADER, "little") + body


def answer_in(reply: bytearray, id: str) -> Answer | None:
    """The answer to this request, if it is complete; frames that answer nothing that was asked are thrown away."""
    while len(reply) >= HEADER:
        size = int.from_bytes(reply[:HEADER], "little")
        if len(reply) < HEADER + size:
            return None
        body = bytes(reply[HEADER : HEADER + size])
        del reply[: HEADER + size]
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            continue
        if isinstance(told, dict) and (told.get("id") == id or (not id and told.get("ready") is True)):
            return told
    return None


def text_of(told: Answer, key: str) -> str:
    found = told.get(key)
    return plain(found[:LONGEST_TEXT]) if isinstance(found, str) else ""


def table_of(told: Answer) -> Table | None:
    found = told.get("table")
    if not isinstance(found, dict):
        return None
    columns, rows, total = found.get("columns"), found.get("rows"), found.get("total")
    if not (isinstance(columns, list) and isinstance(rows, list) and isinstance(total, int)):
        return None
    return Table(
        columns=tuple(_cells(columns)),
        rows=tuple(tuple(_cells(row)) for row in rows[:MOST_ROWS] if isinstance(row, list)),
        total=total,
    )


def figures_of(told: Answer) -> Iterator[bytes]:
    found = told.get("figures")
    for each in found[:MOST_FIGURES] if isinstance(found, list) else ():
        try:
            figure = base64.b64decode(each, validate=True)
        except (binascii.Error, TypeError, ValueError):
            continue
        if figure.startswith(_PNG):
            yield figure


def _cells(row: list[object]) -> Iterator[str]:
    for each in row[:MOST_COLUMNS]:
        yield plain(each[:200]) if isinstance(each, str) else ""
