"""Leases: a run belongs to one host at a time, for as long as that host lives.

Whether it lives is looked up where its process can be seen. One in another container, or on another machine that shares
the home, gives a sign of life every few seconds for as long as it holds runs, and is believed dead when it has been silent.
"""

import time
from typing import Any

import apsw
import msgspec

from trivet.errors import RunHeld, RunImported, RunTaken, UnknownRun
from trivet.journal.owner import Owner, is_alive, is_visible

BEAT = 2.0
"""Seconds between two signs of life."""
VOID_AFTER = 15.0
"""Seconds of silence after which the lease of a host that cannot be seen is void."""
_LONG_FORGOTTEN = 86_400.0

HOLDER = "runs.owner, runs.pid, runs.started, runs.boot, runs.held, hosts.beat"
"""The columns for `holder_of`, from `JOINED`."""
JOINED = "runs LEFT JOIN hosts ON hosts.id=runs.owner"


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The living host that has a run. `silent` are the seconds since its sign of life if its process cannot be seen."""

    owner: Owner
    since: float
    silent: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds until its lease is void, if nothing more is heard of it."""
        return None if self.silent is None else VOID_AFTER - self.silent


def holder_of(row: tuple[Any, ...], now: float) -> Holder | None:
    """From the columns `HOLDER`; None if nobody has the run, or somebody who is dead."""
    id, pid, started, boot, held, beat = row
    if id is None:
        return None
    owner = Owner(pid=pid, started=started, boot=boot, nonce=id.partition(".")[2])
    if is_visible(owner):
        return Holder(owner=owner, since=held or 0.0) if is_alive(owner) else None
    # A clock that was set back must not make a dead host live for an hour: one that lives beats by the new time soon.
    silent = abs(now - (beat or 0.0))
    return Holder(owner=owner, since=held or 0.0, silent=silent) if silent <= VOID_AFTER else None


class Leases:
    """Those that this host holds. Used by the journal's writer alone, inside its transactions."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.held: set[str] = set()
        self._identity = (owner.id, owner.pid, owner.started, owner.boot)
        self._beaten = 0.0
        self._has_row = False
        self._version = -1
        """SQLite's number for the database's content, as this connection left it. Unlike the pragma of that name it counts
        this connection's commits as well, and costs no statement."""
        self._ours: set[str] = set()
        """Runs that nobody else had at that version."""

    def claim(self, db: apsw.Connection, run: str) -> None:
        """Take or keep the run. Raises RunHeld if a living host has it, UnknownRun if there is none, RunImported if it
        came from another home."""
        row = db.execute(f"SELECT {HOLDER} FROM {JOINED} WHERE runs.id=?", (run,)).fetchone()
        if row is None:
            raise UnknownRun(run)
        if db.execute("SELECT 1 FROM imports WHERE run=?", (run,)).fetchone() is not None:
            raise RunImported(run)
        holder = holder_of(row, time.time())
        if holder is None:
            self.take(db, run)
        elif holder.owner.id != self.owner.id:
            raise RunHeld(run, holder.owner.pid, silent=holder.silent, left=holder.left)
        else:
            self.held.add(run)

    def take(self, db: apsw.Connection, run: str) -> None:
        """Without asking: a run that was just begun, or one of a host that is dead."""
        if not self._has_row:
            db.execute(
                "DELETE FROM hosts WHERE beat<? AND id NOT IN (SELECT owner FROM runs WHERE owner IS NOT NULL)",
                (time.time() - _LONG_FORGOTTEN,),
            )
            self._has_row = True
            self._beaten = 0.0
        self.held.add(run)
        self.beat(db)
        values = (*self._identity, time.time(), run)
        db.execute("UPDATE runs SET owner=?, pid=?, started=?, boot=?, held=? WHERE id=?", values)

    def release(self, db: apsw.Connection, run: str) -> None:
        db.execute(
            "UPDATE runs SET owner=NULL, pid=NULL, started=NULL, boot=NULL, held=NULL WHERE id=? AND owner=?",
            (run, self.owner.id),
        )
        self.held.discard(run)
        self._ours.discard(run)

    def release_all(self, db: apsw.Connection) -> None:
        """A program may go on without this host, and its process would seem to hold them."""
        for run in tuple(self.held):
            self.release(db, run)
        db.execute("DELETE FROM hosts WHERE id=?", (self.owner.id,))
        self._has_row = False

    def until_beat(self) -> float | None:
        """Seconds until a sign of life is due; None if nothing is held."""
        return max(0.0, self._beaten + BEAT - time.monotonic()) if self.held else None

    def beat(self, db: apsw.Connection) -> None:
        """Give a sign of life if one is due."""
        if self.held and (now := time.monotonic()) >= self._beaten + BEAT:
            db.execute("INSERT OR REPLACE INTO hosts VALUES(?,?,?,?,?)", (*self._identity, time.time()))
            self._beaten = now

    def check(self, db: apsw.Connection, runs: set[str]) -> None:
        """Raises RunTaken if another host has one of the runs: this one was silent for too long, and what it wants to do
        next may have been done there. Reads nothing while no other connection has committed anything."""
        if db.data_version() != self._version:
            self._ours.clear()
        if runs <= self._ours:
            return
        for run in runs - self._ours:
            row = db.execute("SELECT owner FROM runs WHERE id=?", (run,)).fetchone()
            if row is not None and row[0] not in (None, self.owner.id):
                self.held.discard(run)
                raise RunTaken(run)
            self._ours.add(run)

    def committed(self, db: apsw.Connection) -> None:
        """This connection's own change is not another's."""
        self._version = db.data_version()

    def forget(self) -> None:
        """The transaction was rolled back, so nothing of what was done in it counts."""
        self._ours.clear()
        self._has_row = False
