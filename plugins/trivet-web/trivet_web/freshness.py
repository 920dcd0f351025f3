"""How long a page may be used again, and by what to ask whether it changed: RFC 9111, for a cache of one person."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_LONGEST = 30 * 86400.0
_GUESSED = 3600.0
"""Seconds at most that a page is used again whose server says nothing, only when it was changed last."""


def may_be_kept(status: int, headers: Mapping[str, str]) -> bool:
    directives = _directives(headers)
    can_be_used = seconds_fresh(headers, 0.0) > 0 or "etag" in headers or "last-modified" in headers
    return status == 200 and "no-store" not in directives and headers.get("vary", "").strip() != "*" and can_be_used


def seconds_fresh(headers: Mapping[str, str], now: float) -> float:
    """Seconds from now in which the page needs no question; `now` is in seconds since 1970."""
    directives = _directives(headers)
    if "no-cache" in directives:
        return 0.0
    age = _number(headers.get("age", "")) or 0.0
    if (given := _number(directives.get("max-age", ""))) is not None:
        return min(max(0.0, given - age), _LONGEST)
    date = _time(headers.get("date", "")) or now
    if (expires := headers.get("expires")) is not None:
        until = _time(expires)
        return 0.0 if until is None else min(max(0.0, until - date - age), _LONGEST)
    changed = _time(headers.get("last-modified", ""))
    return 0.0 if changed is None else min(max(0.0, (date - changed) / 10 - age), _GUESSED)


def questions(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that ask a server for the page only if it is another one by now."""
    asked = {}
    for header, name in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
        if (value := headers.get(header)) and value.isascii():
            asked[name] = value
    return asked


def _directives(headers: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        found.setdefault(name.lower(), value.strip('" '))
    return found


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _time(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
