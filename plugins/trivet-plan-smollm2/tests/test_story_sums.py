"""Sums told as everyday stories: what a box holds, what grows each year, what a stay costs, what is left to pay."""

import pytest

from trivet_plan_smollm2.words.box_sums import sides_multiplied
from trivet_plan_smollm2.words.share_sums import money_with_share


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        (
            "A raised bed is 2.4 m long, 1.1 m wide and 0.35 m deep. How many litres of earth fit into it?",
            "2.4 * 1.1 * 0.35 * 1000",
        ),
        ("how many liters does a tank of 120 cm x 80 cm x 50 cm hold", "120 * 80 * 50 / 1000"),
        ("volume of a crate 60 x 40 x 30 cm in litres?", "60 * 40 * 30 / 1000"),
        ("A trench 12 m long, 40 cm wide and 80 cm deep: how many m3 do we dig out?", "12 * 40 * 80 / 10000"),
        ("水箱长1.2米，宽0.8米，高0.5米，能装多少升水？", "1.2 * 0.8 * 0.5 * 1000"),
        ("The terrace is 6.5 m by 4 m, how many square metres is that?", "6.5 * 4"),
    ],
)
def test_sides_tell_what_a_box_holds(goal: str, expression: str) -> None:
    assert sides_multiplied(goal) == expression


@pytest.mark.parametrize(
    "goal",
    [
        "A bed is 2.4 m long, 1.1 m wide and 0.35 m deep. How many bags of 40 litres do we need?",
        "A tank is 2 m long, 1 m wide and 1 m deep and half full. How many litres are in it?",
        "A pool is 8 m long, 4 m wide and 1.5 m deep. How many square metres of tiles does it take?",
        "The plot is 20 m long and 12 m wide. How many metres of fence go around it?",
        "Three beds are 2 m long, 1 m wide and 0.3 m deep. How many litres of earth?",
        "A box is 3 m long, 2 m long and 1 m deep, how many litres?",
    ],
)
def test_other_questions_about_sides_are_left(goal: str) -> None:
    assert sides_multiplied(goal) == ""


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        (
            "The lease is 1260 euro and goes up by 3.5% every year. What will it be after four years?",
            "1260 * (1 + 3.5 / 100) ** 4",
        ),
        ("2,000 euro at 2% interest a year, how much is it after 5 years?", "2000 * (1 + 2 / 100) ** 5"),
        ("a van for 18000 loses 12% each year, what is it worth in 3 years?", "18000 * (1 - 12 / 100) ** 3"),
        ("房租1200元，每年涨3%，5年后是多少？", "1200 * (1 + 3 / 100) ** 5"),
        (
            "5 people, 2 nights, half board at 68 each per night, 10% off for the group. What do they pay?",
            "5 * 2 * 68 * (1 - 10 / 100)",
        ),
        ("what do four guests pay for 3 nights at 45 euro per person per night?", "4 * 3 * 45"),
        (
            "The canton pays 35% of the solar panels, they cost 14,800. How much is left for us?",
            "14800 * (1 - 35 / 100)",
        ),
        ("The roof costs 9,600 and the insurance covers 80%, what do we have to pay?", "9600 * (1 - 80 / 100)"),
    ],
)
def test_money_grows_adds_up_and_is_shared(goal: str, expression: str) -> None:
    assert money_with_share(goal) == expression


@pytest.mark.parametrize(
    "goal",
    [
        "The lease is 1260 euro and goes up by 3.5% every year. What do we pay in total over four years?",
        "The lease is 1260 euro and goes up by 3.5% every year. By how much has it gone up after four years?",
        "1000 at 2% simple interest a year, how much after 5 years?",
        "5 people, 2 nights at 68 per night, 10% off. What do they pay?",
        "5 people and 2 children, 2 nights at 68 each per night, what do they pay?",
        "5 people, 2 nights, 68 each per night, 10% off. What does each pay?",
        "The canton pays 35% of the panels up to 4,000. How much is left for us?",
        "The canton pays 35% of the panels. They cost 14,800, the roof 3,000. How much is left for us?",
    ],
)
def test_other_sums_with_a_share_are_left(goal: str) -> None:
    assert money_with_share(goal) == ""
