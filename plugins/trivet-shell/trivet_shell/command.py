"""One command of the shell, in a sandbox that lives as long as it does."""

from pathlib import Path
from threading import Lock

from trivet_sandbox import Limits, Result, Session
from trivet_sandbox.choice import Choice

_PROGRAM = "import subprocess as _subprocess\n_subprocess.run(['/bin/sh', '-c', {command!r}]).returncode"
"""Inside is a Python, whose streams the shell inherits."""


class Command:
    """For one run, in one thread; any other may `end` it."""

    def __init__(self, command: str) -> None:
        self._program = _PROGRAM.format(command=command)
        self._lock = Lock()
        self._session: Session | None = None
        self._is_ended = False

    def run(
        self, workspace: Path | None, timeout: float, *, is_writable: bool, limits: Limits, sandbox: Choice
    ) -> Result | None:
        """None if it was ended before it began. Blocks. Raises SandboxFailed, SandboxUnavailable."""
        backend = sandbox.backend()
        with Session(workspace, is_writable=is_writable, limits=limits, backend=backend) as session:
            with self._lock:
                if self._is_ended:
                    return None
                self._session = session
            try:
                return session.run(self._program, timeout)
            finally:
                with self._lock:
                    self._session = None

    def end(self) -> None:
        """At once, with all that it has started."""
        with self._lock:
            self._is_ended = True
            if self._session is not None:
                self._session.end()
