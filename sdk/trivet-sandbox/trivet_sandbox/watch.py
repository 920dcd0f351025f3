"""A look at a sandbox, several times a second, for what the kernel does not bound: memory where there is no control group,
and what is written to the workspace."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from trivet_sandbox.backend import Launched
from trivet_sandbox.growth import Growth
from trivet_sandbox.limits import MB, Limits

CLOSELY, SELDOM = 0.05, 0.25
"""Seconds between two looks, while a program runs and while only its threads may."""
SPARE: Final = 256 * MB
"""Bytes of this machine's memory that must stay free where nothing else bounds what the kernel holds for a sandbox."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Kills the sandbox once all in it together take more than they may; then `reason` says what."""

    def __init__(self, launch: Launched, limits: Limits, workspace: Path | None, scratch: Path | None = None) -> None:
        """`workspace`: None if it cannot be written. `scratch`: the temporary folder of programs that have no namespace, of
        whose processes the kernel bounds only what their user has in all."""
        self.reason: Literal["", "memory", "disk", "processes"] = ""
        self._launch = launch
        self._limits = limits
        self._growth = None if workspace is None else Growth(workspace)
        self._scratch = None if scratch is None else Growth(scratch)
        self._is_bounded = launch.group.is_bounding
        self._every = SELDOM
        self._look_now = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._live, name="trivet sandbox watch", daemon=True)
        self._thread.start()

    @contextmanager
    def closely(self) -> Iterator[None]:
        self._every = CLOSELY
        try:
            yield
        finally:
            self._every = SELDOM

    def stop(self) -> None:
        self._is_over = True
        self._look_now.set()
        self._thread.join()

    def _live(self) -> None:
        passed = 0.0
        # Woken at the close pace also when nobody is at work: a program begins between two looks.
        while not self._look_now.wait(CLOSELY) and not self._is_over:
            passed += CLOSELY
            if passed < self._every:
                continue
            passed = 0.0
            try:
                self.reason = self._look()
            except BaseException:  # what nobody watches must not run
                self._launch.kill_inside()
                raise
            if self.reason:
                self._launch.kill_inside()
                return

    def _look(self) -> Literal["", "memory", "disk", "processes"]:
        found = list(family(self._launch.first))
        if not self._is_bounded and (_taken(found, self._limits.memory) > self._limits.memory or _is_short()):
            return "memory"
        if _entries(found) > self._limits.entries:
            return "disk"
        if self._growth is not None and self._growth.is_over(self._limits.workspace, self._limits.entries, found):
            return "disk"
        if self._scratch is not None:
            if self._scratch.is_over(self._limits.scratch, self._limits.entries, found):
                return "disk"
            if sum(map(_threads, found)) > self._limits.processes + 1:  # the reaper is the one
                return "processes"
        return ""


def family(process: int) -> Iterator[int]:
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


def _taken(family: list[int], most: int) -> int:
    """Bytes of memory; pages that several share are counted once only if that matters, as it takes the kernel a while."""
    apparent = sum(_resident(each) for each in family)
    return apparent if apparent <= most else sum(_proportional(each) for each in family)


def _resident(process: int) -> int:
    """What is in memory and not a file's."""
    try:
        with open(f"/proc/{process}/status") as file:
            told = dict(row.split(":", 1) for row in file)
        return sum(int(told.get(key, "0 kB").split()[0]) for key in ("RssAnon", "RssShmem")) * 1024
    except (OSError, ValueError):
        return 0


def _proportional(process: int) -> int:
    try:
        with open(f"/proc/{process}/smaps_rollup") as file:
            told = dict(row.split(":", 1) for row in file if ":" in row)
        return sum(int(told.get(key, "0 kB").split()[0]) for key in ("Pss_Anon", "Pss_Shmem")) * 1024
    except (OSError, ValueError):
        return _resident(process)


def _entries(family: list[int]) -> int:
    """Files in the sandbox's `/tmp`, each of which takes memory of the kernel's."""
    for process in family:
        folder = f"/proc/{process}/root/tmp"
        try:
            if os.stat(folder).st_dev == os.stat("/tmp").st_dev:
                continue  # it is just starting, and still sees this machine's
            told = os.statvfs(folder)
        except OSError:
            continue  # the first process of a namespace is not for an ordinary user to look into
        return told.f_files - told.f_ffree
    return 0


def _threads(process: int) -> int:
    try:
        return len(os.listdir(f"/proc/{process}/task"))
    except OSError:
        return 0


def _is_short() -> bool:
    with open("/proc/meminfo") as file:
        told = dict(row.split(":", 1) for row in file)
    return int(told["MemAvailable"].split()[0]) * 1024 < SPARE
