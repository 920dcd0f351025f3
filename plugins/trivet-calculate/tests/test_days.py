from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_calculate.days import day, moved
from trivet_sdk import ToolError


@pytest.mark.parametrize(
    "text",
    ["2024-02-29", "2024/2/29", "29.02.2024", "29 February 2024", "Feb 29, 2024", "29th of February 2024",
     "Thursday 29 February 2024", "2024年2月29日", "2024-02-29T18:30:00Z", "02/29/2024", "29/02/2024"],
)  # fmt: skip
def test_dates_are_read_in_every_usual_form(text: str) -> None:
    assert day(text) == date(2024, 2, 29)


def test_a_date_that_fits_both_orders_is_read_day_first() -> None:
    assert day("03/04/2025") == date(2025, 4, 3)


@pytest.mark.parametrize("text", ["31.02.2024", "soon", "", "2024-13-01"])
def test_a_date_that_is_none_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        day(text)
    assert str(caught.value) == f"'{text}' is no date. Write it like 2024-02-29 or 29 February 2024."


def test_a_month_after_the_thirty_first_is_the_months_last_day() -> None:
    assert moved(date(2024, 1, 31), 1, "months") == date(2024, 2, 29)
    assert moved(date(2024, 2, 29), 1, "years") == date(2025, 2, 28)
    assert moved(date(2024, 3, 31), -1, "months") == date(2024, 2, 29)


def test_a_step_beyond_the_calendar_is_told_in_a_sentence() -> None:
    with pytest.raises(ToolError) as caught:
        moved(date(2024, 1, 1), 9999, "years")
    assert str(caught.value) == "9999 years from 2024-01-01 is beyond the calendar's years 1 to 9999."


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-20000, 20000))
def test_days_forth_and_back_lead_home(start: date, amount: int) -> None:
    assert moved(moved(start, amount, "days"), -amount, "days") == start


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_date_is_read_back_from_its_iso_form(start: date) -> None:
    assert day(start.isoformat()) == start
