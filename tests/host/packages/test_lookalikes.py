"""Names that the eye takes for another."""

import pytest

from trivet.packages.lookalikes import foreign_letters, lookalike

KNOWN = ("table", "trivet-table", "trivet-search", "mcp")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("trivet-tabel", "trivet-table"),
        ("trivet-tables", "trivet-table"),
        ("trivet-tble", "trivet-table"),
        ("trivettable", "trivet-table"),
        ("trivet_table", "trivet-table"),
        ("Trivet.Table", "trivet-table"),
        ("trivet-tab1e", "trivet-table"),
        ("trívet-table", "trivet-table"),
        ("trivet-tаble", "trivet-table"),  # a Cyrillic letter
        ("ｔable", "table"),  # a full-width letter
        ("ta\u200bble", "table"),  # an invisible one
        ("trivet-search", ""),
        ("trivet-tablet-press", ""),
        ("mcq", ""),  # short names are all near each other
        ("表格", ""),
    ],
)
def test_lookalike_is_found(name: str, other: str) -> None:
    assert lookalike(name, KNOWN) == other


def test_next_of_a_series_is_none_unless_it_is_of_ours() -> None:
    assert lookalike("server-2", ("server-1",)) == ""
    assert lookalike("plan-smollm3", ("plan-smollm2",), unique=("plan-smollm2",)) == "plan-smollm2"


def test_foreign_letters_are_named_where_they_hide_among_latin_ones() -> None:
    assert foreign_letters("tаble") == ("CYRILLIC SMALL LETTER A",)
    assert foreign_letters("таблица") == ()
    assert foreign_letters("table表") == ()
