"""What a project has beside its code: tests that pass, types that hold, a README, a licence."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec

from trivet.authoring.project import Project

TESTING = 900.0
"""Seconds."""


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing asked for: `is_met` is None where it could not be looked at. `word` says what was found, or what to do."""

    name: str
    is_met: bool | None
    word: str


def upkeep_of(project: Project) -> tuple[Upkeep, ...]:
    folder = project.folder
    if folder is None:
        return unasked("not looked at; give the folder of its project instead")
    return (_tests(project, folder), _types(project, folder), _readme(folder), _licence(folder))


def unasked(why: str) -> tuple[Upkeep, ...]:
    return tuple(Upkeep(name=name, is_met=None, word=why) for name in ("tests", "types", "readme", "licence"))


def _tests(project: Project, folder: Path) -> Upkeep:
    if importlib.util.find_spec("pytest") is None:
        return Upkeep(name="tests", is_met=None, word="not run: pytest is not installed here (`pip install pytest`)")
    done = _run(project, folder, "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder))
    if done is None:
        return Upkeep(name="tests", is_met=False, word=f"did not end within {TESTING:g} seconds")
    if done.returncode == 5:
        return Upkeep(name="tests", is_met=False, word="there are none; `tests/` is where they go")
    last = (done.stdout.strip().splitlines() or [""])[-1].strip("= ")
    if done.returncode:
        return Upkeep(
            name="tests", is_met=False, word=f"{last or done.stderr.strip()[-200:]}; run `pytest` in {folder.name}"
        )
    return Upkeep(name="tests", is_met=True, word=re.sub(r" in [\d.]+s.*", "", last))


def _types(project: Project, folder: Path) -> Upkeep:
    if importlib.util.find_spec("mypy") is None:
        return Upkeep(name="types", is_met=None, word="not checked: mypy is not installed here (`pip install mypy`)")
    done = _run(project, folder, "mypy", "--strict", "--cache-dir", os.devnull, project.package_name)
    if done is None:
        return Upkeep(name="types", is_met=False, word=f"mypy did not end within {TESTING:g} seconds")
    last = (done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or [""])[-1]
    if done.returncode:
        return Upkeep(name="types", is_met=False, word=f"{last}; run `mypy --strict {project.package_name}`")
    return Upkeep(name="types", is_met=True, word="mypy strict finds nothing")


def _run(project: Project, folder: Path, *command: str) -> "subprocess.CompletedProcess[str] | None":
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            [sys.executable, "-P", "-m", *command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=TESTING, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None


def _readme(folder: Path) -> Upkeep:
    path = next((path for path in sorted(folder.iterdir()) if path.name.lower().startswith("readme")), None)
    size = len(path.read_text(encoding="utf-8", errors="replace").strip()) if path is not None else 0
    if path is None or size < 200:
        return Upkeep(
            name="readme",
            is_met=False,
            word="there is none that would help a stranger; say what it does, and how to begin",
        )
    return Upkeep(name="readme", is_met=True, word=path.name)


def _licence(folder: Path) -> Upkeep:
    path = next(
        (path for path in sorted(folder.iterdir()) if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING"))),
        None,
    )
    if path is None:
        return Upkeep(name="licence", is_met=False, word="there is none, so that nobody may use it; add a LICENSE file")
    return Upkeep(name="licence", is_met=True, word=path.name)
