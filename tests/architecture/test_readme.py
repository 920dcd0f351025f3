"""Every command that README and CONTRIBUTING name exists, and every file that they point to."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/tutorial.md",
    "host/README.md",
    *(f"docs/how-to/{path.name}" for path in sorted((ROOT / "docs" / "how-to").glob("*.md"))),
)
COMMAND = re.compile(r"(?:\./|\.\./|\$ |`|^ {4})trivet ((?:[a-z]+ ?){1,2})", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def commands() -> list[tuple[str, ...]]:
    """The one or two words after `trivet`; a second word that is an argument is told apart by the commands without groups."""
    found = {tuple(match.split()) for page in PAGES for match in COMMAND.findall(text_of(page))}
    return sorted({words[:1] if words[0] in ("run", "init", "doctor", "chat") else words for words in found})


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_command_of_the_documentation_exists(words: tuple[str, ...]) -> None:
    helped = subprocess.run(
        [sys.executable, "-m", "trivet", *words, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert helped.returncode == 0, helped.stderr
    assert helped.stdout.startswith(f"Usage: trivet {' '.join(words)} ")


@pytest.mark.parametrize(
    ("page", "target"), [(page, target) for page in PAGES for target in LINK.findall(text_of(page))]
)
def test_link_leads_somewhere(page: str, target: str) -> None:
    assert (ROOT / page).parent.joinpath(target).exists()
