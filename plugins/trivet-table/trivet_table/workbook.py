"""Excel workbooks: one sheet as a table, read row by row, formulas by the values they had when the book was saved."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from trivet_table.columns import Cell
from trivet_table.delimited import MAX_COLUMNS, NotATable, unique_names

SUFFIXES = (".xlsx", ".xlsm")
MAX_UNPACKED = 1_000_000_000
"""Bytes of all the parts of a workbook, as it says itself; no part unpacks to more than it says."""
MAX_CELLS = 20_000_000
MAX_ROWS_ABOVE = 20
_BROKEN = (
    zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError,
    OverflowError, NotImplementedError, RuntimeError, SyntaxError, AssertionError,
)  # fmt: skip
"""What the library raises for damaged books."""


def read_workbook(file: BinaryIO, sheet: str = "") -> tuple[dict[str, list[Cell]], tuple[str, ...]]:
    """Columns by name, and notes for people. Raises NotATable."""
    import openpyxl  # 100 ms, which only a workbook should cost

    try:
        with zipfile.ZipFile(file) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise NotATable(f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB; save the sheet as CSV")
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            name, rows = _chosen(book, sheet)
            others = [each for each in book.sheetnames if each != name]
        finally:
            book.close()
    except NotATable:
        raise
    except _BROKEN as error:
        raise NotATable(f"is no Excel workbook that can be read, or a damaged one ({type(error).__name__})") from None
    notes = [f"read the sheet '{name}'; there are also {', '.join(others[:10])} (as path#sheet)"] if others else []
    return _columns(rows, notes), tuple(notes)


def _chosen(book: Any, sheet: str) -> tuple[str, list[list[Cell]]]:
    """The sheet that was named, else the first that holds anything."""
    names = [each.title for each in book.worksheets]
    if sheet and sheet not in names:
        raise NotATable(f"has no sheet '{sheet}'; its sheets are {', '.join(names[:20])}")
    for each in book.worksheets:
        if sheet in ("", each.title) and (rows := [*_rows(each)]):
            return each.title, rows
    raise NotATable("is empty: it has no rows")


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    """Rows that hold anything. What the sheet says of its own size is not believed."""
    sheet.reset_dimensions()
    cells = 0
    for row in sheet.iter_rows(values_only=True):
        values = [_cell(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if len(values) > MAX_COLUMNS:
            raise NotATable(f"has {len(values)} columns; at most {MAX_COLUMNS} can be worked with")
        cells += len(values) + 1
        if cells > MAX_CELLS:
            raise NotATable(f"has more than {MAX_CELLS:,} cells; save the sheet as CSV")
        if values:
            yield values


def _cell(value: Any) -> Cell:
    """Dates as ISO text, which is then read as a date; Excel's errors (#N/A) as nothing."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = str(value).strip()
    return None if not text or (text.startswith("#") and text.rstrip("!?").isupper()) else text


def _columns(rows: Sequence[list[Cell]], notes: list[str]) -> dict[str, list[Cell]]:
    """The header is the first row that is as wide as the widest of the first ones, if it holds texts only."""
    width = max(map(len, rows))
    start = next(
        (n for n, row in enumerate(rows[:MAX_ROWS_ABOVE]) if len(row) >= min(width, max(map(len, rows[:50])))), 0
    )
    header = rows[start]
    if all(isinstance(cell, str) or cell is None for cell in header) and len(rows) > start + 1:
        body = rows[start + 1 :]
        if start:
            notes.append(f"skipped {start} line{'s' * (start > 1)} above the header")
    else:
        body, header = rows[start:], [f"column_{place}" for place in range(1, width + 1)]
        notes.append("the sheet has no header line, so its columns are called column_1, column_2, …")
    titles = unique_names([str(cell or "") for cell in header] + [""] * (width - len(header)))
    return {title: [row[place] if place < len(row) else None for row in body] for place, title in enumerate(titles)}
