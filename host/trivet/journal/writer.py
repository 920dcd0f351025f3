"""The one thread that writes the journal. Each batch is one transaction: a group commit."""

import queue
import threading
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import apsw

from trivet.errors import JournalUnusable, RunTaken
from trivet.journal import sqlite
from trivet.journal.batch import Batch, Job
from trivet.journal.blobs import BlobStore
from trivet.journal.leases import Leases
from trivet_sdk.errors import TrivetError

_INSERT = "INSERT INTO events(run, seq, topic, v, time, step, payload, blob) VALUES(?,?,?,?,?,?,?,?)"
_STATUS = "UPDATE runs SET status=?, updated=?, finished=? WHERE id=?"


Results = list[tuple[Future[Any], Any]]
"""Of jobs: who waits for it, and what the job did, or the exception to raise."""


class Writer(threading.Thread):
    """`settled(batch, errors, results)` is called on the loop after each commit; `errors` has the runs whose rows were
    refused."""

    def __init__(
        self,
        path: Path,
        blobs: BlobStore,
        leases: Leases,
        loop: AbstractEventLoop,
        settled: Callable[[Batch, dict[str, TrivetError], Results], None],
    ) -> None:
        super().__init__(name="trivet journal", daemon=True)
        self._path = path
        self._blobs = blobs
        self._leases = leases
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
        while True:
            try:
                batch = self._queue.get(timeout=self._leases.until_beat())
            except queue.Empty:
                self._commit(Batch())  # a sign of life, and nothing else
                continue
            if batch is None:
                break
            errors, results = self._commit(batch)
            self._loop.call_soon_threadsafe(self._settled, batch, errors, results)
        if self._leases.held:
            giving_up = Batch()
            giving_up.jobs.append((self._leases.release_all, None))
            self._commit(giving_up)
        self._db.close()

    def _commit(self, batch: Batch) -> tuple[dict[str, TrivetError], Results]:
        try:
            return {}, self._transact(batch)
        except (apsw.ConstraintError, RunTaken):
            return self._commit_apart(batch)
        except Exception as error:
            return self._all_failed(batch, self._explained(error))

    def _commit_apart(self, batch: Batch) -> tuple[dict[str, TrivetError], Results]:
        """One run's rows are out of order, because another host wrote to it: the other runs must not suffer for it."""
        errors: dict[str, TrivetError] = {}
        for run in batch.runs:
            try:
                self._transact(batch.of_run(run))
            except (apsw.ConstraintError, RunTaken):
                errors[run] = RunTaken(run)
            except Exception as error:
                errors[run] = self._explained(error)
        jobs = Batch()
        jobs.jobs = batch.jobs
        try:
            return errors, self._transact(jobs)
        except Exception as error:
            return self._all_failed(batch, self._explained(error))

    def _explained(self, error: Exception) -> TrivetError:
        """Whatever went wrong, as those hear it who wait for the commit: this thread has no other listener."""
        if isinstance(error, TrivetError):
            return error
        if isinstance(error, apsw.Error):
            return sqlite.explained(error, self._path)
        return JournalUnusable(self._path, f"its writer broke ({error!r})")

    def _transact(self, batch: Batch) -> Results:
        for blob, content in batch.blobs:
            self._blobs.write(content, blob)
        db, leases = self._db, self._leases
        db.execute("BEGIN IMMEDIATE")
        try:
            results = self._jobs(batch.jobs) if batch.jobs else []
            leases.check(db, batch.runs)
            db.executemany(_INSERT, batch.rows)
            if batch.statuses:
                db.executemany(_STATUS, _by_run(batch.statuses))
            for _, statement, values in batch.following:
                db.execute(statement, values)
            leases.beat(db)
            db.execute("COMMIT")
        except BaseException:
            leases.forget()
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        leases.committed(db)
        return results

    def _jobs(self, jobs: Iterable[tuple[Job, Future[Any] | None]]) -> Results:
        results: Results = []
        for job, future in jobs:
            value: Any
            try:
                value = job(self._db)
            except TrivetError as error:
                value = error
            if future is not None:
                results.append((future, value))
        return results

    def _all_failed(self, batch: Batch, error: TrivetError) -> tuple[dict[str, TrivetError], Results]:
        results = [(future, error) for _, future in batch.jobs if future is not None]
        return dict.fromkeys(batch.runs, error), results


def _by_run(statuses: dict[str, tuple[str, float, float | None]]) -> Iterable[tuple[str, float, float | None, str]]:
    return ((*values, run) for run, values in statuses.items())
