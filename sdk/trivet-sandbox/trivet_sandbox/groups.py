"""A control group for one sandbox, where this user may make one: the kernel then bounds memory and processes of all in it."""

import os
import secrets
from pathlib import Path

from trivet_sandbox.limits import Limits

ROOT = Path("/sys/fs/cgroup")


class ControlGroup:
    """`is_bounding` says whether the kernel holds the bounds; else somebody has to watch."""

    def __init__(self, limits: Limits) -> None:
        self._folders: list[Path] = []
        name = f"trivet-sandbox-{secrets.token_hex(6)}"
        if (ROOT / "cgroup.controllers").exists():
            bounds = {"memory.max": limits.memory, "memory.swap.max": 0, "pids.max": limits.processes + 8}
            self._make(_own_group() / name, bounds)
        else:
            self._make(ROOT / "memory" / name, {"memory.limit_in_bytes": limits.memory})
            self._make(ROOT / "pids" / name, {"pids.max": limits.processes + 8})
        self.is_bounding = any((folder / "memory.max").exists() or (folder / "memory.limit_in_bytes").exists()
                               for folder in self._folders)  # fmt: skip

    def take(self, process: int) -> None:
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(process))

    @property
    def was_out_of_memory(self) -> bool:
        for folder in self._folders:
            for file, word in (("memory.events", "oom_kill"), ("memory.oom_control", "oom_kill")):
                if (path := folder / file).exists():
                    counts = dict(row.split()[:2] for row in path.read_text().splitlines() if len(row.split()) >= 2)
                    return counts.get(word, "0") != "0"
        return False

    def close(self) -> None:
        for folder in self._folders:
            try:
                folder.rmdir()
            except OSError:
                pass  # the last process is being buried; `swept` removes what stays
        self._folders.clear()

    def _make(self, folder: Path, bounds: dict[str, int]) -> None:
        try:
            folder.mkdir()
        except OSError:
            return
        try:
            for file, bound in bounds.items():
                if (folder / file).exists():
                    (folder / file).write_text(str(bound))
            if not any((folder / file).exists() for file in bounds):
                raise OSError
        except OSError:
            folder.rmdir()
            return
        self._folders.append(folder)


def _own_group() -> Path:
    for row in Path("/proc/self/cgroup").read_text().splitlines():
        if row.startswith("0::"):
            return ROOT / row[3:].lstrip("/")
    return ROOT / os.devnull.lstrip("/")
