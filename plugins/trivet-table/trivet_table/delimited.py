"""CSV and its relatives: find the delimiter and the header, and refuse what is no table."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

import msgspec

DELIMITERS = ",;\t|"
MAX_COLUMNS = 4000
"""More take minutes and gigabytes to describe."""
_MAX_MALFORMED = 0.05  # share of rows; above it a file is refused, for its figures would be wrong


class NotATable(Exception):
    """The text is no usable table; the message goes on after the file's name, like `is empty: it has no rows`."""


class Grid(msgspec.Struct, frozen=True):
    """A header and cells, all texts, every row as long as the header."""

    header: tuple[str, ...]
    rows: list[list[str]]
    delimiter: str = ","
    notes: tuple[str, ...] = ()
    """What was left out, for people: `skipped 3 malformed rows`."""


def read_delimited(text: str, suffix: str = ".csv") -> Grid:
    """Read delimited text. Raises NotATable if it is empty, binary or too ragged to be trusted."""
    if "\0" in text:
        raise NotATable("is not a text table: it holds NUL bytes, so it is binary or damaged")
    if not text.strip():
        raise NotATable("is empty: it has no rows")
    first, _, rest = text.partition("\n")
    if match := re.fullmatch(r"sep=(.)\s*", first):  # Excel's own hint
        return _grid(rest, match[1])
    text = _without_comments(text)
    return _grid(text, delimiter_of(text, suffix))


def _without_comments(text: str) -> str:
    """Without the lines of `#` above the header; a single such line may be the header itself."""
    lines = text.split("\n")
    count = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    if count == 1 and len(lines) > 1 and lines[0].count(",") == lines[1].count(",") > 0:
        return text.removeprefix("#").lstrip(" ")
    return "\n".join(lines[count:]) if count < len(lines) else text


def delimiter_of(text: str, suffix: str = ".csv") -> str:
    """The delimiter under which the rows agree best on their number of cells; a comma for a single column."""
    sample = text[:100_000].splitlines()[:300]
    order = "\t,;|" if suffix in (".tsv", ".tab") else DELIMITERS
    best, best_score = order[0], (0.0, 0.0)
    for delimiter in order:
        counts = Counter(len(row) for row in _rows("\n".join(sample), delimiter)[0] if any(map(str.strip, row)))
        cells, rows = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        if cells > 1 and (score := (round(rows / counts.total(), 1), cells)) > best_score:
            best, best_score = delimiter, score
    return best


def _grid(text: str, delimiter: str) -> Grid:
    rows, broken = _rows(text, delimiter)
    rows = [_trimmed(row) for row in rows]
    rows = [row for row in rows if row]
    if not rows:
        raise NotATable("is empty: it has no rows")
    if (widest := max(len(row) for row in rows[:100])) > MAX_COLUMNS:
        raise NotATable(f"has {widest} columns; at most {MAX_COLUMNS} can be worked with")
    notes = []
    start = _header_index(rows)
    if start:
        notes.append(f"skipped {start} line{'s' * (start > 1)} above the header")
    header, body = rows[start], rows[start + 1 :]
    if not _is_header(header, body):
        header, body = [f"column_{i}" for i in range(1, len(header) + 1)], rows[start:]
        notes.append("the file has no header line, so its columns are called column_1, column_2, …")
    width = len(header)
    if body and sum(len(row) == width + 1 for row in body) > 0.95 * len(body):
        header, width = ["row", *header], width + 1  # row names, which R writes without a title
    good = [row + [""] * (width - len(row)) for row in body if _fits(row, width)]
    malformed = len(body) - len(good) + broken
    if malformed > 1 and malformed > _MAX_MALFORMED * (len(body) + broken):
        raise NotATable(
            f"is damaged: {malformed} of its {len(body) + broken} rows do not fit its {width} columns, "
            "so figures from it would be wrong"
        )
    if malformed == 1 and len(body) + broken < 5:
        raise NotATable(f"is damaged: 1 of its {len(body) + broken} rows does not fit its {width} columns")
    if malformed:
        notes.append(f"skipped {malformed} malformed row{'s' * (malformed > 1)}")
    return Grid(unique_names(header), good, delimiter, tuple(notes))


def _fits(row: Sequence[str], width: int) -> bool:
    """As many cells as the header, or fewer because empty ones at the end were trimmed."""
    return len(row) <= width and (len(row) == width or isinstance(row, _Trimmed))


class _Trimmed(list[str]):
    """A row that lost empty cells at its end."""


def _trimmed(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row if end == len(row) else _Trimmed(row[:end])


def _rows(text: str, delimiter: str) -> tuple[list[list[str]], int]:
    """All rows, and how many lines could not be read as one (unbalanced quotes)."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)), 0
    except csv.Error:
        pass
    rows, broken = [], 0
    for line in text.splitlines():  # a stray quote must not swallow the rest of the file
        try:
            rows += list(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:
            broken += 1
    return rows, broken


def _header_index(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is as long as most rows, if only a few shorter lines (a title, a date) stand above it."""
    usual = Counter(map(len, rows)).most_common(1)[0][0]
    if 1 < len(rows[0]) == usual - 1 and any(_FIGURE.fullmatch(cell.strip()) for cell in rows[1]):
        return 0  # row names without a title
    for index, row in enumerate(rows[:10]):
        if len(row) >= usual:
            return index
        if len(row) > max(2, usual // 2):
            return 0
    return 0


_FIGURE = re.compile(r"[-+]?[\d.,]*\d%?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*")


def _is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """False if the first row holds figures just where the rows below it do."""
    if not body:
        return not all(map(_FIGURE.fullmatch, first))
    probe = body[:50]
    figures = [
        i
        for i in range(len(first))
        if (cells := [row[i] for row in probe if i < len(row) and row[i].strip()])
        and all(_FIGURE.fullmatch(cell.strip()) for cell in cells)
    ]
    on_top = [i for i in figures if _FIGURE.fullmatch(first[i].strip())]
    years = [i for i in on_top if re.fullmatch(r"(?:18|19|20|21)\d\d", first[i].strip())]
    if len(years) == len(on_top) and len(on_top) < len(first):  # a column for each year
        return True
    return not figures or len(on_top) < len(figures)


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names, none empty and none twice, not even in another case."""
    seen: set[str] = set()
    found = []
    for place, raw in enumerate(names, 1):
        name = base = " ".join(raw.replace("\ufeff", "").split()) or f"column_{place}"
        count = 1
        while name.casefold() in seen:
            count += 1
            name = f"{base}_{count}"
        seen.add(name.casefold())
        found.append(name)
    return tuple(found)
