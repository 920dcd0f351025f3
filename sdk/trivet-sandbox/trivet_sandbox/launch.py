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
from trivet_sandbox.groups import ControlGroup
from trivet_sandbox.interpreter import Interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.seccomp import program
from trivet_sandbox.stage import Stage, own_user

PATIENCE = 20.0
"""Seconds in which bubblewrap must have made its namespaces."""


class SandboxFailed(Exception):
    """The sandbox could not be started; `str()` says why. Nothing was run."""


class Launch:
    """`stdout`, `stderr`: what is written inside. `first`: process 1 inside, by its id on this machine."""

    def __init__(
        self,
        bubblewrap: Path,
        command: Sequence[str],
        mounts: Mounts,
        interpreter: Interpreter,
        limits: Limits,
        passed: tuple[int, ...],
    ) -> None:
        """Raises SandboxFailed."""
        self._bubblewrap, self._command, self._mounts = bubblewrap, command, mounts
        self._interpreter, self._limits, self._passed = interpreter, limits, passed
        self._is_over = threading.Event()
        self._is_started = threading.Event()
        self._error: BaseException | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.first = 0
        self.group = ControlGroup(limits)
        self._thread = threading.Thread(target=self._live, name="trivet sandbox", daemon=True)
        self._thread.start()
        self._is_started.wait()
        if self._error is not None:
            self._thread.join()
            raise SandboxFailed(f"the sandbox could not be started: {self._error}") from self._error

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

    def kill_inside(self) -> None:
        """End everything inside at once; what it has written can still be read."""
        _kill(self.first)

    def kill(self) -> None:
        """End it and give everything back. Blocks until it has ended."""
        if self.first:
            _kill(self.first)
        if self._process is not None:
            self._process.kill()
        self._is_over.set()
        self._thread.join()

    def _live(self) -> None:
        stage: Stage | None = None
        try:
            mounts, user = self._mounts, None
            if os.geteuid() == 0:
                user = own_user()
                stage = Stage(user)
                mounts = stage.shown(mounts)
            self._start(mounts, user)
        except BaseException as error:  # told to whoever waits for the start
            self._error = error
            if self._process is not None:
                self._process.kill()
        self._is_started.set()
        if self._error is None:
            self._is_over.wait()
        if self._process is not None:
            for stream in (self._process.stdout, self._process.stderr):
                assert stream is not None
                stream.close()
            self._process.wait()
        self.group.close()
        if stage is not None:
            stage.close()

    def _start(self, mounts: Mounts, user: int | None) -> None:
        info_read, info_write = os.pipe()
        block_read, block_write = os.pipe()
        filter_read, filter_write = os.pipe()
        ends = [info_write, block_read, filter_read]
        try:
            os.write(filter_write, program())
            os.close(filter_write)
            head = line.arguments(
                self._bubblewrap, mounts, self._interpreter, self._limits,
                seccomp=filter_read, info=info_write, block=block_read,
            )  # fmt: skip
            identity = {} if user is None else {"user": user, "group": user, "extra_groups": ()}
            self._process = subprocess.Popen(
                [*head, "--", *self._command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env={}, cwd="/", pass_fds=(*ends, *self._passed), **identity,
            )  # fmt: skip
            for end in ends:
                os.close(end)
            ends.clear()
            self.first = self._told(info_read)
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


def _kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
