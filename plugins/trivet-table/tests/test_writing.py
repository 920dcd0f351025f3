import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trivet_sdk import ToolError, ToolResult
from trivet_table.source import content_of
from trivet_table.writing import encoded

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]

ROWS: list[dict[str, Any]] = [{"name": "Zoë, Ltd", "n": 3, "x": 0.5}, {"name": "b|c", "n": None, "x": 2.0}]
EXPECTED = {
    "out.csv": '"Zoë, Ltd",3,0.5\n',
    "out.tsv": "Zoë, Ltd\t3\t0.5\n",
    "out.jsonl": '{"name":"Zoë, Ltd","n":3,"x":0.5}\n',
    "deep/er/out.md": "| b\\|c |  | 2.0 |\n",
    "out.txt": "| --- | --- | --- |\n",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_are_written_in_the_format_of_the_suffix(call: Call, tmp_path: Path, name: str) -> None:
    written = call("write", rows=ROWS, path=name)
    assert EXPECTED[name] in (tmp_path / name).read_text("utf-8")
    assert written.text == f"wrote 2 rows with the columns name, n, x to {name}"
    assert (written.artifacts, written.value["row_count"]) == ((name,), 2)


def test_json_is_a_readable_list_of_records(call: Call, tmp_path: Path) -> None:
    call("write", rows=ROWS, path="out.json", columns=["N", "name"])
    text = (tmp_path / "out.json").read_text("utf-8")
    assert json.loads(text) == [{"n": 3, "name": "Zoë, Ltd"}, {"n": None, "name": "b|c"}]
    assert "Zoë" in text


def test_writing_twice_leaves_the_same_file_and_nothing_beside_it(call: Call, tmp_path: Path) -> None:
    for _ in range(2):
        call("write", rows={"columns": ["n"], "rows": [{"n": 1}]}, path="one.csv")
    assert (tmp_path / "one.csv").read_text() == "n\n1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["one.csv"]


def test_no_rows_still_leave_their_header(call: Call, tmp_path: Path) -> None:
    call("write", rows={"columns": ["a", "b"], "rows": []}, path="none.csv")
    assert (tmp_path / "none.csv").read_text() == "a,b\n"


def test_unknown_columns_and_formats_are_told_in_a_sentence(call: Call) -> None:
    with pytest.raises(ToolError) as caught:
        call("write", rows=ROWS, path="out.csv", columns=["age"])
    assert str(caught.value) == "the rows have no column 'age'. They have name, n, x."
    with pytest.raises(ToolError) as caught:
        call("write", rows=ROWS, path="out.docx")
    assert str(caught.value) == (
        "'out.docx' names no table format. End it in .csv, .tsv, .json, .jsonl, .parquet, .md or .txt."
    )


def test_convert_keeps_figures_as_numbers_and_dates_as_written(put: Put, call: Call, tmp_path: Path) -> None:
    put("alt.csv", "ort;wert;tag\nKöln;1.234,5;01.02.2024\nBonn;7,25;03.04.2024\n".encode("cp1252"))
    assert (
        call("convert", path="alt.csv", to="neu.json").text
        == "wrote 2 rows with the columns ort, wert, tag to neu.json"
    )
    assert json.loads((tmp_path / "neu.json").read_text("utf-8")) == [
        {"ort": "Köln", "wert": 1234.5, "tag": "01.02.2024"},
        {"ort": "Bonn", "wert": 7.25, "tag": "03.04.2024"},
    ]


def test_json_and_json_lines_are_converted_without_flattening(put: Put, call: Call, tmp_path: Path) -> None:
    put("nested.json", '[{"a": {"b": [1, 2]}}]')
    call("convert", path="nested.json", to="nested.jsonl")
    assert (tmp_path / "nested.jsonl").read_text() == '{"a":{"b":[1,2]}}\n'


def test_settings_become_json_and_yaml_as_they_are_nested(put: Put, call: Call, tmp_path: Path) -> None:
    put("s.yaml", "door:\n  code: 17\n  since: 2024-05-01\nnames: [Änne, 陈]\n")
    put("s.toml", "[door]\ncode = 17\n")
    assert call("convert", path="s.yaml", to="s.json").text == "wrote s.yaml as s.json"
    assert json.loads((tmp_path / "s.json").read_text("utf-8")) == {
        "door": {"code": 17, "since": "2024-05-01"},
        "names": ["Änne", "陈"],
    }
    call("convert", path="s.toml", to="t.yaml")
    assert (tmp_path / "t.yaml").read_text("utf-8") == "door:\n  code: 17\n"
    assert call("select", path="s.toml").value["rows"] == [{"door.code": 17}]


def test_a_document_that_explodes_when_read_is_refused(put: Put, call: Call) -> None:
    layers = "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    put("bomb.yaml", "a: &a [x, x, x, x, x, x, x, x, x]\n" + layers)
    with pytest.raises(ToolError) as caught:
        call("convert", path="bomb.yaml", to="bomb.json")
    assert str(caught.value) == "bomb.yaml holds more than 500000 values."


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.fixed_dictionaries({
            "n": st.integers(-(10**9), 10**9),
            "x": st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
            "s": st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]), min_size=1, max_size=8).map(lambda s: "w" + s),
        }),
        min_size=1,
        max_size=8,
    )
)  # fmt: skip
def test_what_is_written_is_read_back(tmp_path: Path, suffix: str, rows: list[dict[str, Any]]) -> None:
    from trivet_sdk import Workspace
    from trivet_table.columns import Typed

    name = f"t{suffix}"
    (tmp_path / name).write_bytes(encoded(["n", "x", "s"], rows, suffix))
    content = content_of(name, Workspace(tmp_path))
    if content.stream:
        content.stream.file.close()
        return  # DuckDB's own reader, covered by the tests of reading
    columns: dict[str, Typed] = {column.name: column for column in content.columns}
    assert list(columns["n"].values) == [row["n"] for row in rows]
    assert list(columns["x"].values) == pytest.approx([row["x"] for row in rows])
    assert list(columns["s"].values) == [row["s"] for row in rows]


def test_one_column_is_plain_lines_in_a_text_file() -> None:
    rows: list[dict[str, Any]] = [{"name": "Heron"}, {"name": "新\n船"}, {"name": None}, {"name": 1.5}]
    assert encoded(["name"], rows, ".txt").decode() == "Heron\n新 船\n\n1.5\n"
    assert encoded(["name"], rows[:1], ".md").decode().startswith("| name |")
