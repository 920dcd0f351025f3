"""A hundred plugins whose modules raise, sleep or segfault at import: nobody but the one who asks for them notices."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, Done, Site, clean_environment

TRACE = "import os\nwith open(os.environ['TRACE'], 'a') as trace:\n    trace.write(f'{__name__} {os.getpid()}\\n')\n"
FAULTS = ("raise RuntimeError('boom')", "import time; time.sleep(5)", "import ctypes; ctypes.string_at(0)")
KEEPING = """
from trivet_sdk import Contributions, hookimpl, stateless, tool

@tool(effect="pure")
def say(text: str) -> str:
    "Say a text again"
    return text

@hookimpl
def activate(context):
    return stateless(Contributions(tools=(say,)))
"""
RAISES, SLEEPS, CRASHES = "p0", "p1", "p2"


class Command:
    """Calls of `trivet`, and who imported a plugin meanwhile."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.trace = folder / "trace"
        self._environment = {
            **clean_environment(),
            "TRIVET_HOME": str(folder / "home"),
            "PYTHONPATH": str(site.folder),
            "TRACE": str(self.trace),
        }
        self._folder = folder

    def __call__(self, *arguments: str) -> Done:
        """Asserts that no plugin was imported by the command's own process."""
        self.trace.write_text("")
        process = subprocess.Popen(
            [sys.executable, "-m", "trivet", *arguments],
            cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        out, err = process.communicate(timeout=120)
        assert str(process.pid) not in [line.split()[1] for line in self.trace.read_text().splitlines()], arguments
        return Done(process.returncode, out, err)

    def imported(self) -> list[str]:
        """Plugins that any process imported during the last call."""
        return [line.split()[0].removesuffix("_plugin") for line in self.trace.read_text().splitlines()]


@pytest.fixture(scope="module")
def trivet(tmp_path_factory: pytest.TempPathFactory) -> Command:
    folder = tmp_path_factory.mktemp("bad")
    site = Site(folder / "site")
    for number in range(100):
        site.add(f"p{number}", TRACE + FAULTS[number % len(FAULTS)], manifest=TOOL)
    site.add(
        "good",
        TRACE + KEEPING,
        manifest=f'{TOOL}examples = ["say it again", "repeat my words"]\n',
        requires="trivet-sdk",
    )
    site.settle()
    return Command(folder, site)


@pytest.mark.parametrize(
    "command",
    [
        ("--help",),
        ("plugins", "list"),
        ("plugins", "info", RAISES),
        ("plugins", "info", SLEEPS),
        ("plugins", "info", CRASHES),
        ("plugins", "disable", CRASHES),
        ("plugins", "check"),
        ("plugins", "check", RAISES),
        ("plugins", "check", SLEEPS),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_management_command_succeeds_and_imports_none(trivet: Command, command: tuple[str, ...]) -> None:
    done = trivet(*command)
    assert done.code == 0, done
    assert "Traceback" not in done.err
    assert trivet.imported() == []


def test_a_plugin_that_is_not_enabled_is_checked_by_reading(trivet: Command) -> None:
    done = trivet("plugins", "check", RAISES)
    assert done.out.startswith(f"{RAISES}  ")
    assert done.err == (
        f"Note: Plugin '{RAISES}' is not enabled, so none of its code was run. `trivet plugins enable {RAISES}` shows what it "
        "may do; its folder or its wheel is judged by its path\n"
    )


def test_enabling_tries_a_plugin_elsewhere_and_says_in_a_sentence_how_it_went(trivet: Command) -> None:
    for id, why in (
        (RAISES, "failed: raised while starting: RuntimeError: boom"),
        (SLEEPS, "failed: did not start within 1 seconds"),
        (CRASHES, "failed: it crashed the process that tried it (SIGSEGV)"),
    ):
        done = trivet("plugins", "enable", id, "--yes")
        assert done.code == 1
        assert done.err.endswith(f"Note: Plugin '{id}' is enabled, but it {why}\n")
        assert trivet.imported() == [id]


def test_checking_finds_out_again(trivet: Command) -> None:
    trivet("plugins", "enable", CRASHES, "--yes")
    trivet("plugins", "enable", "good", "--yes")
    good, bad = trivet("plugins", "check", "good"), trivet("plugins", "check", CRASHES)
    assert good.code == 0
    assert good.out.startswith("Plugin 'good' (good-plugin 0.1.0) started in ")
    assert bad.code == 1
    assert f"Plugin '{CRASHES}' (p2-plugin 0.1.0) failed: it crashed the process that tried it (SIGSEGV)" in bad.out
    assert "Segmentation fault" in bad.out, "with the place where it happened"


def test_plugin_that_crashed_is_not_tried_by_a_host(trivet: Command) -> None:
    trivet("plugins", "enable", CRASHES, "--yes")
    trivet("plugins", "enable", "good", "--yes")
    listed = trivet("plugins", "list")
    assert (
        f"Note: Plugin '{CRASHES}' (p2-plugin 0.1.0) is quarantined: it crashed the process that tried it (SIGSEGV); "
        f"`trivet plugins check {CRASHES}` tries it again\n"
    ) in listed.err
    assert trivet("plugins", "why", CRASHES).code == 0
    assert trivet("tools", "list").code == 0
    assert trivet.imported() == []
