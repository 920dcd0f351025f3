"""The words of a goal decide which way a comparison points."""

import pytest

from trivet_plan_smollm2.words.bounds import ALL_OPS, ops_said


@pytest.mark.parametrize(
    ("goal", "ops"),
    [
        ("books with more than 500 pages", (">",)),
        ("trips of no more than 5 km", ("<=",)),
        ("members who joined since 2019", (">=",)),
        ("orders below 20 euros", ("<",)),
        ("trips longer than 12 km", (">",)),
        ("invoices of at least 90", (">=",)),
        ("rooms with 4 beds or fewer", ("<=",)),
        ("more rainy than 3 days", (">",)),
        ("单价超过 20 的商品", (">",)),
        ("至少 30 人的活动", (">=",)),
        ("above 3 and at most 9", ("<=", ">")),
    ],
)
def test_a_bound_points_one_way(goal: str, ops: tuple[str, ...]) -> None:
    assert ops_said(goal) == ("=", "!=", *ops)


@pytest.mark.parametrize("goal", ["members older than 30", "between 3 and 9 km", "trips of 12 km", "从 3 到 9 公里"])
def test_what_is_not_plain_leaves_all_ways_open(goal: str) -> None:
    assert ops_said(goal) == ALL_OPS
