"""A whole home in one file, written while hosts are at work on it, and put back."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import msgspec

from trivet.errors import FileRefused, HomeUnusable
from trivet.folders import sync_folder
from trivet.journal import sqlite
from trivet.journal.blobs import BlobStore
from trivet.journal.collection import collectors_kept_out
from trivet.journal.schema import FORMAT
from trivet.journal.tarfiles import MANIFEST, Manifest, tar_written, unpacked

KIND, BACKUP_FORMAT = "trivet backup", 1
JOURNAL = "journal.sqlite"
_FILES = ("settings.toml", "plugins.toml")
_FOLDERS = ("data", "evaluations", "plugins/.wheels")
"""What plugins keep, how models and planners were judged, and wheels that were given as files and can be had nowhere else."""
LEFT_OUT = "model files, plugins' environments, caches and logs, which can be had again"
_PAGES = 2000
"""Of the journal at a time, so that its writers are held up for milliseconds."""


class BackedUp(msgspec.Struct, frozen=True, kw_only=True):
    path: Path
    size: int
    runs: int
    blobs: int
    missing: tuple[str, ...]
    """Blobs that runs refer to and the home does not have."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    home: Path
    aside: Path | None
    """Where the replaced home's files are now."""
    files: int


def back_up(home: Path, path: Path, told: Callable[[int, int], None] = lambda done, total: None) -> BackedUp:
    """Blocks. `told(done, total)` hears of the bytes. The journal is copied as it is at one moment, whoever writes to it, and
    nothing is collected until the blobs that this copy refers to are in the file.

    Raises FileRefused if the file cannot be written, HomeUnusable or JournalUnusable if the home cannot be read.
    """
    blobs = BlobStore(home / "blobs")
    if not (home / JOURNAL).exists():
        raise HomeUnusable(home, "it has no journal yet, so there is nothing to back up")
    try:
        folder = TemporaryDirectory(dir=path.parent, prefix=".trivet-backup-")
    except OSError as error:
        raise FileRefused(path, f"it cannot be written ({(error.strerror or str(error)).lower()})") from None
    with folder as name, collectors_kept_out(blobs):
        copy = Path(name) / JOURNAL
        runs, referred = _copied(home / JOURNAL, copy)
        there = [blob for blob in referred if blobs.path(blob).exists()]
        others = list(_others(home))
        total = copy.stat().st_size + sum(path.stat().st_size for path in (*map(blobs.path, there), *others))
        done = 0

        def read(count: int) -> None:
            nonlocal done
            done += count
            told(done, total)

        with tar_written(path, KIND, BACKUP_FORMAT, read) as (tar, about):
            about.update(written=time.time(), runs=runs, left_out=LEFT_OUT, journal_format=FORMAT)
            tar.add_file(JOURNAL, copy)
            for blob in there:
                tar.add_file(f"blobs/{blob[:2]}/{blob}", blobs.path(blob))
            for other in others:
                tar.add_file(other.relative_to(home).as_posix(), other)
    missing = tuple(sorted(set(referred) - set(there)))
    return BackedUp(path=path, size=path.stat().st_size, runs=runs, blobs=len(there), missing=missing)


def restore(path: Path, home: Path, *, replaces: bool = False) -> Restored:
    """Blocks. Everything is unpacked and checked beside its place before anything there changes.

    Raises FileRefused, also where the home has a journal and is not to be replaced, or a host has it open.
    """
    has_journal = (home / JOURNAL).exists()
    if has_journal and not replaces:
        raise FileRefused(path, f"{home} has a journal already. `--replace` moves it aside; `--to` restores elsewhere")
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = TemporaryDirectory(dir=home, prefix=".restoring-")
    except OSError as error:
        raise HomeUnusable(home, (error.strerror or str(error)).lower()) from None
    with staging as name:
        staged = Path(name)
        manifest = unpacked(path, staged, KIND, BACKUP_FORMAT, _is_expected)
        _checked(path, staged, manifest)
        (staged / MANIFEST).unlink()
        if has_journal:
            _refuse_if_open(home / JOURNAL, path)
        aside = _moved_aside(home, path)
        for part in sorted(staged.iterdir()):
            if part.name == "plugins":
                (home / "plugins").mkdir(exist_ok=True)
                (part / ".wheels").rename(home / "plugins" / ".wheels")
            elif part.name != JOURNAL:
                part.rename(home / part.name)
        (staged / JOURNAL).rename(home / JOURNAL)
        sync_folder(home)
        (home / sqlite.RESTORING).unlink(missing_ok=True)
    for left in home.glob(".restoring-*"):  # of one that was cut short
        shutil.rmtree(left, ignore_errors=True)
    return Restored(home=home, aside=aside, files=len(manifest.members))


