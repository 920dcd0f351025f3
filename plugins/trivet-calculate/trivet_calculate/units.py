"""Units by pint, under the names that people use for them."""

import difflib
import math
import re
import unicodedata
from functools import lru_cache
from typing import Any

import pint

from trivet_sdk import ToolError

EVERYDAY = {
    "kn": "knot", "kt": "knot", "kts": "knot", "kmh": "km/hour", "kph": "km/hour", "kmph": "km/hour", "km/h": "km/hour",
    "mph": "mile/hour", "m/s": "m/second", "mps": "m/second", "ft/s": "foot/second", "fps": "foot/second",
    "c": "degC", "°c": "degC", "celsius": "degC", "centigrade": "degC", "f": "degF", "°f": "degF", "fahrenheit": "degF",
    "k": "kelvin", "lbs": "pound", "lb": "pound", "st": "stone", "stones": "stone", "g": "gram", "gr": "gram",
    "kilo": "kilogram", "kilos": "kilogram", "t": "metric_ton", "ton": "metric_ton", "tons": "metric_ton",
    "tonne": "metric_ton", "tonnes": "metric_ton", "short tons": "short_ton", "long tons": "long_ton",
    "ft": "foot", "feet": "foot", "'": "foot", "in": "inch", '"': "inch", "yd": "yard", "yds": "yard", "mi": "mile",
    "nmi": "nautical_mile", "sea miles": "nautical_mile", "nautical miles": "nautical_mile", "m": "meter",
    "l": "liter", "gal": "gallon", "uk gallons": "imperial_gallon", "imperial gallons": "imperial_gallon",
    "us gallons": "gallon", "uk pints": "imperial_pint", "fl oz": "fluid_ounce", "tbsp": "tablespoon",
    "tsp": "teaspoon", "sqm": "meter**2", "m2": "meter**2", "m3": "meter**3", "km2": "kilometer**2", "cm2": "cm**2",
    "cm3": "cm**3", "ccm": "cm**3", "sq ft": "foot**2", "sqft": "foot**2", "sq m": "meter**2", "sq km": "kilometer**2",
    "ha": "hectare", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "s": "second",
    "sec": "second", "secs": "second", "d": "day", "kcal": "kilocalorie", "kwh": "kilowatt_hour", "wh": "watt_hour",
    "ps": "metric_horsepower", "hp": "horsepower", "kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte",
    "tb": "terabyte", "mbit": "megabit", "mbps": "megabit/second", "mpg": "mile/gallon",
    "bpm": "count/minute", "rpm": "revolution/minute", "mmhg": "mmHg",
    "公里": "kilometer", "千米": "kilometer", "米": "meter", "厘米": "centimeter", "毫米": "millimeter", "英里": "mile",
    "海里": "nautical_mile", "英尺": "foot", "英寸": "inch", "公斤": "kilogram", "千克": "kilogram", "克": "gram",
    "斤": "jin", "吨": "metric_ton", "磅": "pound", "盎司": "ounce", "升": "liter", "毫升": "milliliter",
    "加仑": "gallon", "亩": "mu_of_land", "公顷": "hectare", "平方米": "meter**2", "节": "knot", "小时": "hour",
    "分钟": "minute", "秒": "second", "天": "day", "周": "week", "摄氏度": "degC", "华氏度": "degF",
}  # fmt: skip
"""Everyday name, in lower case -> pint's."""

_SAFE = re.compile(r"[^\d\W][\w°µ ./*^²³-]{0,60}|[°'\"][A-Za-z]?")
_LARGE_POWER = re.compile(r"\d{2}|[\^*]\s*[-\d.]*\s*[\^*]{2}|(?:[\^*]{2}|\^).*(?:\*\*|\^).*(?:\*\*|\^)")
_WORDS = (
    "metres kilometres centimetres millimetres miles yards feet inches grams kilograms pounds ounces stone litres "
    "millilitres gallons pints cups hours minutes seconds days weeks years celsius fahrenheit kelvin knots acres hectares "
    "joules calories watts kilowatts volts amperes pascal bar psi newton hertz bytes kilobytes megabytes gigabytes"
).split()


