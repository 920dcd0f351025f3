import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_calculate.arithmetic import evaluate, shown
from trivet_calculate.spelling import clean
from trivet_sdk import ToolError


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("3 * 24.90 * (1 - 15%)", 63.495),
        ("2 + 3 * 4 ** 2", 50),
        ("7 // 2 + 7 % 4", 6),
        ("2^10", 1024),
        ("2 × 3 ÷ 4 − 1", 0.5),
        ("3 x 4", 12),
        ("2(3 + 4)", 14),
        ("5²", 25),
        ("（3＋4）×2 =", 14),
        ("0.1 + 0.2", 0.3),
        ("sqrt(2209) + max(1, 5, 3)", 52),
        ("mean(71, 64, 90)", 75),
        ("2 * pi", 6.2831853071796),
    ],
)
def test_arithmetic_is_read_as_people_type_it(expression: str, value: float) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("100 + 19%", 119),
        ("80 - 25%", 60),
        ("200 + 10% - 5%", 209),
        ("5% + 3%", 0.08),
        ("15% of 60", 9),
        ("20% off 80", 64),
        ("50 % of 8", 4),
        ("10 % 3", 1),
        ("price - discount%", 90),
    ],
)
def test_percent_means_what_a_pocket_calculator_makes_of_it(expression: str, value: float) -> None:
    assert evaluate(expression, {"price": 100, "discount": 10}) == pytest.approx(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1,234,567.5 + 1", 1234568.5),
        ("18,35 * 2", 36.7),
        ("$1,200.50 * 2", 2401),
        ("max(1,200)", 200),
        ("max(1, 2,000)", 2),
    ],
)
def test_commas_group_or_mark_decimals_but_separate_arguments_in_a_call(expression: str, value: float) -> None:
    assert evaluate(expression) == value


def test_variables_may_have_spaces_and_chinese_names() -> None:
    assert evaluate("total km / hours", {"total km": 84, "hours": 4}) == 21
    assert evaluate("数量 * 单价", {"数量": 3, "单价": 2.5}) == 7.5


def test_halves_are_rounded_away_from_zero() -> None:
    assert [evaluate("round(2.5)"), evaluate("round(-2.5)"), evaluate("round(2.345, 2)")] == [3, -3, 2.35]


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("1 / 0", "'1 / 0' divides by zero."),
        ("9 ** 9 ** 9", "'9 ** 9 ** 9' is too large to compute."),
        ("1e308 * 10", "'1e308 * 10' is too large to compute."),
        ("km + 1", "'km' has no value. Pass it in values; known are pi, π, e, tau."),
        ("sqrt(-1)", "sqrt(-1) has no value."),
        ("(-8) ** 0.5", "-8 to the power of 0.5 is no real number."),
        ("factorial(1000)", "factorial takes a whole number from 0 to 300."),
        ("two apples", "'two apples' is not arithmetic. Write it like 3 * 24.90 * (1 - 15%)."),
        ("", "'' is not arithmetic. Write it like 3 * 24.90 * (1 - 15%)."),
        ("1" * 3000, "the expression has 3000 characters; at most 2000 are read."),
    ],
)
def test_what_cannot_be_computed_is_told_in_a_sentence(expression: str, sentence: str) -> None:
    with pytest.raises(ToolError) as caught:
        evaluate(expression)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "().__class__",
        "[x for x in (1,)]",
        "lambda: 1",
        "'a' * 9",
        "open('x')",
        "1 if 1 else 2",
    ],
)
def test_nothing_but_arithmetic_is_evaluated(expression: str) -> None:
    with pytest.raises(ToolError):
        evaluate(expression)


@given(st.text(max_size=60))
def test_any_text_gives_a_finite_number_or_a_tool_error(text: str) -> None:
    with suppress(ToolError):
        assert math.isfinite(evaluate(text))


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_sums_of_whole_numbers_are_exact(a: int, b: int) -> None:
    assert evaluate(f"{a} + ({b})") == a + b


def test_figures_are_shown_without_trailing_zeros() -> None:
    assert [shown(2.0), shown(0.1 + 0.2), shown(1 / 3), shown(10**12)] == ["2", "0.3", "0.3333333333", "1000000000000"]


@pytest.mark.parametrize("expression", ["1 << 99999", "1 | 1", "6 & 3", "2 @ 3", "a" * 900 + "(" * 1000])
def test_operators_that_are_no_arithmetic_are_refused(expression: str) -> None:
    with pytest.raises(ToolError) as caught:
        evaluate(expression)
    assert str(caught.value) == f"'{expression}' is not arithmetic. Write it like 3 * 24.90 * (1 - 15%)."


def test_brackets_after_a_long_name_cost_no_more_than_the_text_is_long() -> None:
    """Counted in steps of the interpreter, which do not depend on the machine."""
    import sys

    def steps(expression: str) -> int:
        count = 0

        def trace(frame: object, event: str, argument: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(trace)
        try:
            clean(expression)
        finally:
            sys.setprofile(None)
        return count

    assert steps("a" * 800 + "(" * 800) < 4 * steps("a" * 400 + "(" * 400)


def test_nul_is_not_arithmetic() -> None:
    with pytest.raises(ToolError, match="is not arithmetic"):
        evaluate("1 + \x00")
