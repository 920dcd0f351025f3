"""A sandbox started: a thread that starts bubblewrap and stays for as long as it lives.

Bubblewrap dies with the thread that started it, and the mounts of `Stage` are of that thread alone.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from trivet_sandbox import arguments as line
from trivet_sandbox.arguments import Mounts
from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.groups import ControlGroup
from trivet_sandbox.interpreter import Interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.seccomp import program
from trivet_sandbox.stage import Stage, own_user

PATIENCE = 20.0
"""Seconds in which bubblewrap must have made its namespaces."""
BURIAL = 10.0
"""Seconds in which the kernel ends all that is inside."""


class Launch:
    """`stdout`, `stderr`: what is written inside. `first`: process 1 inside, by its id on this machine; that is another's once
    the sandbox has ended, so it is only looked at."""

    def __init__(
        self,
        bubblewrap: Path,
        command: Sequence[str],
        mounts: Mounts,
        interpreter: Interpreter,
        limits: Limits,
        *,
        passed: tuple[int, ...],
        control_groups: bool,
    ) -> None:
        """Raises SandboxFailed, MachineUnsupported."""
        self._filter = program()
        self._bubblewrap, self._command, self._mounts = bubblewrap, command, mounts
        self._interpreter, self._limits, self._passed = interpreter, limits, passed
        self._is_over = threading.Event()
        self._is_started = threading.Event()
        self._errors: list[BaseException] = []
        self._process: subprocess.Popen[bytes] | None = None
        self.first = 0
        self._handle = -1
        self._closing = threading.Lock()
        self.group = ControlGroup(limits if control_groups else None)
        self._thread = threading.Thread(target=self._live, name="trivet sandbox", daemon=True)
        self._thread.start()
        self._is_started.wait()
        for error in self._errors:
            self._thread.join()
            self._leave()
            raise SandboxFailed(f"the sandbox could not be started: {error}") from error

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

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
        """End everything inside at once; what it has written can still be read. Any thread may."""
        with self._closing, contextlib.suppress(ProcessLookupError):
            if self._handle >= 0:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def kill(self) -> None:
        """End it and give everything back. Blocks until it has ended."""
        self.kill_inside()
        self._is_over.set()
        self._thread.join()
        self._leave()

    def _leave(self) -> None:
        with self._closing:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1

    def _live(self) -> None:
        try:
            bubblewrap, mounts, user = self._bubblewrap, self._mounts, None
            if os.geteuid() == 0:
                user = own_user()
                stage = Stage(user)
                mounts = stage.shown(mounts)
                if not bubblewrap.is_relative_to("/usr"):
                    bubblewrap = stage.program(bubblewrap)
            self._start(bubblewrap, mounts, user)
        except BaseException as error:  # told to whoever waits for the start
            self._errors.append(error)
            self.kill_inside()
        self._is_started.set()
        if not self._errors:
            self._is_over.wait()
        if self._process is not None:
            if self._handle >= 0:  # process 1 ends as the last one, and may need a moment to free much memory
                select.select([self._handle], [], [], BURIAL)
            self._process.kill()
            for stream in (self._process.stdout, self._process.stderr):
                assert stream is not None
                stream.close()
            self._process.wait()
        self.group.close()

    def _start(self, bubblewrap: Path, mounts: Mounts, user: int | None) -> None:
        info_read, info_write = os.pipe()
        block_read, block_write = os.pipe()
        filter_read, filter_write = os.pipe()
        ends = [info_write, block_read, filter_read]
        try:
            os.write(filter_write, self._filter)
            os.close(filter_write)
            head = line.arguments(
                bubblewrap, mounts, self._interpreter, self._limits,
                seccomp=filter_read, info=info_write, block=block_read,
            )  # fmt: skip
            self._process = subprocess.Popen(
                [*head, "--", *self._command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={}, cwd="/", pass_fds=(*ends, *self._passed),
                start_new_session=True,  # Ctrl-C is for the host, which then decides
                user=user, group=user, extra_groups=None if user is None else (),
            )  # fmt: skip
            for end in ends:
                os.close(end)
            ends.clear()
            self.first = self._told(info_read)
            self._handle = os.pidfd_open(self.first)  # it waits for us, so it is still the one that was told
            self.group.take(self.first)
            os.write(block_write, b"x")
        finally:
            for end in (*ends, info_read, block_write):
                os.close(end)

    def _told(self, info: int) -> int:
        """Process 1 inside. Raises SandboxFailed with what bubblewrap says."""
        found = b""
        deadline = time.monotonic() + PATIENCE
        while not found.rstrip().endswith(b"}"):
            if not select.select([info], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise SandboxFailed(f"bubblewrap made no namespaces within {PATIENCE:g} seconds")
            piece = os.read(info, 4096)
            if not piece:
                said = self.stderr.read().decode(errors="replace").strip()
                raise SandboxFailed(said or "bubblewrap ended without a word")
            found += piece
        return int(json.loads(found)["child-pid"])
