"""What is wrong with a home, found out by looking at it: quickly for the doctor, or all that can be read."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import msgspec

from trivet.errors import JournalUnusable
from trivet.journal import sqlite
from trivet.journal.blobs import BlobDamaged, BlobStore
from trivet.journal.collection import stored
from trivet.journal.fold import Fold
from trivet.journal.leases import HOLDER, JOINED, Holder, holder_of
from trivet.journal.reader import Reader, lost
from trivet.journal.schema import FORMAT

_PAGE = 1000
THOROUGH = 256_000_000
"""Bytes up to which indexes are compared with their tables as well; that takes a second for about 100 MB."""


class Glance(msgspec.Struct, frozen=True, kw_only=True):
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


def glance(home: Path) -> Glance | None:
    """Changes nothing, and leaves an old format as it is. None where there is no journal yet. Blocks.

    Raises JournalUnusable or HomeUnusable if it cannot even be opened."""
    path = home / "journal.sqlite"
    sqlite.refuse_half_restored(path)
    if not path.exists():
        return None
    try:
        db = sqlite.connect_reader(path)
        try:
            return _glanced(db, path, BlobStore(home / "blobs"))
        finally:
            db.close()
    except apsw.Error as error:
        raise sqlite.explained(error, path) from error


def _glanced(db: apsw.Connection, path: Path, blobs: BlobStore) -> Glance:
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
        return Glance(format=format, bytes=size, damage="" if damage == "ok" else damage)
    rows = list(db.execute("SELECT blob, run FROM blob_refs ORDER BY blob"))
    there = {blob: blobs.path(blob).exists() for blob in {blob for blob, _ in rows}}
    return Glance(
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


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    runs: int
    events: int
    blobs: int
    unreferenced: int
    """Blobs that no run refers to. They take room and do no harm."""
    problems: tuple[str, ...]
    """A sentence for each."""


def examine(home: Path, told: Callable[[str, int, int], None] = lambda what, done, total: None) -> Examined:
    """Blocks, and changes nothing but the journal's format if it is an older one. Raises HomeUnusable or JournalUnusable if
    the journal cannot be opened at all."""
    journal, blobs = home / "journal.sqlite", BlobStore(home / "blobs")
    sqlite.connect(journal).close()
    reader = Reader(journal, blobs)
    problems: list[str] = []

    def rows(query: str) -> list[tuple[Any, ...]]:
        """Empty where the query meets a damaged page: the rest is still worth looking at."""
        try:
            return reader.rows(query)
        except JournalUnusable as error:
            problems.append(f"the journal {journal} cannot be read whole: {error.reason}")
            return []

    try:
        said = [str(row[0]) for row in rows("PRAGMA integrity_check(20)")]
        problems += [f"the journal {journal} is damaged: {' '.join(line.split())}" for line in said if line != "ok"]
        runs = [str(row[0]) for row in rows("SELECT id FROM runs ORDER BY created")]
        events = 0
        for number, run in enumerate(runs):
            told("runs", number, len(runs))
            count, problem = _folded(reader, run)
            events += count
            problems += [problem] if problem else []
        for (run,) in rows("SELECT DISTINCT run FROM events WHERE run NOT IN (SELECT id FROM runs)"):
            problems.append(f"events of run {run} are there, and the run itself is not")
        referred = {row[0]: row[1] for row in rows("SELECT blob, MIN(run) FROM blob_refs GROUP BY blob")}
        there = list(stored(blobs))
        for number, path in enumerate(there):
            told("blobs", number, len(there))
            problems += _blob(blobs, path.name, referred.get(path.name))
        for blob in referred.keys() - {path.name for path in there}:
            problems.append(f"the file {blobs.path(blob)} is missing, to which run {referred[blob]} refers")
    finally:
        reader.close()
    alone = sum(path.name not in referred for path in there)
    every = tuple(dict.fromkeys(problems))
    return Examined(runs=len(runs), events=events, blobs=len(there), unreferenced=alone, problems=every)


def _folded(reader: Reader, run: str) -> tuple[int, str]:
    """How many events it has, and what is wrong with them."""
    fold = Fold(run)
    try:
        while records := reader.records(run, fold.seq, _PAGE):
            for record in records:
                if record.seq != fold.seq + 1:
                    return fold.seq, lost(run, fold.seq + 1, record.seq - 1)
                fold.apply(record)
    except JournalUnusable as error:
        if isinstance(error.__cause__, apsw.Error):  # of a page, and not of an event that could be named
            return fold.seq, f"run {run} cannot be read whole: {error.reason}"
        return fold.seq, error.reason
    except Exception as error:  # whatever a damaged event does to the fold: this is where it is found out
        return fold.seq, f"run {run} cannot be read from event {fold.seq} on ({type(error).__name__}: {error})"
    return fold.seq, "" if fold.seq else f"run {run} has no events"


def _blob(blobs: BlobStore, blob: str, run: str | None) -> list[str]:
    try:
        blobs.read(blob)
    except BlobDamaged as error:
        return [f"{error}{f', to which run {run} refers' if run else ''}"]
    except KeyError:
        pass  # collected just now
    return []
