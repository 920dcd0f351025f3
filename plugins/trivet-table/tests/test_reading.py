"""Messy files of every kind: what is read, what is skipped and said, what is refused."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from trivet_sdk import ToolError, ToolResult
from trivet_table.logs import read_log

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]


def column_types(described: ToolResult) -> dict[str, str]:
    return {column["name"]: column["type"] for column in described.value["columns"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_found(put: Put, call: Call, delimiter: str) -> None:
    put("plants.csv", "name,height\nfern,12\noak,900\n".replace(",", delimiter))
    assert call("select", path="plants.csv").value["rows"] == [
        {"name": "fern", "height": 12},
        {"name": "oak", "height": 900},
    ]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks(put: Put, call: Call) -> None:
    put("q.csv", 'who,said\nAda,"yes, ""really"""\nBob,"one\ntwo"\n')
    assert [row["said"] for row in call("select", path="q.csv").value["rows"]] == ['yes, "really"', "one\ntwo"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"])
def test_western_encodings_are_recognized(put: Put, call: Call, encoding: str) -> None:
    put("villes.csv", "ville;visité\nOrléans;oui\nNîmes;non\nSète;oui\n".encode(encoding))
    assert call("select", path="villes.csv", columns=["ville"]).value["values"] == {
        "ville": ["Orléans", "Nîmes", "Sète"]
    }


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_chinese_encodings_are_recognized(put: Put, call: Call, encoding: str) -> None:
    put("库存.csv", "商品,数量\n茶叶,12\n瓷器,3\n".encode(encoding))
    assert call("aggregate", path="库存.csv", function="sum", column="数量").text == "sum of 数量 in 库存.csv: 15"


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["1,234.50", "2,000.25"], 3234.75),
        (["1.234,50", "2.000,25"], 3234.75),
        (["1 234,50", "2 000,25"], 3234.75),
        (["12,5", "7,25"], 19.75),
        (["$5.00", "$7.50"], 12.5),
        (["5 €", "7,50 €"], 12.5),
        (["12%", "8 %"], 20),
        (["3 km", "4.5 km"], 7.5),
        (["(200)", "500"], 300),
        (["−3", "5"], 2),
        (["1e3", "5"], 1005),
        (["￥128.00", "￥2"], 130),
        (["46件", "4件"], 50),
        (["３ ", "４"], 7),
    ],
)
def test_numbers_are_read_as_people_write_them(put: Put, call: Call, cells: list[str], total: float) -> None:
    put("n.tsv", "x\ty\n" + "".join(f"a\t{cell}\n" for cell in cells))
    assert call("aggregate", path="n.tsv", function="sum", column="y").value["value"] == total


def test_semicolons_make_a_lone_comma_a_decimal_mark(put: Put, call: Call) -> None:
    put("de.csv", "x;y\na;1,234\nb;2,500\n")
    put("en.csv", 'x,y\na,"1,234"\nb,"2,500"\n')
    assert call("aggregate", path="de.csv", function="sum", column="y").value["value"] == 3.734
    assert call("aggregate", path="en.csv", function="sum", column="y").value["value"] == 3734


def test_codes_with_leading_zeros_and_mixed_letters_stay_texts(put: Put, call: Call) -> None:
    put("codes.csv", "zip,seat,id\n01234,12A,7\n99999,14B,8\n")
    assert column_types(call("describe", path="codes.csv")) == {"zip": "text", "seat": "text", "id": "integer"}


@pytest.mark.parametrize(
    "cells",
    [
        ["2012/01/05", "2013/02/07"], ["2012-01-05", "2013-02-07"], ["05.01.2012", "07.02.2013"],
        ["5/1/2012", "7/2/2013"], ["5 January 2012", "7 Feb 2013"], ["2012年1月5日", "2013年2月7日"],
        ["2012-01-05T08:30:00Z", "2013-02-07T09:00:00+02:00"], ["2012-01-05 08:30", "2013-02-07 09:00"],
    ],
)  # fmt: skip
def test_dates_are_recognized_and_shown_as_the_file_writes_them(put: Put, call: Call, cells: list[str]) -> None:
    put("d.csv", "when;n\n" + "".join(f"{cell};1\n" for cell in cells))
    found = call("select", path="d.csv", where=[{"column": "when", "op": "=", "value": "2012"}])
    assert found.value["rows"] == [{"when": cells[0], "n": 1}]
    found = call("select", path="d.csv", where=[{"column": "when", "op": ">=", "value": "2013-02"}])
    assert found.value["rows"] == [{"when": cells[1], "n": 1}]


