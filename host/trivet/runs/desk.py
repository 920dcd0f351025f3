"""Runs seen and spoken to from outside: listed, read, watched, answered, cancelled. Needs no plugins."""

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import anyio
import anyio.to_thread

from trivet.errors import RunEnded, RunHeld
from trivet.journal import ratings
from trivet.journal.collection import Collected
from trivet.journal.deletion import Deleted
from trivet.journal.events import readable
from trivet.journal.fold import Fold
from trivet.journal.journal import Journal
from trivet.journal.reader import Message, RunSummary
from trivet.runs.ending import GIVEN_UP
from trivet.runs.feed import Feed
from trivet.runs.forking import forked
from trivet.runs.housekeeping import collect_blobs, give_back, removable, remove, remove_each
from trivet.runs.keeping import Candidate, Limits
from trivet.runs.kinship import asking, head_of, unfinished_below
from trivet.runs.log import RunLog
from trivet.runs.naming import new_id
from trivet.runs.options import USUAL, RunOptions
from trivet_sdk.errors import TrivetError
from trivet_sdk.events import ApprovalRequested, Event, Record, RunFinished, RunRated, matches

if TYPE_CHECKING:
    from trivet.journal.portable import Imported

NOTICE = 0.1
"""Seconds between two looks into the inbox, and at the journal of runs that another host works on."""

PATIENCE = 10
"""Looks at a run that waits while no host has it, before watching it is given up."""


class Active(Protocol):
    """A run that this host works on."""

    def stop(self, reason: str) -> None: ...
    def pause(self, error: TrivetError) -> None: ...
    async def receive(self, message: Message) -> None: ...


