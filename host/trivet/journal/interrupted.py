"""Runs that stand still though nobody is asked anything: their host died, or was told to leave them."""

import time
from collections.abc import Callable

import apsw

from trivet.errors import RunHeld
from trivet.journal.leases import HOLDER, JOINED, Leases, holder_of
from trivet_sdk.events import TERMINAL

_OF_FAMILY = "{0}.run=runs.id OR substr({0}.run, 1, length(runs.id) + 1)=runs.id || '.'"
"""Of the run or its sub-goals, whose questions it waits for as well."""
_IS_ASKING = f"EXISTS(SELECT 1 FROM requests WHERE {_OF_FAMILY.format('requests')})"
_IS_TOLD = f"EXISTS(SELECT 1 FROM inbox WHERE {_OF_FAMILY.format('inbox')})"
_ENDED = ", ".join(f"'{status}'" for status in sorted(TERMINAL))
_STANDING = (
    f"SELECT runs.id, {HOLDER} FROM {JOINED} WHERE parent IS NULL AND CASE"
    f" WHEN status IN ({_ENDED}) THEN 0"
    " WHEN status='queued' THEN owner IS NOT NULL"  # without an owner somebody meant it to wait, or is about to take it
    f" WHEN status='waiting' AND owner IS NOT NULL THEN NOT {_IS_ASKING} OR {_IS_TOLD}"
    f" WHEN status='waiting' THEN ?1 AND NOT {_IS_ASKING}"
    " ELSE 1 END"
)


def interrupted(db: apsw.Connection, *, with_stopped: bool) -> list[str]:
    """Oldest first, those left out that a living host has. `with_stopped`: also those that a user or a host left on purpose."""
    rows = db.execute(f"{_STANDING} ORDER BY created", (with_stopped,)).fetchall()
    return [str(row[0]) for row in rows if holder_of(row[1:], time.time()) is None]


def taking(leases: Leases, run: str, *, with_stopped: bool) -> Callable[[apsw.Connection], bool]:
    """Claim the run if it still stands still; False if somebody has gone on with it since. Raises RunHeld, RunImported."""

    def take(db: apsw.Connection) -> bool:
        row = db.execute(f"{_STANDING} AND runs.id=?2", (with_stopped, run)).fetchone()
        if row is None:
            return False
        if (holder := holder_of(row[1:], time.time())) is not None:
            raise RunHeld(run, holder.owner.pid, silent=holder.silent, left=holder.left)
        leases.claim(db, run)
        return True

    return take
