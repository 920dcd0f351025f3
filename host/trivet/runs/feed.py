"""Records as they happen, for whoever watches in this process. A watcher that is too slow reads the journal instead."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from trivet_sdk.events import Record

BOUND = 4096
"""Records that wait for one watcher."""


class Watcher:
    def __init__(self, *, transient: bool) -> None:
        self.wants_transient = transient
        self.records: deque[Record] = deque()
        self._news = anyio.Event()

    def put(self, record: Record) -> None:
        if len(self.records) >= BOUND:
            self.records.clear()  # the gap in `seq` sends the watcher to the journal
        self.records.append(record)
        self._news.set()

    def has_gap(self, after: int) -> bool:
        """Drop what was seen already; True if records between `after` and the next one are missing here."""
        records = self.records
        while records and 0 < records[0].seq <= after:
            records.popleft()
        return bool(records) and records[0].seq > after + 1

    def begins_at(self, seq: int) -> bool:
        """Whether the next journaled record that waits here is this one: from it on nothing needs to be read from the
        journal, which would skip the transient ones in between."""
        return next((record.seq for record in self.records if record.seq), 0) == seq

    def take(self) -> Record | None:
        return self.records.popleft() if self.records else None

    async def wait(self, seconds: float) -> None:
        """Until there is something, or so long."""
        if not self.records:
            self._news = anyio.Event()
            with anyio.move_on_after(seconds):
                await self._news.wait()


class Feed:
    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}

    def publish(self, record: Record) -> None:
        for watcher in self._watchers.get(record.run, ()):
            watcher.put(record)

    def publish_transient(self, record: Record) -> None:
        for watcher in self._watchers.get(record.run, ()):
            if watcher.wants_transient:
                watcher.put(record)

    def is_watched(self, run: str) -> bool:
        return run in self._watchers

    @contextmanager
    def watch(self, run: str, *, transient: bool) -> Iterator[Watcher]:
        watcher = Watcher(transient=transient)
        watchers = self._watchers.setdefault(run, [])
        watchers.append(watcher)
        try:
            yield watcher
        finally:
            watchers.remove(watcher)
            if not watchers:
                self._watchers.pop(run, None)
