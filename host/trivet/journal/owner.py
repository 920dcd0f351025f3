"""Who holds a run: a host in a process, told apart from every other one."""

import os
import secrets
import subprocess
from functools import cache
from pathlib import Path

import msgspec


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """`nonce` tells hosts of one process apart. A process id alone would be trusted after its number is used again."""

    pid: int
    started: str
    boot: str
    nonce: str

    @property
    def id(self) -> str:
        return f"{self.pid}.{self.nonce}"


def this_owner() -> Owner:
    pid = os.getpid()
    return Owner(pid=pid, started=_started(pid), boot=_boot(), nonce=secrets.token_hex(4))


def is_alive(owner: Owner) -> bool:
    """Whether the owner's process still runs. One in another process namespace of this machine counts as alive, since
    nothing here can see it."""
    if is_visible(owner):
        return _exists(owner.pid) and _started(owner.pid) == owner.started
    return _boot().partition("+")[0] == owner.boot.partition("+")[0]


def is_visible(owner: Owner) -> bool:
    """Whether it can be known from here if the owner lives: not if its container has a process namespace of its own, nor on
    another machine, which looks like this one before it was last started."""
    return _boot() == owner.boot


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def _boot() -> str:
    """Identity of this boot of the machine, and of the process namespace where there is such a thing."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}+{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return _tell("sysctl", "-n", "kern.boottime")


def _started(pid: int) -> str:
    """When the process began, in whatever spelling this system has: only equality is asked of it. Empty for one that has
    ended, also if its parent has not looked after it yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _tell("ps", "-o", "lstart=", "-p", str(pid))
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _tell(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
