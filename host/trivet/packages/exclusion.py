"""One at a time: whoever changes what is installed holds a lock in the home, and so do the installers that it starts."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trivet.errors import HomeUnusable


@contextmanager
def held(path: Path, waiting: Callable[[str], None]) -> Iterator[int]:
    """Yields the lock's file descriptor: a child that inherits it keeps the lock even if this process dies.

    `waiting` is told once if somebody else has it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HomeUnusable(path.parent, error.strerror or str(error)) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            waiting(f"Waiting for process {owner or '?'}, which is changing what is installed")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)
