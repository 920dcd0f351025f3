"""No sandbox at all: programs as processes of this user, for somebody who has agreed to that."""

import platform
import sys
from pathlib import Path

from trivet_sandbox.arguments import Mounts
from trivet_sandbox.backend import Launched
from trivet_sandbox.confirmation import is_confirmed
from trivet_sandbox.errors import SandboxFailed, SandboxUnavailable
from trivet_sandbox.interpreter import Interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.process_tree import Places, ProcessTree
from trivet_sandbox.result import Isolation


class Bare:
    """Fulfils `Backend`. Time, memory, output and processes are bounded all the same, and what a program leaves running ends
    with it, unless it takes pains to escape. Nothing chooses it by itself: it takes a confirmation."""

    isolation: Isolation = "none"
    scratch = "trivet-bare-"

    def __init__(self, subject: str, confirmed: object) -> None:
        """`confirmed` is what settings hold for `subject`. Raises SandboxFailed if it is not this machine's confirmation,
        SandboxUnavailable on another system than Linux."""
        if sys.platform != "linux":
            raise SandboxUnavailable(f"trivet bounds programs on Linux only, and this is {platform.system()}.")
        if not is_confirmed(subject, confirmed):
            raise SandboxFailed(
                f"'{subject}' is set, but not confirmed for this machine and user. If programs shall run without a sandbox, run"
                f" `trivet config set {subject} true` and agree; else `trivet config set {subject} --unset`"
            )

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
        places = Places(scratch, mounts, interpreter)
        return ProcessTree(places, limits, request, reply, confinement={}, control_groups=control_groups)