def test_month_first_dates_are_recognized_when_only_they_fit(put: Put, call: Call) -> None:
    put("us.csv", "when,n\n03/04/2024,1\n03/25/2024,2\n")
    assert (
        call("aggregate", path="us.csv", function="count", where=[{"column": "when", "value": "2024-03"}]).value[
            "value"
        ]
        == 2
    )


def test_words_for_missing_values_are_empty_once_a_number_column_has_them(put: Put, call: Call) -> None:
    put("m.csv", "name,age,sex\nA,3,NA\nB,NA,female\nC,5,male\n")
    put("countries.csv", "name,code\nNamibia,NA\nOman,OM\n")
    assert call("aggregate", path="m.csv", function="mean", column="age").value["value"] == 4
    assert call("aggregate", path="m.csv", function="count", where=[{"column": "sex", "value": ""}]).value["value"] == 1
    assert call("select", path="countries.csv", columns=["code"]).value["values"] == {"code": ["NA", "OM"]}


def test_json_records_are_found_where_they_are_and_flattened(put: Put, call: Call) -> None:
    put("a.json", '[{"name": "x", "size": {"w": 2, "h": 3}, "tags": ["p", "q"]}]')
    put("b.json", '{"total": 2, "items": [{"n": 1}, {"n": 2, "extra": true}]}')
    put("c.json", '{"red": {"n": 1}, "blue": {"n": 2}}')
    put("d.json", '{"n": [1, 2], "m": ["a", "b"]}')
    put("e.jsonl", '{"n": 1}\n{"n": 2.5}\n\n')
    assert call("select", path="a.json").value["rows"] == [{"name": "x", "size.w": 2, "size.h": 3, "tags": "p, q"}]
    assert call("select", path="b.json").value["rows"] == [{"n": 1, "extra": None}, {"n": 2, "extra": True}]
    assert call("select", path="c.json").value["rows"] == [{"key": "red", "n": 1}, {"key": "blue", "n": 2}]
    assert call("select", path="d.json").value["rows"] == [{"n": 1, "m": "a"}, {"n": 2, "m": "b"}]
    assert call("aggregate", path="e.jsonl", function="sum", column="n").value["value"] == 3.5


def test_strings_of_digits_in_json_stay_strings_but_can_be_added(put: Put, call: Call) -> None:
    put("s.json", '[{"id": "007", "price": "2.50"}, {"id": "008", "price": "1.50"}]')
    assert call("select", path="s.json").value["rows"][0] == {"id": "007", "price": "2.50"}
    assert call("aggregate", path="s.json", function="sum", column="price").text == "sum of price in s.json: 4"


LOGS = {
    "2024-08-05T05:16:20 INFO door: opened": ("INFO", "door", "opened"),
    "2024-08-05 05:16:20,123 [main] WARN org.App - slow": ("WARNING", "org.App", "slow"),
    "[2024-08-05 05:16:20] [ERROR] [pump] no pressure": ("ERROR", "pump", "no pressure"),
    "2024-08-05 05:16:20 - pump - ERROR - no pressure": ("ERROR", "pump", "no pressure"),
    "2024-08-05T05:16:20Z ERROR no pressure": ("ERROR", None, "no pressure"),
    "Aug  5 05:16:20 host sshd[312]: Accepted key": (None, "sshd", "Accepted key"),
    "[Sun Dec 04 04:47:44 2005] [error] [client 10.0.0.1] denied": ("ERROR", None, "[client 10.0.0.1] denied"),
    "ERROR [pump] no pressure": ("ERROR", "pump", "no pressure"),
    '10.0.0.1 - - [05/Aug/2024:05:16:20 +0200] "GET /a HTTP/1.1" 500 12': ("ERROR", "10.0.0.1", "GET /a HTTP/1.1"),
}


