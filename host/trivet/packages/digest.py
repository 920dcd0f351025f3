"""A digest over a plugin's own files: what `plugins enable` pins, and the key of its snapshot.

The files are hashed, never `RECORD`, which whoever made the package wrote. Hashes are kept by size, modification and
change time (the last of which cannot be set), so an unchanged plugin costs one `stat` a file.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from trivet.packages import package_data

_Key = tuple[int, int, int]


class DigestCache:
    """Hashes of files by path, in one file of the home; losing it costs only time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_changed = False
        try:
            self._known = msgspec.json.decode(path.read_bytes(), type=dict[str, tuple[_Key, str]])
        except (OSError, msgspec.DecodeError):
            self._known = {}

    def of(self, file: Path) -> str:
        stat = file.stat()
        key = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        kept = self._known.get(str(file))
        if kept is not None and kept[0] == key:
            return kept[1]
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._known[str(file)] = (key, digest)
        self._is_changed = True
        return digest

    def save(self) -> None:
        """Keep what was learned; a home that cannot be written is no reason to fail."""
        if not self._is_changed:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replaced = self._path.with_suffix(f".{os.getpid()}")
            replaced.write_bytes(msgspec.json.encode(self._known))
            replaced.replace(self._path)
        except OSError:
            return
        self._is_changed = False


def package_digest(package: str, cache: DigestCache) -> str:
    """SHA-256 over names and contents of the package's files. Raises PackageUnreadable or OSError."""
    place = package_data.directory(package) or package_data.archive(package)
    if place is None:
        raise package_data.PackageUnreadable(package, "has no files that could be hashed.")
    return digest_at(place, cache)


def digest_at(place: Path, cache: DigestCache) -> str:
    """The same, of a package's directory or of the archive that it lies in. Raises OSError."""
    whole = hashlib.sha256()
    if place.is_dir():
        for name, path in _files(place):
            whole.update(f"{name}\0{cache.of(path)}\n".encode())
    else:
        whole.update(cache.of(place).encode())
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for directory, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if name != "__pycache__")
        for name in sorted(files):
            path = Path(directory, name)
            yield path.relative_to(folder).as_posix(), path
