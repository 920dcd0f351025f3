"""What a killed pip leaves behind: packages that are half there, which pip then takes for whole or cannot replace."""

from __future__ import annotations

import contextlib
import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

MARK = "setup.running"


def was_interrupted(folder: Path) -> bool:
    return (folder / MARK).exists()


@contextlib.contextmanager
def interruptible(folder: Path) -> Iterator[None]:
    """A mark stands while pip works. Only a success or a failure that pip itself reported takes it away."""
    from bootstrap.failure import SetupFailed

    (folder / MARK).touch()
    try:
        yield
    except SetupFailed:
        (folder / MARK).unlink()
        raise
    (folder / MARK).unlink()


def forget_halves(folder: Path) -> None:
    """Delete the metadata of packages whose files are not all there, so that pip installs them again over what is left."""
    for packages in folder.glob("lib/python*/site-packages"):
        for metadata in packages.glob("*.dist-info"):
            if not _is_whole(packages, metadata):
                shutil.rmtree(metadata)
        for leftover in packages.glob("~*"):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_whole(packages: Path, metadata: Path) -> bool:
    """Compared are names and sizes, by the package's own list (PEP 376); a list that is itself cut off counts as not whole."""
    if not (metadata / "METADATA").exists():
        return False
    try:
        with (metadata / "RECORD").open(encoding="utf-8", newline="") as record:
            rows = list(csv.reader(record))
        return all(_has_size(packages / path, size) for path, _, size in rows)
    except (OSError, ValueError):
        return False


def _has_size(file: Path, size: str) -> bool:
    """An empty size is for files without one in the list: byte code, and the list itself."""
    if not size:
        return True
    return file.exists() and file.stat().st_size == int(size)
