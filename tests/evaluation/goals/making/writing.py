"""Files of a workspace, written the same each time."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import openpyxl

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Sequence[Row]


def text(path: Path, content: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))


def delimited(path: Path, rows: Rows, separator: str = ",", encoding: str = "utf-8") -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    text(path, out.getvalue(), encoding)


def as_json(path: Path, value: Any) -> None:
    text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def json_lines(path: Path, rows: Rows) -> None:
    text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def excel(path: Path, sheet: str, rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = datetime(2024, 1, 1)
    page = book.active
    assert page is not None
    page.title = sheet
    page.append(list(rows[0]))
    for row in rows:
        page.append(list(row.values()))
    book.save(path)


def parquet(path: Path, rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        kinds = {int: "BIGINT", float: "DOUBLE", str: "VARCHAR", bool: "BOOLEAN"}
        columns = ", ".join(f'"{name}" {kinds[type(value)]}' for name, value in rows[0].items())
        db.execute(f"CREATE TABLE rows ({columns})")
        db.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * len(rows[0]))})", [list(r.values()) for r in rows])
        db.execute(f"COPY rows TO '{path}' (FORMAT parquet)")
