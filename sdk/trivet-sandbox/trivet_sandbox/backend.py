"""Where a session's process comes from, and how far it is apart from the rest of the machine."""

import subprocess
from pathlib import Path
from typing import IO, Protocol

from trivet_sandbox.arguments import Mounts, command
from trivet_sandbox.groups import ControlGroup
from trivet_sandbox.interpreter import Interpreter
from trivet_sandbox.launch import Launch
from trivet_sandbox.limits import Limits
from trivet_sandbox.result import Isolation


class Launched(Protocol):
    """What was started: fulfilled by `Launch` and `ProcessTree`."""

    group: ControlGroup
    first: int
    """The process whose descendants are all that was started, itself included."""

    @property
    def process(self) -> "subprocess.Popen[bytes]": ...
    @property
    def stdout(self) -> IO[bytes]: ...
    @property
    def stderr(self) -> IO[bytes]: ...
    @property
    def has_ended(self) -> bool: ...
    def kill_inside(self) -> None: ...
    def kill(self) -> None: ...


class Backend(Protocol):
    @property
    def isolation(self) -> Isolation: ...

    @property
    def scratch(self) -> str | None:
        """What a temporary folder's name begins with, if it lies on a disk, where somebody must look at it."""
        ...

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
        """Start the interpreter that reads from one open descriptor and writes to the other. Raises SandboxFailed."""
        ...


class Namespaces:
    """Bubblewrap's: the whole of what a sandbox promises."""

    isolation: Isolation = "full"
    scratch = None

    def __init__(self, bubblewrap: Path) -> None:
        self._bubblewrap = bubblewrap

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
        return Launch(
            self._bubblewrap,
            list(command(interpreter, limits, request, reply)),
            mounts,
            interpreter,
            limits,
            passed=(request, reply),
            control_groups=control_groups,
        )
