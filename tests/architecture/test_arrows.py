"""The arrows between the rooms, held by import-linter with the contracts of the root pyproject.toml."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """import-linter on the sources under `root`, wherever the installed ones are."""
    sources = [path.parent for path in [*root.glob("sdk/*/*/__init__.py"), *root.glob("plugins/*/*/__init__.py")]]
    path = os.pathsep.join(map(os.fspath, [root / "host", *(folder.parent for folder in sources)]))
    return subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-logo",
            "--no-cache",
            "--config",
            root / "pyproject.toml",
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    skipped = shutil.ignore_patterns("__pycache__", "tests", "training", "*.safetensors", ".*")
    for room in ("sdk", "host", "plugins"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_arrow_holds() -> None:
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        (
            "host/trivet/errors.py",
            "import trivet_files",
            "the host imports no plugin, a plugin neither host nor plugin",
        ),
        ("plugins/trivet-files/trivet_files/__init__.py", "import trivet.errors", "a plugin neither host nor plugin"),
        ("plugins/trivet-files/trivet_files/__init__.py", "import trivet_table", "a plugin neither host nor plugin"),
        (
            "sdk/trivet-sdk/trivet_sdk/errors.py",
            "import trivet.errors",
            "the SDK and the sandbox library stand on nothing of ours",
        ),
        ("host/trivet/errors.py", "import trivet.kernel", "inside the host"),
        ("host/trivet/runs/__init__.py", "import trivet.kernel", "runs are handed their collaborators"),
        ("sdk/trivet-sdk/trivet_sdk/errors.py", "import torch", "SDK, kernel, runs and journal import nothing heavy"),
        ("host/trivet/kernel/__init__.py", "import pydantic", "SDK, kernel, runs and journal import nothing heavy"),
    ],
)
def test_a_broken_arrow_is_named(copy: Path, module: str, line: str, contract: str) -> None:
    with (copy / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")

    done = lint(copy)

    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert done.returncode == 1, done.stdout
    assert any(contract in text for text in broken), done.stdout
