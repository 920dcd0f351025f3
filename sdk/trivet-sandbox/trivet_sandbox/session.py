"""Programs run one after the other in one sandbox: what one defines, the next one finds."""

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from trivet_sandbox.answer import figures_of, frame, table_of, text_of
from trivet_sandbox.arguments import ATTACHMENTS, Mounts
from trivet_sandbox.backend import Backend, Namespaces
from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.exchange import Exchange, drain, exchange
from trivet_sandbox.interpreter import Interpreter, this_interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.process_tree import new_scratch
from trivet_sandbox.readiness import usable_bubblewrap
from trivet_sandbox.result import SENTENCES, Isolation, Result, Status, plain
from trivet_sandbox.watch import Watch, family

START = 30.0
"""Seconds in which the interpreter must be ready."""


class Session:
    """A context manager, for one thread at a time but for `end`, which any thread may call."""

    def __init__(
        self,
        workspace: Path | str | None = None,
        *,
        is_writable: bool = True,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        interpreter: Interpreter | None = None,
        control_groups: bool = True,
        attachments: Mapping[str, Path] = MappingProxyType({}),
        bubblewrap: Path | None = None,
        backend: Backend | None = None,
    ) -> None:
        """Start the interpreter. Blocks for about 50 ms.

        `workspace`: the folder that is seen as `/workspace`, where programs begin; without one that is an empty folder in
        memory. `control_groups`: False watches memory from outside even where a control group could bound it.
        `attachments`: files that are seen, read-only, under these names in `/attachments`.
        `bubblewrap`: None takes the one that has passed the self-test here; another is taken as it is. `backend`: what takes
        its place where somebody has asked for less by name, `reduced_backend()` for instance.

        Raises SandboxFailed, SandboxUnavailable, NotADirectoryError.
        """
        folder = None if workspace is None else Path(workspace).resolve()
        if folder is not None and not folder.is_dir():
            raise NotADirectoryError(f"the workspace '{workspace}' is not a folder")
        interpreter = interpreter or this_interpreter()
        self._limits = limits
        self._is_open = False
        mounts = Mounts(
            interpreter=interpreter.prefix,
            packages=interpreter.packages,
            modules=interpreter.modules,
            attachments=attachments,
            inside=Path(__file__).parent / "inside",
            workspace=folder,
            is_writable=is_writable,
        )
        backend = backend or Namespaces(bubblewrap or usable_bubblewrap())
        self.isolation: Isolation = backend.isolation
        self.scratch = None if backend.scratch is None else new_scratch(backend.scratch)
        request_read, self._requests = os.pipe()
        self._replies, reply_write = os.pipe()
        try:
            self._launch = backend.start(
                mounts,
                interpreter,
                limits,
                request_read,
                reply_write,
                scratch=self.scratch,
                control_groups=control_groups,
            )
        except BaseException:
            for end in (self._requests, self._replies):
                os.close(end)
            if self.scratch is not None:
                shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        finally:
            os.close(request_read)
            os.close(reply_write)
        try:
            self._watch = Watch(self._launch, limits, folder if is_writable else None, self.scratch)
        except BaseException:  # e.g. the workspace has gone
            self._launch.kill()
            for end in (self._requests, self._replies):
                os.close(end)
            raise
        for descriptor in (self._launch.stdout.fileno(), self._launch.stderr.fileno(), self._requests, self._replies):
            os.set_blocking(descriptor, False)
        self._is_open = True
        try:
            ready = self._exchanged(b"", "", START)
        except BaseException:
            self.close()
            raise
        if ready.status != "ok":
            self.close()
            said = ready.stderr.strip() or ready.error
            raise SandboxFailed(f"the interpreter does not start in the sandbox: {said}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def attachments(self) -> Path:
        """Where programs find them."""
        return Path(ATTACHMENTS) if self.scratch is None else self.scratch / "attachments"

    @property
    def is_open(self) -> bool:
        """False once a program was ended or has ended its process: then nothing more can be run here."""
        return self._is_open

    @property
    def is_alive(self) -> bool:
        """Whether its process is still there, too; it may have been killed while nobody was using it."""
        return self._is_open and not self._launch.has_ended

    @property
    def processes(self) -> tuple[int, ...]:
        """All that run for it, by their ids on this machine: bubblewrap's two first, or the reaper."""
        return tuple(dict.fromkeys((self._launch.process.pid, *family(self._launch.first))))

    def run(self, code: str, timeout: float) -> Result:
        """Run a program for at most so many seconds. Blocks. Raises SandboxFailed if the session is over."""
        if not self._is_open:
            raise SandboxFailed("the session is over, and what was defined in it is lost; open another")
        id = secrets.token_hex(16)
        return self._exchanged(frame({"id": id, "code": plain_code(code)}), id, timeout)

    def end(self) -> None:
        """End everything inside at once; a `run` in another thread then returns, with `died`."""
        self._launch.kill_inside()

    def close(self) -> None:
        """End everything inside and give all back. Blocks for a moment."""
        if self._replies >= 0:
            self._is_open = False
            self._watch.stop()
            self._launch.kill()
            os.close(self._requests)
            os.close(self._replies)
            self._requests = self._replies = -1

    def _exchanged(self, request: bytes, id: str, timeout: float) -> Result:
        begun = time.monotonic()
        out, err = self._launch.stdout, self._launch.stderr
        with self._watch.closely():
            told = exchange(
                request, self._requests, self._replies, out, err, id=id, timeout=timeout, most=self._limits.output
            )
        if told.end != "answered":
            self._is_open = False
            self._launch.kill_inside()
        drain(told, out, err)
        status, error = self._verdict(told, timeout)
        return Result(
            stdout=plain(told.stdout.text()),
            stderr=plain(told.stderr.text()),
            status=status,
            error=error,
            value=text_of(told.answer, "value"),
            table=table_of(told.answer),
            figures=tuple(figures_of(told.answer)),
            seconds=time.monotonic() - begun,
            is_cut=told.stdout.is_cut or told.stderr.is_cut,
            isolation=self.isolation,
        )

    def _verdict(self, told: Exchange, timeout: float) -> tuple[Status, str]:
        if told.end == "answered":
            return ("error" if told.answer.get("status") == "error" else "ok"), text_of(told.answer, "error")
        reason = self._watch.reason or ("memory" if self._launch.group.was_out_of_memory else "")
        if reason:
            return "killed", SENTENCES[reason]
        if told.end == "late":
            return "timeout", SENTENCES["timeout"].format(timeout)
        return "died", SENTENCES["died"]


def plain_code(code: str) -> str:
    """A program as it can be sent: half a surrogate pair is no character."""
    return code.encode("utf-8", "replace").decode()
