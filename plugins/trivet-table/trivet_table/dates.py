"""Dates as people write them in tables, and spans of time as they name them in conditions."""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta

import msgspec

MONTHS = ("january february march april may june july august september october november december").split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

_ISO_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_ISO_TIME = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,]\s*(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_NAMED_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})")
_NAMED_MONTH = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]")


class Order(msgspec.Struct, frozen=True):
    """Whether `03/04/2024` is the third of April or, as in the United States, March the fourth."""

    month_first: bool = False

    def read(self, text: str) -> date | datetime | None:
        """The day or moment that `text` writes, or None. A time zone is dropped: the clock's reading counts."""
        text = text.strip()
        try:
            if match := _ISO_DAY.fullmatch(text):
                return date(int(match[1]), int(match[3]), int(match[4]))
            if match := _ISO_TIME.fullmatch(text):
                micro = int((match[8] or "0")[:6].ljust(6, "0"))
                clock = (int(match[5]), int(match[6]), int(match[7] or 0), micro)
                return datetime(int(match[1]), int(match[3]), int(match[4]), *clock)
            if match := _DAY_FIRST.fullmatch(text):
                first, second, year = int(match[1]), int(match[3]), int(match[4])
                day, month = (second, first) if self.month_first else (first, second)
                if match[5] is None:
                    return date(year, month, day)
                return datetime(year, month, day, int(match[5]), int(match[6]), int(match[7] or 0))
            if match := _CHINESE.fullmatch(text):
                return date(int(match[1]), int(match[2]), int(match[3]))
            if (match := _NAMED_DAY.fullmatch(text)) and (named := month_named(match[2])):
                return date(int(match[3]), named, int(match[1]))
            if (match := _NAMED_MONTH.fullmatch(text)) and (named := month_named(match[1])):
                return date(int(match[3]), named, int(match[2]))
        except ValueError:
            return None
        return None


def order_of(values: Collection[str]) -> Order | None:
    """The order in which every value is a day or a moment, day first where both fit; None if neither does."""
    for order in (Order(), Order(month_first=True)):
        if all(order.read(value) is not None for value in values):
            return order
    return None


def month_named(word: str) -> int | None:
    """1 to 12 for an English month or its abbreviation of three letters or more."""
    word = word.casefold()
    return next((i for i, name in enumerate(MONTHS, 1) if len(word) >= 3 and name.startswith(word)), None)


def with_name(month: str) -> str:
    """`2024-05 (May)`, of a month in ISO 8601; anything else as it is."""
    number = int(month[5:]) if re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", month) else 0
    return f"{month} ({MONTHS[number - 1].capitalize()})" if number else month


class Span(msgspec.Struct, frozen=True):
    """A stretch of time, from `start` up to but not including `end`."""

    start: datetime
    end: datetime


_PERIODS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int, int] | None]], ...] = (
    (re.compile(r"(\d{4})年?"), lambda m: (int(m[1]), 0)),
    (re.compile(r"(\d{4})[-/.](\d{1,2})"), lambda m: (int(m[1]), int(m[2]))),
    (re.compile(r"(\d{4})年(\d{1,2})月"), lambda m: (int(m[1]), int(m[2]))),
    (re.compile(r"(\d{1,2})[-/.](\d{4})"), lambda m: (int(m[2]), int(m[1]))),
    (re.compile(r"([A-Za-z]{3,9})\.?,? (\d{4})"), lambda m: (int(m[2]), month_named(m[1]) or -1)),
    (re.compile(r"(\d{4}) ([A-Za-z]{3,9})"), lambda m: (int(m[1]), month_named(m[2]) or -1)),
)


def span_of(text: str, order: Order) -> Span | None:
    """The year, month, day, minute or second that a text names: `2014`, `2014-03`, `March 2014`, `2014-03-05 10:30`."""
    text = text.strip()
    try:
        for pattern, read in _PERIODS:
            if (match := pattern.fullmatch(text)) and (found := read(match)):
                year, month = found
                if month < 0:
                    return None
                start = datetime(year, month or 1, 1)
                return Span(start, datetime(year + 1, 1, 1) if month in (0, 12) else datetime(year, month + 1, 1))
    except ValueError:
        return None
    moment = order.read(text)
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        start = datetime(moment.year, moment.month, moment.day)
        return Span(start, start + timedelta(days=1))
    if moment.microsecond:
        return Span(moment, moment + timedelta(microseconds=1))
    has_seconds = text.count(":") - (1 if re.search(r"[+-]\d{2}:\d{2}$", text) else 0) > 1
    return Span(moment, moment + (timedelta(seconds=1) if has_seconds else timedelta(minutes=1)))


def as_moment(value: date | datetime) -> datetime:
    """A day as its first instant; a moment as it is, without zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime(value.year, value.month, value.day)
