"""What an answer in words is read to state."""

import pytest

from trivet.evaluation.goals.answer import count_of_numbers, numbers_in, place_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It is 1,234.5 euros", 1234.5),
        ("about 1 234 pieces", 1234),
        ("1'234", 1234),
        ("3,5 km", 3.5),
        ("1.234,50 Euro", 1234.5),
        ("seven trips", 7),
        ("一共十二次", 12),
        ("三百零五元", 305),
        ("两个", 2),
        ("\uff11\uff12 rows", 12),
        ("minus \u22123.5", -3.5),
        ("1e3 metres", 1000),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert value in numbers_in(text)


@pytest.mark.parametrize("text", ["on 2024-03-17", "at 12:17", "id A17", "sha a17", "v1.17.x"])
def test_dates_times_and_digits_in_words_are_no_numbers(text: str) -> None:
    assert 17 not in numbers_in(text)


def test_chinese_years_are_no_numbers() -> None:
    assert numbers_in("二零二四") == []


def test_numbers_are_counted_once_however_they_can_be_read() -> None:
    assert count_of_numbers("1,500 and 1500 and 7") == 2


@pytest.mark.parametrize(
    ("wanted", "is_there"),
    [
        ("camera", True),
        ("cam", False),
        ("cam*", True),
        ("CAMERA", True),
        (["door", "camera"], True),
        ("era", False),
        ("相机", True),
    ],
)
def test_phrases_are_whole_words_in_any_case(wanted: str | list[str], is_there: bool) -> None:
    assert (place_of("The camera failed (相机).", wanted) >= 0) is is_there
