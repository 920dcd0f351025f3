"""Folders whose names survive a loss of power: a file's fsync says nothing about the entry that leads to it."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in it durable."""
    if os.name == "nt":
        return  # Windows has no handle of a directory to flush; NTFS journals the name itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """With the folders above it that are missing, each durable when this returns. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=mode)
    for made in reversed(missing):
        sync_folder(made.parent)
