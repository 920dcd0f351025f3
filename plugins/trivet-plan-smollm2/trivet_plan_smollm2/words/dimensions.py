"""What units measure and how large they are, so that figures with units can be multiplied and divided: `km/h`, `l/100 km`."""

import re
from collections.abc import Mapping

import msgspec

_TABLE: Mapping[str, tuple[tuple[float, str], ...]] = {
    "time": (
        (1, "s sec secs second seconds 秒 秒钟"), (60, "min mins minute minutes 分钟"),
        (3600, "h hr hrs hour hours 小时 钟头"), (86400, "day days 天"), (604800, "week weeks 周 星期"),
    ),
    "length": (
        (0.001, "mm millimetre millimetres millimeter millimeters 毫米"),
        (0.01, "cm centimetre centimetres centimeter centimeters 厘米"), (1, "m metre metres meter meters 米"),
        (1000, "km kms kilometre kilometres kilometer kilometers 公里 千米"), (1609.344, "mi mile miles 英里"),
        (0.3048, "ft foot feet 英尺"), (0.0254, "inch inches 英寸"), (0.9144, "yd yds yard yards"),
        (1852, "nmi 海里"),
    ),
    "mass": (
        (0.001, "mg milligram milligrams 毫克"), (1, "g gram grams gramme grammes 克"),
        (1000, "kg kgs kilo kilos kilogram kilograms 公斤 千克"), (1_000_000, "t tonne tonnes 吨"),
        (453.59237, "lb lbs"), (28.349523125, "oz ounce ounces"), (500, "斤"),
    ),
    "volume": (
        (0.001, "ml millilitre millilitres milliliter milliliters 毫升"), (0.01, "cl"), (0.1, "dl"),
        (1, "l litre litres liter liters 升"),
        (1000, "m3 m³ cbm 立方米"),
    ),
    "area": ((1, "m2 m² sqm 平方米"), (10_000, "ha hectare hectares 公顷"), (1_000_000, "km2 km²"),
             (0.09290304, "sqft ft2 ft² 平方英尺"), (4046.8564224, "acre acres 英亩")),
    "money": (
        (1, "€ $ £ eur euro euros usd dollar dollars gbp pound pounds chf franc francs yuan yen 元 块 块钱"),
        (0.01, "ct cent cents pence"),
    ),
    "data": (
        (1, "byte bytes"), (1000, "kb kilobyte kilobytes"), (1e6, "mb megabyte megabytes"),
        (1e9, "gb gigabyte gigabytes"), (1e12, "tb terabyte terabytes"),
        (125e3, "mbit mbits megabit megabits"), (125e6, "gbit gbits gigabit gigabits"),
    ),
    "energy": ((1, "wh"), (1000, "kwh")),
}  # fmt: skip
_SIMPLE: Mapping[str, tuple[str, float]] = {
    word: (kind, size) for kind, units in _TABLE.items() for size, words in units for word in words.split()
}
_WHOLE: Mapping[str, tuple[Mapping[str, int], float]] = {
    **{word: ({"length": 1, "time": -1}, 1 / 3.6) for word in ("kmh", "km/h", "kph", "kmph")},
    **{word: ({"length": 1, "time": -1}, 0.44704) for word in ("mph",)},
    **{word: ({"length": 1, "time": -1}, 1852 / 3600) for word in ("knot", "knots", "kn", "kt", "kts", "节")},
    "mbps": ({"data": 1, "time": -1}, 125e3),
    "w": ({"energy": 1, "time": -1}, 1 / 3600),
    "watt": ({"energy": 1, "time": -1}, 1 / 3600),
    "watts": ({"energy": 1, "time": -1}, 1 / 3600),
    "kw": ({"energy": 1, "time": -1}, 1000 / 3600),
}
_TEMPERATURES = {
    "c": "c celsius centigrade 摄氏度", "f": "f fahrenheit 华氏度", "k": "k kelvin kelvins"
}  # fmt: skip
WORD = "|".join(sorted(map(re.escape, {*_SIMPLE, *_WHOLE}), key=len, reverse=True))
UNIT = (
    rf"(?:(?:square|sq\.?) (?:metres?|meters?|m|feet|foot|ft)\b|cubic met(?:re|er)s?|nautical miles?|(?:{WORD}))(?![A-Za-z²]|-\w)"
    rf"(?:\s*(?:/|\bper\b|\bp\.\s?|\b(?:an?|each|every)\b)\s*(?:\d+\s*)?(?:{WORD})(?![A-Za-z²]|-\w))?"
)
"""A unit as people write it, a quotient too: `l per 100 km`, `euros an hour`."""
_QUOTIENT = re.compile(r"\s*(?:/|\bper\b|\bp\.\s?|\b(?:an?|each|every)\b)\s*(?P<number>\d+)?\s*", re.IGNORECASE)


