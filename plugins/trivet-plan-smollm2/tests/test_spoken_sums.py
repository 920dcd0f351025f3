"""Sums that are said in words, shares that one figure is of another; and what only looks like one."""

import pytest

from trivet_plan_smollm2.words.percent_questions import percent_question
from trivet_plan_smollm2.words.spoken_sums import spoken_sum


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("What is 15% of 640?", "15% of 640"),
        ("whats 17.5 percent of 1,240", "17.5% of 1240"),
        ("640的15%是多少？", "15% of 640"),
        ("sqrt(2) times 350, rounded to one decimal", "sqrt(2) * 350"),
        ("根号2乘以350，保留一位小数", "sqrt(2) * 350"),
        ("calculate 2 to the power of 12", "2 ** 12"),
        ("What's 3/8 of 240?", "3/8 * 240"),
        ("what is the average of 12, 15.5 and 20?", "mean(12, 15.5, 20)"),
        ("how much is 12.5 percent of 880 euro", "12.5% of 880"),
        ("(18.5 + 4.25) * 12 - 7%", "(18.5 + 4.25) * 12 - 7%"),
        ("two plus two", "2 + 2"),
    ],
)
def test_a_sum_in_words_is_put_in_signs(goal: str, expression: str) -> None:
    assert spoken_sum(goal) == expression


@pytest.mark.parametrize(
    "goal",
    [
        "2024-11-07",
        "What is 2024?",
        "3 boats times 4",
        "what is half of 37.50 plus 12",
        "What is the square root of 1,764 times 3?",
        "What is 15% of 640 boats' fees in members.csv?",
        "half a dozen",
        "5 euros",
    ],
)
def test_what_says_more_or_could_be_two_sums_is_none(goal: str) -> None:
    assert spoken_sum(goal) == ""


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("48 is what percentage of 640?", "48 / 640 * 100"),
        ("What percentage of 640 is 48? one decimal", "48 / 640 * 100"),
        ("48占640的百分之几？", "48 / 640 * 100"),
        ("By how many percent is 96 more than 80?", "(96 - 80) / 80 * 100"),
        ("By what percentage is 80 less than 96?", "(96 - 80) / 96 * 100"),
        ("The entry fee rises from 80 to 92 euro. By what percentage is that?", "(92 - 80) / 80 * 100"),
        ("what's 640 increased by 15%", "640 * (1 + 15 / 100)"),
        ("how many percent of 640 boats are 48", ""),
        ("The price rises from 80 to 92 euro for 3 boats, what percentage is that?", ""),
        ("We row from 8 to 10, what percentage is that?", ""),
    ],
)
def test_a_share_or_a_change_in_percent(goal: str, expression: str) -> None:
    assert percent_question(goal) == expression
