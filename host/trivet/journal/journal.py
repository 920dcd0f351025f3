"""The journal: everything that happened in every run of one home, in order, durable where it must be."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar, TypeVarTuple

import anyio
import anyio.to_thread
import apsw
import msgspec

from trivet.errors import JournalUnusable, RunHeld
from trivet.journal import conversations, projections, snapshots
from trivet.journal.batch import Batch, Job
from trivet.journal.blobs import BlobStore, address_of
from trivet.journal.events import encode
from trivet.journal.fold import Fold
from trivet.journal.interrupted import interrupted, taking
from trivet.journal.leases import VOID_AFTER, Leases
from trivet.journal.mentions import mentioned
from trivet.journal.owner import Owner, this_owner
from trivet.journal.projections import PROJECTED, following, status_after
from trivet.journal.reader import Message, Reader, RunSummary, lost
from trivet.journal.writer import Results, Writer
from trivet_sdk.errors import TrivetError
from trivet_sdk.events import Record, RunSubmitted

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

LARGE = 65_536
"""Bytes of a payload beyond which it is kept as a blob."""
LINGER = 0.02
"""Seconds that events without an fsync of their own may wait for company."""
_PAGE = 1000


class Journal:
    """Belongs to the event loop that opened it. Order is kept per run; `append` never waits unless it is `durable`."""

    def __init__(self, path: Path, blobs: BlobStore) -> None:
        self.path = path
        self.blobs = blobs
        self.owner: Owner = this_owner()
        self._loop = asyncio.get_running_loop()
        self._leases = Leases(self.owner)
        self._writer = Writer(path, blobs, self._leases, self._loop, self._settled)
        self._reader = Reader(path, blobs)
        self._inbox = Reader(path, blobs)  # of its own, so that looking into the inbox never waits for a long listing
        self._pending = Batch()
        self._in_flight = 0
        self._is_urgent = False
        """What is pending is to be committed as soon as the writer is free."""
        self._flushes_at: asyncio.TimerHandle | None = None
        self._broken: dict[str, TrivetError] = {}
        self._snapshots: dict[str, int] = {}
        """The newest one's `seq`, of runs that were folded here."""
        self._writer.start()

    async def append(self, run: str, records: Sequence[Record], *, durable: bool = False) -> None:
        """Add records in order. With `durable` it returns once they would survive a loss of power, else they ride in
        the next commit, at most `LINGER` seconds from now.

        Raises TypeError, with nothing written, for a payload that is no JSON; JournalUnusable or HomeUnusable if the
        disk refuses, then also for every later record of this run; RunTaken if another host has written to it.
        """
        if self._broken and run in self._broken:
            raise self._broken[run]
        encoded = [encode(record.event) for record in records]
        batch = self._pending
        batch.runs.add(run)
        for record, payload in zip(records, encoded, strict=True):
            event = record.event
            kind = type(event)
            text: str | None = payload.decode()
            blob: str | None = None
            named = mentioned(payload, self.blobs)
            if len(payload) > LARGE:
                text, blob = None, address_of(payload)
                named.append(blob)
                batch.blobs.append((blob, payload))
            if record.seq == 1 and isinstance(event, RunSubmitted):  # of a run that nobody created beforehand
                batch.jobs.append((self._begin(record, event, record.time, again="IGNORE"), None))
            batch.rows.append(
                (run, record.seq, kind.topic, kind.version, record.time, getattr(event, "step", None), text, blob)
            )
            if named or kind in PROJECTED:
                if status := status_after(event, record.time):
                    batch.statuses[run] = status
                batch.following.extend((run, *statement) for statement in following(run, event, named))
        if durable:
            await self._durable(run)
        elif self._flushes_at is None:
            self._flushes_at = self._loop.call_later(LINGER, self._flush)

    async def create(self, record: Record, history: Sequence[Record] = (), *, claim: bool) -> None:
        """Begin a run with its RunSubmitted, durably; with `claim` it belongs to this host at once. `history` are more
        records that it begins with, in the same commit; it was begun when the last of them happened.

        Raises what `append` raises, and nothing is begun then."""
        event = record.event
        assert isinstance(event, RunSubmitted)
        for each in (record, *history):
            encode(each.event)  # one that cannot be kept must not leave a run without events
        begun = (record, *history)[-1].time
        self._pending.jobs.append((self._begin(record, event, begun, claim=claim), None))
        await self.append(record.run, (record, *history), durable=True)

    def _begin(
        self,
        record: Record,
        event: RunSubmitted,
        begun: float,
        *,
        claim: bool = False,
        again: Literal["ABORT", "IGNORE"] = "ABORT",
    ) -> Job:
        """`again`: what to do if the run exists."""

        def begin(db: apsw.Connection) -> None:
            db.execute(projections.BEGUN.format(again), projections.begun(record.run, event, begun))
            if claim:
                self._leases.take(db, record.run)

        return begin

    async def read(self, run: str, after: int = 0) -> AsyncGenerator[Record, None]:
        """The run's records from `after` on, those included that this process has not committed yet."""
        await self.settle()
        while True:
            records = await self._ask(self._reader.records, run, after, _PAGE)
            for record in records:
                if record.seq != after + 1:
                    raise JournalUnusable(self.path, lost(run, after + 1, record.seq - 1))
                after = record.seq
                yield record
            if len(records) < _PAGE:
                return

    async def folded(self, run: str) -> Fold:
        """The run's state, from its newest snapshot on where there is one; that of an unknown run has `seq` 0."""
        await self.settle()
        fold = await self._ask(self._reader.snapshot, run) or Fold(run)
        self._snapshots[run] = fold.seq
        async for record in self.read(run, fold.seq):
            fold.apply(record)
        return fold

    def keep(self, fold: Fold) -> None:
        """Write the run's state down if that is due, with the events that led to it; for whoever just appended one."""
        last = self._snapshots.get(fold.run, 0)
        if snapshots.is_due(fold.seq, last) and snapshots.version():
            self._snapshots[fold.run] = fold.seq
            self._pending.following += (
                (fold.run, *statement) for statement in projections.kept(fold.run, fold.seq, snapshots.encoded(fold))
            )

    async def feed(self, after: int = 0, limit: int = _PAGE) -> list[tuple[int, Record]]:
        """Events of all runs of this home, oldest first, each with the cursor to go on from."""
        await self.settle()
        return await self._ask(self._reader.feed, after, limit)

    async def runs(
        self,
        *,
        limit: int = 100,
        workspace: str | None = None,
        with_children: bool = False,
        conversation: str | None = None,
    ) -> list[RunSummary]:
        """Newest first."""
        await self.settle()
        return await self._ask(self._reader.runs, limit, workspace, with_children, conversation)

    async def newest_conversation(self, workspace: str) -> str | None:
        """To which something was said last in this folder."""
        await self.settle()
        return await self._ask(conversations.newest, self._reader, workspace)

    async def conversation(self, prefix: str) -> str:
        """The one whose id begins so, or that of the run whose id does. Raises UnknownConversation."""
        await self.settle()
        return await self._ask(conversations.found, self._reader, prefix)

    async def known(self, runs: Sequence[str]) -> set[str]:
        """Those of the runs that there are."""
        await self.settle()
        return await self._ask(conversations.known, self._reader, runs)

    async def run(self, run: str) -> RunSummary:
        """Raises UnknownRun."""
        await self.settle()
        return await self._ask(self._reader.run, run)

    async def find(self, prefix: str) -> str:
        """The id that begins so. Raises UnknownRun, also if several do."""
        await self.settle()
        return await self._ask(self._reader.find, prefix)

    async def lease(self, run: str, owner: str = "") -> bool:
        """Take or keep the run for this host (`owner` can only be this one); False if a living host has it."""
        try:
            await self.claim(run)
        except RunHeld:
            return False
        return True

    async def claim(self, run: str) -> None:
        """Take or keep the run for this host. Raises RunHeld if a living host has it, UnknownRun if there is none."""
        await self._do(lambda db: self._leases.claim(db, run))

    async def interrupted(self, *, with_stopped: bool) -> list[str]:
        """Runs that stand still though nobody is asked; see `trivet.journal.interrupted`."""
        found: list[str] = await self._do(lambda db: interrupted(db, with_stopped=with_stopped))
        return found

    async def take_interrupted(self, run: str, *, with_stopped: bool) -> bool:
        """Claim one of these for this host; False if somebody has gone on with it since. Raises RunHeld, RunImported."""
        taken: bool = await self._do(taking(self._leases, run, with_stopped=with_stopped))
        return taken

    def release(self, run: str) -> None:
        """Give the run up, with the next commit."""
        self._snapshots.pop(run, None)
        self._later(lambda db: self._leases.release(db, run))

    async def post(self, run: str, kind: str, payload: dict[str, Any]) -> None:
        """Leave a message for whoever works on the run; durable when this returns."""
        values = (run, kind, msgspec.json.encode(payload).decode(), time.time())
        await self._do(lambda db: _execute(db, "INSERT INTO inbox(run, kind, payload, time) VALUES(?,?,?,?)", values))

    def inbox(self) -> list[Message]:
        """All messages that nobody has taken yet, oldest first. Blocks for the microseconds of one small query.

        What cannot be read is nobody's, and removed."""
        messages, unreadable = self._inbox.inbox()
        for id in unreadable:
            self._discard(id)
        return messages

    def take(self, message: Message) -> None:
        """Remove a message, in the same commit as the events that are appended next."""
        self._discard(message.id)

    def _discard(self, id: int) -> None:
        self._later(lambda db: _execute(db, "DELETE FROM inbox WHERE id=?", (id,)))

    async def change(self, job: Job) -> Any:
        """Have the writer's thread do the job in its next transaction; durable when this returns what the job did."""
        return await self._do(job)

    async def look(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of the tables, as they are committed."""
        await self.settle()
        return await self._ask(self._reader.rows, query, values)

    async def settle(self) -> None:
        """Wait until everything appended so far is committed."""
        if self._pending or self._in_flight:
            await self._durable("")

    async def _ask(self, question: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return await anyio.to_thread.run_sync(question, *arguments)

    def _later(self, job: Job) -> None:
        self._pending.jobs.append((job, None))
        if self._flushes_at is None:
            self._flushes_at = self._loop.call_later(LINGER, self._flush)

    async def _do(self, job: Job) -> Any:
        future: asyncio.Future[Any] = self._loop.create_future()
        self._pending.jobs.append((job, future))
        self._flush()
        return await future

    async def _durable(self, run: str) -> None:
        while True:
            asked = time.time()  # the wall's clock: a monotonic one stands still while the machine sleeps
            future: asyncio.Future[None] = self._loop.create_future()
            self._pending.waiting.append((run, future))
            if run:
                self._pending.runs.add(run)
            self._flush()
            await future
            if abs(time.time() - asked) < VOID_AFTER / 2:
                return
            # This process was stopped, perhaps after the commit: ask once more whether the run is still this host's.

    def _flush(self) -> None:
        """Have what is pending committed: now, or with what else has come by the time the writer is free."""
        if self._in_flight:
            self._is_urgent = True
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        self._is_urgent = False
        if self._flushes_at is not None:
            self._flushes_at.cancel()
            self._flushes_at = None
        if self._pending:
            batch, self._pending = self._pending, Batch()
            self._in_flight += 1
            self._writer.put(batch)

    def _settled(self, batch: Batch, errors: dict[str, TrivetError], results: Results) -> None:
        for future, value in results:
            if not future.done():
                if isinstance(value, Exception):
                    future.set_exception(value)
                else:
                    future.set_result(value)
        self._broken.update(errors)
        for run, future in batch.waiting:
            if future.done():
                continue
            if errors and (error := errors.get(run)):
                future.set_exception(error)
            else:
                future.set_result(None)
        if self._is_urgent or len(batch.waiting) > 1:
            # Those who were woken run first: what they write next goes into one commit, and not the first one's alone.
            self._loop.call_soon(self._next)
        else:
            self._in_flight -= 1

    def _next(self) -> None:
        self._in_flight -= 1
        if self._is_urgent:
            self._flush()

    async def _close(self) -> None:
        self._hand_over()
        # The last connection that closes moves the log into the database, which one that only reads cannot do.
        self._reader.close()
        self._inbox.close()
        await anyio.to_thread.run_sync(self._writer.close)


@asynccontextmanager
async def open_journal(home: Path) -> AsyncIterator[Journal]:
    """The journal of a home, made on first use. Any number of processes may have it open.

    Raises HomeUnusable if the home cannot be written, JournalUnusable if the file is damaged or from a newer trivet.
    """
    journal = Journal(home / "journal.sqlite", BlobStore(home / "blobs"))
    try:
        yield journal
    finally:
        with anyio.CancelScope(shield=True):
            await journal._close()


def _execute(db: apsw.Connection, query: str, values: tuple[Any, ...]) -> None:
    db.execute(query, values)
