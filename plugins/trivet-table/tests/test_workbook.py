"""Excel workbooks are tables like others."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trivet_sdk import ToolResult
from trivet_table.delimited import NotATable
from trivet_table.workbook import read_workbook

from .test_reading import refusal

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]
AMOUNTS = [pytest.param(60, id="short"), pytest.param(20_000, id="long", marks=pytest.mark.long)]


def book(**sheets: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


SALES: list[list[Any]] = [
    ["城市", "Date", "Amount", "Paid"],
    ["上海", date(2026, 1, 2), 12.5, True],
    ["北京", date(2026, 2, 3), 30, False],
    ["上海", datetime(2026, 2, 4), None, True],
]


def test_a_sheet_is_asked_like_any_table(put: Put, call: Call) -> None:
    put("销售.xlsx", book(Sales=SALES))
    assert call("aggregate", path="销售.xlsx", function="sum", column="amount", group_by="城市").text == (
        "sum of Amount by 城市 in 销售.xlsx: 北京 30, 上海 12.5"
    )
    assert (
        call("select", path="销售.xlsx", where=[{"column": "Date", "op": "=", "value": "2026-02"}]).value["row_count"]
        == 2
    )
    described = call("describe", path="销售.xlsx").value["columns"]
    assert [(column["name"], column["type"]) for column in described] == [
        ("城市", "text"), ("Date", "date"), ("Amount", "number"), ("Paid", "boolean"),
    ]  # fmt: skip


def test_the_first_sheet_that_holds_anything_is_read_and_another_by_its_name(put: Put, call: Call) -> None:
    put("b.xlsx", book(Empty=[], First=[["a"], [1]], Zweites=[["b"], [2], [3]]))
    assert call("aggregate", path="b.xlsx", function="count").text == (
        "1 row in b.xlsx (read the sheet 'First'; there are also Empty, Zweites (as path#sheet))"
    )
    assert call("aggregate", path="b.xlsx#Zweites", function="count").text.startswith("2 rows in b.xlsx")
    assert (
        refusal(call, "describe", path="b.xlsx#None")
        == "b.xlsx has no sheet 'None'; its sheets are Empty, First, Zweites."
    )


def test_titles_above_the_header_errors_and_missing_headers_are_understood(put: Put, call: Call) -> None:
    put("t.xlsx", book(S=[["Report of May"], [], ["name", "n"], ["a", 1], ["b", "#N/A"], ["c", 3]]))
    found = call("aggregate", path="t.xlsx", function="sum", column="n")
    assert (found.value["value"], found.value["notes"]) == (4, ["skipped 1 line above the header"])
    put("h.xlsx", book(S=[[1, 2], [3, 4]]))
    assert call("aggregate", path="h.xlsx", function="sum", column="column_2").value["value"] == 6


def test_a_formula_counts_by_the_value_that_was_saved(put: Put, call: Call) -> None:
    put("f.xlsx", book(S=[["a"], [1], ["=A2+1"]]))  # never calculated, so it has none
    assert call("aggregate", path="f.xlsx", function="sum", column="a").value["value"] == 1


def test_a_book_that_unpacks_without_end_is_refused(put: Put, call: Call) -> None:
    content = bytearray(book(S=[["a"], [1]]))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        offset = parts.start_dir
    content[offset + 24 : offset + 28] = (2_000_000_000).to_bytes(4, "little")
    put("x.xlsx", bytes(content))
    assert refusal(call, "describe", path="x.xlsx") == "x.xlsx unpacks to more than 1000 MB; save the sheet as CSV."


def test_entities_that_multiply_are_not_followed(put: Put, call: Call) -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    row = '<row><c t="inlineStr"><is><t>&l12;</t></is></c></row>'
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet><sheetData>{row}</sheetData></worksheet>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(S=[["a"], [1]]))) as old, zipfile.ZipFile(buffer, "w") as new:
        for part in old.namelist():
            new.writestr(part, evil if part.startswith("xl/worksheets/") else old.read(part))
    put("l.xlsx", buffer.getvalue())
    assert refusal(call, "describe", path="l.xlsx").startswith(
        "l.xlsx is no Excel workbook that can be read, or a damaged one ("
    )


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.filterwarnings("ignore")
def test_any_damaged_book_is_read_or_refused(amount: int) -> None:
    """The parts are damaged, not only the zip around them."""
    with zipfile.ZipFile(io.BytesIO(book(Sales=SALES, B=[["a"], [1]]))) as parts:
        contents = {name: parts.read(name) for name in parts.namelist()}

    @settings(max_examples=amount, deadline=5_000, database=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(sorted(contents)),
        st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=0, max_size=4)), max_size=4),
    )
    def check(part: str, places: list[tuple[int, bytes]]) -> None:
        broken = bytearray(contents[part])
        for place, piece in places:
            broken[place % len(broken) : place % len(broken) + 2] = piece
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as made:
            for name, content in contents.items():
                made.writestr(name, bytes(broken) if name == part else content)
        buffer.seek(0)
        try:
            columns, _ = read_workbook(buffer)
        except NotATable:
            return
        assert len({len(cells) for cells in columns.values()}) == 1

    check()
