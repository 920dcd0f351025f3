"""A goal that is left to a process of its own, which goes on when the terminal is closed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import anyio

from trivet.app import RunOptions, open_desk, open_host
from trivet.cli import failure
from trivet.cli.pursuit import CLIENT
from trivet.cli.screen import echo
from trivet.cli.staffing import make_ready
from trivet.runs.desk import NOTICE
from trivet.settings import Settings
from trivet_sdk.goal import Goal

PATIENCE = 20.0
"""Seconds in which a process must have taken up its run, or the user is told that it has not yet."""
ALIVE = 0.5
"""Seconds at work after which it is taken to have begun well."""
_LAST = 4000
"""Bytes of what it said that are shown if it has not."""


def detached(settings: Settings, wish: str, folder: Path, files: Sequence[Path]) -> int:
    """Submit the goal, leave the work to a process of its own, print the run's id, and see that the process has begun."""
    settings = make_ready(settings)
    run = anyio.run(_submit, settings, wish, folder, files)
    echo(run)
    command = [sys.executable, "-P", "-m", "trivet", "runs", "resume", run, "--detached"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
            env={**os.environ, "TRIVET_HOME": str(settings.home)},
        )  # fmt: skip
        has_begun = anyio.run(_begun, settings, run, process)
        if has_begun is False:
            return _failed(run, process.returncode, said)
    if has_begun:
        echo(f"It works in the background; `trivet runs watch {run}` shows how far it is.", err=True)
    else:
        failure.note(f"its process has not begun after {PATIENCE:g} seconds. `trivet runs show {run}` tells how it is.")
    process.returncode = 0  # it lives on, and is nobody's to wait for
    return failure.ACHIEVED


async def _submit(settings: Settings, wish: str, folder: Path, files: Sequence[Path]) -> str:
    goal = Goal(text=wish, workspace=str(folder))
    async with open_host(settings) as host:
        return await host.submit(goal, RunOptions(client=CLIENT, is_detached=True), attachments=files)


async def _begun(settings: Settings, run: str, process: "subprocess.Popen[bytes]") -> bool | None:
    """Whether the process works on the run; None if nothing is known after `PATIENCE` seconds."""
    async with open_desk(settings) as desk:
        since: float | None = None
        end = time.monotonic() + PATIENCE
        while (now := time.monotonic()) < end:
            has_ended = process.poll() is not None  # before the journal is read: what it did it has written
            summary = await desk.summary(run)
            if summary.is_finished or summary.status in ("executing", "reflecting", "waiting"):
                return True
            if has_ended:
                return False
            if summary.pid is not None:
                since = since or now
                if now - since >= ALIVE:
                    return True
            await anyio.sleep(NOTICE)
    return None


def _failed(run: str, code: int, said: IO[bytes]) -> int:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - _LAST))
    words = said.read().decode("utf-8", "replace").strip()
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    failure.say(
        f"the process that was to work on run {run} {how} before it had begun{', and said:' if words else '.'}"
        f"{chr(10) + words if words else ''}\n`trivet runs resume {run}` tries again here."
    )
    return code if code > 0 else failure.INTERNAL
