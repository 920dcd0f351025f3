"""Where the corpus is run: as root and as an ordinary user, with control groups and without."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from corpus import Run

import trivet_sandbox

PROGRAMS = Path(__file__).parent / "programs"
NOBODY = 54321
"""A user who owns nothing."""
PATIENCE = 600


@pytest.fixture(scope="session")
def usable(skip_without: Callable[[str, str], None]) -> None:
    found = trivet_sandbox.readiness()
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)


@pytest.fixture(scope="session")
def numpy() -> list[str]:
    """The folders that it consists of."""
    spec = importlib.util.find_spec("numpy")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return [os.fspath(each) for each in (folder, folder.with_name("numpy.libs")) if each.exists()]


@pytest.fixture(scope="session")
def run_here(usable: None) -> Run:
    """`python -m corpus …` as the user who runs the tests."""
    return lambda *arguments: _told([sys.executable, "-m", "corpus", *arguments], PROGRAMS, {**os.environ})


@pytest.fixture(scope="session")
def run_as_ordinary_user(usable: None, run_here: Run, skip_without: Callable[[str, str], None]) -> Iterator[Run]:
    if os.geteuid() != 0:
        yield run_here
        return
    # That user may go neither to where this code lies nor to where root's Python does.
    python = next((each for each in (sys.executable, "/usr/bin/python3") if _is_for_everybody(each)), None)
    if python is None:
        skip_without("bubblewrap", "there is no Python that an ordinary user may start")
        return
    folder = Path(tempfile.mkdtemp(prefix="trivet-corpus-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        for each in (Path(trivet_sandbox.__file__).parent, PROGRAMS / "corpus"):
            shutil.copytree(each, folder / each.name, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        home = folder / "home"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        environment = {"PATH": "/usr/bin:/bin", "HOME": os.fspath(home), "TMPDIR": os.fspath(home)}
        yield lambda *arguments: _told([python, "-m", "corpus", *arguments], folder, environment, user=NOBODY)
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # the sandbox's mounts were never seen from here


def _told(command: list[str], folder: Path, environment: dict[str, str], user: int | None = None) -> dict[str, str]:
    environment = {**environment, "PYTHONPATH": os.fspath(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, env=environment, user=user, group=user, extra_groups=None if user is None else (), cwd=folder,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(row) for row in done.stdout.splitlines())


def _is_for_everybody(python: str) -> bool:
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        done = subprocess.run(
            [python, "-c", code], user=NOBODY, group=NOBODY, extra_groups=(), cwd="/", env={}, check=False,
            capture_output=True,
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0
