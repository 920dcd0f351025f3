"""An environment as a stranger has it: our wheels and what they need from an index, nothing of this checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = ("sdk/trivet-sdk", "sdk/trivet-sandbox", "host", "plugins/trivet-files", "plugins/trivet-calculate")
TOOLS = ("aiohttp", "hatchling", "mypy", "pytest")
"""What a plugin's author brings along, and a library that a how-to uses."""


@pytest.fixture(scope="session")
def clean_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with the SDK, the host and two plugins from wheels. Tests may install plugins of their own into it."""
    folder = tmp_path_factory.mktemp("wheels-only")
    wheel = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder / "wheels")
    run(sys.executable, *wheel, *(ROOT / project for project in PROJECTS))
    run(sys.executable, "-m", "venv", folder / "venv")
    wheels = sorted((folder / "wheels").glob("*.whl"))
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", *wheels, *TOOLS)
    return folder / "venv"


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
