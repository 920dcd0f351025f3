"""Runs removed for good: their events and all that follows from them, in one transaction."""

import time
from collections.abc import Iterable

import apsw
import msgspec

from trivet.errors import RunHeld, UnknownRun
from trivet.journal.batch import Job
from trivet.journal.leases import HOLDER, JOINED, holder_of

_OF_RUNS = ("events", "snapshots", "blob_refs", "requests", "inbox", "ratings", "imports")
"""Tables with a column `run`. A new one belongs here."""
_FAMILY = (
    "WITH RECURSIVE family(id) AS (SELECT id FROM runs WHERE id=? UNION SELECT runs.id FROM runs JOIN family ON parent=family.id)"
    " SELECT id FROM family"
)


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    runs: tuple[str, ...]
    """Sub-goals included."""
    events: int


def deleting(runs: Iterable[str]) -> Job:
    """All of them, each with its sub-goals, or none. The job returns `Deleted`.

    Raises RunHeld if a living host has one, UnknownRun.
    """
    named = tuple(runs)

    def delete(db: apsw.Connection) -> Deleted:
        going = tuple(dict.fromkeys(each for run in named for each in family(db, run)))
        for run in going:
            _refuse_if_held(db, run)
        events = 0
        for run in going:
            for table in _OF_RUNS:
                db.execute(f"DELETE FROM {table} WHERE run=?", (run,))
                events += db.changes() if table == "events" else 0
            db.execute("DELETE FROM runs WHERE id=?", (run,))
        return Deleted(runs=going, events=events)

    return delete


def family(db: apsw.Connection, run: str) -> list[str]:
    """The run and its sub-goals, at whatever depth. Raises UnknownRun."""
    found = [str(row[0]) for row in db.execute(_FAMILY, (run,))]
    if not found:
        raise UnknownRun(run)
    return found


def _refuse_if_held(db: apsw.Connection, run: str) -> None:
    for row in db.execute(f"SELECT {HOLDER} FROM {JOINED} WHERE runs.id=?", (run,)):
        if (holder := holder_of(row, time.time())) is not None:
            raise RunHeld(run, holder.owner.pid, silent=holder.silent, left=holder.left)
