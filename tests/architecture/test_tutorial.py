"""The tutorial and the how-tos, done as they are written, from wheels in a clean environment."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.conftest import run
from tests.architecture.pages import ROOT, commands, do, environ, is_as_shown, write_files

UNTESTED = ("isolation.md", "publishing.md")
"""Without files of their own to test; the second is done command by command."""
HOW_TO = sorted(
    path.name for path in (ROOT / "docs" / "how-to").glob("*.md") if path.name not in ("README.md", *UNTESTED)
)

pytestmark = pytest.mark.network


def test_the_tutorial_leads_where_it_says(clean_venv: Path, tmp_path: Path) -> None:
    try:
        assert do("tutorial.md", tmp_path, clean_venv, tmp_path / "home") == []
    finally:
        run(clean_venv / "bin" / "python", "-m", "pip", "uninstall", "-qy", "trivet-words")


def test_publishing_goes_as_it_says(clean_venv: Path, tmp_path: Path) -> None:
    assert do("how-to/publishing.md", tmp_path, clean_venv, tmp_path / "home") == []


@pytest.fixture(scope="module")
def reports(clean_venv: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Page -> what pytest says about its files, all pages tested in one process."""
    folder = tmp_path_factory.mktemp("how-to")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (folder / "conftest.py").write_text(
        'import pytest\n\n\n@pytest.fixture\ndef anyio_backend():\n    return "asyncio"\n'
    )
    for page in HOW_TO:
        write_files(f"how-to/{page}", folder / page.removesuffix(".md"))
    tested = subprocess.run(
        [clean_venv / "bin" / "pytest", "-q", "-rA", "-p", "no:cacheprovider", "."],
        cwd=folder, env=environ(clean_venv, folder / "home"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in tested.stdout.splitlines() if re.match(r"(PASSED|FAILED|ERROR) ", line)]
    named = {page: [line for line in lines if f" {page.removesuffix('.md')}/" in line] for page in HOW_TO}
    return {
        page: "" if told and all(line.startswith("PASSED") for line in told) else f"{told}\n{tested.stdout[-4000:]}"
        for page, told in named.items()
    }


@pytest.mark.parametrize("page", HOW_TO)
def test_how_to_s_own_tests_pass(reports: dict[str, str], page: str) -> None:
    assert reports[page] == ""


def test_every_how_to_is_listed() -> None:
    index = (ROOT / "docs" / "how-to" / "README.md").read_text(encoding="utf-8")

    assert set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == {*HOW_TO, *UNTESTED}


def test_what_is_shown_is_compared() -> None:
    (first, second) = commands("$ echo hi\nhi\n$ ls\na\n…\n")

    assert (first, second) == (("echo hi", "hi"), ("ls", "a\n…"))
    assert is_as_shown("a\nb\nc\n", "a\n…")
    assert is_as_shown("6 passed in 0.1s\n", "6 passed …")
    assert not is_as_shown("5 passed in 0.1s\n", "6 passed …")
    assert not is_as_shown("a\nb\n", "a")
