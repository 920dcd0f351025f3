"""Hosts and kernels whose plugin is one of these modules, in this process or in a worker."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import anyio

from tests.host.workers import menagerie
from trivet.app import Host, open_host
from trivet.kernel import Kernel, open_kernel
from trivet.packages.trust import FIRST_PARTY
from trivet.settings import Settings, load_settings
from trivet_sandbox import worker_readiness

BOTH = ("inprocess", "process")


def settings_for(home: Path, isolation: str = "process", more: Mapping[str, Any] | None = None) -> Settings:
    """Without the installed plugins. `more` has dotted keys."""
    flags = {
        **{f"plugins.{id}.enabled": False for id in FIRST_PARTY},
        **{f"plugins.{id}.isolation": isolation for id in ("menagerie", "wrecker")},
        "models.m.backend": "backend",
        "models.endless.backend": "endless",
        "roles.model": "m",
        "roles.planner": "planner",
        "roles.reflector": "reflector",
        "roles.embedder": "embedder",
        **(more or {}),
    }
    return load_settings(home, flags, environ={})


@asynccontextmanager
async def kernel_of(
    home: Path, *plugins: object, isolation: str = "process", more: Mapping[str, Any] | None = None
) -> AsyncIterator[Kernel]:
    async with open_kernel(settings_for(home, isolation, more), plugins or (menagerie,)) as kernel:
        yield kernel


@asynccontextmanager
async def host_of(
    home: Path, *plugins: object, isolation: str = "process", more: Mapping[str, Any] | None = None
) -> AsyncIterator[Host]:
    async with open_host(settings_for(home, isolation, more), plugins or (menagerie,)) as host:
        yield host


@cache
def processes_of_a_worker() -> int:
    """One that watches, one that buries, and the worker, as the last one; in a sandbox bubblewrap watches, too."""
    return 4 if worker_readiness(Path("/tmp")).is_usable else 3


def worker_of(kernel: Kernel, plugin: str) -> int:
    """The process that the plugin lives in."""
    life = kernel._lives.supervisors[plugin].life
    assert life is not None
    assert life.pid is not None
    return life.pid


async def until(claim: Callable[[], bool]) -> None:
    """Wait for what nobody announces."""
    while not claim():  # noqa: ASYNC110
        await anyio.sleep(0.005)


def alive(pid: int) -> bool:
    """Whether there is such a process, and it is more than a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def descendants(pid: int | None = None) -> list[int]:
    """All processes below this one, or below `pid`."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, ValueError):
                continue
    found: list[int] = []
    waiting = [pid or os.getpid()]
    while waiting:
        top = waiting.pop()
        below = [each for each, parent in parents.items() if parent == top]
        found += below
        waiting += below
    return [each for each in found if alive(each)]
