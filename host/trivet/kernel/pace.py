"""How patiently plugins are restarted, and how long others wait for them."""

import random
import time
from collections.abc import Awaitable, Callable

import anyio
import msgspec

LONGEST = 60.0
"""Seconds between two starts of a plugin that keeps failing, at most."""


class Pace(msgspec.Struct, frozen=True):
    """Clock and chance are handed in, so that a test need not wait for either."""

    now: Callable[[], float] = time.time
    """Unix time in seconds: failures are counted together with those of other processes."""
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    """Before a restart."""
    chance: Callable[[], float] = random.random
    """0 to 1, for the jitter."""
    patience: float = 30.0
    """Seconds that a caller waits for a plugin that is being restarted."""
    drain: float = 30.0
    """Seconds that calls at work have to finish on a life that is to end."""
    look: float = 1.0
    """Seconds between two looks at settings and restart requests."""


USUAL = Pace()


def delay(earlier: int, chance: float) -> float:
    """Seconds to wait before the next start, after `earlier` failures before this one: doubling, and at least half of it
    by chance, so that hosts that failed together do not come back together."""
    return min(LONGEST, 2.0**earlier) * (0.5 + chance / 2)
