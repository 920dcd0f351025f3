"""A run that travels: its events as JSON lines, the blobs that they name, and its ratings, in one tar file.

Members: `runs/<id>.jsonl` (the records' flat form, one a line), `ratings.jsonl`, `blobs/<sha256>`, `manifest.json`.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import msgspec

from trivet.errors import FileRefused
from trivet.journal import projections
from trivet.journal.batch import Job
from trivet.journal.blobs import BlobStore, address_of
from trivet.journal.events import Unreadable, decode, encode
from trivet.journal.fold import Fold
from trivet.journal.journal import LARGE
from trivet.journal.mentions import mentioned
from trivet.journal.ratings import rating
from trivet.journal.tarfiles import unpacked
from trivet_sdk.events import Record, RunFinished, RunRated, RunSubmitted

KIND, EXPORT_FORMAT = "trivet run", 1
MOST = 4 * 1024**3
"""Bytes that an exported run unpacks to at most."""
_HEAD = ("topic", "v", "seq", "run", "time")
_ID = r"[0-9a-z]{1,40}(?:\.[\w-]{1,64}){0,12}"
_MEMBER = re.compile(rf"runs/{_ID}\.jsonl|ratings\.jsonl|blobs/[0-9a-f]{{64}}")
_RUN = re.compile(_ID)


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """What an exported file held, checked. `runs`: the first is the run itself, the others its sub-goals."""

    runs: tuple[tuple[Record, ...], ...]
    ratings: tuple[tuple[str, float, RunRated], ...]
    blobs: dict[str, bytes]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    run: str
    """Its id here."""
    runs: int
    events: int
    was_here: bool = False
    """The same content was here already, and nothing has changed."""


def arrived(path: Path, beside: Path) -> Arrived:
    """Unpack and check the file, in a folder made `beside` and removed again. Blocks; raises FileRefused."""
    with TemporaryDirectory(dir=beside, prefix=".importing-") as name:
        folder = Path(name)
        manifest = unpacked(path, folder, KIND, EXPORT_FORMAT, lambda member: bool(_MEMBER.fullmatch(member)), MOST)
        runs: list[tuple[Record, ...]] = []
        blobs: dict[str, bytes] = {}
        ratings: tuple[tuple[str, float, RunRated], ...] = ()
        for member in manifest.members:
            if member.startswith("blobs/"):
                content = (folder / member).read_bytes()
                if address_of(content) != member.removeprefix("blobs/"):
                    raise FileRefused(path, f"the blob '{member}' in it has another content than its name says")
                blobs[address_of(content)] = content
            elif member == "ratings.jsonl":
                ratings = tuple(_ratings(path, folder / member))
            else:
                runs.append(_run(path, folder / member))
    if not runs:
        raise FileRefused(path, "there is no run in it")
    root = runs[0][0].run
    ids = {records[0].run for records in runs}
    for records in runs[1:]:
        if not records[0].run.startswith(f"{root}."):
            raise FileRefused(path, f"run {records[0].run} in it is no sub-goal of run {root}")
    for run, _, _ in ratings:
        if run not in ids:
            raise FileRefused(path, f"a rating in it is of run '{run}', which is not there")
    return Arrived(runs=tuple(runs), ratings=ratings, blobs=blobs)


def taking_in(found: Arrived, blobs: BlobStore, new_id: str) -> Job:
    """All of it, or nothing; the blobs must be stored already. The job returns `Imported`.

    Its own ids are kept if they are free here, else the run is called `new_id`."""
    root = found.runs[0][0].run
    digests = [digest(records) for records in found.runs]

    def take_in(db: apsw.Connection) -> Imported:
        events = sum(map(len, found.runs))
        whole = hashlib.sha256("".join(digests).encode()).hexdigest()
        for (run,) in db.execute("SELECT run FROM imports WHERE digest=?", (whole,)):
            return Imported(run=run, runs=len(found.runs), events=events, was_here=True)
        taken = [records[0].run for records in found.runs if _is_taken(db, records[0].run)]
        if taken and all(_is_the_same(db, records) for records in found.runs):
            return Imported(run=root, runs=len(found.runs), events=events, was_here=True)
        for records, own in zip(found.runs, digests, strict=True):
            name = records[0].run if not taken else new_id + records[0].run.removeprefix(root)
            _insert(db, name, records, blobs, new_id if taken else root, root)
            db.execute(
                "INSERT INTO imports VALUES(?,?,?)", (name, whole if records is found.runs[0] else own, time.time())
            )
        for run, then, event in found.ratings:
            rating(run if not taken else new_id + run.removeprefix(root), event, then)(db)
        return Imported(run=new_id if taken else root, runs=len(found.runs), events=events)

    return take_in


def digest(records: Sequence[Record]) -> str:
    sum = hashlib.sha256()
    for record in records:
        sum.update(encode(record.event) + b"\n")
    return sum.hexdigest()


def _is_taken(db: apsw.Connection, run: str) -> bool:
    return db.execute("SELECT 1 FROM runs WHERE id=?", (run,)).fetchone() is not None


def _is_the_same(db: apsw.Connection, records: Sequence[Record]) -> bool:
    """Whether the run here has these very events."""
    here = db.execute("SELECT payload, blob FROM events WHERE run=? ORDER BY seq", (records[0].run,)).fetchall()
    if len(here) != len(records):
        return False
    for (payload, blob), record in zip(here, records, strict=True):
        encoded = encode(record.event)
        if blob != address_of(encoded) if payload is None else str(payload).encode() != encoded:
            return False
    return True


def _insert(
    db: apsw.Connection, name: str, records: Sequence[Record], blobs: BlobStore, root: str, before: str
) -> None:
    submitted = records[0].event
    assert isinstance(submitted, RunSubmitted)
    if submitted.parent is not None and submitted.parent.startswith(before):
        submitted = msgspec.structs.replace(submitted, parent=root + submitted.parent.removeprefix(before))
    db.execute(projections.BEGUN.format("ABORT"), projections.begun(name, submitted, records[0].time))
    for record in records:
        event = submitted if record.seq == 1 else record.event
        payload = encode(event)
        named = mentioned(payload, blobs)
        text: str | None = payload.decode()
        blob: str | None = None
        if len(payload) > LARGE:
            text, blob = None, blobs.write(payload)
            named.append(blob)
        row = (name, record.seq, event.topic, event.version, record.time, getattr(event, "step", None), text, blob)
        db.execute("INSERT INTO events(run, seq, topic, v, time, step, payload, blob) VALUES(?,?,?,?,?,?,?,?)", row)
        if status := projections.status_after(event, record.time):
            db.execute("UPDATE runs SET status=?, updated=?, finished=? WHERE id=?", (*status, name))
        for statement, values in projections.following(name, event, named):
            db.execute(statement, values)


def _run(path: Path, file: Path) -> tuple[Record, ...]:
    records: list[Record] = []
    run = file.name.removesuffix(".jsonl")
    fold = Fold(run)
    for number, line in enumerate(_lines(path, file), 1):
        record = _record(path, line, f"line {number} of '{file.name}' in it")
        if (record.run, record.seq) != (run, number):
            raise FileRefused(path, f"line {number} of '{file.name}' in it is event {record.seq} of run '{record.run}'")
        if (number == 1) != isinstance(record.event, RunSubmitted):
            raise FileRefused(path, f"'{file.name}' in it must begin with one run.submitted, and have no other")
        if isinstance(record.event, RunSubmitted) and "\0" in record.event.goal.workspace:
            raise FileRefused(path, f"the workspace of '{file.name}' in it has a NUL in its name, as no folder has")
        if records and isinstance(records[-1].event, RunFinished):
            raise FileRefused(path, f"'{file.name}' in it goes on after run.finished")
        try:
            fold.apply(record)
        except Exception as error:  # an event that does not fit to those before it may do anything to the fold
            raise FileRefused(
                path, f"line {number} of '{file.name}' in it does not follow from the lines before ({error!r})"
            ) from None
        records.append(record)
    if not records:
        raise FileRefused(path, f"'{file.name}' in it is empty")
    return tuple(records)


def _lines(path: Path, file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise FileRefused(path, f"line {number} of '{file.name}' in it is no JSON record ({error})") from None


def _record(path: Path, line: dict[str, Any], where: str) -> Record:
    try:
        topic, version, seq, run, then = (line.pop(key) for key in _HEAD)
        if not (
            isinstance(topic, str)
            and type(version) is int
            and version > 0
            and type(seq) is int
            and isinstance(run, str)
        ) or type(then) not in (int, float):
            raise Unreadable("its head has values of other kinds")
        if not _RUN.fullmatch(run):
            raise Unreadable("its run has a name that no run has")
        return Record(run=run, seq=seq, time=float(then), event=decode(topic, version, msgspec.json.encode(line)))
    except KeyError as error:
        raise FileRefused(path, f"{where} has no {error}") from None
    except (Unreadable, OverflowError) as error:
        raise FileRefused(path, f"{where} cannot be read: {error}") from None


def _ratings(path: Path, file: Path) -> Iterator[tuple[str, float, RunRated]]:
    for number, line in enumerate(_lines(path, file), 1):
        record = _record(path, line, f"line {number} of '{file.name}' in it")
        if not isinstance(record.event, RunRated):
            raise FileRefused(path, f"line {number} of '{file.name}' in it is no rating")
        yield record.run, record.time, record.event
