"""Less than a sandbox, for machines that allow no namespaces: Landlock and seccomp, when somebody asks for it by name."""

import base64
import os
import stat
from pathlib import Path
from types import MappingProxyType
from typing import Final

from trivet_sandbox.arguments import Mounts
from trivet_sandbox.backend import Launched
from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.inside.confinement import landlock_abi
from trivet_sandbox.interpreter import Interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.process_tree import Places, ProcessTree
from trivet_sandbox.result import Isolation
from trivet_sandbox.seccomp import overlay, program
from trivet_sandbox.syscalls import Only

OLDEST: Final = 2
"""The ABI before allows no file to be moved from one folder to another."""
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_PRETENDED: Final = MappingProxyType({
    # By path or by a descriptor for reading these reach files that Landlock lets nobody write: it has no rules for them.
    "chmod": 90, "fchmod": 91, "utime": 132, "utimes": 235, "futimesat": 261, "fchmodat": 268, "utimensat": 280,
})  # fmt: skip
_UNKNOWN: Final = MappingProxyType({"pidfd_send_signal": 424, "pidfd_open": 434})
_TRUNCATE: Final = 76
_ITSELF: Final = MappingProxyType({
    # What is allowed about other processes of the same user to whoever shares their namespace.
    "setpriority": (141, (Only(0, (0,)), Only(1, (0,)))),
    "sched_setaffinity": (203, (Only(0, (0,)),)),
    "prlimit64": (302, (Only(0, (0,)),)),
})  # fmt: skip


class Landlock:
    """Fulfils `Backend`. `reduced_backend` gives the one that has passed the self-test."""

    isolation: Isolation = "reduced"
    scratch = "trivet-reduced-"

    def __init__(self, abi: int | None = None) -> None:
        """`abi`: no more of Landlock is used than this version of it has; None for all that the kernel has."""
        self.abi = landlock_abi() if abi is None else min(abi, landlock_abi())

    def start(
        self,
        mounts: Mounts,
        interpreter: Interpreter,
        limits: Limits,
        request: int,
        reply: int,
        *,
        scratch: Path | None,
        control_groups: bool,
    ) -> Launched:
        assert scratch is not None
        _refuse_what_belongs_to_others(mounts)
        places = Places(scratch, mounts, interpreter)
        writable = [os.fspath(places.temporary)]
        readable = places.readable
        (writable if mounts.is_writable else readable).append(os.fspath(places.workspace))
        plan = {
            "abi": self.abi, "readable": readable, "writable": writable,
            "devices": [each for each in DEVICES if os.path.exists(each)],
            # The second one forbids to lay another over it.
            "filters": [base64.b64encode(each).decode() for each in (self._own_filter(), program())],
        }  # fmt: skip
        return ProcessTree(places, limits, request, reply, confinement=plan, control_groups=control_groups)

    def _own_filter(self) -> bytes:
        # Before ABI 3 a file may be cut by its path although it may not be written.
        unknown = [*_UNKNOWN.values(), *([_TRUNCATE] if self.abi < 3 else [])]
        return overlay(_PRETENDED.values(), unknown, _ITSELF)


def _refuse_what_belongs_to_others(mounts: Mounts) -> None:
    """Root without its rights is a user like others, who may not write to their folders. Raises SandboxFailed."""
    if os.geteuid() != 0 or mounts.workspace is None or not mounts.is_writable:
        return
    told = mounts.workspace.stat()
    if told.st_uid != 0 and not told.st_mode & stat.S_IWOTH:
        raise SandboxFailed(
            f"the folder '{mounts.workspace}' belongs to another user, for whom root cannot write without its rights, which the"
            " backend 'landlock' takes from it. Start trivet as that user"
        )
