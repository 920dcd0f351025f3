"""Somebody at a terminal: reads until something appears there, then types."""

import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.host.cli.plugin import clean_environment

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]")
PATIENCE = 30.0


class Typist:
    def __init__(self, pid: int, terminal: int) -> None:
        self.pid = pid
        self._terminal = terminal
        self._raw = b""
        self._read = 0
        """How much of the screen has been read."""

    @property
    def screen(self) -> str:
        """All that was ever shown, without what only moves and colours."""
        return ESCAPES.sub("", self._raw.decode("utf-8", "ignore")).replace("\r\n", "\n").replace("\r", "\n")

    def until(self, text: str) -> str:
        """Wait until the text appears behind what was waited for before; what stands in between."""
        deadline = time.monotonic() + PATIENCE
        while (place := self.screen.find(text, self._read)) < 0:
            assert time.monotonic() < deadline, f"{text!r} did not appear in {self.screen[self._read :]!r}"
            assert self._more() or text in self.screen[self._read :], f"ended before {text!r}: {self.screen!r}"
        between = self.screen[self._read : place]
        self._read = place + len(text)
        return between

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def left(self) -> int:
        """Wait for the end. The exit code, or minus the signal."""
        deadline = time.monotonic() + PATIENCE
        while self._more():
            assert time.monotonic() < deadline, self.screen
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _more(self) -> bool:
        """False once the other end is closed."""
        if select.select([self._terminal], [], [], 0.1)[0]:
            try:
                self._raw += os.read(self._terminal, 65536)
            except OSError:
                return False
        return True


@contextmanager
def at_terminal(folder: Path, environment: dict[str, str], *arguments: str) -> Iterator[Typist]:
    """`trivet ARGS` in a terminal of 200 columns."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        more = {"TERM": "xterm-256color", "COLUMNS": "200", "LINES": "50", "PROMPT_TOOLKIT_NO_CPR": "1"}
        os.execve(
            sys.executable, [sys.executable, "-m", "trivet", *arguments], {**clean_environment(), **more, **environment}
        )
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    try:
        yield Typist(pid, terminal)
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(terminal)
