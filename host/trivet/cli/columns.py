"""Rows of text in aligned columns, wide characters counted as two."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from trivet.cli.screen import as_json, echo, in_line, styled


def print_columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    rows = [[in_line(text) for text in row] for row in rows]
    widths = [max(_width(row[i]) for row in (head, *rows)) for i in range(len(head))]
    echo(lead=styled(_line(head, widths), bold=True))
    for row in rows:
        echo(_line(row, widths))


def print_json(value: Any) -> None:
    echo(as_json(value))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
