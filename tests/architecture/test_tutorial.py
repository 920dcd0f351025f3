"""docs/writing-a-plugin.md, done as it is written: its files, installed into a folder, enabled and called."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"^`(?P<path>[\w./-]+)`\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial's project, and its plugin installed under `site`."""
    project = tmp_path_factory.mktemp("tutorial")
    for written in FILE.finditer((ROOT / "docs" / "writing-a-plugin.md").read_text()):
        path = project / written["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written["text"])
    (project / "notes.md").write_text("a rose is a rose is a rose\n")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", project / "site", project], check=True)
    return project


def within(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.fspath(project / "site"), "TRIVET_HOME": os.fspath(project / "home")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def trivet(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return within(project, "-m", "trivet", *arguments)


def test_plugin_is_enabled_and_its_tool_called(tutorial: Path) -> None:
    enabled = trivet(tutorial, "plugins", "enable", "words", "--yes")
    called = trivet(tutorial, "tools", "call", "words.most_common", '{"path": "notes.md", "limit": 3}')

    assert enabled.returncode == 0, enabled.stderr
    assert called.returncode == 0, called.stderr
    assert called.stdout == "a: 3, rose: 3, is: 2\n"


def test_its_errors_are_sentences(tutorial: Path) -> None:
    trivet(tutorial, "plugins", "enable", "words", "--yes")
    (tutorial / "empty.md").touch()

    called = trivet(tutorial, "tools", "call", "words.most_common", '{"path": "empty.md"}')

    assert called.returncode == 1
    assert "'empty.md' holds no words." in called.stderr


def test_its_own_test_passes(tutorial: Path) -> None:
    tested = within(tutorial, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", os.fspath(tutorial), "tests")

    assert tested.returncode == 0, tested.stdout
