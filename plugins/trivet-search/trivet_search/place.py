"""Where documents lie: the workspace, a folder of the settings, a run's attachments."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from trivet_sdk import ToolError, Workspace
from trivet_sdk.origin import origin_of
from trivet_sdk.provenance import Provenance

_PASSED_OVER = frozenset(["node_modules", "__pycache__", "site-packages", "venv", "target", "dist-info"])
"""Folders that are made by programs."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    """Tells places apart, also tomorrow."""
    prefix: str = ""
    """Before a file's name, where people read it: `~/notes/`."""
    root: Path | None = None
    given: Mapping[str, Path] = {}
    """Files by name, where there is no folder."""
    workspace: Workspace | None = None
    """Whose attachments these are."""

    def open(self, name: str) -> BinaryIO:
        """Raises ToolError or OSError; a link that somebody has put there meanwhile leads nowhere."""
        if self.root is None:
            return self.given[name].open("rb")
        return Workspace(self.root).reading(name)

    def origin(self, name: str, provenance: Provenance) -> str:
        """Where a file is from, if that is outside; see `Provenance.origin`."""
        if provenance.names(name) or provenance.names(self.prefix + name):
            return f"file:{name}"
        if self.workspace is not None:
            return provenance.origin(self.workspace, self.prefix + name)
        try:
            with self.open(name) as file:
                return origin_of(file)
        except (ToolError, OSError):
            return ""

    def files(self, without: Path) -> Iterator[tuple[str, str]]:
        """Name and path of each, hidden ones and links that lead outside left out; `without` is a folder of our own."""
        yield from ((name, os.fspath(path)) for name, path in self.given.items())
        if self.root is not None:
            workspace = Workspace(self.root)
            root = f"{workspace.root}/".replace("//", "/")
            ours = f"{without.resolve()}/"
            for name in workspace.files():  # tens of thousands, at each search: no Path is made of them
                path = root + name
                if _PASSED_OVER.isdisjoint(name.split("/")) and not path.startswith(ours):
                    yield name, path


def workspace_place(workspace: Workspace) -> Place:
    return Place(key=os.fspath(workspace.root), root=workspace.root)


def attachments_place(workspace: Workspace) -> Place:
    stored = sorted((name, os.fspath(path)) for name, path in workspace.attachments.items())
    return Place(key=f"attachments:{stored}", prefix="attachments/", given=workspace.attachments, workspace=workspace)


def root_place(root: str) -> Place:
    path = Path(root).expanduser().resolve()
    return Place(key=os.fspath(path), prefix=f"{root.rstrip('/')}/", root=path)