@pytest.mark.parametrize("line", LOGS)
def test_logs_of_the_usual_shapes_become_tables(put: Put, call: Call, line: str) -> None:
    put("x.log", f"{line}\n" * 3)
    row = call("select", path="x.log").value["rows"][0]
    assert (row["level"], row["source"], row["message"]) == LOGS[line]


def test_a_stack_trace_belongs_to_the_entry_above_it(put: Put, call: Call) -> None:
    put("x.log", "2024-08-05 05:16:20 ERROR app: boom\n  at f()\n  at g()\n2024-08-05 05:16:21 INFO app: ok\n")
    assert [row["message"] for row in call("select", path="x.log").value["rows"]] == ["boom\nat f()\nat g()", "ok"]


def test_entries_of_a_level_of_their_own_are_not_a_part_of_the_one_before(put: Put, call: Call) -> None:
    said = ("05:16:20 INFO cooler at 4", "05:17:20 ALARM cooler at 9", "05:18:20 INFO cooler at 5")
    lines = [f"2024-08-05 {line}" for line in said]
    put("x.log", "\n".join([*lines, *lines[:1] * 3]) + "\n")
    rows = call("select", path="x.log").value["rows"]
    assert [row["message"] for row in rows[:3]] == ["cooler at 4", "cooler at 9", "cooler at 5"]
    assert [row["level"] for row in rows[:3]] == ["INFO", "ALARM", "INFO"]


def test_a_markdown_page_is_read_by_its_largest_table(put: Put, call: Call) -> None:
    put("page.md", "# Prices\n\n| item | euro |\n|---|---:|\n| tea | 2.50 |\n| cake | 3.00 |\n\nEnd.\n")
    assert call("aggregate", path="page.md", function="sum", column="euro").value["value"] == 5.5


def test_parquet_is_read_back_as_it_was_written(put: Put, call: Call) -> None:
    rows = [
        {"n": 1, "x": 0.5, "s": "ä", "d": "2024-05-01", "b": True},
        {"n": 2, "x": None, "s": None, "d": "2024-05-02", "b": False},
    ]
    call("write", rows=rows, path="t.parquet")
    types = {"n": "integer", "x": "number", "s": "text", "d": "date", "b": "boolean"}
    assert column_types(call("describe", path="t.parquet")) == types
    assert call("select", path="t.parquet").value["rows"] == rows


def test_a_title_above_the_header_and_a_missing_header_are_noticed(put: Put, call: Call) -> None:
    put("report.csv", "Sales 2024\n\nitem,count\ntea,3\ncake,4\n")
    put("bare.csv", "tea,3\ncake,4\n")
    put("years.csv", "country,2001,2002\nPeru,3,4\nChad,5,6\n")
    assert call("aggregate", path="report.csv", function="sum", column="count").text == (
        "sum of count in report.csv: 7 (skipped 1 line above the header)"
    )
    assert call("aggregate", path="bare.csv", function="sum", column="column_2").value["value"] == 7
    assert call("aggregate", path="years.csv", function="sum", column="2001").value["value"] == 8


def test_comments_above_the_header_are_passed_over(put: Put, call: Call) -> None:
    put("c.csv", "# made by a program, on Monday, at nine\n#\nitem,count\ntea,3\n")
    put("h.csv", "#item,count\ntea,3\n")
    assert call("select", path="c.csv").value["rows"] == [{"item": "tea", "count": 3}]
    assert call("select", path="h.csv").value["rows"] == [{"item": "tea", "count": 3}]


def test_row_names_without_a_title_become_a_column(put: Put, call: Call) -> None:
    put("r.csv", "height,weight\nann,1,2\nbo,3,4\n")
    assert call("select", path="r.csv").value["rows"][1] == {"row": "bo", "height": 3, "weight": 4}


def test_repeated_and_empty_column_names_are_told_apart(put: Put, call: Call) -> None:
    put("dup.csv", "a,A,,a\n1,2,3,4\n")
    assert call("select", path="dup.csv").value["columns"] == ["a", "A_2", "column_3", "a_3"]


def test_a_few_malformed_rows_are_skipped_and_said(put: Put, call: Call) -> None:
    put("some.csv", "a,b\n" + "1,2\n" * 97 + "1,2,3\n" * 2 + "5\n")
    assert call("aggregate", path="some.csv", function="count").text == "97 rows in some.csv (skipped 3 malformed rows)"


