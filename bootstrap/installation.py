"""One set-up: the virtual environment, the pinned packages, then the workspace's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bootstrap import failure, repair, torch
from bootstrap.pip import Pip
from bootstrap.progress import Progress

if TYPE_CHECKING:
    from bootstrap.environment import Environment

# MB to download and MB on disk, measured on Linux x86_64 with Python 3.11; the rest of a set-up is torch.
DOWNLOAD = {"trivet": 100, "test": 200}
ON_DISK = {"trivet": 500, "test": 900}


class Installation:
    """Brings an environment to what the workspace's files say. Each part looks first at what is there already."""

    def __init__(self, environment: Environment, kind: str) -> None:
        self.environment = environment
        self.kind = kind
        self.log = environment.folder / "setup.log"
        self.progress = Progress(sys.stderr, self._installed)

    def run(self) -> None:
        started = time.monotonic()
        try:
            self._set_up()
        except OSError as error:
            raise failure.from_os(error, self.environment.folder) from error
        finally:
            self.progress.finish()
        self.progress.say(f"Ready after {time.monotonic() - started:.0f} s.")

    def _set_up(self) -> None:
        folder, say = self.environment.folder, self.progress.say
        is_new = self.environment.is_new()
        if is_new:
            say(f"Setting up trivet in {folder}, once.")
        elif self.environment.is_current("trivet"):
            say(
                f"Adding the tools of the tests to {folder}, about {DOWNLOAD['test'] - DOWNLOAD['trivet']} MB to download."
            )
        else:
            say(f"The workspace changed; bringing {folder} up to date.")
        self.environment.unstamp()
        self._make_folder()
        pip = Pip(self.environment.python, self.environment.root / "constraints.txt", self.log, self.progress)
        if repair.was_interrupted(folder):
            repair.forget_halves(folder)
        with repair.interruptible(folder):
            pip.update_itself()
            wheel = torch.choose(pip)
            self._announce(wheel, is_new)
            if wheel.options:
                self._take_torch(pip, wheel)
            pip.install(self._requirements(), expected_mb=DOWNLOAD[self.kind] + wheel.download_mb)
            say("Installing the workspace's own packages.")
            own = [part for project in self.environment.projects for part in ("--editable", os.fspath(project))]
            pip.run("install", "--no-build-isolation", "--no-deps", *own)
        self.environment.write_stamps(self.kind)

    def _installed(self) -> int:
        return sum(1 for _ in self.environment.folder.glob("lib/python*/site-packages/*.dist-info"))

    def _take_torch(self, pip: Pip, wheel: torch.Wheel) -> None:
        try:
            pip.install([wheel.requirement], *wheel.options, expected_mb=wheel.download_mb)
        except failure.SetupFailed as failed:
            raise failure.SetupFailed(
                f"torch did not come from {torch.CPU_INDEX}, the index of its CPU build: {failed}"
            ) from failed

    def _announce(self, wheel: torch.Wheel, is_new: bool) -> None:
        if not is_new:
            return
        download = DOWNLOAD[self.kind] + wheel.download_mb
        needed = ON_DISK[self.kind] + wheel.disk_mb + download
        self.progress.say(
            f"This downloads about {download:,} MB (what pip has in its cache is not fetched again) and takes about"
            f" {needed - download:,} MB on disk. {wheel.note}".rstrip()
        )
        free = shutil.disk_usage(self.environment.folder).free // 1_000_000
        if free < needed:
            raise failure.no_room(self.environment.root, free, needed)

    def _make_folder(self) -> None:
        """A virtual environment that runs and has pip; one that doesn't is made anew."""
        python = self.environment.python
        probe = "import sys; print(sys.prefix, sys.version_info >= (3, 11))"
        if python.exists():
            asked = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
            if asked.stdout.split() != [os.fspath(self.environment.folder), "True"]:
                shutil.rmtree(self.environment.folder)
        if not python.exists():
            made = _python("-m", "venv", "--clear", os.fspath(self.environment.folder), executable=sys.executable)
            if made.returncode:
                raise failure.no_venv(made.stdout, self.environment.folder)
        has_pip = _python("-m", "pip", "--version", executable=python).returncode == 0
        if not has_pip and _python("-m", "ensurepip", "--upgrade", executable=python).returncode:
            raise failure.no_pip(python)

    def _requirements(self) -> list[str]:
        """What the workspace's distributions need from outside, as their project files say it."""
        groups = _toml(self.environment.root / "pyproject.toml")["dependency-groups"]
        needed: set[str] = set(groups["build"])
        if self.kind == "test":
            needed.update(groups["test"])
        for project in self.environment.projects:
            needed.update(_toml(project / "pyproject.toml")["project"]["dependencies"])
        return sorted(requirement for requirement in needed if not requirement.startswith("trivet"))


def _python(*arguments: str, executable: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
