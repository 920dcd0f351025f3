"""Sums in words: so many at so much each, or so much split among so many, and nothing else."""

import pytest

from trivet_plan_smollm2.prompt import ToolCard
from trivet_plan_smollm2.requests.rates import worked_out
from trivet_plan_smollm2.words.spans import read_goal

EVALUATE = ToolCard(
    name="c.evaluate",
    parameters={"properties": {"expression": {"type": "string", "format": "expression"}}, "required": ["expression"]},
)


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("14 chairs at 32.50 each, what do I pay?", "32.50 * 14"),
        ("If one crate holds 24 bottles and we have 16 crates, how many bottles is that?", "24 * 16"),
        ("The library asks 20 cents a day, I am 12 days late. How much is it in euros?", "20 * 12 / 100"),
        ("My car takes 6.2 litres per hour for 4 hours. How much?", "6.2 * 4"),
        ("The rent is 1,350 and we split it three ways, how much does each pay?", "1350 / 3"),
        ("split a bill of 286.40 between 8 people, how much each", "286.40 / 8"),
        ("14 chairs at 32.50 each minus 15 percent", "14 * 32.50 * (1 - 15 / 100)"),
    ],
)
def test_a_rate_is_multiplied_and_a_bill_divided(goal: str, expression: str) -> None:
    call = worked_out(read_goal(goal), [EVALUATE])
    assert call is not None
    assert call.arguments == {"expression": expression}


@pytest.mark.parametrize(
    "goal",
    [
        "17.4 km in 6 hours, how fast is that per hour?",
        "500 ml over 8 hours, how many ml per hour?",
        "84 an hour, I worked 2.5 hours plus parts for 31.50",
        "3 teams with 8 players and 5 coaches each",
        "12 eggs a box, how many boxes for 100 eggs",
        "items over 20 euros each in 5.csv",
    ],
)
def test_another_sum_is_none_of_these(goal: str) -> None:
    assert worked_out(read_goal(goal, ["5.csv"]), [EVALUATE]) is None
