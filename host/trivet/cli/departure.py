"""How the process begins and ends around a command: with streams that can be written, and with its exit code, whatever of
foreign code is still at work."""

import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

INTERRUPTED = 130


def open_streams() -> None:
    """Where the caller closed a standard stream, its number would go to the next file that is opened, and what is printed
    into that file."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(handle)
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (it lives as long as the process)
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere


def silence() -> None:
    """Nobody takes our output any more; Python would try again when it ends, and complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(code: int) -> NoReturn:
    """End the process, at once where foreign code goes on or was cut short: Python cannot shut down in an orderly way under
    a thread that waits at the keyboard or in a library, would throw a coroutine away that does not let itself be closed,
    and libraries complain of what was left half done."""
    if code != INTERRUPTED and not _is_left_behind():
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _is_left_behind() -> bool:
    if any(thread.daemon and thread.name in ("trivet tool", "trivet question") for thread in threading.enumerate()):
        return True
    apart = sys.modules.get("trivet.runs.apart")
    return apart is not None and bool(apart.abandoned)