def refusal(call: Call, *args: Any, **arguments: Any) -> str:
    with pytest.raises(ToolError) as caught:
        call(*args, **arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.csv", b"", "empty.csv is empty: it has no rows."),
        ("blank.csv", b"\n \n", "blank.csv is empty: it has no rows."),
        ("nul.csv", b"a,b\n1,\x002\n3,4\n5,6", "nul.csv is not a text table: it holds NUL bytes, so it is binary or damaged."),
        (
            "ragged.csv",
            b"a,b\n1,2,3\n4\n5,6,7\n8,9\n1,2\n",
            "ragged.csv is damaged: 3 of its 5 rows do not fit its 2 columns, so figures from it would be wrong.",
        ),
        (
            "quote.csv",
            b'a,b\n1,"2\n3,"4\n5,6\n',
            "quote.csv is damaged: 2 of its 3 rows do not fit its 2 columns, so figures from it would be wrong.",
        ),
        ("empty.json", b"[]", "empty.json is empty: it has no rows."),
        ("bad.json", b'{"a": 1', "bad.json is not valid JSON: Input data was truncated."),
        ("bad.jsonl", b'{"a": 1}\n{"a"\n{\n', "bad.jsonl is damaged: 2 of its 3 lines are not valid JSON."),
        (
            "fake.parquet",
            b"hello",
            "fake.parquet is no Parquet file, in spite of its name: it is damaged or something else.",
        ),
        (
            "book.xlsx",
            b"PK\x03\x04",
            "book.xlsx is no Excel workbook that can be read, or a damaged one (BadZipFile).",
        ),
        (
            "old.xls",
            b"\xd0\xcf\x11\xe0",
            "old.xls is an old Excel workbook, which the table tools cannot read; save it as .xlsx or CSV first.",
        ),
        (
            "prose.txt",
            b"Dear all,\nwe meet on Friday, as ever.\nBring cake, please, and tea.\n",
            "prose.txt is text, not a table; search it with files.find or read it with files.read.",
        ),
        ("page.md", b"# Only prose\n", "page.md has no table in it; search it with files.find or read it with files.read."),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_a_sentence(
    put: Put, call: Call, name: str, content: bytes, sentence: str
) -> None:
    put(name, content)
    assert refusal(call, "describe", path=name) == sentence


def test_a_header_without_rows_is_a_table_of_none(put: Put, call: Call) -> None:
    put("h.csv", "name,age\n")
    assert call("aggregate", path="h.csv", function="count").text == "0 rows in h.csv"
    assert (
        call("aggregate", path="h.csv", function="mean", column="age").text
        == "no row of h.csv, so there is no mean of age"
    )


def test_an_unknown_file_names_the_nearest_one(put: Put, call: Call) -> None:
    put("data/patients.csv", "a,b\n1,2\n")
    assert refusal(call, "describe", path="patient.csv") == (
        "there is no 'patient.csv' in the workspace. Did you mean 'data/patients.csv'?"
    )


def test_paths_outside_the_workspace_are_refused(put: Put, call: Call) -> None:
    assert "lies outside the workspace" in refusal(call, "describe", path="../../etc/passwd")
    assert "lies outside the workspace" in refusal(call, "write", rows=[{"a": 1}], path="../x.csv")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("deep.json", "[" * 100_000, "deep.json is nested too deeply to be read."),
        ("circle.yaml", "a: &x [*x]", "circle.yaml is nested too deeply to be read."),
        ("circle.yml", "&x {b: *x}", "circle.yml is nested too deeply to be read."),
        ("deep.yaml", "[" * 600 + "]" * 600, "deep.yaml is nested too deeply to be read."),
        ("wide.csv", ",".join(f"c{n}" for n in range(5000)) + "\n" + ",".join("1" * 5000) + "\n",
         "wide.csv has 5000 columns; at most 4000 can be worked with."),
        ("wide.json", "[{" + ",".join(f'"c{n}":1' for n in range(5000)) + "}]",
         "wide.json has 5000 columns; at most 4000 can be worked with."),
    ],
)  # fmt: skip
def test_a_table_beyond_measure_is_refused(put: Put, call: Call, name: str, content: str, sentence: str) -> None:
    put(name, content)
    with pytest.raises(ToolError) as caught:
        call("describe", path=name)
    assert str(caught.value) == sentence


