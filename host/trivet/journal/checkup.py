"""Whether a home's journal is whole: looked at without changing anything, an old format included."""

import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec

from trivet.errors import JournalUnusable
from trivet.journal import sqlite
from trivet.journal.blobs import BlobStore
from trivet.journal.leases import HOLDER, JOINED, Holder, holder_of
from trivet.journal.schema import FORMAT

THOROUGH = 256_000_000
"""Bytes up to which indexes are compared with their tables as well; that takes a second for about 100 MB."""


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    """`damage` is SQLite's first word on what is wrong, empty if nothing is. An old format has no references yet."""

    format: int
    bytes: int
    damage: str = ""
    references: int = 0
    missing: tuple[str, ...] = ()
    """Addresses of blobs that runs refer to and the store does not have."""
    suffering: tuple[str, ...] = ()
    """The runs that refer to these."""
    held: tuple[tuple[str, Holder], ...] = ()
    """Runs that living hosts work on."""


def check_up(home: Path) -> Checkup | None:
    """None where there is no journal yet. Blocks; raises JournalUnusable or HomeUnusable if it cannot even be opened."""
    path = home / "journal.sqlite"
    if not path.exists():
        return None
    try:
        db = sqlite.connect_reader(path)
        try:
            return _looked_at(db, path, BlobStore(home / "blobs"))
        finally:
            db.close()
    except apsw.Error as error:
        raise sqlite.explained(error, path) from error


def _looked_at(db: apsw.Connection, path: Path, blobs: BlobStore) -> Checkup:
    format, size = int(db.pragma("user_version")), path.stat().st_size
    if format > FORMAT:
        raise JournalUnusable(
            path, f"a newer trivet wrote it (format {format}; this one knows {FORMAT}). Update trivet"
        )
    try:
        damage = str(db.execute(f"PRAGMA {'integrity' if size <= THOROUGH else 'quick'}_check(1)").get)
    except apsw.CorruptError as error:
        damage = str(error)
    if damage != "ok" or format < FORMAT:
        return Checkup(format=format, bytes=size, damage="" if damage == "ok" else damage)
    rows = list(db.execute("SELECT blob, run FROM blob_refs ORDER BY blob"))
    there = {blob: blobs.path(blob).exists() for blob in {blob for blob, _ in rows}}
    return Checkup(
        format=format,
        bytes=size,
        references=len(there),
        missing=tuple(sorted(blob for blob, is_there in there.items() if not is_there)),
        suffering=tuple(dict.fromkeys(run for blob, run in rows if not there[blob])),
        held=tuple(_held(db)),
    )


def _held(db: apsw.Connection) -> Iterator[tuple[str, Holder]]:
    now = time.time()
    for run, *row in db.execute(f"SELECT runs.id, {HOLDER} FROM {JOINED} WHERE runs.owner IS NOT NULL"):
        if (holder := holder_of(tuple(row), now)) is not None:
            yield run, holder
