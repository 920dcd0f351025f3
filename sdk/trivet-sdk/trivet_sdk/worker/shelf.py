"""Where a worker keeps what it shares until the host has taken it."""

from collections.abc import Callable
from functools import partial

from . import arrays


class Shelf:
    """Descriptors of shared memory that the host has not opened yet."""

    SECONDS = 60.0
    """After which nobody will."""

    def __init__(self, later: Callable[[float, Callable[[], None]], object], close: Callable[[int], None]) -> None:
        self._later = later
        self._close = close
        self._open: set[int] = set()

    def share(self, content: memoryview) -> int:
        descriptor = arrays.shared(content)
        if descriptor >= 0:
            self._open.add(descriptor)
            self._later(self.SECONDS, partial(self.taken, descriptor))
        return descriptor

    def taken(self, descriptor: int) -> None:
        if descriptor in self._open:
            self._open.remove(descriptor)
            self._close(descriptor)
