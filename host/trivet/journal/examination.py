"""Everything in a home that can be looked at, looked at: the database, each run, each blob."""

from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec

from trivet.errors import JournalUnusable
from trivet.journal import sqlite
from trivet.journal.blobs import BlobDamaged, BlobStore
from trivet.journal.collection import stored
from trivet.journal.fold import Fold
from trivet.journal.reader import Reader, lost

_PAGE = 1000


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
    try:
        said = [str(row[0]) for row in reader.rows("PRAGMA integrity_check(20)")]
        problems += [f"the journal {journal} is damaged: {line}" for line in said if line != "ok"]
        runs = [str(row[0]) for row in reader.rows("SELECT id FROM runs ORDER BY created")]
        events = 0
        for number, run in enumerate(runs):
            told("runs", number, len(runs))
            count, problem = _folded(reader, run)
            events += count
            problems += [problem] if problem else []
        for (run,) in reader.rows("SELECT DISTINCT run FROM events WHERE run NOT IN (SELECT id FROM runs)"):
            problems.append(f"events of run {run} are there, and the run itself is not")
        referred = {row[0]: row[1] for row in reader.rows("SELECT blob, MIN(run) FROM blob_refs GROUP BY blob")}
        there = list(stored(blobs))
        for number, path in enumerate(there):
            told("blobs", number, len(there))
            problems += _blob(blobs, path.name, referred.get(path.name))
        for blob in referred.keys() - {path.name for path in there}:
            problems.append(f"the file {blobs.path(blob)} is missing, to which run {referred[blob]} refers")
    except apsw.Error as error:
        raise sqlite.explained(error, journal) from error
    finally:
        reader.close()
    alone = sum(path.name not in referred for path in there)
    return Examined(runs=len(runs), events=events, blobs=len(there), unreferenced=alone, problems=tuple(problems))


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
