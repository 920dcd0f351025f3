"""Cuts of power: what a host had written is taped with its syncs, and the home is put together again as it was on the disk at
any of them, with nothing that was written and not synced.

SQLite's writes and syncs pass through a VFS, those of the blob store through `os.fsync`. A file that SQLite has made is there
from its first sync on, since SQLite syncs the folder then; every other name from the first sync of its folder on.
"""

import os
import random
import stat
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import msgspec

from trivet.journal.journal import Journal
from trivet_sdk import Record

_SYSTEMS = apsw.vfs_names()[0]
"""SQLite's own VFS for this system."""
SECTOR = 512
FOLDER = -1
"""In the place of an inode."""


class Written(msgspec.Struct, frozen=True, tag=True):
    path: str
    offset: int
    content: bytes


class Cut(msgspec.Struct, frozen=True, tag=True):
    path: str
    size: int


class Synced(msgspec.Struct, frozen=True, tag=True):
    path: str


class Deleted(msgspec.Struct, frozen=True, tag=True):
    path: str


class FileSynced(msgspec.Struct, frozen=True, tag=True):
    inode: int
    content: bytes


class FolderSynced(msgspec.Struct, frozen=True, tag=True):
    path: str
    names: dict[str, int]
    """Inodes."""


class Happened(msgspec.Struct, frozen=True, tag=True):
    """A line of the world."""

    line: str


class Acknowledged(msgspec.Struct, frozen=True, tag=True):
    """The journal has said that the run's events up to this one are durable."""

    run: str
    seq: int


Entry = Written | Cut | Synced | Deleted | FileSynced | FolderSynced | Happened | Acknowledged
_SYNCS = (Synced, FileSynced, FolderSynced)


class Tape:
    """In the process of the host, before it is opened."""

    def __init__(self, home: Path) -> None:
        self.entries: list[Entry] = []
        self._home = home
        self._lock = threading.Lock()
        self._vfs = TapedVFS(self)
        self._fsync = os.fsync
        os.fsync = self._synced  # type: ignore[assignment]
        self._hear_journal()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)

    def relative(self, path: str | None) -> str:
        return os.path.relpath(path or "", self._home)

    def _synced(self, handle: int) -> None:
        self._fsync(handle)
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if not path.is_relative_to(self._home):
            return
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            found = {each.name: each.stat(follow_symlinks=False) for each in os.scandir(path)}
            names = {name: FOLDER if stat.S_ISDIR(each.st_mode) else each.st_ino for name, each in found.items()}
            self.add(FolderSynced(self.relative(str(path)), names))
        else:
            self.add(FileSynced(status.st_ino, path.read_bytes()))

    def _hear_journal(self) -> None:
        append = Journal.append
        newest: dict[str, int] = {}

        async def heard(journal: Journal, run: str, records: Sequence[Record], *, durable: bool = False) -> None:
            for record in records:
                newest[run] = record.seq
            seq = newest.get(run, 0)
            await append(journal, run, records, durable=durable)
            if durable and seq:
                self.add(Acknowledged(run, seq))

        Journal.append = heard  # type: ignore[method-assign,assignment]


