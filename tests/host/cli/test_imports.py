"""What the management commands do not import, and how little help costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet, clean_environment

HEAVY = ("torch", "transformers", "fastapi", "pydantic", "openai", "mcp")
REPORT = """
import atexit, sys
atexit.register(lambda: sys.stderr.write("\\nMODULES " + " ".join(sorted(sys.modules)) + "\\n"))
import runpy
sys.argv = ["trivet", *sys.argv[1:]]
runpy.run_module("trivet", run_name="__main__", alter_sys=True)
"""


def modules(home: Path, site: Site, *arguments: str) -> set[str]:
    """Names of all modules that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments],
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert done.returncode in (0, 1), done
    return set(done.stderr.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize(
    "command",
    [
        ("plugins", "list"),
        ("plugins", "info", "table"),
        ("plugins", "enable", "extra", "--yes"),
        ("plugins", "disable", "extra"),
        ("plugins", "why", "extra"),
        ("tools", "list"),
        ("models", "list"),
        ("models", "show", "smollm2-135m"),
        ("models", "devices"),
        ("config", "show"),
        ("config", "explain"),
        ("config", "set", "roles.model", "big"),
        ("runs", "list"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_management_command_imports_no_plugin_and_nothing_heavy(
    home: Path, site: Site, trivet: Trivet, command: tuple[str, ...]
) -> None:
    site.add("extra", WORKING, manifest=TOOL)
    loaded = {name.partition(".")[0] for name in modules(home, site, *command)}
    plugins = {name for name in loaded if name.startswith("trivet_") and name not in ("trivet_sdk", "trivet_sandbox")}
    assert plugins == set()
    assert "extra_plugin" not in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("command", [("--help",), ("run", "--help"), ("plugins", "--help")], ids=" ".join)
def test_help_imports_neither_contracts_nor_what_draws(home: Path, site: Site, command: tuple[str, ...]) -> None:
    loaded = modules(home, site, *command)
    assert loaded.isdisjoint({"trivet_sdk", "msgspec", "anyio", "rich", "structlog", "pluggy", "apsw", "asyncio"})
