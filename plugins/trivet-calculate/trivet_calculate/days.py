"""Days as people write them, and steps between them."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from trivet_sdk import ToolError

Unit: TypeAlias = Literal["days", "weeks", "months", "years"]

_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%m/%d/%Y", "%Y年%m月%d日",
          "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y")  # fmt: skip
"""Tried in this order, so `03/04/2025` is the third of April, and `04/13/2025` the thirteenth."""


def day(text: str) -> date:
    """Read a date in any usual form; the time of an ISO time stamp is dropped. Raises ToolError for anything else."""
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|,|\bof\b|^\w+day\b", " ", text.strip(), flags=re.IGNORECASE)
    plain = " ".join(re.sub(r"号$", "日", plain).split())
    stamp = re.match(r"(\d{4}-\d{2}-\d{2})[T ]\d{1,2}:\d{2}", plain)
    for form in _FORMS:
        try:
            return datetime.strptime(stamp[1] if stamp else plain, form).date()
        except ValueError:
            continue
    raise ToolError(f"'{text}' is no date. Write it like 2024-02-29 or 29 February 2024.")


def moved(start: date, amount: int, unit: Unit) -> date:
    """So many days, weeks, months or years later, or earlier if negative; the 31st becomes a month's last day.

    Raises ToolError beyond the years 1 to 9999.
    """
    try:
        if unit in ("days", "weeks"):
            return start + timedelta(days=amount * (7 if unit == "weeks" else 1))
        months = start.year * 12 + start.month - 1 + amount * (12 if unit == "years" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        raise ToolError(f"{amount} {unit} from {start} is beyond the calendar's years 1 to 9999.") from None
