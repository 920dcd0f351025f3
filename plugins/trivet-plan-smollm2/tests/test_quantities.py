"""Figures with units, multiplied and divided as what they measure allows; nothing where more is said."""

import pytest

from trivet_plan_smollm2.prompt import ToolCard
from trivet_plan_smollm2.requests.quantities import of_quantities
from trivet_plan_smollm2.requests.rates import worked_out
from trivet_plan_smollm2.words.dimensions import are_alike, dimension
from trivet_plan_smollm2.words.spans import read_goal

EVALUATE = ToolCard(
    name="c.evaluate",
    parameters={"properties": {"expression": {"type": "string", "format": "expression"}}, "required": ["expression"]},
)
CONVERT = ToolCard(
    name="c.convert",
    parameters={
        "properties": {
            "value": {"type": "number"},
            "unit": {"type": "string", "format": "unit"},
            "to": {"type": "string", "format": "unit"},
        },
        "required": ["value", "unit", "to"],
    },
)


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("If a boat does 15.4 km in 78 minutes, what is its speed in km/h?", "15.4 / 78 * 60"),
        ("what pace in min/km is 15.4 km in 78 minutes", "78 / 15.4"),
        ("10 km in 52:30, what is my pace per km?", "3150 / 10 / 60"),
        ("12.5 km in 1 h 20 min, how fast is that in km/h?", "12.5 / 80 * 60"),
        ("we used 31.5 litres for 450 km. what's the consumption in l/100 km?", "31.5 / 450 * 100"),
        ("at 6.4 l per 100 km, how much petrol for 350 km?", "6.4 * 350 / 100"),
        ("750 g of cheese cost 9.60 euro, what is the price per kg?", "9.60 / 750 * 1000"),
        ("what do 2 kg cost if 750 g cost 9.60 euro?", "9.60 / 750 * 2 * 1000"),
        ("A tap drips 12 ml per minute. How many litres is that per day?", "12 * 1.44"),
        ("How far do we get in 45 minutes at 12 km/h?", "45 * 12 / 60"),
        ("a 2 kW heater runs 3.5 hours, how many kWh is that", "2 * 3.5"),
        ("一条船78分钟划了15.4公里，时速是多少公里？", "15.4 / 78 * 60"),
        ("3.5千克苹果每公斤8元，一共多少钱？", "3.5 * 8"),
        ("12 km plus 800 m in km", "(12 * 1000 + 800) / 1000"),
    ],
)
def test_what_is_wanted_tells_the_sum(goal: str, expression: str) -> None:
    calls = of_quantities(read_goal(goal), [EVALUATE, CONVERT])
    assert [call.arguments for call in calls] == [{"expression": expression}]


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("1 h 20 min plus 45 minutes", "80 + 45"),
        ("1小时20分钟加45分钟是多久？", "80 + 45"),
        ("How long does it take to row 18 km at 9.5 km/h?", "18 / 9.5 * 60"),
    ],
)
def test_a_time_is_told_in_hours_and_minutes(goal: str, expression: str) -> None:
    first, second = of_quantities(read_goal(goal), [EVALUATE, CONVERT])
    assert first.arguments == {"expression": expression}
    assert second.arguments["to"] == "hours and minutes"


@pytest.mark.parametrize(
    "goal",
    [
        "A boat does 15.4 km in 78 minutes with 4 rowers, what is its speed in km/h?",
        "What is the average speed in km/h of trips of over 10 km and under 60 minutes?",
        "How far does a boat get in 45 minutes at 12 km/h against a current of 2 km/h?",
        "If I row 4 km in 20 minutes and 6 km in 25 minutes, what's my speed?",
        "The boat is 8 m long and 60 cm wide, how big is it",
        "how many minutes is 15 km",
        "3 h at 12 km/h in trips.csv, how far",
    ],
)
def test_where_more_is_said_nothing_is_worked_out(goal: str) -> None:
    assert of_quantities(read_goal(goal, ["trips.csv"]), [EVALUATE, CONVERT]) == ()


def test_a_speed_is_no_price_of_each() -> None:
    assert worked_out(read_goal("How long does it take to row 18 km at 9.5 km/h?"), [EVALUATE]) is None
    assert worked_out(read_goal("calculate the force of 12 boats of 3.5"), [EVALUATE]) is not None


def test_units_are_told_by_what_they_measure() -> None:
    assert are_alike("knots", "m/s")
    assert are_alike("litres per 100 km", "l/km")
    assert not are_alike("km", "km/h")
    assert dimension("boats") is None
