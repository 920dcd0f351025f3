"""The virtual environment beside the scripts, and how it becomes current."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bootstrap import lock, stamp
from bootstrap.failure import SetupFailed
from bootstrap.installation import Installation


class Environment:
    """`.venv` under `root`, with a stamp for each kind of use: "trivet" and, with the tools of the tests, "test"."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"

    @property
    def projects(self) -> list[Path]:
        return [Path(folder) for folder in stamp.projects(os.fspath(self.root))]

    def is_current(self, kind: str) -> bool:
        return stamp.is_current(os.fspath(self.root), kind)

    def is_new(self) -> bool:
        return not any(self._stamp(kind).exists() for kind in ("trivet", "test"))

    def ensure(self, kind: str) -> None:
        """Return with a current environment, or leave with one sentence on standard error."""
        if self.is_current(kind):
            return
        try:
            with lock.held(self.root):
                if not self.is_current(kind):
                    Installation(self, kind).run()
        except SetupFailed as failure:
            sys.exit(f"{kind}: {failure}")
        except KeyboardInterrupt:
            print(f"\n{kind}: set-up interrupted. The next ./{kind} goes on where it stopped.", file=sys.stderr)
            sys.exit(130)

    def unstamp(self) -> None:
        for kind in ("trivet", "test"):
            if not self.is_current(kind):
                self._stamp(kind).unlink(missing_ok=True)

    def write_stamps(self, kind: str) -> None:
        """Last of all, each whole or not at all. What `./test` needs includes what `./trivet` needs."""
        for each in {kind, "trivet"}:
            draft = self._stamp(each).with_suffix(".draft")
            draft.write_bytes(stamp.ingredients(os.fspath(self.root), each))
            draft.replace(self._stamp(each))

    def _stamp(self, kind: str) -> Path:
        return Path(stamp.path(os.fspath(self.root), kind))