def test_a_log_of_json_lines_has_the_columns_of_other_logs(put: Put, call: Call) -> None:
    put(
        "p.log", '{"ts": "2024-09-21T07:12:09", "severity": "warn", "unit": "pump", "msg": "slow"}\n' * 3 + '{"ts": "20'
    )
    described = call("describe", path="p.log").value
    assert [column["name"] for column in described["columns"]] == ["time", "level", "unit", "message"]
    assert call("aggregate", path="p.log", function="count", group_by="level").value["rows"][0]["level"] == "WARNING"


def test_a_capital_word_at_the_head_of_every_message_is_the_level(put: Put, call: Call) -> None:
    lines = ["START", "STOP", "ALARM stone caught", "STOP"] * 4
    put("b.log", "".join(f"20.09.2024 07:{minute:02} [belt] {said}\n" for minute, said in enumerate(lines)))
    found = call("select", path="b.log", where=[{"column": "level", "op": "=", "value": "ALARM"}], limit=1).value
    assert {name: found["rows"][0][name] for name in ("level", "source", "message")} == {
        "level": "ALARM",
        "source": "belt",
        "message": "stone caught",
    }


def test_pairs_in_messages_become_columns(put: Put, call: Call) -> None:
    lines = [
        "2025-06-01 07:58:57 upload rider=R082 size_kb=12847 status=OK ms=998",
        '2025-06-01 09:45:16 upload rider=R037 size_kb=7630 status=FAILED reason="no room"',
        '2025-06-01 10:36:18 upload rider=R082 size_kb=25434 status=FAILED reason="no room"',
        "2025-06-01 11:00:00 restarted",
    ]
    put("up.log", "\n".join(lines) + "\n")
    row = call("select", path="up.log").value["rows"][1]
    assert {name: row[name] for name in ("rider", "size_kb", "status", "reason")} == {
        "rider": "R037", "size_kb": 7630, "status": "FAILED", "reason": "no room",
    }  # fmt: skip
    assert row["message"] == 'upload rider=R037 size_kb=7630 status=FAILED reason="no room"'
    assert "ms" not in row  # it stands in one entry only
    failed = [{"column": "status", "op": "=", "value": "FAILED"}]
    assert call("aggregate", path="up.log", function="count", where=failed).value["value"] == 2
    put("few.log", "2025-06-01 07:58:57 a=1 b=2\n" + "2025-06-01 07:58:58 started\n" * 3)
    assert "a" not in call("select", path="few.log").value["rows"][0]


def test_a_log_without_years_gets_the_newest_that_is_not_to_come() -> None:
    text = "Dec 31 23:59:00 host cron[1]: a\nJan  1 00:01:00 host cron[1]: b\n"
    found = read_log(text, date(2026, 5, 1))
    assert found.columns["time"] == ["2025-12-31 23:59:00", "2026-01-01 00:01:00"]
    assert found.notes == ("the log tells no year; 2025 was taken for its first entry",)


def test_texts_of_parquet_that_are_all_iso_dates_are_dates(put: Put, call: Call) -> None:
    rows = [
        {"day": f"2024-0{month}-03", "at": f"2024-0{month}-03 08:30:00", "code": f"2024-0{month}"} for month in (3, 4)
    ]
    call("write", rows=[*rows, {"day": None, "at": None, "code": "x"}], path="t.parquet")
    assert column_types(call("describe", path="t.parquet")) == {"day": "date", "at": "datetime", "code": "text"}
    found = call("select", path="t.parquet", where=[{"column": "day", "op": "=", "value": "2024-04"}])
    assert found.value["rows"] == [rows[1]]


def test_a_column_of_dates_tells_its_span_in_iso(put: Put, call: Call) -> None:
    put("t.csv", "day,n\n28.02.2024,1\n03.12.2023,2\n")
    day, n = call("describe", path="t.csv").value["columns"]
    assert (day["min"], day["earliest"], day["latest"]) == ("03.12.2023", "2023-12-03", "2024-02-28")
    assert "earliest" not in n
