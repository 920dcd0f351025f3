"""The journal's database: how a connection is opened, and what SQLite's errors mean to a person."""

import shlex
import shutil
import tempfile
from pathlib import Path

import apsw

from trivet.errors import HomeUnusable, JournalUnusable
from trivet.journal.migration import bring_up
from trivet.settings_file import make_home

BUSY = 10_000
"""Milliseconds to wait for a commit of another host."""
RESTORING = ".restoring"
"""There while a backup's parts take the place of what was in a home: two lines, the backup and where the old parts go."""
_INDEX = 65_536
"""Bytes that SQLite wants at least when it opens a journal: its index of the log has half of that."""


def connect(path: Path) -> apsw.Connection:
    """A connection that may write, to a database that has today's tables afterwards.

    Raises HomeUnusable if the file cannot be made or written, JournalUnusable if it is damaged or from the future.
    """
    try:
        make_home(path.parent)
    except OSError as error:
        raise HomeUnusable(path.parent, (error.strerror or str(error)).lower()) from None
    refuse_half_restored(path)
    try:
        db = apsw.Connection(str(path))
        try:
            db.set_busy_timeout(BUSY)
            bring_up(db, path)
            db.set_busy_timeout(BUSY)
            db.execute("PRAGMA synchronous=FULL")
        except BaseException:
            db.close()
            raise
    except apsw.Error as error:
        raise explained(error, path) from error
    return db


def connect_reader(path: Path) -> apsw.Connection:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    db.set_busy_timeout(BUSY)
    return db


def refuse_half_restored(path: Path) -> None:
    """Where a journal seems to be missing, one must not be begun. Raises JournalUnusable."""
    try:
        file, aside = (path.parent / RESTORING).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return
    raise JournalUnusable(
        path,
        f"putting back the backup {file} was cut short, or is under way. If it is not, do it again with `trivet home restore "
        f"{shlex.quote(file)} --replace`{f'; what was there before is in {aside}' if aside else ''}",
    )


def explained(error: apsw.Error, path: Path) -> HomeUnusable | JournalUnusable:
    """The sentence for what SQLite said."""
    full = "the disk is full. Make room, then resume the run: what was journaled so far is kept"
    match error:
        case apsw.FullError():
            return JournalUnusable(path, full)
        case apsw.IOError() | apsw.CantOpenError() if _is_full(path.parent):  # of the index beside the log
            return JournalUnusable(path, full)
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return HomeUnusable(path.parent, f"its journal cannot be written ({_refusal(path.parent) or error})")
        case apsw.CorruptError() | apsw.NotADBError():
            return JournalUnusable(
                path, "the file is damaged. Restore it from a backup, or move it away to begin a new journal"
            )
        case apsw.BusyError() | apsw.LockedError():
            return JournalUnusable(path, "another process has kept it locked for more than ten seconds")
        case _:
            return JournalUnusable(path, f"SQLite says: {error}")


def _is_full(home: Path) -> bool:
    try:
        return shutil.disk_usage(home).free < _INDEX
    except OSError:
        return False


def _refusal(home: Path) -> str:
    """What the system says to a new file there, since SQLite does not pass it on; empty if it takes one."""
    try:
        with tempfile.TemporaryFile(dir=home):
            return ""
    except OSError as error:
        return (error.strerror or str(error)).lower()
