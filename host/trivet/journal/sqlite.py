"""The journal's database: its tables, how a connection is opened, and what SQLite's errors mean to a person."""

from pathlib import Path

import apsw

from trivet.errors import HomeUnusable, JournalUnusable
from trivet.settings_file import make_home

FORMAT = 1
"""Kept in `user_version`. A journal of a later format is left alone."""

SCHEMA = """
CREATE TABLE runs(
    id TEXT PRIMARY KEY, parent TEXT, workspace TEXT NOT NULL, client TEXT NOT NULL, status TEXT NOT NULL,
    goal TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    owner TEXT, pid INTEGER, started TEXT, boot TEXT
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs(created);
CREATE INDEX runs_by_parent ON runs(parent) WHERE parent IS NOT NULL;
CREATE TABLE events(
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, seq INTEGER NOT NULL, topic TEXT NOT NULL,
    v INTEGER NOT NULL, time REAL NOT NULL, step TEXT, payload TEXT, blob TEXT, UNIQUE(run, seq)
);
CREATE TABLE inbox(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, time REAL NOT NULL
);
"""
# `events.cursor` is the home-wide feed: AUTOINCREMENT keeps a reader's place meaningful after runs were deleted.
# `inbox` is how one host speaks to the run of another; only the run's owner writes its events.


def connect(path: Path) -> apsw.Connection:
    """A connection that may write, to a database that has today's tables afterwards.

    Raises HomeUnusable if the file cannot be made or written, JournalUnusable if it is damaged or from the future.
    """
    try:
        make_home(path.parent)
    except OSError as error:
        raise HomeUnusable(path.parent, (error.strerror or str(error)).lower()) from None
    try:
        db = apsw.Connection(str(path))
        db.set_busy_timeout(10_000)
        _bring_up(db, path)
        db.execute("PRAGMA synchronous=FULL")
    except apsw.Error as error:
        raise explained(error, path) from error
    return db


def connect_reader(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    db.set_busy_timeout(10_000)
    return db


def _bring_up(db: apsw.Connection, path: Path) -> None:
    found = db.pragma("user_version")
    if found == 0:
        db.pragma("journal_mode", "wal")
        db.execute("BEGIN IMMEDIATE")
        with db:  # commits on the way out, also where another host made the tables in the meantime
            found = db.pragma("user_version")
            if found == 0:
                db.execute(SCHEMA)
                db.pragma("user_version", FORMAT)
                found = FORMAT
        db.execute("COMMIT")
    if found > FORMAT:
        db.close()
        raise JournalUnusable(
            path,
            f"a newer trivet wrote it (format {found}; this one knows {FORMAT}). "
            "Update trivet, or set TRIVET_HOME to another home",
        )


def explained(error: apsw.Error, path: Path) -> HomeUnusable | JournalUnusable:
    """The sentence for what SQLite said."""
    match error:
        case apsw.FullError():
            return JournalUnusable(
                path, "the disk is full. Make room, then resume the run: what was journaled so far is kept"
            )
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return HomeUnusable(path.parent, f"its journal cannot be written ({error})")
        case apsw.CorruptError() | apsw.NotADBError():
            return JournalUnusable(
                path, "the file is damaged. Restore it from a backup, or move it away to begin a new journal"
            )
        case apsw.BusyError() | apsw.LockedError():
            return JournalUnusable(path, "another process has kept it locked for more than ten seconds")
        case _:
            return JournalUnusable(path, f"SQLite says: {error}")
