"""Runs a command as long as the process that wanted it lives; a script of the standard library alone.

`python -I -S keeper.py FD COMMAND …`: the command gets this process's standard streams. When FD, the reading end of a
pipe, comes to its end, whoever held the other end has gone, however it went; then the command is ended with everything
that it started, politely for two seconds and by force after that.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

POLITE = 2.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def main(life: int, command: list[str]) -> int:
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # what the command leaves behind becomes our child, so that it can be found
    try:
        child = subprocess.Popen(
            command,
            start_new_session=True,
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # there are no threads here
        )
    except OSError as error:
        print(f"cannot start {command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)  # else the other side would not see the end of the command's output
    while child.poll() is None:
        ready, _, _ = select.select([life, woken], [], [])
        if life in ready:
            break
        os.read(woken, 4096)
    end(child)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def end(child: "subprocess.Popen[bytes]") -> None:
    group(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + POLITE
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    group(child.pid, signal.SIGKILL)
    child.wait()
    while left := orphans():
        for pid in left:
            group(pid, signal.SIGKILL)
            kill(pid)
        for pid in left:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                continue


def orphans() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
