"""Set-ups of a small house: the scripts and folders of this workspace, but nothing of weight to install."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bootstrap import repair, stamp, torch
from bootstrap.progress import Progress

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A workspace whose environment is current, with a `trivet` that says how it was called."""
    house = tmp_path / "house"
    shutil.copytree(ROOT / "bootstrap", house / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("trivet", "test", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, house)
    for project in ("host", "sdk/trivet-sdk", "plugins/trivet-files"):
        (house / project).mkdir(parents=True)
        shutil.copy(ROOT / project / "pyproject.toml", house / project)
    binaries = house / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    (binaries / "trivet").write_text('#!/bin/sh\necho "called with $*"\nexit 3\n')
    (binaries / "trivet").chmod(0o755)
    Path(stamp.path(str(house), "trivet")).write_bytes(stamp.ingredients(str(house), "trivet"))
    return house


def call(house: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd="/",
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_current_environment_is_entered_at_once(house: Path) -> None:
    done = call(house, "-X", "importtime", str(house / "trivet"), "run", "a goal")

    assert (done.stdout, done.returncode) == ("called with run a goal\n", 3)
    ours = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "bootstrap" in line}
    assert ours == {"bootstrap", "bootstrap.interpreter", "bootstrap.stamp"}


def test_script_is_found_through_a_link(house: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(house / "trivet")

    assert call(house, str(tmp_path / "link"), "x").stdout == "called with x\n"


@pytest.mark.parametrize("file", ["constraints.txt", "host/pyproject.toml", "plugins/trivet-files/pyproject.toml"])
def test_changed_ingredient_makes_an_environment_stale(house: Path, file: str) -> None:
    assert stamp.is_current(str(house), "trivet")

    with (house / file).open("a") as opened:
        opened.write("# changed\n")

    assert not stamp.is_current(str(house), "trivet")


def test_moved_workspace_is_stale(house: Path, tmp_path: Path) -> None:
    house.rename(tmp_path / "elsewhere")

    assert not stamp.is_current(str(tmp_path / "elsewhere"), "trivet")


def test_tools_of_the_tests_are_an_environment_of_their_own_kind(house: Path) -> None:
    assert not stamp.is_current(str(house), "test")


def test_without_network_one_sentence_is_said(house: Path) -> None:
    """A real pip, a real venv, and an index that refuses connections."""
    shutil.rmtree(house / ".venv")
    nowhere = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
    }

    done = call(house, str(house / "trivet"), "--help", **nowhere)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"Setting up trivet in {house}/.venv, once.\n"
        "trivet: the package index cannot be reached. Check the network (behind a proxy: HTTPS_PROXY) and run this again:"
        " it goes on where it stopped.\n"
    )
    assert not stamp.is_current(str(house), "trivet")


