"""`kill -9` in the midst of a tool: every effect once, or unknown and asked."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from tests.walks.household import settings_for
from trivet.app import open_desk

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


def victim(home: Path, workspace: Path, mode: str, run: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults.victim", str(home), str(workspace), mode, *([run] if run else [])]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


async def killed(tmp_path: Path, mode: str) -> str:
    dead = await anyio.to_thread.run_sync(victim, tmp_path / "home", tmp_path, mode)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    run = dead.stdout.strip()
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        summary = await desk.summary(run)
        assert (summary.status, summary.pid) == ("interrupted", None)
        assert (await desk.fold(run)).states["s3"] == "running"
    return run


@pytest.mark.parametrize("mode", ["before", "keyed"])
async def test_idempotent_effects_happen_and_the_run_ends_as_if_nothing_had_been(tmp_path: Path, mode: str) -> None:
    run = await killed(tmp_path, mode)
    resumed = await anyio.to_thread.run_sync(victim, tmp_path / "home", tmp_path, mode, run)
    assert resumed.stdout == "succeeded|stroke 1, stroke 5|\n", resumed.stderr
    assert (tmp_path / "effects").read_text().splitlines() == [f"{n} {run}/s{n}/0" for n in range(1, 6)]


async def test_effectful_call_is_never_repeated_but_asked_about(tmp_path: Path) -> None:
    run = await killed(tmp_path, "effectful")
    waiting = await anyio.to_thread.run_sync(victim, tmp_path / "home", tmp_path, "effectful", run)
    assert waiting.stdout.startswith("waiting||Step s3 (work.strike) may or may not have taken effect"), waiting.stderr
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        await desk.answer(run, "done: stroke 3")
    resumed = await anyio.to_thread.run_sync(victim, tmp_path / "home", tmp_path, "effectful", run)
    assert resumed.stdout == "succeeded|stroke 1, stroke 5|\n", resumed.stderr
    assert (tmp_path / "effects").read_text().splitlines() == [f"{n} {run}/s{n}/0" for n in range(1, 6)]


async def test_dead_hosts_lease_is_void_at_once_though_its_process_id_lives_on(tmp_path: Path) -> None:
    """The lease names the process by more than its number."""
    from trivet.journal.owner import is_alive, this_owner

    mine = this_owner()
    assert is_alive(mine)
    other = type(mine)
    assert not is_alive(other(pid=mine.pid, started="1", boot=mine.boot, nonce=mine.nonce))
    assert not is_alive(other(pid=mine.pid, started=mine.started, boot="another boot", nonce=mine.nonce))
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert not is_alive(other(pid=child.pid, started="1", boot=mine.boot, nonce="x"))
    assert os.getpid() == mine.pid
