"""Stretches of time that goals name, and how two of them belong together."""

import pytest

from trivet_plan_smollm2.words.periods import fitting, related, relative


@pytest.mark.parametrize(
    ("goal", "kind", "values"),
    [
        ("did we earn more in june or in july 2024", "pair", ["2024-06", "2024-07"]),
        ("July vs June 2024", "pair", ["2024-07", "2024-06"]),
        ("difference in rain between 2018 and 2019", "pair", ["2018", "2019"]),
        ("from April to June 2024", "range", ["2024-04", "2024-06"]),
        ("between 3 May 2024 and 9 May 2024", "range", ["2024-05-03", "2024-05-09"]),
        ("in June and July 2024", "several", ["2024-06", "2024-07"]),
        ("sales of spring 2024 (March to May)", "unsure", ["2024", "2024-03", "2024-05"]),
        ("in may", "one", ["-05"]),
        ("you may march on", "none", []),
        ("2024年5月3日", "one", ["2024-05-03"]),
        ("5月和6月哪个更多", "pair", ["-05", "-06"]),
        ("4月到5月一共多少", "range", ["-04", "-05"]),
    ],
)
def test_two_times_are_told_apart_added_or_joined(goal: str, kind: str, values: list[str]) -> None:
    found = related(goal)
    assert (found.kind, [each.value for each in found.said]) == (kind, values)


def test_a_month_without_a_year_is_the_only_one_there_is() -> None:
    said = related("5月和6月").said
    assert fitting(said, "2024-02-01", "2024-07-31") == ["2024-05", "2024-06"]
    assert fitting(said, "2023-02-01", "2024-07-31") == []


@pytest.mark.parametrize("goal", ["how many came last month", "上个月卖了多少", "What did we sell yesterday?"])
def test_a_time_that_only_a_clock_can_tell_is_seen(goal: str) -> None:
    assert relative(goal)
    assert not relative("the last order of 2024")
