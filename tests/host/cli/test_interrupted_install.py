"""Whatever ends an installation half way, the old state or the new one is there, and the next call mends the rest."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.host.cli.index import House, Index

pytestmark = [
    pytest.mark.usefixtures("alone"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the installer's process in /proc"),
]
DEADLINE = 60.0


def said(process: "subprocess.Popen[str]", begin: str) -> None:
    """Wait until a line on stderr begins so."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(begin):
            return
    raise AssertionError(f"it never said {begin!r}")


def wait_for(path: Path) -> None:
    limit = time.monotonic() + DEADLINE
    while not path.exists():
        assert time.monotonic() < limit, f"{path} never came"
        time.sleep(0.002)


def installers(house: House) -> list[int]:
    """Processes that install from the staged wheels."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(house.home / "plugins" / ".staged") in line and b"install" in line:
            found.append(int(folder.name))
    return found


def test_interrupted_before_the_change_leaves_the_old_state(index: Index, house: House) -> None:
    wheel = index.plugin("alpha")
    with house.begun("plugins", "install", str(wheel), "--yes") as process:
        said(process, "Resolving")
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, err
    assert err.endswith("Interrupted.\n")
    assert house.installed() == {}
    assert os.listdir(house.home / "plugins") == [".lock"]


def test_interrupted_during_the_change_finishes_it(index: Index, house: House) -> None:
    wheel = index.plugin("alpha")
    with house.begun("plugins", "install", str(wheel), "--yes") as process:
        wait_for(house.home / "plugins" / ".unfinished.json")
        said(process, "Installing alpha-plugin")
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, err
    assert house.installed() == {"alpha_plugin": "0.1"}
    assert not (house.home / "plugins" / ".unfinished.json").exists()
    assert "All that you asked for is here (one plugin)." in house.trivet("plugins", "sync").out


def test_killed_during_the_change_is_mended_by_the_next_call(index: Index, house: House) -> None:
    index.plugin("alpha", "0.1")
    assert house.trivet("plugins", "install", "alpha-plugin", "--yes").code == 0
    index.plugin("alpha", "0.2", requires=["library"])
    index.wheel("library", "1.0", {"library.py": ""})
    with house.begun("plugins", "update", "--yes") as process:
        wait_for(house.home / "plugins" / ".unfinished.json")
        limit = time.monotonic() + DEADLINE
        while not (found := installers(house)) and time.monotonic() < limit:
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        for pid in found:
            os.kill(pid, signal.SIGKILL)
    listed = house.trivet("plugins", "list")
    assert listed.code == 0
    assert "Note: An installation was interrupted; `trivet plugins sync` finishes it\n" in listed.err
    mended = house.trivet("plugins", "sync", "--yes")
    assert mended.code == 0, mended
    assert "Finishing what was interrupted: alpha-plugin 0.2 …\n" in mended.err
    assert house.installed() == {"alpha_plugin": "0.2", "library": "1.0"}
    assert 'version = "0.2"' in (house.home / "plugins.toml").read_text()
    assert os.listdir(house.home / "plugins") == [".lock"]


def test_two_at_a_time_come_one_after_the_other(index: Index, house: House) -> None:
    one, two = index.plugin("one"), index.plugin("two")
    with house.begun("plugins", "install", str(one), "--yes") as first:
        said(first, "Resolving")
        done = house.trivet("plugins", "install", str(two), "--yes")
        assert first.communicate(timeout=DEADLINE)[0].startswith("one  ")
    assert done.code == 0, done
    assert done.err.startswith(f"Waiting for process {first.pid}, which is changing what is installed …\n")
    assert house.installed() == {"one_plugin": "0.1", "two_plugin": "0.1"}
