"""How much room the home's disk has left, looked at once a second at most."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from trivet.errors import DiskShort

_EVERY = 1.0


class Room:
    """`wanted` in bytes; 0 looks at nothing."""

    def __init__(self, home: Path, wanted: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._wanted = wanted
        self._clock = clock
        self._looked = float("-inf")
        self._left = 0

    def shortage(self) -> DiskShort | None:
        """The error to end with, if there is less room than wanted."""
        if not self._wanted:
            return None
        if (now := self._clock()) - self._looked >= _EVERY:
            self._looked = now
            try:
                self._left = shutil.disk_usage(self._home).free
            except OSError:  # whoever writes there will say what is wrong with it
                self._left = self._wanted
        return DiskShort(self._home, self._left, self._wanted) if self._left < self._wanted else None
