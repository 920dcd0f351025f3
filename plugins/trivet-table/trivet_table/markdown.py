"""The first table of a Markdown page, and rows as a Markdown table."""

import re
from collections.abc import Sequence

from trivet_table.delimited import Grid, NotATable, unique_names

_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")


def read_markdown(text: str) -> Grid:
    """The table with the most rows. Raises NotATable if the page has none."""
    lines = text.splitlines()
    tables = [_table_at(lines, i) for i in range(1, len(lines)) if "|" in lines[i] and _RULE.fullmatch(lines[i])]
    if not tables:
        raise NotATable("has no table in it; search it with files.find or read it with files.read")
    return max(tables, key=lambda table: len(table.rows))


def _table_at(lines: Sequence[str], rule: int) -> Grid:
    header = _cells(lines[rule - 1])
    rows = []
    for line in lines[rule + 1 :]:
        if "|" not in line:
            break
        cells = _cells(line)[: len(header)]
        rows.append(cells + [""] * (len(header) - len(cells)))
    return Grid(unique_names(header), rows, "|")


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.replace("\\|", "|").strip().strip("*`") for cell in re.split(r"(?<!\\)\|", inner)]


def as_markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that Markdown readers show and people can read as it is."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(header), "|" + " --- |" * len(header), *map(line, rows)]) + "\n"
