"""Numbers and dates as people write them."""

import pytest

from trivet_critic.dates import Date, dates_in
from trivet_critic.numbers import chinese, figures_in, values_in


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("The mean is 2.099 m.", ["2.099"]),
        ("1,234,567.89 in all, -5 and 12%", ["1,234,567.89", "-5", "12%"]),
        ("In member W302, at s1, GPT-4, file2.csv or v1.2: nothing", []),
        ("On 12 March 2025 at 05:16:20 and 2024-01-31, nothing", []),
        ("1. Heron\n2) Teal\n- 3. Gull", []),
        ("the 3rd and the 21st", []),
        ("seven boats, forty-two oars, one of two", ["seven", "forty-two"]),
        ("共六十五元，三百二十人，万一", ["六十五", "三百二十"]),
        ("费用65元", ["65"]),
        ("about 3.2 million", ["3.2 million"]),
        ("from 3-5 km, 5km", ["3", "5", "5"]),
        ("1\u202f234 and 12'345", ["1234", "12345"]),
        ("6e-05", ["6e-05"]),
    ],
)
def test_figures_of_an_answer(text: str, stated: list[str]) -> None:
    assert [figure.text for figure in figures_in(text)] == stated


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234", {1234.0, 1.234}),
        ("1.234,5", {1234.5}),
        ("12,5", {12.5}),
        ("1,234,567", {1234567.0}),
        ("1.2.3", set()),
        ("twelve of W302", {12.0, 302.0}),
        ("二十三 and 两", {23.0, 2.0}),
        ("2024-03-05 14:20", {2024.0}),
        ("1e3", {1000.0}),
    ],
)
def test_values_of_a_source(text: str, values: set[float]) -> None:
    assert set(values_in(text)) == values


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("十", 10), ("十二", 12), ("二十", 20), ("三百零五", 305), ("一千二百", 1200), ("两万三千", 23000), ("一亿", 1e8)],
)  # fmt: skip
def test_chinese_numerals(numeral: str, value: float) -> None:
    assert chinese(numeral) == value


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("2025-03-12", [(2025, 3, 12)]),
        ("2025/3/12T05:00", [(2025, 3, 12)]),
        ("12.03.2025", [(2025, 3, 12), (2025, 12, 3)]),
        ("31/12/2025", [(2025, 12, 31)]),
        ("12 March 2025", [(2025, 3, 12)]),
        ("the 12th of March", [(0, 3, 12)]),
        ("March 12, 2025", [(2025, 3, 12)]),
        ("Sept. 3rd", [(0, 9, 3)]),
        ("in March 2025", [(2025, 3, 0)]),
        ("2014-03", [(2014, 3, 0)]),
        ("2025年3月12日", [(2025, 3, 12)]),
        ("二〇二四年", [(2024, 0, 0)]),
        ("二〇二五年十二月三日", [(2025, 12, 3)]),
        ("三月十二日", [(0, 3, 12)]),
        ("2025年", [(2025, 0, 0)]),
        ("it may be 5", []),
        ("2014-2016", []),
        ("45.13.2025", []),
    ],
)
def test_dates(text: str, readings: list[tuple[int, int, int]]) -> None:
    assert [reading for dated in dates_in(text) for reading in dated.readings] == [Date(*each) for each in readings]
