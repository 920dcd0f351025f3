"""How much a sandbox has written to a folder of this machine, which no kernel bound limits."""

import os
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path


class Growth:
    """Since it was made. Looking is cheap as long as the file system has about as much room as then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._since = time.time() - 1  # times of files are as coarse as the kernel's clock
        self._device = folder.stat().st_dev
        self._room, self._entries = _left(folder)

    def is_over(self, size: int, entries: int, family: Iterable[int]) -> bool:
        """Whether it has grown by more bytes or files than these; what processes of the family still hold counts."""
        room, free = _left(self._folder)
        # What others free meanwhile gives no right to more.
        self._room, self._entries = max(self._room, room), max(self._entries, free)
        if self._room - room <= size and self._entries - free <= entries:
            return False
        found = number = 0
        for told in (*_new(self._folder, self._since), *_held(family, self._device)):
            found += told
            number += 1
            if found > size or number > entries:
                return True
        self._room, self._entries = room + found, free + number  # the rest was written by others
        return False


def _left(folder: Path) -> tuple[int, int]:
    """Bytes and files that still fit."""
    told = os.statvfs(folder)
    return told.f_bfree * told.f_frsize, told.f_ffree


def _new(folder: Path, since: float) -> Iterator[int]:
    """The bytes of every file changed since: nothing but the kernel sets the time of change."""
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    told = entry.stat(follow_symlinks=False)
                    if stat.S_ISDIR(told.st_mode):
                        waiting.append(entry.path)
                    if told.st_ctime >= since:
                        yield told.st_blocks * 512
        except OSError:
            continue  # removed meanwhile, or not for us to see


def _held(family: Iterable[int], device: int) -> Iterator[int]:
    """The bytes of every file that has no name any more, and is still open or mapped."""
    seen: set[int] = set()
    for process in family:
        try:
            for name in os.listdir(f"/proc/{process}/fd"):
                told = os.stat(f"/proc/{process}/fd/{name}")
                if told.st_dev == device and told.st_nlink == 0 and told.st_ino not in seen:
                    seen.add(told.st_ino)
                    yield told.st_blocks * 512
            with open(f"/proc/{process}/maps", errors="replace") as maps:
                for row in maps:
                    if row.rstrip().endswith("(deleted)"):
                        span, _, _, number, inode, *_ = row.split()
                        major, minor = (int(part, 16) for part in number.split(":"))
                        if os.makedev(major, minor) == device and int(inode) not in seen:
                            start, end = (int(part, 16) for part in span.split("-"))
                            yield end - start
        except OSError:
            continue
