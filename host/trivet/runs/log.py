"""The log of one run that is being worked on: every event goes through here into the journal, the fold and the feed."""

import time
from collections.abc import Callable

import msgspec

from trivet.journal.events import readable
from trivet.journal.fold import Fold
from trivet.journal.journal import Journal
from trivet.runs.feed import Feed
from trivet_sdk.events import Event, Record, RunClosed, RunFinished


class RunLog:
    """Numbers the events. Only the host that holds the run's lease may have one of these."""

    def __init__(self, fold: Fold, journal: Journal, feed: Feed, emit: Callable[[Event], None]) -> None:
        self.run = fold.run
        self.fold = fold
        self.journal = journal
        self._is_left = False
        self._feed = feed
        self._emit = emit
        # One life's clock only goes forward, whatever becomes of the machine's: budgets are measured with it.
        self._begun = time.time() - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Nothing is written any more: the run has ended, or is left to whoever goes on with it."""
        return self._is_left or self.fold.finished is not None

    def leave(self) -> None:
        """Of this life nothing follows, whatever is still at work that ignored its cancellation."""
        self._is_left = True

    def now(self) -> float:
        """Unix time, counted from when this life of the run began."""
        return self._begun + time.monotonic()

    async def write(self, event: Event, *, durable: bool = False) -> None:
        """Record an event; with `durable`, return only once it would survive a loss of power. Texts that are no UTF-8 are
        recorded as they can be written.

        Raises TypeError, with nothing recorded, if it holds something that is no JSON.
        """
        if self.is_over:
            return  # `run.finished` is the last event; a stream that is closed only now has nothing to add
        record = Record(run=self.run, seq=self.fold.seq + 1, time=self._begun + time.monotonic(), event=event)
        # Encoding, the only part that can refuse an event, happens before `append` first waits.
        try:
            await self.journal.append(self.run, (record,))
        except UnicodeEncodeError:
            event = readable(event)
            record = msgspec.structs.replace(record, event=event)
            await self.journal.append(self.run, (record,))
        self.fold.apply(record)
        self.journal.keep(self.fold)
        self._feed.publish(record)
        self._emit(event)
        if isinstance(event, RunFinished):
            self._emit(RunClosed(run=self.run, status=event.status))
        if durable:
            await self.journal.append(self.run, (), durable=True)

    def tell(self, event: Event) -> None:
        """Publish a transient event: never journaled."""
        if self._feed.is_watched(self.run):
            self._feed.publish_transient(Record(run=self.run, seq=0, time=self.now(), event=event))

    async def durable(self) -> None:
        """Wait until everything written so far is on disk."""
        await self.journal.append(self.run, (), durable=True)
