"""What the last scan found, kept in the home for as long as nothing on the path has changed.

Valid while the places on the path have their times, and so has every file that was read (the directories of an editable
install do not change with its manifest). Anything that is stale, truncated or of another program is scanned anew, and
nobody is told.
"""

import os
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from trivet.kernel.candidate import Candidate
from trivet_sdk import SDK_VERSION
from trivet_sdk import manifest as contract

if TYPE_CHECKING:
    from trivet.kernel.scan import Finding

_METADATA = (".dist-info", ".egg-info", ".egg", ".egg-link")
_CODE = tuple(os.path.join(os.path.dirname(__file__), name) for name in ("scan.py", "candidate.py", "index.py"))

Stamp: TypeAlias = tuple[int, int, int]
"""Modification time in nanoseconds, size (of a file) and inode; all 0 for what is not there."""


class _Place(msgspec.Struct, frozen=True, array_like=True):
    """A place on the path. One that holds neither metadata nor a plugin's package, such as the current directory, may come
    and go."""

    path: str
    stamp: Stamp
    matters: bool


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    program: str
    places: tuple[_Place, ...]
    files: dict[str, Stamp]
    candidates: tuple[Candidate, ...]


class Index:
    """One file for each interpreter and environment that uses the home. `cache` is the home's directory for it."""

    def __init__(self, cache: Path) -> None:
        self._program = f"{sys.version} {sys.prefix} {SDK_VERSION}"
        self._path = cache / f"installed-{zlib.crc32(self._program.encode()):08x}.json"

    def candidates(self, environments: Iterable[Path] = ()) -> tuple[Candidate, ...]:
        environments = tuple(environments)
        path = _path(environments)
        kept = self._read()
        if kept is not None and _holds(kept, path):
            return kept.candidates
        return self._scanned(environments, path)

    def _read(self) -> _Kept | None:
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            return None
        return kept if kept.program == self._program else None

    def _scanned(self, environments: tuple[Path, ...], path: tuple[str, ...]) -> tuple[Candidate, ...]:
        from trivet.kernel.scan import scan

        began = time.time_ns()
        stamps = {place: _stamp(place) for place in path}
        findings = scan(environments)
        candidates = tuple(finding.candidate for finding in findings)
        packages = {candidate.package for candidate in candidates}
        places = [_Place(place, stamps[place], _matters(place, packages)) for place in path]
        files = {file: _stamp(file) for file in _read_files(findings)}
        fixed = [*files.values(), *(place.stamp for place in places if place.matters)]
        if all(_is_past(stamp, began) for stamp in fixed):
            settled = tuple(p if _is_past(p.stamp, began) else _Place(p.path, (-1, 0, 0), p.matters) for p in places)
            self._keep(_Kept(self._program, settled, files, candidates))
        return candidates

    def _keep(self, kept: _Kept) -> None:
        """A home that cannot be written costs a scan each time."""
        replaced = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replaced.write_bytes(msgspec.json.encode(kept))
            replaced.replace(self._path)
        except OSError:
            return


def _path(environments: Iterable[Path]) -> tuple[str, ...]:
    """Where plugins may be; an environment that is replaced has another name."""
    own = (os.path.abspath(place) for place in sys.path)
    apart = (str(site) for each in environments for site in sorted(each.glob("lib/python3.*/site-packages")))
    return tuple(dict.fromkeys((*own, *apart)))


def _holds(kept: _Kept, path: tuple[str, ...]) -> bool:
    known = {place.path: place for place in kept.places}
    packages = {candidate.package for candidate in kept.candidates}
    mattering = [place.path for place in kept.places if place.matters]
    for entry in path:
        place = known.get(entry)
        if place is not None and place.matters:
            if not mattering or mattering.pop(0) != entry or _stamp(entry) != place.stamp:
                return False
        elif (place is None or _stamp(entry) != place.stamp) and _matters(entry, packages):
            return False
    return not mattering and all(_stamp(file) == stamp for file, stamp in kept.files.items())


def _matters(place: str, packages: Iterable[str]) -> bool:
    """Whether plugins, or packages that hide a plugin's, can come from here."""
    try:
        names = os.listdir(place)
    except NotADirectoryError:
        return True  # an archive
    except OSError:
        return False
    known = set(packages)
    return any(name.endswith(_METADATA) or name.partition(".")[0] in known for name in names)


def _read_files(findings: "Iterable[Finding]") -> Iterator[str]:
    """Also our own code: what it says about a manifest may be worded otherwise tomorrow."""
    yield from _CODE
    yield contract.__file__
    for finding in findings:
        yield from finding.files


def _stamp(path: str) -> Stamp:
    try:
        stat = os.stat(path)
    except OSError:
        return (0, 0, 0)
    is_file = (stat.st_mode & 0o170000) == 0o100000
    return (stat.st_mtime_ns, stat.st_size if is_file else 0, stat.st_ino)


def _is_past(stamp: Stamp, now: int) -> bool:
    """Whether a later change would show: a clock ticks in steps, and some file systems keep whole seconds only."""
    step = 50_000_000 if stamp[0] % 1_000_000_000 else 2_000_000_000
    return stamp[0] < now - step