class Dimension(msgspec.Struct, frozen=True):
    """What a unit measures, as powers such as length 1 and time -1, and how many of the smallest units it is."""

    powers: tuple[tuple[str, int], ...]
    size: float

    def times(self, other: "Dimension", power: int = 1) -> "Dimension":
        powers = dict(self.powers)
        for kind, each in other.powers:
            powers[kind] = powers.get(kind, 0) + power * each
        left = tuple(sorted((kind, each) for kind, each in powers.items() if each))
        return Dimension(left, self.size * other.size**power)

    @property
    def is_simple(self) -> bool:
        return len(self.powers) == 1 and self.powers[0][1] == 1

    @property
    def kind(self) -> str:
        """`time`, of hours; empty for quotients."""
        return self.powers[0][0] if self.is_simple else ""


def dimension(unit: str) -> Dimension | None:
    """Of a unit as it is written: `km/h`, `litres per 100 km`; None if nobody knows it."""
    said = re.sub(r"\s+", " ", unit.strip().lower())
    if whole := _WHOLE.get(said):
        return Dimension(tuple(sorted(whole[0].items())), whole[1])
    said = re.sub(r"(?:square|sq\.?) (?:met(?:re|er)s?|m)\b", "m2", re.sub(r"nautical miles?", "nmi", said))
    said = re.sub(r"(?:square|sq\.?) (?:feet|foot|ft)\b", "sqft", re.sub(r"cubic met(?:re|er)s?", "m3", said))
    parts = _QUOTIENT.split(said)
    if simple := _SIMPLE.get(said):
        return Dimension(((simple[0], 1),), simple[1])
    if len(parts) != 3 or parts[0] not in _SIMPLE or parts[2] not in _SIMPLE:
        return None
    above, below = (Dimension(((_SIMPLE[part][0], 1),), _SIMPLE[part][1]) for part in (parts[0], parts[2]))
    below = Dimension(below.powers, below.size * float(parts[1] or 1))
    return above.times(below, -1)


def temperature(unit: str) -> str:
    """`c`, `f` or `k`; empty if it is no unit of temperatures."""
    said = re.sub(r"°|\b(?:degrees?|deg)\b", " ", unit.lower()).strip()
    return next((short for short, words in _TEMPERATURES.items() if said in words.split()), "")


def is_same(unit: str, other: str) -> bool:
    """Whether both are names of one unit: `minutes` and `min`."""
    one, two = dimension(unit), dimension(other)
    return (one is not None and one == two) or (temperature(unit) != "" and temperature(unit) == temperature(other))


def are_alike(unit: str, other: str) -> bool:
    """Whether one can be told in the other: knots in metres per second."""
    if temperature(unit) and temperature(other):
        return True
    one, two = dimension(unit), dimension(other)
    if one is None or two is None:
        return False
    return one.powers == two.powers or (
        {one.kind, two.kind} == {"money", "mass"} and bool({unit.lower(), other.lower()} & {"pound", "pounds"})
    )
