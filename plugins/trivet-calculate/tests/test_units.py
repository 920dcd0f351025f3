import math
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trivet_calculate.units import EVERYDAY, convert, split
from trivet_sdk import ToolError


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (10, "miles", "kilometres", 16.09344),
        (10, "knots", "km/h", 18.52),
        (100, "degrees celsius", "°F", 212),
        (98.6, "F", "C", 37),
        (12, "stone", "kg", 76.20351816),
        (36, "kilometres per hour", "metres per second", 10),
        (2, "square metres", "sq ft", 21.5278208334),
        (5, "cubic metres", "litres", 5000),
        (1, "kWh", "J", 3600000),
        (3, "公里", "米", 3000),
        (4, "斤", "公斤", 2),
        (90, "min", "hours", 1.5),
    ],
)
def test_units_go_by_their_everyday_names(value: float, unit: str, to: str, expected: float) -> None:
    assert convert(value, unit, to) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("unit", "to", "sentence"),
    [
        ("kg", "m", "kg cannot be converted to m: one measures mass, the other length."),
        ("kilogramms", "lb", "'kilogramms' is no unit that is known. Did you mean kilograms or kilos?"),
        ("EUR", "USD", "'EUR' is no unit that is known. Write it like km/h, knots, litres or °F."),
        ("m ** 99999", "m", "'m ** 99999' is no unit. Write it like km/h, knots, litres or °F."),
        ("9**9**9**9", "m", "'9**9**9**9' is no unit. Write it like km/h, knots, litres or °F."),
    ],
)
def test_an_unknown_or_unfit_unit_is_told_in_a_sentence(unit: str, to: str, sentence: str) -> None:
    with pytest.raises(ToolError) as caught:
        convert(1, unit, to)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", EVERYDAY)
def test_every_everyday_name_is_a_unit_of_pint(name: str) -> None:
    assert convert(3, name, name) == pytest.approx(3)


@given(st.floats(-1e9, 1e9))
def test_there_and_back_again_changes_nothing(value: float) -> None:
    assert convert(convert(value, "miles", "km"), "km", "miles") == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "to", "sentence"),
    [
        (1e308, "km", "nm", "1e+308 km is too large to be told in nm."),
        (-300, "celsius", "kelvin", "-300 celsius is below absolute zero."),
    ],
)
def test_what_cannot_be_is_not_converted(value: float, unit: str, to: str, sentence: str) -> None:
    with pytest.raises(ToolError) as caught:
        convert(value, unit, to)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("unit", ["m²²²²²²²²²", "m³³³³³³", "m⁹⁹⁹⁹", "m/0", "m**9**9**9", "2**(2**(2**(2**(2**2))))*m"])
def test_a_unit_made_to_reckon_for_ever_is_none(unit: str) -> None:
    with pytest.raises(ToolError) as refused:
        convert(1, unit, "km")
    assert str(refused.value).startswith(f"'{unit}' is no unit")


@pytest.mark.parametrize(
    "amount", [pytest.param(200, id="short"), pytest.param(100_000, id="long", marks=pytest.mark.long)]
)
@pytest.mark.filterwarnings("ignore")
def test_any_unit_is_one_or_refused(amount: int) -> None:
    pieces = st.sampled_from("m km/h ² ³ ** ^ * / ( ) 2 9 0 . - kg 公斤 per square cubic °C s".split()) | st.text(
        max_size=2
    )

    @settings(max_examples=amount, deadline=5_000, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(pieces, max_size=8).map("".join), st.floats(allow_nan=False, allow_infinity=False))
    def check(unit: str, value: float) -> None:
        with suppress(ToolError):
            assert math.isfinite(convert(value, unit, "km"))

    check()


def test_two_units_take_a_whole_number_and_the_rest() -> None:
    assert split(134, "minutes", "hours", "minutes") == (2, 14.0)
    assert split(180, "cm", "feet", "inches") == (5, 10.86614173)
    with pytest.raises(ToolError, match="cannot be converted"):
        split(3, "kg", "hours", "minutes")
