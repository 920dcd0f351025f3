"""Processes that no namespace holds together: all that a reaper of our own is the forefather of.

The reaper (`inside/reaper.py`) adopts what its descendants leave behind, and ends them all when it is told to, when the
interpreter ends, or when this process dies.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from trivet_sandbox.arguments import Mounts, environment
from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.groups import ControlGroup
from trivet_sandbox.interpreter import HOME, Interpreter
from trivet_sandbox.limits import Limits

PATIENCE = 20.0
"""Seconds in which the interpreter must have been forked."""
BURIAL = 10.0
"""Seconds in which the reaper ends all that it has started."""


class Places:
    """Where programs find on this machine itself what a sandbox would show them, in a temporary folder of theirs:
    `tmp`, `modules`, `attachments` and the code that serves a session, links all but the first."""

    def __init__(self, scratch: Path, mounts: Mounts, interpreter: Interpreter) -> None:
        self.scratch = scratch
        self.mounts = mounts
        self.interpreter = interpreter
        self.temporary = scratch / "tmp"
        self.workspace = mounts.workspace or self.temporary / "workspace"
        self.attachments = scratch / "attachments"
        self._modules = scratch / "modules"
        self._inside = scratch / "trivet" / "trivet_sandbox" / "inside"

    def lay(self) -> None:
        """Raises OSError."""
        for folder in (self.temporary, self._modules, self.attachments, self._inside.parent):
            folder.mkdir(parents=True)
        self.workspace.mkdir(exist_ok=True)
        for each in self.mounts.modules:
            (self._modules / each.name).symlink_to(each.resolve())
        for name, each in self.mounts.attachments.items():
            (self.attachments / name).symlink_to(each.resolve())
        self._inside.symlink_to(self.mounts.inside)

    @property
    def program(self) -> Path:
        """The interpreter, where it lies on this machine."""
        prefix, program = self.mounts.interpreter, self.interpreter.program
        return program if prefix is None else prefix / program.relative_to(HOME)

    @property
    def reaper(self) -> Path:
        return self._inside / "reaper.py"

    @property
    def packages(self) -> list[str]:
        return [*(os.fspath(each) for each in self.mounts.packages), os.fspath(self._modules)]

    @property
    def readable(self) -> list[str]:
        """All that programs may read, beside their workspace: folders and files."""
        mounts = self.mounts
        found = [Path("/usr"), *(Path("/", name) for name in ("bin", "sbin", "lib", "lib32", "lib64"))]
        found += [self.scratch, mounts.inside, *mounts.packages, *mounts.modules, *mounts.attachments.values()]
        found += [mounts.interpreter] if mounts.interpreter is not None else []
        return [os.fspath(each.resolve()) for each in found if each.exists()]

    def environment(self) -> Mapping[str, str]:
        inside, libraries = self._inside, self.program.parent.parent / "lib"
        found = {
            **environment(self.interpreter),
            "HOME": os.fspath(self.temporary),
            "TMPDIR": os.fspath(self.temporary),
            "MPLCONFIGDIR": os.fspath(self.temporary / "matplotlib"),
            "FONTCONFIG_FILE": os.fspath(inside / "fonts.conf"),
        }
        return found if self.mounts.interpreter is None else {**found, "LD_LIBRARY_PATH": os.fspath(libraries)}


class ProcessTree:
    """Fulfils `Launched`. `first` is the reaper."""

    def __init__(
        self,
        places: Places,
        limits: Limits,
        request: int,
        reply: int,
        *,
        confinement: Mapping[str, Any],
        control_groups: bool,
    ) -> None:
        """`confinement`: what `inside/confinement.py` does to the interpreter. Raises SandboxFailed."""
        self.group = ControlGroup(limits if control_groups else None)
        self._scratch = places.scratch
        self._closing = threading.Lock()
        life_read, self._life = os.pipe()
        told_read, told_write = os.pipe()
        ends = [life_read, told_write]
        try:
            places.lay()
            plan = {
                "life": life_read, "told": told_write, "requests": request, "replies": reply,
                "scratch": os.fspath(places.scratch), "confinement": dict(confinement), "bounds": {
                    "memory": limits.memory, "file": limits.file, "files": limits.files,
                    "processes": _threads_of_this_user() + limits.processes, "packages": places.packages,
                },
            }  # fmt: skip
            self.process = subprocess.Popen(
                [os.fspath(places.program), "-I", "-S", "-u", os.fspath(places.reaper), json.dumps(plan)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=dict(places.environment()), cwd=places.workspace, pass_fds=(*ends, request, reply),
                start_new_session=True,  # Ctrl-C is for the host, which then decides
            )  # fmt: skip
        except OSError as error:
            os.close(self._life)
            os.close(told_read)
            raise SandboxFailed(f"the interpreter could not be started: {error}") from error
        finally:
            for end in ends:
                os.close(end)
        self.first = self.process.pid
        self._handle = os.pidfd_open(self.first)
        try:
            self.group.take(self._told(told_read))
            os.write(self._life, b"g")
        except BaseException:
            self.kill()
            raise
        finally:
            os.close(told_read)

    @property
    def stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def stderr(self) -> IO[bytes]:
        assert self.process.stderr is not None
        return self.process.stderr

    @property
    def has_ended(self) -> bool:
        return self._handle < 0 or bool(select.select([self._handle], [], [], 0)[0])

    def kill_inside(self) -> None:
        """Have everything ended at once; what was written can still be read. Any thread may."""
        with self._closing:
            if self._life >= 0:
                os.close(self._life)
                self._life = -1

    def kill(self) -> None:
        """End it and give everything back. Blocks until it has ended."""
        self.kill_inside()
        if self._handle >= 0:
            select.select([self._handle], [], [], BURIAL)
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            for stream in (self.stdout, self.stderr):
                stream.close()
            self.process.wait()
            os.close(self._handle)
            self._handle = -1
            shutil.rmtree(self._scratch, ignore_errors=True)  # if the reaper did not come to it
        self.group.close()

    def _told(self, told: int) -> int:
        """The interpreter's process. Raises SandboxFailed."""
        found = b""
        while not found.endswith(b"\n"):
            piece = os.read(told, 64) if select.select([told], [], [], PATIENCE)[0] else b""
            if not piece:
                said = self.stderr.read().decode(errors="replace").strip() if self.has_ended else ""
                raise SandboxFailed(f"the interpreter could not be started: {said or 'it did not say that it began'}")
            found += piece
        return int(found)


def new_scratch(prefix: str) -> Path:
    """The reaper removes it once everything has ended."""
    return Path(tempfile.mkdtemp(prefix=prefix)).resolve()


def _threads_of_this_user() -> int:
    """The kernel's bound on processes counts all of a user, these included."""
    user, found = os.getuid(), 0
    for each in os.listdir("/proc"):
        if each.isdecimal():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{each}").st_uid == user:
                    found += len(os.listdir(f"/proc/{each}/task"))
    return found
