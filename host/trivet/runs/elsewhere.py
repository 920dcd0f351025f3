"""Runs that waited here and ended elsewhere: another process cancels one, or takes it up and finishes it."""

import time
from collections.abc import Callable

from trivet.journal.journal import Journal
from trivet_sdk.events import TERMINAL, Event, RunClosed

PAUSE = 1.0
"""Seconds between two looks; each is one small query, and none is made while nothing waits."""


class EndedElsewhere:
    """What plugins of this host keep for them can go, which `run.closed` tells."""

    def __init__(self, journal: Journal, emit: Callable[[Event], None]) -> None:
        self._journal = journal
        self._emit = emit
        self._waiting = set[str]()
        self._looked = 0.0

    def expect(self, run: str) -> None:
        """It waits, and no host has it."""
        self._waiting.add(run)

    def forget(self, run: str) -> None:
        """It is worked on here, or has ended here."""
        self._waiting.discard(run)

    async def look(self) -> None:
        if not self._waiting or time.monotonic() - self._looked < PAUSE:
            return
        self._looked = time.monotonic()
        asked = tuple(self._waiting)
        rows = await self._journal.look(
            f"SELECT id, status FROM runs WHERE id IN ({','.join('?' * len(asked))})", asked
        )
        found = dict(rows)
        for run in self._waiting.intersection(asked):  # of those that nobody has taken up meanwhile
            status = found.get(run, "cancelled")  # one that was deleted is over, too
            if status in TERMINAL:
                self._waiting.discard(run)
                self._emit(RunClosed(run=run, status=status))
