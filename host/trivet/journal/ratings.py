"""What people thought of a run. A run's last event is `run.finished`, so a rating is a row beside its events."""

import time
from typing import Any

import apsw
import msgspec

from trivet.errors import UnknownRun
from trivet.journal.batch import Job
from trivet.journal.events import encode
from trivet_sdk.events import Record, RunRated


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    run: str
    time: float
    event: RunRated

    @property
    def record(self) -> Record:
        """`seq` 0 says that it is none of the run's sequence."""
        return Record(run=self.run, seq=0, time=self.time, event=self.event)


def rating(run: str, event: RunRated, when: float | None = None) -> Job:
    """The job raises UnknownRun."""
    payload, then = encode(event).decode(), time.time() if when is None else when

    def rate(db: apsw.Connection) -> None:
        if db.execute("SELECT 1 FROM runs WHERE id=?", (run,)).fetchone() is None:
            raise UnknownRun(run)
        db.execute("INSERT INTO ratings(run, time, payload) VALUES(?,?,?)", (run, then, payload))

    return rate


QUERY = "SELECT run, time, payload FROM ratings WHERE run=? ORDER BY id"


def rating_of(row: tuple[Any, ...]) -> Rating:
    run, then, payload = row
    return Rating(run=run, time=then, event=msgspec.json.decode(payload, type=RunRated))
