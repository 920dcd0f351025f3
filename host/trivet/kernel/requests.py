"""What one process asks of every host on this home: a restart of a plugin, or to look at everything anew.

One small file a request in `home/requests`, written anew each time. A host looks at the folder about once a second;
what was asked before it began is done by having begun.
"""

import os
import time
from pathlib import Path

Stamps = dict[str, tuple[int, int]]
"""Plugin -> modification time and inode of its request. The inode differs even where the clock is coarse."""

EVERYTHING = ".everything"
"""Stands for no plugin: installed files have changed."""


class Requests:
    def __init__(self, home: Path) -> None:
        self._folder = home / "requests"

    def restart(self, plugin: str) -> None:
        """Raises OSError if the home cannot be written."""
        self._ask(plugin)

    def look(self) -> None:
        """Raises OSError if the home cannot be written."""
        self._ask(EVERYTHING)

    def stamps(self) -> Stamps:
        found: Stamps = {}
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if not entry.name.endswith("~"):
                        stat = entry.stat()
                        found[entry.name] = (stat.st_mtime_ns, stat.st_ino)
        except OSError:
            return found
        return found

    def _ask(self, name: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        written = self._folder / f"{name}.{os.getpid()}~"
        written.write_text(f"{time.time()}\n", encoding="utf-8")
        written.replace(self._folder / name)
