"""Whether the reduced backend can be had on this machine, and which of a sandbox's promises it keeps: found out by trying."""

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from trivet_sandbox.arguments import environment
from trivet_sandbox.errors import SandboxFailed, SandboxUnavailable
from trivet_sandbox.inside.confinement import landlock_abi
from trivet_sandbox.interpreter import this_interpreter
from trivet_sandbox.landlock import OLDEST, Landlock
from trivet_sandbox.limits import Limits
from trivet_sandbox.probes import Probe
from trivet_sandbox.result import Result
from trivet_sandbox.seccomp import MachineUnsupported, program

PROMISES: Final = {
    "contents": "of this machine's files, programs can read only /usr, the interpreter and the workspace",
    "writing": "they write nowhere but in the workspace and in a temporary folder of theirs",
    "environment": "they see no variable of the environment",
    "memory": "they read no other process's memory, variables or open files",
    "network": "they reach neither the network nor a socket of this machine",
    "kernel": "they may ask the kernel for what is on a list, and for nothing else",
    "privileges": "they have no capabilities, gain none, and can leave none behind in a file",
    "bounds": "each process's memory, files and descriptors are bounded; of all together, memory, processes and disk are watched",
    "ending": "they end when their time is over, with all that they have started",
}
"""Without one of these nothing is run."""
BEYOND: Final = {
    "signals": "they can signal no process of this machine",
    "names": "they do not see which files there are, and how large and old they are",
    "processes": "they do not see which other processes there are",
    "machine": "they do not see the machine's name",
    "user": "they are not root by number",
}
"""What a sandbox promises, and this backend only where the attempt says so."""


@dataclass(frozen=True, kw_only=True)
class ReducedReadiness:
    abi: int
    """Landlock's version in this kernel; 0 if there is none."""
    probes: tuple[Probe, ...] = ()
    """What is kept, and what is not: a probe of `BEYOND` may have failed."""
    reason: str = ""
    """Why it cannot be had, as a sentence; empty where it can."""

    @property
    def is_usable(self) -> bool:
        return not self.reason

    @property
    def missing(self) -> tuple[Probe, ...]:
        """The promises of a sandbox that are not kept."""
        return tuple(each for each in self.probes if not each.is_kept)


def reduced_backend() -> Landlock:
    """For `Session(backend=…)`. Blocks for 200 ms, the first time. Raises SandboxUnavailable."""
    found = reduced_readiness()
    if found.reason:
        raise SandboxUnavailable(found.reason)
    return Landlock(found.abi)


@lru_cache(maxsize=4)
def reduced_readiness(abi: int | None = None) -> ReducedReadiness:
    """Tried once in a process. Blocks. `abi`: as if Landlock were of this version, where it is of a later one."""
    if sys.platform != "linux":
        return ReducedReadiness(abi=0, reason=f"the backend 'landlock' needs Linux, and this is {platform.system()}.")
    found = landlock_abi() if abi is None else min(abi, landlock_abi())
    try:
        program()
    except MachineUnsupported as error:
        return ReducedReadiness(abi=found, reason=str(error))
    if found < OLDEST:
        return ReducedReadiness(abi=found, reason=_obstacle(found))
    probes, reason = _probed(Landlock(found))
    broken = [each for each in probes if not each.is_kept and each.name in PROMISES]
    if broken:
        what = "; ".join(f"{each.promise} ({each.said})" for each in broken)
        reason = (
            f"the backend 'landlock' does not keep its promises on this machine, so nothing is run with it: {what}."
        )
    return ReducedReadiness(abi=found, probes=probes, reason=reason)


def _obstacle(abi: int) -> str:
    if abi == 0:
        return (
            "this kernel has no Landlock, or was started without it. It needs Linux 5.19 or newer, with `landlock` among the"
            " names of the boot parameter `lsm=`."
        )
    return (
        f"this kernel's Landlock is of version {abi}, and the backend 'landlock' needs {OLDEST}, as from Linux 5.19 on."
    )


def _probed(backend: Landlock) -> tuple[tuple[Probe, ...], str]:
    """Each promise with what became of the attempt, or none and why nothing could be started."""
    from trivet_sandbox.session import Session

    inside = Path(__file__).parent / "inside"
    source = "\n".join((inside / name).read_text() for name in ("canary.py", "reduced_canary.py"))
    limits = Limits()
    bait = tempfile.TemporaryDirectory(prefix="trivet-bait-")
    local, near = socket.socket(socket.AF_UNIX), socket.socket()
    victim = subprocess.Popen([sys.executable, "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE)
    with bait as folder, local, near, victim:
        Path(folder, "secret").write_text("secret")
        local.bind("\0trivet-bait-" + os.path.basename(folder))
        local.listen()
        near.bind(("127.0.0.1", 0))
        near.listen()
        given = {
            "folder": folder,
            "file": os.path.join(folder, "secret"),
            "variables": [*environment(this_interpreter()), "PWD"],
            "process": victim.pid,
            "socket": local.getsockname().decode(),
            "port": near.getsockname()[1],
            "bounds": {"RLIMIT_DATA": limits.memory, "RLIMIT_NOFILE": limits.files, "RLIMIT_FSIZE": limits.file},
            "name": os.uname().nodename,
        }
        try:
            with Session(limits=limits, backend=backend) as session:
                told = session.run(f"GIVEN = {given!r}\n{source}", 20)
                ended = session.run("import os\nos.fork()\nwhile True: pass", 0.2) if session.is_open else told
        except SandboxFailed as error:
            return (), f"nothing can be started with the backend 'landlock': {error}"
        finally:
            victim.kill()
    return tuple(_judged(told, ended)), ""


def _judged(told: Result, ended: Result) -> list[Probe]:
    promises = {**PROMISES, **BEYOND}
    try:
        broken = dict(json.loads(told.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        said = f"the probe said nothing: {told.status}, {told.error.strip() or told.stderr.strip()}"
        broken = dict.fromkeys(promises, said)
    else:
        broken["ending"] = "" if ended.status == "timeout" else f"the probe's end was: {ended.status}"
    return [
        Probe(name, promise, broken.get(name, "not tried") == "", broken.get(name, "not tried"))
        for name, promise in promises.items()
    ]
