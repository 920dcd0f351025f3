"""A digest over a plugin's own files: what `plugins enable` pins, and the key of its snapshot.

The files are hashed, never `RECORD`, which whoever made the package wrote. Hashes are kept by size, modification and
change time (the last of which cannot be set), so an unchanged plugin costs one `stat` a file.
"""

import csv
import glob
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

_Key = tuple[int, int, int]
_BYTE_CODE = re.compile(r"(?P<stem>[^.]+)\..+\.pyc(\.\d+)?")


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


def plugin_files(place: Path, distribution: str, cache: DigestCache) -> dict[str, str]:
    """SHA-256 by path: every file of a package's directory, and what else its distribution installed beside it (path files,
    other packages, commands, metadata); or the archive that it lies in. Raises OSError.

    The package's own tree is walked, so that a file is seen whatever `RECORD` says of it.
    """
    if not place.is_dir():
        return {place.name: cache.of(place)}
    found = {f"{place.name}/{name}": cache.of(path) for name, path in _files(place)}
    found.update({name: cache.of(path) for name, path in _recorded(place.parent, distribution) if name not in found})
    return found


def digest_of(files: Mapping[str, str]) -> str:
    """SHA-256 over the names and contents of `plugin_files`."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name}\0{files[name]}\n".encode())
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for directory, names, files in os.walk(folder):
        names.sort()
        for name in sorted(files):
            path = Path(directory, name)
            if not _is_byte_code(path):
                yield path.relative_to(folder).as_posix(), path


def _recorded(site: Path, distribution: str) -> Iterator[tuple[str, Path]]:
    """The files that the record of the distribution in `site` names and that are there, the record itself left out: it
    says nothing that their hashes do not say, and installers write it in their own ways."""
    pattern = re.sub(r"[-_.]+", "*", glob.escape(distribution))
    for info in site.glob(f"{pattern}-*.dist-info"):
        if _canonical(info.name.rpartition(".dist-info")[0].rpartition("-")[0]) != _canonical(distribution):
            continue
        try:
            rows = list(csv.reader((info / "RECORD").read_text(encoding="utf-8").splitlines()))
        except (OSError, UnicodeDecodeError, csv.Error):
            continue
        made = _made_commands(info / "entry_points.txt")
        for name in sorted(row[0] for row in rows if row):
            path = Path(os.path.normpath(site / name))
            is_made = name.startswith("..") and path.name in made
            if not (is_made or _is_incidental(name) or _is_byte_code(path)) and path.is_file():
                yield name, path


def _made_commands(entry_points: Path) -> set[str]:
    """Names of the commands that installers make of entry points, which are hashed; what they make names the place."""
    try:
        lines = entry_points.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return set()
    return {line.partition("=")[0].strip() for line in lines if "=" in line}


def _is_incidental(name: str) -> bool:
    """What an installer writes about its own work."""
    return name.rpartition(".dist-info/")[2] in (
        "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json",
    )  # fmt: skip


def _is_byte_code(path: Path) -> bool:
    """What Python itself made of a source that is there; anything else in `__pycache__` could be imported by name."""
    made = _BYTE_CODE.fullmatch(path.name) if path.parent.name == "__pycache__" else None
    return made is not None and path.parent.with_name(f"{made['stem']}.py").is_file()


def _canonical(name: str) -> str:
    """As `packaging` has it, which would cost every command its import."""
    return re.sub(r"[-_.]+", "-", name).lower()
