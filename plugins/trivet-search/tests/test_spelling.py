"""Texts told apart by their letters, where their words are written otherwise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_search.spelling import K1, B, Spelling


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("filesystem checker", ["checks a file system", "plays music files", "a sister of the theme"]),
        ("configurator", ["configuration made easy", "figures of a confidant", "nothing"]),
        ("Wörterbücher", ["Das Wörterbuch", "Bücherei", "Worte"]),
        ("合同终止", ["本合同自签字之日起终止", "终于写完了", "天气晴"]),
        ("ＦＵＬＬ width", ["full width letters", "half-width letters", "none"]),
    ],
)
def test_text_that_is_spelt_most_like_the_query_is_told_first(query: str, texts: list[str]) -> None:
    scores = Spelling(texts).scores(query, texts)
    assert scores[0] > max(scores[1:])


def test_score_is_that_of_the_formula() -> None:
    """`abc` and `abd` share ` ab`, which two of three texts of the sample have; `abc` itself is in one, as is `bc `."""
    spelling = Spelling(["abc", "abd", "xy"])
    (score,) = spelling.scores("abc", ["abc abc abc xy"])
    length = (3 + 3 + 2) / 3
    norm = K1 * (1 - B + B * (3 * 3 + 2) / length)
    rarity = {n: math.log(1 + (3 - n + 0.5) / (n + 0.5)) for n in (1, 2)}
    assert score == pytest.approx((rarity[2] + 2 * rarity[1]) * 3 * (K1 + 1) / (3 + norm))


def test_nothing_is_like_nothing() -> None:
    assert Spelling([]).scores("", []) == []
    assert Spelling([]).scores("...", ["a word", ""]) == [0.0, 0.0]
    assert Spelling(["a"]).scores("word", ["", "....", "zzz"]) == [0.0, 0.0, 0.0]


@given(st.text(max_size=40), st.lists(st.text(max_size=60), max_size=6), st.lists(st.text(max_size=60), max_size=6))
def test_no_text_is_too_strange(query: str, sample: list[str], texts: list[str]) -> None:
    scores = Spelling(sample).scores(query, texts)
    assert len(scores) == len(texts)
    assert all(0.0 <= score < math.inf for score in scores)
    assert [Spelling(sample).scores(query, [text])[0] for text in texts] == pytest.approx(scores)  # each by itself