def convert(value: float, unit: str, to: str) -> float:
    """`value` in the other unit. Raises ToolError for an unknown unit, or two that measure different things."""
    start, end = _parsed(unit), _parsed(to)
    try:
        magnitude = _registry().Quantity(value, start).to(end).magnitude
    except pint.DimensionalityError:
        raise ToolError(
            f"{unit} cannot be converted to {to}: one measures {_measured(start)}, the other {_measured(end)}."
        ) from None
    if not math.isfinite(magnitude):
        raise ToolError(f"{value:g} {unit} is too large to be told in {to}.")
    if start.dimensionality == _registry().kelvin.dimensionality and _kelvins(value, start) < 0:
        raise ToolError(f"{value:g} {unit} is below absolute zero.")
    return float(f"{magnitude:.12g}")  # 211.99999999999991 degrees are 212


def split(value: float, unit: str, large: str, small: str) -> tuple[int, float]:
    """`value` as a whole number of the large unit and what is left in the small one: 134 minutes are 2 hours and 14 minutes.
    Raises ToolError as `convert` does."""
    total, each = convert(value, unit, small), convert(1, large, small)
    if each <= 0 or not _is_plain(total / each):
        raise ToolError(f"{unit} cannot be told in {large} and {small}.")
    whole = math.trunc(float(f"{total / each:.10g}"))
    return whole, float(f"{total - whole * each:.10g}")


def _is_plain(ratio: float) -> bool:
    return math.isfinite(ratio) and abs(ratio) < 1e15


def _kelvins(value: float, unit: Any) -> float:
    return float(_registry().Quantity(value, unit).to("kelvin").magnitude)


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Made on first use, for it takes a third of a second."""
    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("jin = 500 * gram")
    registry.define("mu_of_land = 10000 / 15 * meter ** 2")
    return registry


def _parsed(unit: str) -> Any:
    name = unit.strip()
    powers = re.sub("[²³⁰¹⁴-⁹]", lambda digit: f"**{unicodedata.normalize('NFKC', digit[0])}", name)
    if not _SAFE.fullmatch(name) or _LARGE_POWER.search(powers):
        raise ToolError(f"'{unit}' is no unit. Write it like km/h, knots, litres or °F.")
    for spelling in _spellings(name):
        try:
            return _registry().parse_units(spelling)
        except Exception:  # pint's reader raises whatever it stumbles over, AssertionError and TokenError among it
            continue
    near = difflib.get_close_matches(name.casefold(), [*EVERYDAY, *_WORDS], n=2, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Write it like km/h, knots, litres or °F."
    raise ToolError(f"'{unit}' is no unit that is known. {hint}")


def _spellings(name: str) -> list[str]:
    """Ways to tell pint what a name may mean, the likeliest first."""
    plain = re.sub(r"\s+", " ", name.casefold().replace("degrees ", "").replace("degree ", ""))
    plain = plain.replace("²", "**2").replace("³", "**3").replace("^", "**").replace("·", "*")
    parts = re.split(r"(\s*/\s*|\s+per\s+)", re.sub(r"\ba(?:n)? (?=\w)", "", plain))
    each = "".join(part if i % 2 else _one(part) for i, part in enumerate(parts))
    return list(dict.fromkeys([EVERYDAY.get(plain, each), each, name, plain]))


def _one(name: str) -> str:
    """A unit without `per`: an everyday name, or its singular, squares and cubes spelled with powers."""
    name = name.strip()
    if match := re.fullmatch(r"(square|sq|cubic|cu)\.? (.+)|(.+?) (squared|cubed)", name):
        power = 2 if (match[1] or match[4]).startswith("sq") else 3
        return f"{_one(match[2] or match[3])}**{power}"
    singular = name.removesuffix("s")
    return EVERYDAY.get(name) or EVERYDAY.get(singular) or name.replace(" ", "_")


def _measured(unit: Any) -> str:
    """`length / time`, for people."""
    dimension = str(unit.dimensionality)
    return dimension.replace("[", "").replace("]", "").replace(" ** ", "^") if dimension else "no dimension"
