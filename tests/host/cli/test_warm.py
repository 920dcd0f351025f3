"""Once everything is known, a command imports neither plugins nor what finds and runs them."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet
from tests.host.cli.test_imports import modules

LATE = {"importlib_metadata", "importlib.metadata", "email", "pluggy", "structlog", "rich"}
COMMANDS = (
    ("--help",),
    ("plugins", "list"),
    ("plugins", "info", "extra"),
    ("tools", "list"),
    ("models", "list"),
    ("config", "explain"),
    ("runs", "list"),
)


def test_warm_command_imports_nothing_that_finds_or_runs_plugins(home: Path, site: Site, trivet: Trivet) -> None:
    site.add("extra", WORKING, manifest=TOOL)
    site.settle()
    assert trivet("plugins", "enable", "extra", "--yes").code == 0
    assert trivet("tools", "list").code == 0
    for command in COMMANDS:
        loaded = modules(home, site, *command)
        assert loaded.isdisjoint(LATE), (command, loaded & LATE)
        assert "extra_plugin" not in loaded, command
        assert not {name for name in loaded if name.startswith("trivet_") and name.partition(".")[0] != "trivet_sdk"}


@pytest.fixture
def hundred(site: Site) -> None:
    for number in range(100):
        site.add(f"p{number}", "raise RuntimeError('boom')", manifest=TOOL)
    site.settle()


@pytest.mark.usefixtures("hundred")
def test_help_imports_the_same_whether_there_are_no_plugins_or_a_hundred(
    home: Path, site: Site, tmp_path: Path
) -> None:
    empty = Site(tmp_path / "empty")
    assert modules(home, site, "--help") == modules(home, empty, "--help")


def test_help_costs_little_more_than_what_parses_arguments() -> None:
    """Beyond bare Python at most twice what importing click costs, in CPU time, best of seven. On a machine where Python
    starts in 15 ms that is 60 ms."""
    rounds = [tuple(map(spent, (("-c", "pass"), ("-c", "import click"), ("-m", "trivet", "--help")))) for _ in range(7)]
    bare, click, ours = (min(each) for each in zip(*rounds, strict=True))
    print(f"\nbare {bare * 1e3:.0f} ms, click {click * 1e3:.0f} ms, trivet --help {ours * 1e3:.0f} ms")
    assert ours - bare < 2 * (click - bare)


def spent(arguments: tuple[str, ...]) -> float:
    """Seconds of CPU that this call of Python takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
