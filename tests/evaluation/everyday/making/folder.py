"""A folder of the workspace, read back: what is right is computed from the files as they lie there."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from tests.evaluation.goals.making.writing import Row


@dataclass(frozen=True)
class Folder:
    path: Path

    def text(self, name: str) -> str:
        return (self.path / name).read_text("utf-8-sig")

    def table(self, name: str) -> list[dict[str, str]]:
        """CSV, TSV or separated by semicolons: whichever the first line has."""
        lines = self.text(name).splitlines()
        separator = next(each for each in "\t;," if each in lines[0])
        return list(csv.DictReader(lines, delimiter=separator))

    def json(self, name: str) -> list[Row]:
        rows: list[Row] = json.loads(self.text(name))
        return rows

    def json_lines(self, name: str) -> list[Row]:
        return [json.loads(line) for line in self.text(name).splitlines()]

    def parquet(self, name: str) -> list[Row]:
        with duckdb.connect() as db:
            found = db.execute("SELECT * FROM read_parquet(?)", [str(self.path / name)])
            columns = [column[0] for column in found.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def sheet(self, name: str) -> list[Row]:
        page = openpyxl.load_workbook(self.path / name).active
        assert page is not None
        head, *rows = page.values
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]

    def said(self, name: str, pattern: str) -> str:
        """The first group of the pattern, where the file says it."""
        found = re.search(pattern, self.text(name))
        assert found, (name, pattern)
        return str(found[1])


def sums(rows: Iterable[Any], key: Callable[[Any], str], value: Callable[[Any], float]) -> dict[str, float]:
    of: dict[str, float] = defaultdict(float)
    for row in rows:
        of[key(row)] += value(row)
    return dict(of)


def most(values: Mapping[str, float]) -> str:
    """The key of the highest value; a goal that asks for it would be unfair if two shared it."""
    first, second = sorted(values, key=lambda key: -values[key])[:2]
    assert values[first] > values[second], values
    return first
