"""Dates in a text, however they are written."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, 4, len(name))}
_NAME = (
    "(?:"
    + "|".join(name.capitalize() for name in _MONTHS)
    + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CN = "[〇零一二三四五六七八九十\\d]"
_PATTERNS = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<![\d.])(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<n>{_NAME}),?(?: (?P<y>\d{{4}})(?!\d))?"),
    re.compile(rf"\b(?P<n>{_NAME}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<y>\d{{4}})(?!\d))?"),
    re.compile(rf"\b(?P<n>{_NAME}),? (?:of )?(?P<y>\d{{4}})(?!\d)"),
    re.compile(rf"(?:(?P<y>{_CN}{{4}})年)(?:(?P<m>{_CN}{{1,3}})月)?(?:(?P<d>{_CN}{{1,3}})[日号])?"),
    re.compile(rf"(?P<m>{_CN}{{1,3}})月(?P<d>{_CN}{{1,3}})[日号]"),
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})(?![\d-])"),
)


class Date(NamedTuple):
    """Parts that are not said are 0."""

    year: int
    month: int
    day: int


class Dated(NamedTuple):
    text: str
    start: int
    end: int
    readings: tuple[Date, ...]
    """More than one for 3/4/2025."""


def dates_in(text: str) -> list[Dated]:
    """In order of the patterns, none overlapping another."""
    found: list[Dated] = []
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            readings = tuple(dict.fromkeys(_readings(match)))
            if readings:
                taken.append((start, end))
                found.append(Dated(match[0], start, end, readings))
    return found


def agree(one: Date, other: Date) -> bool:
    """Nothing that both say differs, and they have something in common."""
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    return bool(pairs) and all(a == b for a, b in pairs)


def _readings(match: re.Match[str]) -> Iterator[Date]:
    parts = match.groupdict()
    year = _number(parts.get("y"))
    if parts.get("a"):
        for day, month in ((parts["a"], parts["b"]), (parts["b"], parts["a"])):
            yield from _valid(year, _number(month), _number(day))
    elif name := parts.get("n"):
        yield from _valid(year, _MONTH[name.lower().rstrip(".")], _number(parts.get("d")))
    else:
        yield from _valid(year, _number(parts.get("m")), _number(parts.get("d")))


def _valid(year: int, month: int, day: int) -> Iterator[Date]:
    if month <= 12 and day <= 31 and (not year or 1000 <= year <= 2999):
        yield Date(year, month, day)


def _number(text: str | None) -> int:
    """Digits, or Chinese ones: 十二 is 12, 二〇二四 is 2024."""
    if not text:
        return 0
    text = text.translate(_DIGITS)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (int(tens) if tens else 1) * 10 + (int(ones) if ones else 0)
    return int(text)