class TapedVFS(apsw.VFS):
    def __init__(self, tape: Tape) -> None:
        super().__init__("taped", _SYSTEMS, makedefault=True)
        self._tape = tape

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "TapedFile":
        return TapedFile(self._tape, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self._tape.add(Deleted(self._tape.relative(filename)))


class TapedFile(apsw.VFSFile):
    def __init__(self, tape: Tape, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(_SYSTEMS, name, flags)
        self._tape = tape
        self._path = tape.relative(name.filename() if isinstance(name, apsw.URIFilename) else name)

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._tape.add(Written(self._path, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        self._tape.add(Cut(self._path, newsize))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._tape.add(Synced(self._path))


class Remains(msgspec.Struct, kw_only=True):
    """What was on the disk when the power went, right before the next sync: as much as possible has happened meanwhile."""

    databases: dict[str, bytes] = {}
    files: dict[int, bytes] = {}
    folders: dict[str, dict[str, int]] = {}
    world: list[str] = []
    acknowledged: dict[str, int] = {}
    after: str = ""
    """The last sync, in words."""

    def put(self, folder: Path) -> None:
        home = folder / "home"
        home.mkdir(parents=True)
        for name, content in self.databases.items():
            (home / name).write_bytes(content)
        self._put_folder(home, ".")
        (folder / "world").write_text("".join(f"{line}\n" for line in self.world))

    def _put_folder(self, home: Path, path: str) -> None:
        for name, inode in self.folders.get(path, {}).items():
            inner = os.path.normpath(os.path.join(path, name))
            if inode == FOLDER:
                (home / inner).mkdir()
                self._put_folder(home, inner)
            elif not name.startswith("journal.sqlite"):
                (home / inner).write_bytes(self.files.get(inode, b""))


def cuts(entries: Sequence[Entry], chance: random.Random | None = None) -> Iterator[Remains]:
    """The remains of every cut between two syncs, and of one after the last. With `chance`, some of what SQLite had written
    and not synced is on the disk as well, in part."""
    now = Remains()
    unsynced: dict[str, list[Written | Cut]] = {}
    for entry in entries:
        if isinstance(entry, _SYNCS):
            yield _copied(now, unsynced, chance)
        match entry:
            case Written(path) | Cut(path):
                unsynced.setdefault(path, []).append(entry)
            case Deleted(path):
                unsynced.pop(path, None)
                now.databases.pop(path, None)
            case Synced(path):
                now.databases[path] = _after(now.databases.get(path, b""), unsynced.pop(path, []))
                now.after = f"sync of {path}"
            case FileSynced(inode, content):
                now.files[inode] = content
                now.after = "sync of a file"
            case FolderSynced(path, names):
                now.folders[path] = names
                now.after = f"sync of {path}"
            case Happened(line):
                now.world.append(line)
            case Acknowledged(run, seq):
                now.acknowledged[run] = max(seq, now.acknowledged.get(run, 0))
    yield _copied(now, unsynced, chance)


def _after(content: bytes, changes: Sequence[Written | Cut]) -> bytes:
    held = bytearray(content)
    for change in changes:
        match change:
            case Written(_, offset, written):
                held.extend(bytes(max(0, offset + len(written) - len(held))))
                held[offset : offset + len(written)] = written
            case Cut(_, size):
                del held[size:]
    return bytes(held)


def _some(changes: Sequence[Written | Cut], chance: random.Random) -> list[Written | Cut]:
    """Sectors are written whole, in any order and without each other."""
    found: list[Written | Cut] = []
    for change in changes:
        if isinstance(change, Cut):
            found += [change] * chance.randint(0, 1)
            continue
        for at in range(0, len(change.content), SECTOR):
            if chance.random() < 0.5:
                found.append(Written(change.path, change.offset + at, change.content[at : at + SECTOR]))
    return found


def _copied(now: Remains, unsynced: dict[str, list[Written | Cut]], chance: random.Random | None) -> Remains:
    databases = dict(now.databases)
    if chance is not None:
        for path in databases.keys() & unsynced.keys():
            databases[path] = _after(databases[path], _some(unsynced[path], chance))
    return Remains(
        databases=databases,
        files=dict(now.files),
        folders=dict(now.folders),
        world=list(now.world),
        acknowledged=dict(now.acknowledged),
        after=now.after,
    )


def durable_events(folder: Path) -> dict[str, int]:
    """The newest event of each run that the home has, once SQLite has recovered it."""
    path = folder / "home" / "journal.sqlite"
    if not path.exists():
        return {}
    db = apsw.Connection(str(path))
    try:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name='events'").fetchall():
            return {}
        return {str(run): int(seq) for run, seq in db.execute("SELECT run, MAX(seq) FROM events GROUP BY run")}
    finally:
        db.close()
