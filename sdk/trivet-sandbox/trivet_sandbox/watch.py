"""A look at the memory of a sandbox, several times a second, where no control group bounds it."""

import os
import threading
from collections.abc import Iterator

from trivet_sandbox.launch import Launch

EVERY = 0.05
"""Seconds."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Kills the sandbox once all in it together take more than `most` bytes."""

    def __init__(self, launch: Launch, most: int) -> None:
        self.was_over = False
        self._launch = launch
        self._most = most
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if not launch.group.is_bounding:
            self._thread = threading.Thread(target=self._look, name="trivet sandbox watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(EVERY):
            if sum(_resident(each) for each in _family(self._launch.first)) > self._most:
                self.was_over = True
                self._launch.kill_inside()
                return


def _family(process: int) -> Iterator[int]:
    """The process and all that it is the forefather of: inside, nobody escapes process 1."""
    waiting = [process]
    while waiting:
        each = waiting.pop()
        yield each
        try:
            for thread in os.listdir(f"/proc/{each}/task"):
                with open(f"/proc/{each}/task/{thread}/children") as file:
                    waiting += map(int, file.read().split())
        except OSError:
            continue


def _resident(process: int) -> int:
    try:
        with open(f"/proc/{process}/statm") as file:
            fields = file.read().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE  # shared pages are files, or counted where they were made
