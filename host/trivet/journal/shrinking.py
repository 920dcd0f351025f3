"""The room of removed runs, given back to the disk while any number of hosts have the journal open.

SQLite rewrites the whole file for it, and whoever wants to write meanwhile waits. Readers go on. Hence it is done only where
much is gained, and either takes a moment or nobody works on a run.
"""

from pathlib import Path

import apsw

from trivet.journal import sqlite
from trivet.journal.collection import is_anybody_at_work
from trivet_sdk.errors import TrivetError

WORTH = 1_000_000
"""Bytes below which nothing is done."""
SHARE = 0.25
"""Of the file that must be empty."""
A_MOMENT = 100_000_000
"""Bytes that are rewritten in about a second, a tenth of what writers wait for each other."""


def shrink(journal: Path) -> int:
    """Blocks. How many bytes smaller the journal is now; 0 where another time is better, or the disk has no room for the copy."""
    try:
        db = sqlite.connect(journal)
    except TrivetError:  # whoever needs the journal says what is wrong with it
        return 0
    try:
        before = _size(db)
        empty = int(str(db.pragma("freelist_count"))) * int(str(db.pragma("page_size")))
        if empty < WORTH or empty < before * SHARE:
            return 0
        if before - empty > A_MOMENT and is_anybody_at_work(db):
            return 0
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # where a reader is in the way, the next one does it
        return before - _size(db)
    except apsw.Error:
        return 0
    finally:
        db.close()


def _size(db: apsw.Connection) -> int:
    return int(str(db.pragma("page_count"))) * int(str(db.pragma("page_size")))
