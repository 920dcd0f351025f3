"""What changed in a place since the last look is read again; what has gone is forgotten."""

import contextlib
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from trivet_sdk import ToolError
from trivet_search.cutting import passages_of
from trivet_search.document import Document, Passage, Unreadable
from trivet_search.place import Place
from trivet_search.reading import Reading
from trivet_search.store import GONE, Seen, Store
from trivet_search.words import Pen, Words

BATCH = 4000
"""Passages after which words are committed."""
YOUNG = 2_000_000_000
"""Nanoseconds: a file changed so shortly before it was read may change again without a new time."""
TURN = 0.25
"""Seconds of work between two looks at whether it is still wanted."""


class Step(msgspec.Struct, frozen=True):
    """How far it is, in files that had to be read."""

    done: int
    total: int


class Busy(Exception):
    """Another process is at it."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Raises Busy. Who dies lets go."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield
    finally:
        os.close(lock)


def refresh(
    place: Place, own: Path, store: Store, words: Words, largest: int, is_cancelled: Callable[[], bool]
) -> Iterator[Step]:
    """A step for every quarter of a second; what is done so far stays done, wherever it ends. Raises Busy."""
    with alone(own), contextlib.ExitStack() as open_pen:
        pens: list[Pen] = []

        def write() -> None:
            """By one pen for all: each is threads of its own, whose memory the process keeps."""
            if store.unwritten(1):
                if not pens:
                    pens.append(open_pen.enter_context(words.writing()))
                write_words(store, pens[0])

        seen = store.seen()
        changed: list[tuple[str, str]] = []
        present: set[str] = set()
        for name, path in place.files(own):
            present.add(name)
            if not _is_as_seen(path, seen.get(name)):
                changed.append((name, path))
        with store.transaction():
            for name in seen.keys() - present:
                store.leave(seen[name].id)
        reading = Reading(largest, is_cancelled)
        began, waiting = time.monotonic(), 0
        try:
            for done, (name, path) in enumerate(changed):
                if time.monotonic() - began > TURN:
                    yield Step(done, len(changed))
                    began = time.monotonic()
                waiting += _take(name, path, seen.get(name), place, store, reading)
                if waiting >= BATCH:
                    write()
                    waiting = 0
        finally:
            reading.close()
            write()
    yield Step(len(changed), len(changed))


def write_words(store: Store, pen: Pen) -> None:
    """Files are marked when their words are safe; who dies in between does it again."""
    while batch := store.unwritten(500):
        for file, name, state in batch:
            pen.remove(file)
            if state != GONE:
                pen.add(file, name, store.passages(file))
        pen.commit()
        store.written(batch)


def _is_as_seen(path: str, seen: Seen | None) -> bool:
    if seen is None:
        return False
    try:
        now = os.stat(path)
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (seen.size, seen.changed)


def _take(name: str, path: str, seen: Seen | None, place: Place, store: Store, reading: Reading) -> int:
    """Read one file, and return how many passages it has."""
    document: Document | None = None
    passages: list[Passage] = []
    size = changed = 0
    digest, reason = b"", ""
    try:
        content, size, changed = _content(place, name, reading.limit(name))
        digest = hashlib.blake2b(content, digest_size=20).digest()
        if seen is not None and seen.hash == digest:
            store.touch(seen.id, changed)
            return 0
        document = reading.document(name, content)
        passages = list(passages_of(document))
        if not passages:
            raise Unreadable("it holds no text")
    except Unreadable as unreadable:
        reason = str(unreadable)
        if not digest:  # it was not even read: its size and time are all there is to know it by
            with contextlib.suppress(OSError):
                now = os.stat(path)
                size, changed = now.st_size, now.st_mtime_ns
    except ToolError as error:
        reason = f"it cannot be opened: {error}"
    except OSError as error:
        reason = f"it cannot be opened: {error.strerror}"
    with store.transaction():
        store.put(name, size, changed, digest, document, passages, reason)
    return len(passages)


def _content(place: Place, name: str, limit: int) -> tuple[bytes, int, int]:
    """Content, size and time of change in nanoseconds, 0 if that was just now. Raises Unreadable or OSError."""
    with place.open(name) as file:
        now = os.fstat(file.fileno())
        if not stat.S_ISREG(now.st_mode):
            raise Unreadable("it is no regular file")
        if now.st_size > limit:
            raise Unreadable(f"its {now.st_size:,} bytes are more than the {limit:,} that are read")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Unreadable(f"it grew past the {limit:,} bytes that are read")
    is_young = time.time_ns() - now.st_mtime_ns < YOUNG
    return content, now.st_size, 0 if is_young else now.st_mtime_ns
