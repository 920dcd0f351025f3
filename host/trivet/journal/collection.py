"""Blobs that no run refers to, removed while any number of hosts are at work on the home.

A blob is written before the event that refers to it commits, so one without a reference may be about to get one. Hence
only old files go, and writing equal content again makes a file young (`BlobStore.write`). Whether it is old is looked at
under the store's lock, and whether it has a reference inside a write transaction, which no other host can commit into.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw
import msgspec

from trivet.errors import HomeUnusable
from trivet.journal import sqlite
from trivet.journal.blobs import BlobStore
from trivet.journal.leases import HOLDER, JOINED, holder_of
from trivet.locking import locked

AT_WORK = 86_400.0
"""Seconds that a blob without a reference is kept while a host works on some run: a tool may have put it there."""
AT_REST = 600.0
"""And while nobody does: somebody may have attached a file just now, and not submitted the goal yet."""
_AT_ONCE = 200
"""Files in one transaction, so that other hosts wait for milliseconds."""


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    blobs: int = 0
    bytes: int = 0
    leftovers: int = 0
    """Files that killed writers left, and attachments laid out for runs that are gone."""
    young: int = 0
    """Without a reference, and kept for a while."""


@contextmanager
def collectors_kept_out(blobs: BlobStore) -> Iterator[None]:
    """Nothing is collected meanwhile, by any host."""
    try:
        blobs.root.mkdir(parents=True, exist_ok=True)
        with locked(blobs.root / ".collecting"):
            yield
    except PermissionError as error:
        raise HomeUnusable(blobs.root.parent, (error.strerror or str(error)).lower()) from None


def collect(
    journal: Path, blobs: BlobStore, *, grace: float | None = None, clock: Callable[[], float] = time.time
) -> Collected:
    """Blocks. `grace` in seconds; None: as it is safe now. Raises HomeUnusable or JournalUnusable."""
    if not blobs.root.exists():
        return Collected()
    with collectors_kept_out(blobs):
        db = sqlite.connect(journal)
        try:
            if grace is None:
                grace = AT_WORK if is_anybody_at_work(db) else AT_REST
            return _collected(db, blobs, clock() - grace)
        except apsw.Error as error:
            raise sqlite.explained(error, journal) from error
        finally:
            db.close()


def unreferenced(db: apsw.Connection, blobs: BlobStore) -> list[str]:
    referred = {row[0] for row in db.execute("SELECT DISTINCT blob FROM blob_refs")}
    return [path.name for path in stored(blobs) if path.name not in referred]


def stored(blobs: BlobStore) -> Iterator[Path]:
    """The files of all blobs, in no order."""
    for path in blobs.root.glob("??/*"):
        if len(path.name) == 64:
            yield path


def _collected(db: apsw.Connection, blobs: BlobStore, before: float) -> Collected:
    count = freed = leftovers = young = 0
    alone = unreferenced(db, blobs)
    for some in (alone[at : at + _AT_ONCE] for at in range(0, len(alone), _AT_ONCE)):
        gone, size = _remove(db, blobs, some, before)
        count, freed, young = count + gone, freed + size, young + len(some) - gone
    for path in blobs.root.glob("??/*.new"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                freed += path.stat().st_size
                path.unlink()
                leftovers += 1
    for folder in (blobs.root.parent / "attachments").glob("*"):
        if len(folder.name) == 64 and not blobs.path(folder.name).exists():
            shutil.rmtree(folder, ignore_errors=True)
            leftovers += 1
    return Collected(blobs=count, bytes=freed, leftovers=leftovers, young=young)


def _remove(db: apsw.Connection, blobs: BlobStore, some: Sequence[str], before: float) -> tuple[int, int]:
    count = size = 0
    db.execute("BEGIN IMMEDIATE")
    try:
        for blob in some:
            if db.execute("SELECT 1 FROM blob_refs WHERE blob=?", (blob,)).fetchone() is not None:
                continue
            path = blobs.path(blob)
            with suppress(FileNotFoundError), blobs.locked():
                found = path.stat()
                if found.st_mtime < before:
                    path.unlink()
                    count, size = count + 1, size + found.st_size
    finally:
        db.execute("COMMIT")
    return count, size


def is_anybody_at_work(db: apsw.Connection) -> bool:
    rows = db.execute(f"SELECT {HOLDER} FROM {JOINED} WHERE runs.owner IS NOT NULL")
    return any(holder_of(row, time.time()) is not None for row in rows)
