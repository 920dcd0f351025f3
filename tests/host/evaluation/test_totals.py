"""Shares, intervals, quantiles and the chance of a difference, against values computed elsewhere."""

import math
from pathlib import Path

import pytest

from trivet.evaluation import Conditions, Evaluation, Record, Result, Share, Verdict, by_group, compared, totals
from trivet.evaluation.comparison import Pair
from trivet.evaluation.totals import quantile


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        (Share(0, 10), 0.0, 0.2775),
        (Share(10, 10), 0.7225, 1.0),
        (Share(81, 263), 0.2553, 0.3662),
        (Share(15, 148), 0.0624, 0.1605),
    ],
)  # the last two: Newcombe 1998, Statistics in Medicine 17, table I, method 3
def test_intervals_are_wilsons(share: Share, low: float, high: float) -> None:
    assert share.interval == pytest.approx((low, high), abs=5e-5)


def test_share_of_nothing_may_be_anything() -> None:
    assert Share(0, 0).interval == (0.0, 1.0)
    assert math.isnan(Share(0, 0).value)


def test_quantiles_lie_between_neighbours() -> None:
    found = [quantile([4, 1, 3, 2], 0.5), quantile([1, 2, 3], 0.9), quantile([5], 0.9)]
    assert found == pytest.approx([2.5, 2.8, 5.0])


@pytest.mark.parametrize(("gained", "lost", "chance"), [(0, 0, 1.0), (5, 0, 0.0625), (9, 1, 0.021484375), (3, 3, 1.0)])
def test_chance_is_mcnemars_exact_one(gained: int, lost: int, chance: float) -> None:
    assert Pair(gained=("x",) * gained, lost=("y",) * lost).chance == pytest.approx(chance)


def result(case: str, verdict: Verdict, group: str = "count", *, asked: bool = False) -> Result:
    return Result(case=case, group=group, verdict=verdict, seconds=2.0, asked=asked)


def evaluation(label: str, *results: Result, suite: str = "goals") -> Evaluation:
    record = Record(
        id=label,
        suite=suite,
        source="s",
        digest="d",
        cases=tuple(each.case for each in results),
        conditions=Conditions(label=label),
        roles={},
        model={},
        versions={},
        started=0.0,
    )
    return Evaluation(record=record, results=results, completion=None)


def test_totals_tell_declined_from_asked() -> None:
    found = totals(
        [result("a", "right"), result("b", "honest"), result("c", "honest", asked=True), result("d", "wrong")]
    )
    assert [s.count for s in (found.right, found.wrong, found.declined, found.asked)] == [1, 1, 1, 1]


def test_measures_are_shares_of_the_cases_that_tell_of_them() -> None:
    told = Result(case="a", group="g", verdict="right", seconds=1, measures={"tool": True, "arguments": False})
    found = totals([told, result("b", "right")])
    assert found.measures == {"tool": Share(1, 1), "arguments": Share(0, 1)}


def test_groups_come_in_the_order_of_the_suite() -> None:
    assert list(by_group([result("a", "right", "z"), result("b", "right", "a"), result("c", "wrong", "z")])) == [
        "z",
        "a",
    ]


def test_comparison_is_over_common_cases_alone() -> None:
    first = evaluation("one", result("a", "right"), result("b", "wrong"), result("c", "right"))
    second = evaluation("two", result("a", "honest"), result("b", "right"), result("d", "right"))
    found = compared([first, second])
    pair = found.columns[1].against_first
    assert pair is not None
    assert (found.cases, found.left_out, pair.gained, pair.lost) == (2, 2, ("b",), ("a",))
    assert found.columns[0].total.right == Share(1, 2)


def test_evaluations_of_different_suites_are_not_compared(tmp_path: Path) -> None:
    with pytest.raises(ValueError) as caught:
        compared([evaluation("a", result("x", "right")), evaluation("b", result("x", "right"), suite="bfcl")])
    assert str(caught.value) == "they are of different suites"
    with pytest.raises(ValueError) as caught:
        compared([evaluation("a", result("x", "right")), evaluation("b", result("y", "right"))])
    assert str(caught.value) == "no case was attempted in all of them"