_BLOB = re.compile(r"blobs/([0-9a-f]{2})/\1[0-9a-f]{62}")


def _is_expected(name: str) -> bool:
    if name == JOURNAL or name in _FILES or _BLOB.fullmatch(name):
        return True
    parts = name.split("/")
    is_plain = all(part not in ("", ".", "..") and "\\" not in part and "\0" not in part for part in parts)
    return is_plain and any(name.startswith(f"{folder}/") for folder in _FOLDERS)


def _checked(path: Path, staged: Path, manifest: Manifest) -> None:
    for name, member in manifest.members.items():
        if name.startswith("blobs/") and not name.endswith(member.sha256):
            raise FileRefused(path, f"the blob '{name}' in it has another content than its name says")
    if JOURNAL not in manifest.members:
        raise FileRefused(path, "there is no journal in it")
    try:
        db = apsw.Connection(str(staged / JOURNAL), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            format = db.pragma("user_version")
            verdict = db.pragma("integrity_check")
        finally:
            db.close()
    except apsw.Error as error:
        raise FileRefused(path, f"the journal in it cannot be read ({error})") from None
    if format > FORMAT:
        raise FileRefused(path, f"a newer trivet wrote its journal (format {format}; this one knows {FORMAT})")
    if verdict != "ok":
        raise FileRefused(path, "the journal in it is damaged")


def _copied(source: Path, target: Path) -> tuple[int, list[str]]:
    """How many runs the copy has, and which blobs it refers to."""
    try:
        reading = sqlite.connect(source)  # brings an older one to today's format first
        copy = apsw.Connection(str(target))
        try:
            with copy.backup("main", reading, "main") as backup:
                reading.execute(
                    "BEGIN; SELECT 1 FROM runs LIMIT 1"
                ).fetchall()  # one moment, however long the copying takes
                while not backup.done:
                    backup.step(_PAGES)
                reading.execute("COMMIT")
            copy.pragma("journal_mode", "delete")  # one file, nothing beside it
            copy.execute("UPDATE runs SET owner=NULL, pid=NULL, started=NULL, boot=NULL; DELETE FROM hosts")
            runs = copy.execute("SELECT COUNT(*) FROM runs").fetchone()
            blobs = [row[0] for row in copy.execute("SELECT DISTINCT blob FROM blob_refs ORDER BY blob")]
        finally:
            copy.close()
            reading.close()
    except apsw.Error as error:
        raise sqlite.explained(error, source) from error
    assert runs is not None
    return int(runs[0]), blobs


def _others(home: Path) -> Iterator[Path]:
    for name in _FILES:
        if (home / name).is_file():
            yield home / name
    for folder in _FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def _refuse_if_open(journal: Path, path: Path) -> None:
    """Also brings what lies in the log beside it into the file."""
    try:
        db = apsw.Connection(str(journal))
        try:
            db.pragma("journal_mode", "delete")  # refused while anybody else has it open
        finally:
            db.close()
    except (apsw.BusyError, apsw.LockedError):
        raise FileRefused(path, f"another trivet has {journal.parent} open. End it, then restore again") from None
    except apsw.Error:
        return  # damaged, which may be why it is replaced


def _moved_aside(home: Path, path: Path) -> Path | None:
    """What stands where the backup's parts go. From here on the home says that it is half restored, until it is whole."""
    names = [JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", "blobs", "attachments", *_FILES, *_FOLDERS]
    there = [name for name in names if (home / name).exists()]
    aside = _free(home / time.strftime("replaced-%Y%m%d-%H%M%S")) if there else None
    _mark(home, path, aside)
    if aside is None:
        return None
    aside.mkdir(mode=0o700)
    for name in there:
        (aside / name).parent.mkdir(exist_ok=True)
        (home / name).rename(aside / name)
    return aside


def _free(folder: Path) -> Path:
    """The folder, or one numbered where it is taken: two restores may begin within a second."""
    number = 2
    found = folder
    while found.exists():
        found, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return found


def _mark(home: Path, path: Path, aside: Path | None) -> None:
    mark = home / sqlite.RESTORING
    asides = [str(aside)] if aside is not None else []
    with suppress(
        OSError, ValueError, IndexError
    ):  # what an earlier one moved aside, that was cut short, is still told
        asides[:0] = filter(None, [mark.read_text(encoding="utf-8").splitlines()[1]])
    unfinished = mark.with_name(f"{mark.name}.new")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(f"{path}\n{' and '.join(asides)}\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(mark)
    sync_folder(home)
