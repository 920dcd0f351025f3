"""What a look at the home and at watched sources tells: whether anything changed since the last look."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from trivet.kernel.requests import Requests
from trivet.settings_file import FILE

Sign = tuple[object, ...]


class Noticing:
    """Looks with `stat` only, some microseconds a look. `watched` are the folders of plugins that are to be reloaded."""

    def __init__(self, home: Path, watched: Callable[[], Iterable[Path]]) -> None:
        self._settings = home / FILE
        self._watched = watched
        self._requests = Requests(home)
        self._taken = self._before = self._files()
        self._asked = self._answered = self._requests.stamps()

    def has_changed(self) -> bool:
        """Files count once they have been still from one look to the next: a command that enables a plugin writes several
        settings, an editor several sources. Requests count at once."""
        asked, self._asked = self._asked, self._requests.stamps()
        files = self._files()
        is_still, self._before = files == self._before, files
        has_news = is_still and files != self._taken
        if has_news:
            self._taken = files
        return has_news or asked != self._asked

    def restarts(self) -> frozenset[str]:
        """The plugins whose restart was asked for since this was asked last."""
        before, self._answered = self._answered, self._requests.stamps()
        return frozenset(name for name, stamp in self._answered.items() if before.get(name) != stamp)

    def _files(self) -> Sign:
        sources = sorted((str(path), _stat(path)) for folder in self._watched() for path in sources_in(folder))
        return (_stat(self._settings), *sources)


def sources_in(folder: Path) -> Iterable[Path]:
    for directory, names, files in os.walk(folder):
        names[:] = [name for name in names if name != "__pycache__"]
        yield from (Path(directory, name) for name in files if not name.startswith("."))


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
