"""Slips that are read over, and stretches of time by their names."""

import pytest

from trivet_plan_smollm2.words.periods import periods_in
from trivet_plan_smollm2.words.spans import read_goal
from trivet_plan_smollm2.words.spelling import put_right
from trivet_plan_smollm2.words.units import told_in


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("trips longer then 150 km", "trips longer than 150 km"),
        ("sort the order then 5 more", "sort the order then 5 more"),
        ("average no of frames", "average number of frames"),
        ("there are no rows", "there are no rows"),
        ("km acc. to trips.csv", "km according to trips.csv"),
        ("sales in the second quarter of 2024", "sales from April 2024 to June 2024"),
        ("Q3 2024 sales", "from July 2024 to September 2024 sales"),
        ("first half of 2024 against second half of 2024", "first half of 2024 against second half of 2024"),
        ("2024年上半年的订单", "2024年1月到2024年6月的订单"),
        ("between 1 and 15 June 2024", "between 1 June 2024 and 15 June 2024"),
        ("rows of 7/14/2024", "rows of 2024-07-14"),
        ("rows of 14/7/2024", "rows of 2024-07-14"),
        ("rows of 4/7/2024", "rows of 4/7/2024"),
        ("books of the 1990s", "books of from 1990 to 1999"),
    ],
)
def test_what_everybody_reads_over_is_put_right(said: str, meant: str) -> None:
    assert put_right(said) == meant


def test_names_of_files_stay_what_they_are() -> None:
    assert read_goal("sum of Q2 2024 sales.csv", ["Q2 2024 sales.csv"]).paths == ("Q2 2024 sales.csv",)


@pytest.mark.parametrize(
    ("goal", "values"),
    [
        ("三月份花了多少", ["-03"]),
        ("2024年十一月", ["2024-11"]),
        ("三个月", []),
        ("2024年5月1日到5月5日", ["2024-05-01", "2024-05-05"]),
        ("between May 3 and May 10 2024", ["2024-05-03", "2024-05-10"]),
        ("on 14 July", ["-07-14"]),
    ],
)
def test_days_and_months_are_times_without_a_year_and_in_words(goal: str, values: list[str]) -> None:
    assert [period.value for period in periods_in(goal)] == values


def test_units_of_one_kind_are_told_in_each_other() -> None:
    assert told_in(2, "h", "min") == 120
    assert told_in(1.1, "tonne", "kg") == 1100
    assert told_in(1, "kg", "min") is None
