"""What a look at the home and at watched sources tells: whether anything changed since the last look."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from trivet.kernel.requests import Requests, Stamps
from trivet.settings import FILE

Sign = tuple[object, ...]


class Noticing:
    """Looks with `stat` only, some microseconds a look. `watched` are the folders of plugins that are to be reloaded."""

    def __init__(self, home: Path, watched: Callable[[], Iterable[Path]]) -> None:
        self._home = home
        self._watched = watched
        self._requests = Requests(home)
        self._seen = self._sign()
        self._sources = self._sources_before = self._source_sign()
        self._stamps: Stamps = self._requests.stamps()

    def has_changed(self) -> bool:
        """Sources count once they have been still from one look to the next: an editor writes many files."""
        seen = self._sign()
        sources = self._source_sign()
        is_still = sources == self._sources_before
        self._sources_before = sources
        has_changed = seen != self._seen or (is_still and sources != self._sources)
        self._seen = seen
        if is_still:
            self._sources = sources
        return has_changed

    def restarts(self) -> frozenset[str]:
        """The plugins whose restart was asked for since this was asked last."""
        before, self._stamps = self._stamps, self._requests.stamps()
        return frozenset(name for name, stamp in self._stamps.items() if before.get(name) != stamp)

    def _sign(self) -> Sign:
        return (_stat(self._home / FILE), *sorted(self._requests.stamps().items()))

    def _source_sign(self) -> Sign:
        return tuple(sorted((str(path), _stat(path)) for folder in self._watched() for path in sources(folder)))


def sources(folder: Path) -> Iterable[Path]:
    for directory, names, files in os.walk(folder):
        names[:] = [name for name in names if name != "__pycache__"]
        yield from (Path(directory, name) for name in files if not name.startswith("."))


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
