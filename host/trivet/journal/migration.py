"""From the journal's format on disk to today's: a table of steps, one transaction for all, and a copy of the file before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import msgspec

from trivet.errors import JournalUnusable
from trivet.folders import sync_folder
from trivet.journal.blobs import BlobDamaged, BlobStore
from trivet.journal.mentions import mentioned
from trivet.journal.owner import Owner, is_alive, is_visible
from trivet.journal.schema import BLOB_REFS, FORMAT, HOSTS, IMPORTS, RATINGS, REQUESTS, SCHEMA, SNAPSHOTS
from trivet.logs import LateLogger

PATIENCE = 3_600_000
"""Milliseconds to wait for another host that migrates: a large journal takes a while, and half of one is of no use."""


def bring_up(db: apsw.Connection, path: Path) -> None:
    """Give the database today's tables, whatever it has now. Of several hosts at once one does it, the others wait.

    Raises JournalUnusable if it is from the future, or an old one on which an old host is at work, or if there is no room
    for the copy. Nothing has changed then.
    """
    found = db.pragma("user_version")
    if found == 0:
        db.pragma("journal_mode", "wal")
    if found < FORMAT:
        found = _migrated(db, path)
    if found > FORMAT:
        raise JournalUnusable(
            path,
            f"a newer trivet wrote it (format {found}; this one knows {FORMAT}). "
            "Update trivet, or set TRIVET_HOME to another home",
        )


def _migrated(db: apsw.Connection, path: Path) -> int:
    """The format that it has afterwards."""
    db.set_busy_timeout(PATIENCE)
    db.execute("BEGIN IMMEDIATE")
    try:
        found = int(db.pragma("user_version"))  # another host may have been first
        if found == 0:
            db.execute(SCHEMA)
        elif found < FORMAT:
            _refuse_while_somebody_works(db, path)
            copy = _copied(path, found)
            LateLogger().warning(
                f"the journal is brought from format {found} to {FORMAT}; as it was it is kept as {copy}"
            )
            for step in range(found, FORMAT):
                STEPS[step](db, BlobStore(path.parent / "blobs"))
        if found < FORMAT:
            found = FORMAT
            db.pragma("user_version", FORMAT)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return found


def _refuse_while_somebody_works(db: apsw.Connection, path: Path) -> None:
    """A host of the old format would go on to write as it used to."""
    for run, owner, pid, started, boot in db.execute(
        "SELECT id, owner, pid, started, boot FROM runs WHERE owner IS NOT NULL"
    ):
        holder = Owner(pid=pid, started=started, boot=boot, nonce=owner.partition(".")[2])
        if is_visible(holder) and is_alive(holder):
            raise JournalUnusable(
                path,
                f"process {pid} of an older trivet is at work on run {run}. Wait until it has ended, or stop it with "
                "Ctrl-C: then the journal is brought to today's format, and the run can be resumed",
            )


def _copied(path: Path, format: int) -> Path:
    """A copy of the journal as it is committed, whole and on disk. The caller keeps others from writing meanwhile."""
    copy = path.with_name(f"{path.name}.format{format}.bak")
    unfinished = copy.with_name(f"{copy.name}.new")
    unfinished.unlink(missing_ok=True)
    try:
        source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        target = apsw.Connection(str(unfinished))
        try:
            with target.backup("main", source, "main") as backup:
                backup.step()
            target.pragma("journal_mode", "delete")  # one file, nothing beside it
        finally:
            target.close()
            source.close()
        unfinished.replace(copy)
        sync_folder(copy.parent)
    except (apsw.FullError, apsw.IOError, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise JournalUnusable(
            path,
            f"before it is brought to format {FORMAT} a copy is kept, which cannot be written ({error}). Make room for "
            f"{path.stat().st_size / 1e6:.0f} MB in {path.parent}; nothing has changed yet",
        ) from error
    return copy


def _to_2(db: apsw.Connection, blobs: BlobStore) -> None:
    """Hosts have a heartbeat, runs their snapshots, blobs their references, and open questions are known without a fold."""
    db.execute(f"""
        ALTER TABLE runs ADD COLUMN held REAL;
        ALTER TABLE runs ADD COLUMN conversation TEXT;
        ALTER TABLE runs ADD COLUMN finished REAL;
        CREATE INDEX runs_by_conversation ON runs(conversation) WHERE conversation IS NOT NULL;
        {HOSTS}{SNAPSHOTS}{BLOB_REFS}{REQUESTS}{RATINGS}{IMPORTS}
        UPDATE runs SET finished=updated WHERE status IN ('succeeded', 'failed', 'cancelled', 'exhausted')
    """)
    for run, topic, payload, blob in db.execute("SELECT run, topic, payload, blob FROM events ORDER BY cursor"):
        try:
            content = blobs.read(blob) if payload is None else payload.encode()
        except (KeyError, BlobDamaged):  # the run tells of it when it is read
            content = b""
        named = [*mentioned(content, blobs), *([blob] if blob else [])]
        db.executemany("INSERT OR IGNORE INTO blob_refs VALUES(?,?)", [(run, each) for each in named])
        if topic in _REQUESTS:
            key, statement = _REQUESTS[topic]
            if (id := _text(content, key)) is not None:
                db.execute(statement, (run, id))


_OPENED, _CLOSED = "INSERT OR IGNORE INTO requests VALUES(?,?)", "DELETE FROM requests WHERE run=? AND id=?"
_REQUESTS = {
    "question.asked": ("id", _OPENED),
    "question.answered": ("id", _CLOSED),
    "approval.requested": ("approval", _OPENED),
    "approval.resolved": ("approval", _CLOSED),
}


def _text(content: bytes, key: str) -> str | None:
    try:
        found: Any = msgspec.json.decode(content).get(key)
    except (msgspec.MsgspecError, UnicodeDecodeError, AttributeError):  # damaged: the run tells of it when it is read
        return None
    return found if isinstance(found, str) else None


STEPS: dict[int, Callable[[apsw.Connection, BlobStore], None]] = {1: _to_2}
"""From this format to the next, inside a transaction. A step is never edited once it was released."""
