"""When to try again."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
"""Statuses after which the same request may succeed."""
FIRST, LONGEST = 0.5, 30.0
"""Seconds: the first pause, and the longest that is chosen without the endpoint asking for it."""


def pause(attempt: int, asked: float | None, chance: float | None = None) -> float:
    """Seconds to wait after failed attempt number `attempt`, from 1. `asked` is what the endpoint asked for.

    Doubling with "equal jitter", so that many runs that failed together do not return together
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `chance` is in [0, 1).
    """
    chance = random.random() if chance is None else chance
    if asked is not None:
        return asked * (1 + 0.1 * chance)
    whole = min(LONGEST, FIRST * 2.0 ** (attempt - 1))
    return whole / 2 + whole / 2 * chance


def asked_pause(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the endpoint asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
    except ValueError:
        pass
    after = headers.get("retry-after", "").strip()
    if not after:
        return None
    try:
        return max(0.0, float(after))
    except ValueError:
        pass
    try:
        then = parsedate_to_datetime(after)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - (now or datetime.now(UTC))).total_seconds())
