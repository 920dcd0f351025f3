"""Sessions that are started before anybody asks."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Self

from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.session import Session


class Pool:
    """A context manager that keeps `size` fresh sessions. Every one is given out once: none is used by two."""

    def __init__(self, start: Callable[[], Session], size: int = 1) -> None:
        """`start` makes a session; it is called in threads of the pool's own."""
        self._start = start
        self._size = size
        self._spare: deque[Session] = deque()
        self._change = threading.Condition(threading.RLock())
        self._starting = 0
        self._is_over = False

    def __enter__(self) -> Self:
        self._refill()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self) -> Session:
        """A fresh session, which is the caller's to close: at once if one is ready, else as soon as one is. Raises what
        `start` raises."""
        with self._change:
            while self._spare:
                session = self._spare.popleft()
                self._refill()
                if session.is_alive:
                    return session
                session.close()
        try:
            return self._start()
        finally:
            self._refill()

    def wait(self, timeout: float) -> bool:
        """Until all are ready; whether they are. Blocks."""
        with self._change:
            return self._change.wait_for(lambda: len(self._spare) >= self._size, timeout)

    def close(self) -> None:
        """End those that nobody has taken. Blocks until they have ended."""
        with self._change:
            self._is_over = True
            self._change.wait_for(lambda: self._starting == 0)
            while self._spare:
                self._spare.popleft().close()

    def _refill(self) -> None:
        with self._change:
            if self._is_over or self._starting or len(self._spare) >= self._size:
                return
            self._starting += 1
        threading.Thread(target=self._add, name="trivet sandbox pool", daemon=True).start()

    def _add(self) -> None:
        session: Session | None = None
        try:
            session = self._start()
        except (SandboxFailed, OSError):
            pass  # whoever takes one then tries again, and is told
        finally:
            with self._change:
                self._starting -= 1
                if session is not None:
                    self._spare.append(session)
                self._change.notify_all()
        if session is not None:
            self._refill()
