"""A control group for one sandbox, where this user may make one: the kernel then bounds memory and processes of all in it."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trivet_sandbox.limits import Limits

ROOT: Final = Path("/sys/fs/cgroup")
NAME: Final = "trivet-sandbox-"
_BURIAL: Final = 2.0
"""Seconds in which the kernel lets go of dead processes."""


class ControlGroup:
    """`is_bounding` says whether the kernel bounds the memory; else somebody has to watch."""

    def __init__(self, limits: Limits | None) -> None:
        """None: no group, and so no bounds."""
        self._folders: list[Path] = []
        if limits is None:
            return
        name = f"{NAME}{os.getpid()}-{secrets.token_hex(6)}"
        own = dict(_own_groups())
        if (ROOT / "cgroup.controllers").exists():
            here = ROOT / own.get("", "").lstrip("/")
            bounds = {"memory.max": limits.memory, "memory.swap.max": 0, "pids.max": limits.processes + 8}
            # A group that holds processes may pass no bounds on, so it is the nearest one above that can.
            any(self._made(above, name, bounds) for above in (here, *here.parents) if above.is_relative_to(ROOT))
        else:
            for kind, bounds in (
                ("memory", {"memory.limit_in_bytes": limits.memory}),
                ("pids", {"pids.max": limits.processes + 8}),
            ):
                here = ROOT / kind / own.get(kind, "").lstrip("/")
                self._made(here if here.is_dir() else ROOT / kind, name, bounds)

    @property
    def is_bounding(self) -> bool:
        return any((each / file).exists() for each in self._folders for file in ("memory.max", "memory.limit_in_bytes"))

    def take(self, process: int) -> None:
        for folder in self._folders[:]:
            try:
                (folder / "cgroup.procs").write_text(str(process))
            except OSError:
                folder.rmdir()
                self._folders.remove(folder)

    @property
    def was_out_of_memory(self) -> bool:
        for folder in self._folders:
            for file in ("memory.events", "memory.oom_control"):
                if (path := folder / file).exists():
                    counts = dict(row.split()[:2] for row in path.read_text().splitlines() if len(row.split()) >= 2)
                    return counts.get("oom_kill", "0") != "0"
        return False

    def close(self) -> None:
        """Once its processes have ended."""
        deadline = time.monotonic() + _BURIAL
        for folder in self._folders:
            while True:
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        break  # `swept` removes it later
                    time.sleep(0.005)
                    continue
                break
        self._folders.clear()

    def _made(self, above: Path, name: str, bounds: dict[str, int]) -> bool:
        swept(above)
        folder = above / name
        try:
            folder.mkdir()
        except OSError:
            return False
        try:
            first, *others = ((folder / file, bound) for file, bound in bounds.items())
            first[0].write_text(str(first[1]))
            for file, bound in others:
                with contextlib.suppress(FileNotFoundError):
                    file.write_text(str(bound))
        except OSError:
            folder.rmdir()
            return False
        self._folders.append(folder)
        return True


def swept(above: Path) -> None:
    """Remove groups of hosts that were killed; only empty ones can be removed at all."""
    with contextlib.suppress(OSError):
        for folder in above.glob(f"{NAME}*-*"):
            owner = folder.name.removeprefix(NAME).partition("-")[0]
            if owner.isdecimal() and not Path("/proc", owner).exists():
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _own_groups() -> Iterator[tuple[str, str]]:
    """By controller; that of the unified hierarchy by an empty name."""
    for row in Path("/proc/self/cgroup").read_text().splitlines():
        _, kinds, path = row.split(":", 2)
        for kind in kinds.split(","):
            yield kind, path
