"""The folder where trivet is called is the user's data: nothing in it is imported, whatever it is called."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Done, Site, Trivet, clean_environment
from tests.host.cli.test_run import SAY, install

SHADOWING = ("json", "msgspec", "pluggy", "click", "trivet", "trivet_sdk", "pip")


@pytest.fixture
def shadowed(tmp_path: Path, trivet: Trivet) -> Path:
    """A workspace with files named like modules that trivet and its children import; each leaves its name in a file."""
    del trivet  # has made the folder
    folder = tmp_path / "work"
    marks = tmp_path / "imported"
    for name in SHADOWING:
        source = f"open({str(marks)!r}, 'a').write({name!r} + '\\n')\nraise ImportError('not the real {name}')\n"
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return marks


@pytest.mark.usefixtures("alone")
def test_no_command_imports_what_lies_in_the_folder(
    shadowed: Path, site: Site, home: Path, trivet: Trivet, tmp_path: Path
) -> None:
    install(site, home)
    site.add("extra", WORKING, manifest=TOOL)

    def called(*arguments: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "trivet", *arguments], cwd=tmp_path / "work",
            env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    enabled = called("plugins", "enable", "extra", "--yes")
    assert (enabled.code, enabled.err) == (0, "")
    called("plugins", "check", "extra")
    assert called("tools", "list").code == 0
    assert called("run", SAY).code == 0
    detached = called("run", SAY, "--detach")
    assert detached.code == 0, detached
    deadline = time.monotonic() + 30
    while [each["status"] for each in called("runs", "list", "--json").json()] != ["succeeded"] * 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert not shadowed.exists(), shadowed.read_text()


@pytest.mark.usefixtures("alone")
def test_a_reader_that_goes_away_is_no_failure(site: Site, home: Path, trivet: Trivet, tmp_path: Path) -> None:
    install(site, home)
    assert trivet("run", SAY).code == 0
    shown = ("runs", "show", "last")
    for arguments in (("plugins", "list"), ("tools", "list", "--json"), ("run", "--help"), shown):
        process = subprocess.Popen(
            [sys.executable, "-m", "trivet", *arguments], cwd=tmp_path / "work",
            env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 0, (arguments, said)
        assert "Error" not in said
        process.stderr.close()
