"""How each plugin last failed, kept so that the management commands can tell without trying again."""

import os
import time
from pathlib import Path

import msgspec


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    digest: str
    """Of the plugin's files then: a changed plugin has not failed yet."""
    time: float
    """Unix time in seconds."""
    reason: str
    traceback: str = ""


class Failures:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last(self, plugin: str, digest: str) -> Failure | None:
        try:
            failure = msgspec.json.decode(self._path(plugin).read_bytes(), type=Failure)
        except (OSError, msgspec.DecodeError):
            return None
        return failure if failure.digest == digest else None

    def keep(self, plugin: str, digest: str, reason: str, traceback: str) -> None:
        """A home that cannot be written costs only the memory."""
        path = self._path(plugin)
        failure = Failure(digest=digest, time=time.time(), reason=reason, traceback=traceback)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replaced = path.with_suffix(f".{os.getpid()}")
            replaced.write_bytes(msgspec.json.encode(failure))
            replaced.replace(path)
        except OSError:
            return

    def forget(self, plugin: str) -> None:
        try:
            self._path(plugin).unlink(missing_ok=True)
        except OSError:
            return

    def _path(self, plugin: str) -> Path:
        return self._folder / f"{plugin}.json"
