"""No file breaks a table tool: each is described, or refused by a sentence."""

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from hypothesis import strategies as st

from trivet_sdk import ToolError, ToolResult
from trivet_sdk.testing.fuzzing import fuzz, fuzzing

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]

CELLS = (
    st.text(max_size=8)
    | st.sampled_from(["", "1", "1.5", "-0", "1e999", "1,5", "NA", "2026-01-01", "31.12.2026", "12:00", "true", "城"])
    | st.sampled_from(["'", '"', '""', "=A1", "$5", "9" * 40, "NaN", "\0", "\u2028", " x ", "1_000", "٣"])
)
DELIMITED = st.builds(
    lambda rows, sign, end: end.join(sign.join(row) for row in rows),
    st.lists(st.lists(CELLS, max_size=5), max_size=12),
    st.sampled_from([",", ";", "\t", "|", " "]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CELLS, inner, max_size=4),
    max_leaves=12,
)
JSON = VALUES.map(lambda value: str(value).replace("'", '"').replace("None", "null").replace("True", "true"))
NESTED = st.sampled_from(
    ["[" * 3000, '{"a":' * 3000, "- " * 2000, "a: &x [*x]", "a: {b: [", "[[a]]\nb=1", "? [", "{}", "[{}]"]
)
MARKDOWN = st.lists(
    st.lists(CELLS, max_size=4).map(lambda row: f"| {' | '.join(row)} |")
    | st.sampled_from(["|---|---|", "---", "|:-:|", "# 表"]),
    max_size=10,
).map("\n".join)
LOGS = st.lists(
    st.sampled_from(
        [
            '1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 5',
            "2026-01-01T00:00:00Z ERROR [a] b",
            "Jan  1 00:00:00 h p[1]: m",
        ]
    )
    | st.text(max_size=20),
    max_size=8,
).map("\n".join)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030", "latin-1"])
FORMATS = {
    ".csv": DELIMITED,
    ".tsv": DELIMITED,
    ".json": JSON | NESTED,
    ".jsonl": st.lists(JSON, max_size=8).map("\n".join),
    ".yaml": JSON | NESTED | st.text(max_size=60),
    ".toml": NESTED | st.lists(st.builds("{}={}".format, CELLS, JSON), max_size=6).map("\n".join),
    ".md": MARKDOWN,
    ".log": LOGS,
}
DAMAGE = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), min_size=1, max_size=12)


@fuzzing
@pytest.mark.parametrize("suffix", FORMATS)
def test_any_file_is_described_or_refused(put: Put, call: Call, suffix: str, seconds: float) -> None:
    contents = st.builds(lambda text, name: text.encode(name, "replace"), FORMATS[suffix], ENCODINGS) | st.binary(
        max_size=200
    )

    def check(content: bytes) -> None:
        put(f"表{suffix}", content)
        described(call, f"表{suffix}")

    fuzz(check, contents, seconds=seconds, examples=12)


@fuzzing
def test_any_parquet_file_is_described_or_refused(put: Put, call: Call, seconds: float, tmp_path: Path) -> None:
    path = tmp_path / "whole.parquet"
    duckdb.sql(f"COPY (SELECT range AS n, '城' || range AS s FROM range(50)) TO '{path}' (FORMAT parquet)")
    whole = path.read_bytes()

    def check(places: list[tuple[int, int]]) -> None:
        found = io.BytesIO(whole)
        for place, value in places:
            found.seek(4 + place % (len(whole) - 8))
            found.write(bytes([value]))
        put("t.parquet", found.getvalue())
        described(call, "t.parquet")

    fuzz(check, DAMAGE, seconds=seconds, examples=12)


def described(call: Call, path: str) -> None:
    with suppress(ToolError):
        found = call("describe", path=path)
        assert isinstance(found.value, dict)
        assert found.value["columns"]
        assert found.text.encode()
