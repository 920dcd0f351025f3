"""Sessions that nobody has used yet, some of them started beforehand."""

import threading
from pathlib import Path

from trivet_python.beside import modules_of
from trivet_python.building import Environment
from trivet_python.settings import Settings
from trivet_sandbox import Interpreter, Pool, SandboxFailed, Session, this_interpreter
from trivet_sdk import Workspace


class FreshSessions:
    """Those started beforehand are for the workspace that was asked for last, as the next run most often has the same."""

    def __init__(self, settings: Settings, environment: Environment) -> None:
        """`environment` must be ready when the first one is taken."""
        self._settings = settings
        self._environment = environment
        self._turn = threading.Lock()
        self._interpreter: Interpreter | None = None
        self._pool: Pool | None = None
        self._root: Path | None = None
        self._is_over = False

    def take(self, workspace: Workspace) -> Session:
        """Blocks. From any thread. Raises SandboxFailed, also once this is closed: nobody would end that session."""
        session = self._taken(workspace)
        if self._is_over:
            session.close()
            raise SandboxFailed("the interpreter has been shut down.")
        return session

    def _taken(self, workspace: Workspace) -> Session:
        if workspace.attachments or not self._settings.spare:
            return self._started(workspace)
        with self._turn:
            if self._is_over:
                raise SandboxFailed("the interpreter has been shut down.")
            if self._pool is None or self._root != workspace.root:
                if self._pool is not None:
                    self._pool.close()
                self._root = workspace.root
                self._pool = Pool(lambda: self._started(workspace), self._settings.spare)
            pool = self._pool
        return pool.take()

    def close(self) -> None:
        """Blocks."""
        with self._turn:
            self._is_over = True
            if self._pool is not None:
                self._pool.close()
            self._pool = None

    def _started(self, workspace: Workspace) -> Session:
        if self._interpreter is None:
            site = self._environment.site
            self._interpreter = this_interpreter(
                packages=() if site is None else (site,), modules=modules_of(self._settings.beside)
            )
        return Session(
            workspace.root,
            is_writable=self._settings.is_writable,
            limits=self._settings.limits,
            interpreter=self._interpreter,
            attachments=workspace.attachments,
            backend=self._settings.sandbox.backend(),
        )
