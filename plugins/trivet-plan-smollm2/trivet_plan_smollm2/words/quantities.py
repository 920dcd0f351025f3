"""Figures with units as people write them, compound times and prices too: `15.4 km`, `1 h 20 min`, `6.4 l per 100 km`,
`每公斤8元`."""

import re

import msgspec

from trivet_plan_smollm2.words.dimensions import UNIT, Dimension, dimension

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_MONEY = r"[€$£]"
_DURATION = re.compile(
    r"(?<![A-Za-z0-9_.,:/-])(?:"
    r"(?P<h>\d+)\s*(?:h|hrs?|hours?|小时)(?:\s*,?\s*(?:and\s+)?(?P<m>[0-5]?\d)\s*(?:m|min|mins|minutes?|分钟|分)?)"
    r"(?:\s*(?:and\s+)?(?P<s>[0-5]?\d)\s*(?:s|secs?|seconds?|秒))?"
    r"|(?P<m2>\d+)\s*(?:min|mins|minutes?|分钟|分)\s*(?:and\s+)?(?P<s2>[0-5]?\d)\s*(?:s|secs?|seconds?|秒)"
    r"|(?P<h3>\d{1,3}):(?P<m3>[0-5]\d):(?P<s3>[0-5]\d)|(?P<h4>\d{1,3}):(?P<m4>[0-5]\d)\s*(?:h|hrs?|hours)"
    r"|(?P<m5>\d{1,3}):(?P<s5>[0-5]\d)\s*(?=(?:min|mins|minutes)\b)|(?P<m6>2[4-9]|[3-5]\d):(?P<s6>[0-5]\d)"
    r")(?![A-Za-z0-9_:]|\.\d)",
    re.IGNORECASE,
)
"""`1 h 20 min`, `1:12:30`, `52:30`, of which no clock has the hour."""
_FIGURE = re.compile(
    rf"(?:每(?P<per>小时|分钟|秒|天|公里|千米|米|升|公斤|千克|斤))?(?<![A-Za-z0-9_.,:/-])"
    rf"(?:(?P<sign>{_MONEY})\s?(?P<paid>{_NUMBER})|(?P<number>{_NUMBER})\s*-?(?P<unit>{UNIT}))",
    re.IGNORECASE,
)
_ANY = re.compile(r"\d+(?:[.,:]\d+)*")


class Quantity(msgspec.Struct, frozen=True):
    value: str
    said: str
    dimension: Dimension
    start: int
    end: int


def has_physical_rate(text: str) -> bool:
    """Whether a figure such as `9.5 km/h` is said, which is no price of each."""
    return any(
        len(each.dimension.powers) > 1 and not any(kind == "money" for kind, _ in each.dimension.powers)
        for each in quantities_in(text)
    )


def quantities_in(text: str) -> list[Quantity]:
    """Every figure of a text that has a unit."""
    return quantities(text, is_all=False) or []


def quantities(text: str, *, is_all: bool = True) -> list[Quantity] | None:
    """Every figure with its unit; None if one has none."""
    found: list[Quantity] = []
    for match in _DURATION.finditer(text):
        parts = {key[0]: int(value) for key, value in match.groupdict().items() if value}
        seconds = parts.get("h", 0) * 3600 + parts.get("m", 0) * 60 + parts.get("s", 0)
        unit, size = ("s", 1) if parts.get("s") else ("min", 60)
        behind = re.match(rf"\s*(?P<unit>{UNIT})", text[match.end() :], re.IGNORECASE)
        if behind and (whole := dimension(behind["unit"])) is not None and whole.powers[0][0] != "time":
            per_second = Dimension(whole.powers, whole.size / 60 * size)  # `5:30 min/km`
            found.append(Quantity(f"{seconds // size}", unit, per_second, match.start(), match.end() + behind.end()))
            continue
        end = match.end() + (behind.end() if behind else 0)
        found.append(Quantity(f"{seconds // size}", unit, Dimension((("time", 1),), size), match.start(), end))
    for match in _FIGURE.finditer(text):
        if any(each.start < match.end() and match.start() < each.end for each in found):
            continue
        unit = match["sign"] or match["unit"]
        measured = dimension(unit)
        if measured is None:
            return None
        if match["per"] and (below := dimension(match["per"])) is not None:
            measured = measured.times(below, -1)
        if match["sign"] and (per := re.match(rf"\s*(?:/|per|an?|each)\s*(?P<unit>{UNIT})", text[match.end() :], re.I)):
            below = dimension(per["unit"])
            if below is None:
                return None
            measured = measured.times(below, -1)
        value = (match["paid"] or match["number"]).replace(",", "")
        found.append(Quantity(value, unit, measured, match.start(), match.end()))
    rest = list(text)
    for each in found:
        rest[each.start : each.end] = " " * (each.end - each.start)
    left = re.sub(rf"(?<=[\w/ ])(?:/|per)\s*1(?:00|0)?\s*(?={UNIT})", " ", "".join(rest), flags=re.IGNORECASE)
    if is_all and _ANY.search(left):
        return None
    return sorted(found, key=lambda each: each.start) or None
