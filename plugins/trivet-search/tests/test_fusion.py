"""Scores of three kinds in one order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_search.fusion import MEANING, SPELLING, fused

SCORES = st.dictionaries(st.integers(0, 30), st.floats(0.01, 40), max_size=20)
COSINES = st.dictionaries(st.integers(0, 30), st.floats(-1, 1), max_size=20)


def test_both_scores_count_between_their_least_and_their_greatest() -> None:
    order = fused({"a": 8.0, "b": 4.0}, {"a": 0.2, "b": 0.6, "c": 0.4}, {})
    assert dict(order) == pytest.approx({"b": MEANING + 0.5 * (1 - MEANING), "a": 1 - MEANING, "c": 0.5 * MEANING})
    assert [key for key, _ in order] == ["b", "a", "c"]


def test_a_passage_that_is_not_compared_by_meaning_is_judged_by_its_words() -> None:
    assert dict(fused({"new": 9.0, "old": 3.0}, {"old": 0.9, "far": 0.1}, {}))["new"] == 1.0


def test_words_alone_and_meaning_alone_keep_their_order() -> None:
    assert fused({"a": 2.0, "b": 4.0}, {}, {}) == [("b", 1.0), ("a", 0.5)]
    assert fused({}, {"a": 0.2, "b": 0.7}, {}) == [("b", 1.0), ("a", 0.0)]
    assert fused({}, {"a": 0.2}, {}) == [("a", 1.0)]
    assert fused({}, {}, {}) == []


def test_letters_share_what_words_weigh() -> None:
    order = dict(fused({"a": 8.0, "b": 4.0}, {}, {"a": 5.0, "b": 10.0}))
    assert order == pytest.approx({"a": 1 - SPELLING / 2, "b": 0.5 + SPELLING / 2})
    order = dict(fused({}, {"a": 0.2, "b": 0.7}, {"a": 3.0}))  # no word is found as it stands
    assert order == pytest.approx({"b": MEANING, "a": (1 - MEANING) * SPELLING})


@given(SCORES, COSINES, SCORES)
def test_what_is_better_in_all_stands_first(
    words: dict[int, float], meaning: dict[int, float], spelling: dict[int, float]
) -> None:
    order = dict(fused(words, meaning, spelling))
    assert set(order) == {*words, *meaning}
    assert all(0.0 <= score <= 1.0 + 1e-9 for score in order.values())
    both = sorted(words.keys() & meaning.keys())
    for one in both:
        for other in both:
            by_letters = spelling.get(one, 0.0) >= spelling.get(other, 0.0)
            if words[one] >= words[other] and meaning[one] >= meaning[other] and by_letters:
                assert order[one] >= order[other] - 1e-9
