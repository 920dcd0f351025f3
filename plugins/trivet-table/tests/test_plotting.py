"""Tables as pictures, in characters and as PNG."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trivet_sdk import ToolResult
from trivet_table.plotting import Bars, Points
from trivet_table.text_plot import HEIGHT, WIDTH, columns_of, drawn

from .test_reading import refusal

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]

SALES = "city,day,amount\n上海,2026-01-01,30\nBergen,2026-01-02,15\n上海,2026-01-03,30\nOslo,2026-01-04,\n"


def test_bars_add_up_and_stand_beside_their_names(put: Put, call: Call) -> None:
    put("s.csv", SALES)
    assert call("plot", path="s.csv", kind="bar", x="city", y="amount").text == (
        f"sum of amount by city\n上海   {'█' * 60} 60\nBergen {'█' * 15} 15"
    )
    assert call("plot", path="s.csv", kind="bar", x="city").value["values"] == [2.0, 1.0, 1.0]


def test_a_line_goes_from_the_first_to_the_last_day(put: Put, call: Call) -> None:
    put("s.csv", "day,n\n" + "".join(f"2026-03-{n:02},{n}\n" for n in range(1, 32)))
    lines = call("plot", path="s.csv", kind="line", x="day", y="n").text.splitlines()
    assert len(lines) == HEIGHT + 3
    assert lines[0] == "n by day"
    first, last = lines[HEIGHT].split("┤"), lines[1].split("┤")
    assert (first[0], last[0]) == (" 1 ", "31 ")
    assert first[1] == "⣀⠔⠒⠁"
    assert last[1].endswith("⢀⠤⠔⠉")
    assert len(last[1]) == WIDTH
    assert lines[-1] == f"    2026-03-01{'2026-03-31':>{WIDTH - 10}}"


def test_a_histogram_counts_each_value_once(put: Put, call: Call) -> None:
    put("a.csv", "age\n" + "\n".join(map(str, range(100))) + "\n")
    value = call("plot", path="a.csv", kind="histogram", x="age").value
    assert (sum(value["values"]), value["labels"][0]) == (100.0, "0 to 12.375")
    put("b.csv", "age\n7\n7\n")
    assert call("plot", path="b.csv", kind="histogram", x="age").text == f"rows by age\n7 {'█' * 60} 2"


def test_a_picture_is_written_the_same_every_time(put: Put, call: Call, tmp_path: Path) -> None:
    put("s.csv", SALES)
    written = []
    for _ in range(2):
        done = call("plot", path="s.csv", kind="bar", x="city", y="amount", to="图/s.png", title="$ per 城市")
        written.append((tmp_path / "图/s.png").read_bytes())
    assert done.artifacts == ("图/s.png",)
    assert "wrote 图/s.png" in done.text
    assert written[0] == written[1]
    with Image.open(io.BytesIO(written[0])) as image:
        assert (image.format, image.size) == ("PNG", (960, 600))
        assert len(image.convert("RGB").getcolors(100_000) or ()) > 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "line", "x": "day"}, "a line needs a column for `y`."),
        (
            {"kind": "histogram", "x": "amount", "y": "day"},
            "a histogram counts one column. Leave `y` out, or ask for bars.",
        ),
        ({"kind": "scatter", "x": "amount", "y": "city"}, "city in s.csv holds text, and numbers are needed there."),
        ({"kind": "histogram", "x": "day"}, "day in s.csv holds dates, and numbers are needed there."),
        (
            {"kind": "bar", "x": "city", "where": [{"column": "amount", "op": ">", "value": 99}]},
            "there is nothing to draw: no row of s.csv where amount > 99 has a value there.",
        ),
        ({"kind": "bar", "x": "city", "to": "s.svg"}, "'s.svg' names no picture that can be written. End it in .png."),
    ],
)
def test_what_cannot_be_drawn_says_why(put: Put, call: Call, arguments: dict[str, object], sentence: str) -> None:
    put("s.csv", SALES)
    assert refusal(call, "plot", path="s.csv", **arguments) == sentence


def test_too_many_bars_and_points_are_thinned_out(put: Put, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivet_table.plotting.MAX_POINTS", 10)
    put("m.csv", "n,m\n" + "".join(f"{n},{n * n}\n" for n in range(100)))
    assert call("plot", path="m.csv", kind="bar", x="n").value["notes"] == ["the first 30 of 100 bars"]
    found = call("plot", path="m.csv", kind="scatter", x="n", y="m").value
    assert (len(found["xs"]), found["notes"]) == (10, ["one in 10 of 100 points"])


NUMBERS = st.floats(-1e12, 1e12)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), NUMBERS), min_size=1, max_size=8))
def test_any_bars_fit_the_terminal(rows: list[tuple[str, float]]) -> None:
    labels, values = zip(*rows, strict=True)
    for line in drawn(Bars(labels, values, "x", "y")).split("\n")[1:]:
        assert line.count("█") <= WIDTH


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.booleans())
def test_any_points_fit_the_terminal(rows: list[tuple[float, float]], is_joined: bool) -> None:
    xs, ys = zip(*rows, strict=True)
    lines = drawn(Points(xs, ys, "x", "y", is_joined=is_joined)).split("\n")
    assert len(lines) == HEIGHT + 3
    drawing = [line.partition("┤")[2] for line in lines[1:-2]]
    assert all(columns_of(line) <= WIDTH for line in drawing)
    assert any(line.strip() for line in drawing)
