"""The one thread that writes the journal. Whatever waits when it is free becomes one transaction: a group commit."""

import queue
import threading
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apsw

from trivet.errors import JournalUnusable, RunTaken
from trivet.journal import sqlite
from trivet.journal.blobs import BlobStore
from trivet_sdk.errors import TrivetError

Job = Callable[[apsw.Connection], Any]
"""Reads and writes inside the transaction; must check before it writes, since the transaction goes on if it raises."""

_INSERT = "INSERT INTO events(run, seq, topic, v, time, step, payload, blob) VALUES(?,?,?,?,?,?,?,?)"
_STATUS = "UPDATE runs SET status=?, updated=?, finished=? WHERE id=?"


class Batch:
    """What one flush hands over: rows, blobs they refer to, the newest status of each run, what else follows from the rows
    (run, statement, values), jobs, and who waits."""

    __slots__ = ("blobs", "following", "jobs", "rows", "statuses", "waiting")

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.blobs: list[tuple[str, bytes]] = []
        self.statuses: dict[str, tuple[str, float, float | None]] = {}
        self.following: list[tuple[str, str, tuple[Any, ...]]] = []
        self.jobs: list[tuple[Job, Future[Any] | None]] = []
        self.waiting: list[tuple[str, Future[None]]] = []

    def __bool__(self) -> bool:
        return bool(self.rows or self.jobs or self.waiting)

    def of_run(self, run: str) -> "Batch":
        """The part that concerns one run; jobs are not anybody's."""
        part = Batch()
        part.rows = [row for row in self.rows if row[0] == run]
        part.following = [each for each in self.following if each[0] == run]
        part.blobs = self.blobs
        part.statuses = {run: self.statuses[run]} if run in self.statuses else {}
        return part


class Writer(threading.Thread):
    """`settled(batches, errors)` is called on the loop after each commit; `errors` has the runs whose rows were refused."""

    def __init__(
        self,
        path: Path,
        blobs: BlobStore,
        loop: AbstractEventLoop,
        settled: Callable[[list[Batch], dict[str, TrivetError]], None],
    ) -> None:
        super().__init__(name="trivet journal", daemon=True)
        self._path = path
        self._blobs = blobs
        self._loop = loop
        self._settled = settled
        self._db = sqlite.connect(path)
        self._queue: queue.SimpleQueue[Batch | None] = queue.SimpleQueue()

    def put(self, batch: Batch) -> None:
        self._queue.put(batch)

    def close(self) -> None:
        """Commit what waits, then end. Blocks."""
        self._queue.put(None)
        self.join()

    def run(self) -> None:
        is_closing = False
        while not is_closing:
            batches: list[Batch] = []
            batch = self._queue.get()
            while True:
                if batch is None:
                    is_closing = True
                else:
                    batches.append(batch)
                try:
                    batch = self._queue.get_nowait()
                except queue.Empty:
                    break
            if batches:
                errors, results = self._commit(batches)
                self._loop.call_soon_threadsafe(self._tell, batches, errors, results)
        self._db.close()

    def _tell(
        self, batches: list[Batch], errors: dict[str, TrivetError], results: list[tuple[Future[Any], Any]]
    ) -> None:
        for future, value in results:
            if not future.done():
                if isinstance(value, Exception):
                    future.set_exception(value)
                else:
                    future.set_result(value)
        self._settled(batches, errors)

    def _commit(self, batches: list[Batch]) -> tuple[dict[str, TrivetError], list[tuple[Future[Any], Any]]]:
        try:
            return {}, self._transact(batches)
        except apsw.ConstraintError:
            return self._commit_apart(batches)
        except Exception as error:
            return self._all_failed(batches, self._explained(error))

    def _commit_apart(self, batches: list[Batch]) -> tuple[dict[str, TrivetError], list[tuple[Future[Any], Any]]]:
        """One run's rows are out of order, because another host wrote to it: the other runs must not suffer for it."""
        errors: dict[str, TrivetError] = {}
        jobs = Batch()
        jobs.jobs = [job for batch in batches for job in batch.jobs]
        for run in dict.fromkeys(row[0] for batch in batches for row in batch.rows):
            try:
                self._transact([batch.of_run(run) for batch in batches])
            except apsw.ConstraintError:
                errors[run] = RunTaken(run)
            except Exception as error:
                errors[run] = self._explained(error)
        try:
            return errors, self._transact([jobs])
        except Exception as error:
            return self._all_failed(batches, self._explained(error))

    def _explained(self, error: Exception) -> TrivetError:
        """Whatever went wrong, as those hear it who wait for the commit: this thread has no other listener."""
        if isinstance(error, TrivetError):
            return error
        if isinstance(error, apsw.Error):
            return sqlite.explained(error, self._path)
        return JournalUnusable(self._path, f"its writer broke ({error!r})")

    def _transact(self, batches: list[Batch]) -> list[tuple[Future[Any], Any]]:
        for batch in batches:
            for blob, content in batch.blobs:
                self._blobs.write(content, blob)
        db = self._db
        results: list[tuple[Future[Any], Any]] = []
        db.execute("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                results += self._jobs(batch.jobs)
                if batch.rows:
                    db.executemany(_INSERT, batch.rows)
                if batch.statuses:
                    db.executemany(_STATUS, _by_run(batch.statuses))
                for _, statement, values in batch.following:
                    db.execute(statement, values)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return results

    def _jobs(self, jobs: Iterable[tuple[Job, Future[Any] | None]]) -> list[tuple[Future[Any], Any]]:
        results: list[tuple[Future[Any], Any]] = []
        for job, future in jobs:
            value: Any
            try:
                value = job(self._db)
            except TrivetError as error:
                value = error
            if future is not None:
                results.append((future, value))
        return results

    def _all_failed(
        self, batches: list[Batch], error: TrivetError
    ) -> tuple[dict[str, TrivetError], list[tuple[Future[Any], Any]]]:
        runs = {row[0] for batch in batches for row in batch.rows} | {
            run for batch in batches for run, _ in batch.waiting
        }
        results = [(future, error) for batch in batches for _, future in batch.jobs if future is not None]
        return dict.fromkeys(runs, error), results


def _by_run(statuses: dict[str, tuple[str, float, float | None]]) -> Iterable[tuple[str, float, float | None, str]]:
    return ((*values, run) for run, values in statuses.items())
