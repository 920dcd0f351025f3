"""Rows of text in aligned columns, wide characters counted as two."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from trivet.cli.screen import as_json, echo, in_line, styled, width_of

_LEAST = 30
"""Columns that the last text needs beside the others; else it stands below them."""


def print_columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """In a terminal the last text of a row goes on below itself; elsewhere each row is one line."""
    rows = [[in_line(text) for text in row] for row in rows]
    widths = [max(width_of(row[i]) for row in (head, *rows)) for i in range(len(head))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for number, row in enumerate((head, *rows)):
        for line in _lines(row, widths, room):
            echo(lead=styled(line, bold=True)) if number == 0 else echo(line)


def print_json(value: Any) -> None:
    echo(as_json(value))


def _lines(row: Sequence[str], widths: Sequence[int], room: int) -> Iterator[str]:
    indent = sum(widths[:-1]) + 2 * (len(widths) - 1)
    if not room or indent + widths[-1] <= room:
        yield _line(row, widths)
    elif room - indent >= _LEAST:
        first, *more = _wrapped(row[-1], room - indent)
        yield _line((*row[:-1], first), widths)
        yield from (" " * indent + line for line in more)
    else:
        yield _line(row[:-1], widths[:-1])
        yield from (f"    {line}" for line in _wrapped(row[-1], max(room - 4, 16)) if line)


def _wrapped(text: str, width: int) -> list[str]:
    """Broken at spaces, and within a word only where it is longer than a line, as Chinese sentences are."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and width_of(lines[-1]) + 1 + width_of(word) > width:
            lines.append("")
        elif lines[-1]:
            lines[-1] += " "
        for letter in word:
            if width_of(lines[-1]) + width_of(letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text + " " * (width - width_of(text)) for text, width in zip(row, widths, strict=True)).rstrip()
