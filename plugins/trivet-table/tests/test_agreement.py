"""Figures agree with plain Python, whatever dialect a file is written in."""

import csv
import io
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trivet_sdk import Workspace
from trivet_sdk.testing import StandaloneCall
from trivet_table.tools import TOOLS

TOOL = {tool.spec.name: tool for tool in TOOLS}
WORDS = st.sampled_from(["oak", "ash, tall", 'the "old" elm', "lime\ntree", "茶树", "Éven"])
ROWS = st.lists(
    st.tuples(WORDS, st.integers(-(10**6), 10**6), st.decimals(-999, 999, places=2)), min_size=2, max_size=30
)


def ask(folder: Path, name: str, **arguments: Any) -> Any:
    return TOOL[name].call(arguments, StandaloneCall(Workspace(folder))).value


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_figures_agree_with_plain_python(
    tmp_path: Path, rows: list[tuple[str, int, Any]], delimiter: str, encoding: str, end: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end)
    writer.writerows([("kind", "n", "x"), *rows])
    (tmp_path / "t.csv").write_bytes(buffer.getvalue().encode(encoding))
    xs = [float(x) for _, _, x in rows]
    assert ask(tmp_path, "aggregate", path="t.csv", function="count")["value"] == len(rows)
    assert ask(tmp_path, "aggregate", path="t.csv", function="sum", column="n")["value"] == sum(n for _, n, _ in rows)
    mean = ask(tmp_path, "aggregate", path="t.csv", function="mean", column="x")["value"]
    assert mean == pytest.approx(statistics.fmean(xs), abs=1e-9)
    assert ask(tmp_path, "aggregate", path="t.csv", function="max", column="x")["value"] == max(xs)
    grouped = ask(tmp_path, "aggregate", path="t.csv", function="count", group_by="kind")
    assert {row["kind"]: row["count"] for row in grouped["rows"]} == Counter(kind for kind, _, _ in rows)
    above = ask(tmp_path, "select", path="t.csv", where=[{"column": "n", "op": ">", "value": 0}], sort_by="n")
    assert [row["n"] for row in above["rows"]] == sorted(n for _, n, _ in rows if n > 0)
