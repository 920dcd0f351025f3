"""Units of numbers in one spelling each, and which of them an argument's name tells of."""

from collections.abc import Mapping

UNITS: Mapping[str, str] = {
    word: unit
    for unit, words in {
        "m": "m meter meters metre metres",
        "km": "km kilometer kilometers kilometre kilometres", "cm": "cm centimeter centimeters centimetre centimetres",
        "mi": "mi mile miles", "ft": "ft foot feet", "in": "inch inches", "kg": "kg kilogram kilograms kilo kilos",
        "g": "g gram grams", "lb": "lb lbs pound pounds", "oz": "oz ounce ounces", "tonne": "tonne tonnes",
        "s": "s sec second seconds", "min": "min minute minutes",
        "h": "h hr hrs hour hours", "day": "day days", "week": "week weeks", "month": "month months", "year": "year years",
        "%": "% percent percentage", "usd": "$ dollar dollars usd", "m/s": "m/s", "m/s^2": "m/s^2", "n": "newton newtons n",
        "j": "joule joules j", "k": "kelvin k", "c": "celsius c",
        "f": "fahrenheit f", "v": "volt volts v", "a": "ampere amperes amp amps a",
        "pa": "pascal pascals pa", "hz": "hertz hz", "t": "tesla", "w": "watt watts", "l": "liter liters litre litres",
        "mol": "mole moles mol", "people": "people persons guests adults",
    }.items()
    for word in words.split()
}  # fmt: skip
IMPLIED: Mapping[str, str] = {
    word: units
    for units, words in {
        "k c f": "temperature temp", "mol": "moles", "m km cm mi ft in": "distance length height width depth radius",
        "s min h day": "time duration", "kg g lb": "mass weight",
        "m/s": "speed velocity", "m/s^2": "acceleration",
        "usd": "price cost budget investment principal revenue salary income", "v": "voltage", "a": "current", "hz": "frequency",
        "pa": "pressure", "n": "force", "year": "age years", "day": "days", "month": "months", "people": "people players guests",
    }.items()
    for word in words.split()
}  # fmt: skip
"""The units that an argument's name tells, where its description names none."""

KINDS: Mapping[str, int] = {
    unit: kind
    for kind, units in enumerate(
        ("s min h day week", "g kg tonne lb oz", "mm cm m km mi ft yd in", "ml l gallon pint", "c f k", "m/s")
    )
    for unit in units.split()
}
"""Units that are told in each other have the same number here."""


def unit_of(word: str) -> str:
    """The unit that a word is, in one spelling; empty if it is none."""
    return UNITS.get(word.lower(), "")


_SIZES: Mapping[str, float] = {
    "s": 1, "min": 60, "h": 3600, "day": 86400, "week": 604800, "g": 1, "kg": 1000, "tonne": 1_000_000,
    "cm": 1, "m": 100, "km": 100_000,
    "ml": 1, "l": 1000,
}  # fmt: skip
"""How many of the smallest unit of its kind each is."""


def told_otherwise(number: float, unit: str) -> set[float]:
    """The same in every other unit of its kind."""
    others = (told_in(number, unit, other) for other in _SIZES if other != unit)
    return {float(told) for told in others if told is not None}


def told_in(number: float, unit: str, wanted: str) -> float | None:
    """The number in another unit of the same kind, 2 h as 120 min; None where the two are not of one kind."""
    if unit not in _SIZES or wanted not in _SIZES or KINDS.get(unit) != KINDS.get(wanted):
        return None
    found = round(number * _SIZES[unit] / _SIZES[wanted], 9)
    return int(found) if found == int(found) else found
