"""A user's environment: wheels in a new venv, dependencies from the index, nothing of this checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = ("sdk/trivet-sdk", "host", "plugins/trivet-files", "plugins/trivet-calculate")

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `venv`, in which the wheels are installed, and `work`."""
    folder = tmp_path_factory.mktemp("clean")
    sources = [ROOT / project for project in PROJECTS]
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder / "wheels",
        *sources,
    )
    run(sys.executable, "-m", "venv", folder / "venv")
    wheels = sorted((folder / "wheels").glob("*.whl"))
    run(folder / "venv/bin/python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", *wheels)
    (folder / "work").mkdir()
    return folder


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def trivet(clean: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRIVET_"))}
    return subprocess.run(
        [clean / "venv/bin/trivet", *arguments],
        cwd=clean / "work",
        env={**settings, "TRIVET_HOME": os.fspath(clean / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_tool_of_an_installed_plugin_answers(clean: Path) -> None:
    called = trivet(clean, "tools", "call", "calculate.evaluate", '{"expression": "1+1"}')

    assert (called.returncode, called.stdout) == (0, "2\n"), called.stderr


def test_installed_plugins_are_listed_without_the_rest_of_the_default_set(clean: Path) -> None:
    listed = trivet(clean, "plugins", "list", "--json")

    assert listed.returncode == 0, listed.stderr
    assert sorted(plugin["id"] for plugin in json.loads(listed.stdout)) == ["calculate", "files"]