def test_second_setup_waits_for_the_first(house: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from bootstrap import lock; from pathlib import Path\nwith lock.held(Path('.')): print(flush=True); input()",
        ],
        cwd=house,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        (house / ".venv" / "trivet.stamp").rename(house / "kept")
        waiter = subprocess.Popen(
            [sys.executable, house / "trivet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert waiter.stderr is not None
        said = waiter.stderr.readline()
        (house / "kept").rename(house / ".venv" / "trivet.stamp")  # the first set-up succeeds
        holder.communicate("\n", timeout=30)
        rest, errors = waiter.communicate(timeout=30)

    assert said == f"Another set-up of {house} is running; waiting for it.\n"
    assert (rest, errors, waiter.returncode) == ("called with \n", "", 3)


def test_half_installed_package_is_forgotten_and_a_whole_one_kept(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for name, size in (("whole", 3), ("short", 4), ("gone", 3)):
        metadata = packages / f"{name}-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").touch()
        (metadata / "RECORD").write_text(f"{name}.py,sha256=x,{size}\n{name}-1.0.dist-info/RECORD,,\n")
        if name != "gone":
            (packages / f"{name}.py").write_text("1+1")
    (packages / "cut-1.0.dist-info").mkdir()

    repair.forget_halves(tmp_path)

    assert [path.name for path in packages.glob("*.dist-info")] == ["whole-1.0.dist-info"]


def test_killed_setup_leaves_its_mark_and_a_failed_one_does_not(tmp_path: Path) -> None:
    from bootstrap.failure import SetupFailed

    with pytest.raises(SetupFailed), repair.interruptible(tmp_path):
        raise SetupFailed("no network")
    assert not repair.was_interrupted(tmp_path)

    with pytest.raises(KeyboardInterrupt), repair.interruptible(tmp_path):
        raise KeyboardInterrupt
    assert repair.was_interrupted(tmp_path)


@pytest.mark.parametrize(
    ("offered", "platform", "wish", "has_gpu", "megabytes", "has_own_index"),
    [
        (None, "linux", "", False, 0, False),  # installed already
        ("2.13.0+cpu", "linux", "", True, 200, False),  # pip is set up for the CPU build
        ("2.13.0", "darwin", "", False, 200, False),
        ("2.13.0", "linux", "", True, 3000, False),
        ("2.13.0", "linux", "cuda", False, 3000, False),
        ("2.13.0", "linux", "", False, 200, True),
        ("2.13.0", "linux", "cpu", True, 200, True),
    ],
)
def test_build_of_torch(
    offered: str | None, platform: str, wish: str, has_gpu: bool, megabytes: int, has_own_index: bool
) -> None:
    wheel = torch.decide("torch==2.13.0", offered, platform, wish, has_gpu)

    assert (wheel.download_mb, bool(wheel.options)) == (megabytes, has_own_index)


class Terminal:
    """A stream that keeps what was drawn."""

    def __init__(self, is_terminal: bool) -> None:
        self.is_terminal = is_terminal
        self.text = ""

    def isatty(self) -> bool:
        return self.is_terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


PIP_SAID = (
    "Collecting torch\n",
    "  Downloading torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (190.0 MB)\n",
    "Progress 95000000 of 190000000\n",
    "Progress 190000000 of 190000000\n",
    "  Downloading rich-15.0.0-py3-none-any.whl (310 kB)\n",
    "Installing collected packages: torch, rich\n",
)


def test_progress_in_a_terminal_is_one_line_that_moves() -> None:
    terminal = Terminal(is_terminal=True)
    progress = Progress(terminal)  # type: ignore[arg-type]
    progress.expect(300)

    read = []
    for line in PIP_SAID:
        read.append(progress.read(line))
        time.sleep(0.11)  # it draws ten times a second

    assert read == [False, False, True, True, False, False]
    assert "\r  [========                ] 95 of about 300 MB  torch" in terminal.text
    assert "\r  [===============         ] 190 of about 300 MB  torch" in terminal.text
    assert terminal.text.endswith("\rUnpacking 2 packages.\n")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_of_unpacking_counts_the_packages_that_are_there(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bootstrap.progress.REDRAWN", 0.01)
    monkeypatch.setattr("bootstrap.progress.TOLD", 0.01)
    counts = iter([5, 5, 6])
    seen = threading.Event()

    def installed() -> int:
        count = next(counts, None)
        if count is None:
            seen.set()
        return count or 7

    screen = Terminal(is_terminal=is_terminal)
    progress = Progress(screen, installed)  # type: ignore[arg-type]
    progress.expect(300)
    progress.read("Installing collected packages: torch, rich\n")
    assert seen.wait(30)
    progress.finish()

    if is_terminal:
        assert "\r  [============            ] 1 of 2 packages" in screen.text
        assert screen.text.endswith("\r")
    else:
        assert screen.text.startswith("Unpacking 2 packages.\n  1 of 2 packages\n")


def test_progress_in_a_log_is_a_line_for_each_large_file() -> None:
    log = Terminal(is_terminal=False)
    progress = Progress(log)  # type: ignore[arg-type]
    progress.expect(300)

    for line in PIP_SAID:
        progress.read(line)

    assert log.text == "  torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl (190 MB)\nUnpacking 2 packages.\n"