class Desk:
    """Ids may be shortened wherever an existing run is meant."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._feed = Feed()
        self._at_work: dict[str, Active] = {}

    async def runs(
        self,
        *,
        limit: int = 100,
        workspace: str | None = None,
        with_children: bool = False,
        conversation: str | None = None,
    ) -> list[RunSummary]:
        """Newest first."""
        return await self._journal.runs(
            limit=limit, workspace=workspace, with_children=with_children, conversation=conversation
        )

    async def summary(self, run: str) -> RunSummary:
        """Raises UnknownRun."""
        return await self._journal.run(await self._journal.find(run))

    async def fold(self, run: str) -> Fold:
        """The run's whole state as its journal tells it. Raises UnknownRun."""
        run = await self._journal.find(run)
        return await self._journal.folded(run)

    async def records(self, run: str, after: int = 0) -> AsyncIterator[Record]:
        """What has happened so far. Raises UnknownRun."""
        run = await self._journal.find(run)
        async for record in self._journal.read(run, after):
            yield record

    async def watch(self, run: str, after: int = 0, *, transient: bool = False) -> AsyncIterator[Record]:
        """The run's records from `after` on, then those to come, whichever host works on it, until it is finished, or waits
        for somebody while no host has it.

        `transient` adds token deltas and progress (`seq` 0), which only the host that works on the run can give.
        """
        run = await self._journal.find(run)
        left_alone = 0
        with self._feed.watch(run, transient=transient) as watcher:
            while left_alone < PATIENCE:
                async with aclosing(self._journal.read(run, after)) as records:
                    async for record in records:
                        if watcher.begins_at(record.seq):
                            break
                        after = record.seq
                        yield record
                        if isinstance(record.event, RunFinished):
                            return
                while not watcher.has_gap(after):
                    if (following := watcher.take()) is not None:
                        after = following.seq or after
                        yield following
                        if isinstance(following.event, RunFinished):
                            return
                    elif run in self._at_work:
                        await watcher.wait(NOTICE)
                    else:
                        break
                if run not in self._at_work:
                    summary = await self._journal.run(run)
                    left_alone = left_alone + 1 if summary.status == "waiting" and summary.pid is None else 0
                    await watcher.wait(NOTICE)

    async def events(self, pattern: str = "*", since: int = 0) -> AsyncIterator[tuple[int, Record]]:
        """What happens in all runs of this home, whichever host works on them: first what the journal holds after the
        cursor `since`, then what is to come, without end. Each comes with the cursor to go on from, which says nothing else.

        Patterns are those of the bus, `tool.*` or `run.finished@1`. Nothing is lost, however slow the reader is.
        """
        while True:
            page = await self._journal.feed(since)
            for cursor, record in page:
                since = cursor
                if matches(pattern, record.event):
                    yield cursor, record
            if not page:
                await anyio.sleep(NOTICE)

    async def fork(
        self,
        run: str,
        at: int | None = None,
        *,
        goal: str = "",
        workspace: Path | None = None,
        options: RunOptions = USUAL,
    ) -> str:
        """A new run with the history of this one up to its event `at`, by default the last before its end; durable when
        this returns its id. It goes on as any run does that was interrupted, but for what is changed here.

        Raises CannotFork, UnknownRun.
        """
        records = [record async for record in self.records(run)]
        is_foreign = bool(await self._journal.look("SELECT 1 FROM imports WHERE run=?", (records[0].run,)))
        copies = forked(
            records, at, new_id(), time.time(), goal=goal, workspace=workspace, options=options, is_foreign=is_foreign
        )
        await self._journal.create(copies[0], copies[1:], claim=False)
        self._emit(copies[0].event)
        self._emit(copies[-1].event)
        return copies[0].run

    async def cancel(self, run: str, reason: str = "cancelled by the user") -> RunHeld | None:
        """Ask whoever works on the run to stop; a run that nobody works on ends here and now, with its sub-goals. A finished
        one stays so.

        Returns who was asked, if that is another host."""
        run = await self._journal.find(run)
        if run in self._at_work:
            self._at_work[run].stop(reason)
            return None
        return await self._end(run, reason)

    async def _end(self, run: str, reason: str) -> RunHeld | None:
        try:
            await self._journal.claim(run)
        except RunHeld as held:
            await self._journal.post(run, "cancel", {"reason": reason})
            return held
        for child in await unfinished_below(self._journal, run):
            await self._end(child, GIVEN_UP)
        log = RunLog(await self._journal.folded(run), self._journal, self._feed, self._emit)
        self._journal.release(run)
        if log.fold.finished is None:
            usage, artifacts = log.fold.usage(), log.fold.transcript.artifacts
            finished = RunFinished(status="cancelled", answer=reason, reason=reason, artifacts=artifacts, usage=usage)
            await log.write(finished, durable=True)
        return None

    async def answer(self, run: str, answer: str, question: str = "") -> None:
        """Answer the question with this id, or the oldest open one, of the run or of a sub-goal below it; durable when this
        returns. A run that nobody works on takes it up when it is pursued. Raises RunEnded."""
        await self._post(run, "answer", {"answer": answer, "question": question}, question or "q*")

    async def approve(self, run: str, *, granted: bool, approval: str = "") -> None:
        """Grant or deny the request with this id, or the oldest open one, of the run or of a sub-goal below it; durable when
        this returns. Raises RunEnded."""
        await self._post(run, "approval", {"granted": granted, "approval": approval}, approval or "a*")

    async def is_asking(self, run: str) -> bool:
        """Whether the run or one of its sub-goals has an open question."""
        return bool(await asking(self._journal, await self._journal.find(run), "q*"))

    async def head(self, run: str) -> RunSummary:
        """The run with which this one goes on: itself, or the one whose sub-goal it is. Raises UnknownRun."""
        return await self._journal.run(await head_of(self._journal, await self._journal.find(run)))

    async def approvals(self, run: str) -> dict[tuple[str, str], ApprovalRequested]:
        """The requests for approval of the run and its sub-goals to which nobody has said anything yet, by the run and the id
        of each; those of one run oldest first."""
        said = {(each.run, each.payload.get("approval")) for each in self._journal.inbox() if each.kind == "approval"}
        return {
            (asker, id): request
            for asker in await asking(self._journal, await self._journal.find(run), "a*")
            for id, request in (await self._journal.folded(asker)).approvals.items()
            if (asker, id) not in said
        }

    async def rate(self, run: str, rating: int, comment: str = "") -> RunRated:
        """Say from 1 (bad) to 5 (good) what came of the run; durable when this returns. Raises UnknownRun, ValueError."""
        if not 1 <= rating <= 5:
            raise ValueError(f"a rating is a number from 1 to 5, and not {rating}")
        run = await self._journal.find(run)
        event = RunRated(rating=rating, comment=readable(comment))
        await self._journal.change(ratings.rating(run, event))
        self._emit(event)
        return event

    async def ratings(self, run: str) -> list[ratings.Rating]:
        """Oldest first. Raises UnknownRun."""
        rows = await self._journal.look(ratings.QUERY, (await self._journal.find(run),))
        return [ratings.rating_of(row) for row in rows]

    async def delete(self, run: str) -> Deleted:
        """Remove the run for good, with its sub-goals and all that was recorded of them. Blobs stay until they are
        collected. Raises RunHeld if a living host has it, UnknownRun."""
        return await remove(self._journal, await self._journal.find(run))

    async def remove_each(self, runs: Iterable[str]) -> list[Deleted]:
        """As `delete`, of whole ids, passing over those that somebody took up or removed meanwhile."""
        return await remove_each(self._journal, runs)

    async def removable(self, limits: Limits) -> list[Candidate]:
        """The runs that these limits would remove, oldest first."""
        return await removable(self._journal, limits)

    async def collect(self) -> Collected:
        """Remove blobs that no run refers to, as far as that is safe now."""
        return await collect_blobs(self._journal)

    async def give_back(self) -> int:
        """Give the room of removed runs back to the disk, as far as that is safe now. Returns the bytes."""
        return await give_back(self._journal)

    async def import_run(self, path: Path) -> "Imported":
        """Bring a run that was exported elsewhere. It can be read and forked, and is never worked on. Raises FileRefused,
        with nothing kept."""
        from trivet.journal.portable import arrived, taking_in  # with it come tar files, which nothing else needs

        found = await anyio.to_thread.run_sync(arrived, path, self._journal.path.parent)
        for content in found.blobs.values():
            await self._journal.blobs.put(content)
        imported: Imported = await self._journal.change(taking_in(found, self._journal.blobs, new_id()))
        return imported

    async def deliver(self) -> None:
        """Bring what other hosts said to the runs that this one works on."""
        for message in self._journal.inbox():
            if (pursuit := self._at_work.get(message.run)) is not None:
                await pursuit.receive(message)

    async def _post(self, run: str, kind: str, payload: Mapping[str, str | bool], request: str) -> None:
        run = await self._journal.find(run)
        summary = await self._journal.run(run)
        if summary.is_finished:
            raise RunEnded(run, summary.status)
        asker = next(iter(await asking(self._journal, run, request)), run)
        await self._journal.post(asker, kind, dict(payload))
        await self.deliver()

    def _emit(self, event: Event) -> None:
        """Nobody listens where no plugins are."""
