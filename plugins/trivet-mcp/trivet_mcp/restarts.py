"""When a server that ended is started again."""

import random
from collections.abc import Sequence

LONGEST = 60.0
LIMIT, WINDOW = 5, 600.0
"""So many failures in so many seconds, and it is left alone."""


def pause(failures: Sequence[float], now: float, jitter: float | None = None) -> float | None:
    """Seconds until the next attempt, or None for a server that is given up. `failures` are the times of all so far."""
    recent = sum(now - at < WINDOW for at in failures)
    if recent >= LIMIT:
        return None
    share = random.uniform(0.8, 1.2) if jitter is None else jitter
    return min(LONGEST, 2.0 ** (recent - 1)) * share
