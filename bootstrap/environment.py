"""The virtual environment beside the scripts: whether it is current, and how it becomes so.

A call with a current environment reads a dozen small files and execs, so this module imports nothing heavy at its top.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

KINDS = ("trivet", "test")


class Environment:
    """`.venv` under `root`. A stamp for each kind of use holds what it was made from, and is written last."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"

    @classmethod
    def beside(cls, script: str) -> Environment:
        return cls(Path(os.path.realpath(script)).parent)

    def projects(self) -> list[Path]:
        """Folders of the workspace's own distributions, the SDK first."""
        found = [*self.root.glob("sdk/*/pyproject.toml"), *self.root.glob("plugins/*/pyproject.toml")]
        return sorted((path.parent for path in [*found, self.root / "host" / "pyproject.toml"]), key=_sdk_first)

    def stamp(self, kind: str) -> Path:
        return self.folder / f"{kind}.stamp"

    def ingredients(self, kind: str) -> bytes:
        """What an environment is made from: where it is, the pins, every project file; for tests their tools too."""
        files = [self.root / "constraints.txt", *(folder / "pyproject.toml" for folder in self.projects())]
        if kind == "test":
            files.append(self.root / "pyproject.toml")
        return b"\n".join([os.fsencode(self.root), *(file.read_bytes() for file in files)])

    def is_current(self, kind: str) -> bool:
        try:
            stamped = self.stamp(kind).read_bytes()
        except OSError:
            return False
        return stamped == self.ingredients(kind) and self.python.exists() and (self.folder / "bin" / "trivet").exists()

    def ensure(self, kind: str) -> None:
        """Return with a current environment, or leave with one sentence on standard error."""
        if self.is_current(kind):
            return
        from bootstrap import lock
        from bootstrap.failure import SetupFailed
        from bootstrap.installation import Installation

        try:
            with lock.held(self.root):
                if not self.is_current(kind):
                    Installation(self, kind).run()
        except SetupFailed as failure:
            sys.exit(f"{kind}: {failure}")
        except KeyboardInterrupt:
            print(f"\n{kind}: set-up interrupted. The next ./{kind} goes on where it stopped.", file=sys.stderr)
            sys.exit(130)

    def become(self, command: str, arguments: list[str]) -> NoReturn:
        """Replace this process by a command of the environment."""
        path = os.fspath(self.folder / "bin" / command)
        os.execv(path, [path, *arguments])


def _sdk_first(folder: Path) -> tuple[bool, str]:
    return "sdk" not in folder.parts, os.fspath(folder)
