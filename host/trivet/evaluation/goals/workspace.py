"""A fresh copy of a suite's workspace for each goal, and what a goal did to it."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh(template: Path) -> Iterator[Path]:
    """Yields the copy, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="trivet-eval-"))
    try:
        workspace = folder / "workspace"
        if template.is_dir():
            shutil.copytree(template, workspace)
        else:
            workspace.mkdir()
        yield workspace
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fingerprints(root: Path) -> dict[str, str]:
    """SHA-256 of every regular file by its workspace-relative path."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def damage(before: Mapping[str, str], after: Mapping[str, str], changeable: set[str]) -> tuple[str, ...]:
    """Files that were changed or deleted and are nobody's to touch."""
    return tuple(sorted(path for path, was in before.items() if after.get(path) != was and path not in changeable))


def litter(before: Mapping[str, str], after: Mapping[str, str], changeable: set[str]) -> tuple[str, ...]:
    """Files that are new and that nobody asked for."""
    return tuple(sorted(after.keys() - before.keys() - changeable))
