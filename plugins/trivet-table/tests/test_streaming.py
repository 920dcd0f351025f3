"""Tables larger than memory are asked like others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import strategies as st

from trivet_sdk import ToolError, ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall
from trivet_sdk.testing.fuzzing import fuzz, fuzzing
from trivet_table import source
from trivet_table.tools import TOOLS

from .test_reading import refusal

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of more than 100 bytes is a large one."""
    monkeypatch.setattr(source, "MAX_IN_MEMORY", 100)


def rows(count: int) -> str:
    lines = [
        f'{n},城{n % 3},2026-01-{n % 28 + 1:02},{n / 2},{"true" if n % 2 else "NA"},"a, {n}"' for n in range(count)
    ]
    return "n,city,day,half,odd,text\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_large_csv_answers_as_a_small_one_would(
    put: Put, call: Call, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    put("t.csv", rows(300).encode(encoding))
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("describe", {}),
        ("aggregate", {"function": "sum", "column": "half", "group_by": "city"}),
        ("aggregate", {"function": "count", "where": [{"column": "day", "op": ">=", "value": "2026-01-20"}]}),
        (
            "select",
            {"where": [{"column": "odd", "op": "=", "value": "yes"}], "sort_by": "n", "descending": True, "limit": 3},
        ),
        ("select", {"where": [{"column": "text", "op": "contains", "value": "a, 29"}], "columns": ["n", "day"]}),
        ("aggregate", {"function": "max", "column": "day"}),
    )
    large = [call(name, path="t.csv", **arguments) for name, arguments in asked]
    monkeypatch.setattr(source, "MAX_IN_MEMORY", 10_000_000)
    small = [call(name, path="t.csv", **arguments) for name, arguments in asked]
    assert [found.text for found in large] == [found.text for found in small]


def test_sql_reads_a_large_table_and_no_other_file(put: Put, call: Call, tmp_path: Path) -> None:
    put("t.csv", rows(300))
    put("other.csv", "a\n1\n")
    assert call("sql", query="SELECT sum(n) AS s FROM t WHERE city = '城1'", paths=["t.csv"]).value["value"] == 14950
    for query in (f"SELECT * FROM read_csv('{tmp_path}/other.csv')", "SELECT * FROM read_csv('/proc/self/fd/5')"):
        assert "disabled" in refusal(call, "sql", query=query, paths=["t.csv"]).lower()


@pytest.mark.parametrize(
    ("above", "delimiter"),
    [("", ";"), ("# made by a program\n# yesterday\n", ","), ("Report\n\n", ","), ("sep=|\n", "|")],
)
def test_what_stands_above_the_header_of_a_large_file_is_passed_over(
    put: Put, call: Call, above: str, delimiter: str
) -> None:
    put("t.csv", above + rows(100).replace('"a, ', '"a ').replace(",", delimiter))
    assert call("aggregate", path="t.csv", function="sum", column="n").value["value"] == 4950


def test_a_type_that_not_every_row_keeps_is_not_claimed(put: Put, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivet_table.streaming.SAMPLE", 1000)
    put("t.csv", rows(300) + "x,城1,soon,1.5,true,b\n")
    found = call("describe", path="t.csv")
    assert {c["name"]: c["type"] for c in found.value["columns"]} == {
        "n": "text", "city": "text", "day": "text", "half": "number", "odd": "boolean", "text": "text",
    }  # fmt: skip
    assert found.value["notes"] == ["n, day stay text: not every row of this large file writes it plainly"]


def test_a_damaged_large_file_is_refused_and_a_few_bad_rows_are_counted(put: Put, call: Call) -> None:
    put("few.csv", rows(300) + "1,2,3,4,5,6,7,8\n")
    assert call("aggregate", path="few.csv", function="count").text == "300 rows in few.csv (skipped 1 malformed row)"
    put("many.csv", rows(90) + "1,2,3,4,5,6,7,8\n" * 10)
    assert refusal(call, "describe", path="many.csv") == (
        "many.csv is damaged: 10 of its 100 rows do not fit its 6 columns, so figures from it would be wrong."
    )


def test_large_json_lines_are_read_whatever_is_in_them(put: Put, call: Call) -> None:
    lines = [f'{{"n": {n}, "城": "c{n % 3}", "deep": {{"x": [{n}]}}}}' for n in range(100)]
    put("t.jsonl", "\n".join([*lines, "broken {", '{"n": 1.5, "late": true}']))
    assert call("aggregate", path="t.jsonl", function="sum", column="n").value["value"] == 4951.5
    assert call("select", path="t.jsonl", columns=["deep"], limit=1).value["rows"] == [{"deep": '{"x":[0]}'}]


def test_a_large_parquet_is_read(put: Put, call: Call, tmp_path: Path) -> None:
    made = "SELECT i AS n, 'c' || (i % 3) AS city FROM range(1000) t(i)"
    duckdb.execute(f"COPY ({made}) TO '{tmp_path}/t*.parquet' (FORMAT parquet)")
    found = call("aggregate", path="t*.parquet", function="sum", column="n", group_by="city")
    assert found.text == "sum of n by city in t*.parquet: c0: 166833, c2: 166500, c1: 166167"


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_large_table_is_converted_without_being_held(
    put: Put, call: Call, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("trivet_table.selecting.MAX_HELD", 100)
    put("t.csv", rows(300))
    assert call("convert", path="t.csv", to=f"表{suffix}").text.startswith("wrote 300 rows with the columns n, city")
    found = call("select", path=f"表{suffix}", sort_by="n", limit=1).value["rows"][0]
    assert (found["n"], found["city"], str(found["day"]), found["text"]) == (0, "城0", "2026-01-01", "a, 0")
    assert refusal(call, "convert", path="t.csv", to="t.md") == (
        "t.csv has 300 rows, too many for that format. Convert it to .csv, .tsv, .jsonl or .parquet."
    )


def test_more_rows_than_anybody_reads_are_not_given(put: Put, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivet_table.selecting.MAX_ROWS", 50)
    put("t.csv", rows(300))
    assert refusal(call, "select", path="t.csv") == (
        "t.csv has more than 50 such rows. Set a limit, or let them be counted."
    )
    found = call("select", path="t.csv", limit=2)
    assert (found.value["row_count"], found.value["matched"]) == (2, 300)


def test_other_large_files_say_which_are_read(put: Put, call: Call) -> None:
    put("t.yaml", "- a: 1\n" * 100)
    assert refusal(call, "describe", path="t.yaml") == (
        "t.yaml is larger than 0 MB, the most that is read of .yaml files; larger ones are read as CSV, JSON Lines or Parquet."
    )


@fuzzing
def test_any_large_text_is_a_table_or_refused(seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_IN_MEMORY", 0)
    describe = next(tool for tool in TOOLS if tool.spec.name == "describe")
    pieces = st.sampled_from(
        [",", ";", "\n", '"', '""', "a", "1", "1.5", "\t", "\\", "NA", "2026-01-01", "{", "}", "'", "\r"]
    )

    def check(suffix: str, parts: list[str]) -> None:
        (tmp_path / f"t{suffix}").write_bytes("".join(parts).encode("utf-8", "replace"))
        try:
            describe.call({"path": f"t{suffix}"}, StandaloneCall(Workspace(tmp_path)))
        except ToolError:
            return

    texts = st.lists(pieces | st.text(max_size=3), max_size=40)
    fuzz(check, st.sampled_from([".csv", ".tsv", ".jsonl", ".txt"]), texts, seconds=seconds, examples=25)
