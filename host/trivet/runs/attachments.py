"""Attached files, laid out under the names that the user gave them, so that tools can tell their kinds."""

import os
import shutil
from collections.abc import Collection
from itertools import count
from pathlib import Path

from trivet.journal.blobs import BlobStore
from trivet_sdk.goal import Attachment, Goal
from trivet_sdk.origin import origin_of
from trivet_sdk.workspace import Workspace


def attach(path: Path, blobs: BlobStore, source: str = "", name: str = "") -> Attachment:
    """Keep a copy of the file, as `name` or under its own, with its mark if it was downloaded. Blocks; raises OSError if it
    cannot be read."""
    with path.open("rb") as file:
        content, origin = file.read(), origin_of(file)
    name, source = name or path.name, source or str(path)
    return Attachment(name=name, blob=blobs.write(content), size=len(content), source=source, origin=origin)


def unique(name: str, taken: Collection[str]) -> str:
    """The name, or for a second file of that name `report-2.md`."""
    stem, suffix = Path(name).stem, Path(name).suffix
    return next(
        each for number in count(1) if (each := name if number == 1 else f"{stem}-{number}{suffix}") not in taken
    )


def workspace_of(goal: Goal, blobs: BlobStore) -> Workspace:
    attachments = goal.attachments
    return Workspace(
        goal.folder,
        {each.name: _laid_out(each, blobs) for each in attachments},
        {each.name: each.source for each in attachments if each.source},
        {each.name: each.origin for each in attachments if each.origin},
    )


def _laid_out(attachment: Attachment, blobs: BlobStore) -> Path:
    path = blobs.root.parent / "attachments" / attachment.blob / Path(attachment.name).name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        stored = blobs.path(attachment.blob)
        try:
            os.link(stored, path)
        except OSError:  # another file system, or one without links
            shutil.copyfile(stored, path)
    return path
