"""Two ways to run programs: in the sandbox, and as a bare process, which every attack must be able to get the better of."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from trivet_sandbox import Limits, Result, Session, read_file
from trivet_sandbox.backend import Backend
from trivet_sandbox.limits import MB

TIGHT = Limits(
    memory=160 * MB, processes=24, scratch=16 * MB, file=8 * MB, workspace=24 * MB, entries=300, files=64, output=65536
)
"""Bounds that an attack can break without harm to this machine."""


class Opened(Protocol):
    @property
    def is_open(self) -> bool: ...
    def run(self, code: str, timeout: float) -> Result: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Adapter:
    open: Callable[[Path, bool], Opened]
    read: Callable[[Path, str], bytes]


def sandbox(backend: Backend | None = None, *, control_groups: bool) -> Adapter:
    return Adapter(
        lambda workspace, is_writable: Session(
            workspace, is_writable=is_writable, limits=TIGHT, control_groups=control_groups, backend=backend
        ),
        lambda workspace, name: read_file(workspace, name, MB),
    )


_LOOP = """
import json, sys, traceback
session = {"__name__": "__main__"}
for line in sys.stdin:
    error = ""
    try:
        exec(json.loads(line), session)
    except BaseException as raised:
        error = "".join(traceback.format_exception(raised))
    print(json.dumps({"value": str(session.pop("VALUE", "")), "error": error}), flush=True)
"""


class BareProcess:
    """What one writes in an afternoon: programs in a Python of their own, answers as lines of JSON on its stdout."""

    is_open = True

    def __init__(self, workspace: Path, _: bool) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-c", _LOOP],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=workspace, text=True, errors="surrogateescape", close_fds=False,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def run(self, code: str, timeout: float) -> Result:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        begun = time.monotonic()
        said: list[str] = []
        while (left := begun + timeout - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                break
            if not line:
                return Result(stdout="".join(said), stderr="", status="died")
            try:
                told = json.loads(line)
                return Result(
                    stdout="".join(said), stderr="", status="ok", value=told["value"], error=told["error"]
                )  # fmt: skip
            except (ValueError, TypeError, KeyError):
                said.append(line)
        self.is_open = False
        self._process.kill()
        return Result(stdout="".join(said), stderr="", status="timeout")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")


def bare() -> Adapter:
    return Adapter(BareProcess, lambda workspace, name: Path(os.fspath(workspace), name).read_bytes())
