"""`logs/trivet.log` in the home: what all hosts have to say, a bounded number of lines, without secrets.

Several processes append to one file. Each line is one write, which the kernel appends whole; who finds the file too long
renames it, under a lock, and the others notice that the file they have open is no longer the one of that name.
"""

import logging
import traceback
from collections.abc import Iterable, Mapping
from contextlib import suppress
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from trivet.locking import locked
from trivet.redaction import Redaction

MOST = 1_000_000
"""Bytes of one file."""
KEPT = 4
"""Older files beside it."""


class LogFile:
    """Never raises: a log that cannot be written is no reason to stop."""

    def __init__(self, home: Path, secrets: Iterable[str] = (), most: int = MOST) -> None:
        self._folder = home / "logs"
        self._path = self._folder / "trivet.log"
        self._most = most
        self._redaction = Redaction(secrets)
        self._handler: WatchedFileHandler | None = None

    def write(self, line: Mapping[str, Any]) -> None:
        """A line as structlog has it: `event`, `level`, `timestamp`, and more."""
        more = {key: value for key, value in line.items() if key not in ("event", "level", "timestamp", "exc_info")}
        said = " ".join((str(line.get("event", "")), *(f"{key}={value!r}" for key, value in more.items())))
        error = line.get("exc_info")
        if isinstance(error, BaseException):
            said = f"{said}\n{''.join(traceback.format_exception(error)).rstrip()}"
        text = self._redaction.text(f"{line.get('timestamp', '')} {line.get('level', '')} {said}")
        with suppress(OSError):
            self._append(text.replace("\n", "\n    "))

    def close(self) -> None:
        if self._handler is not None:
            self._handler.close()
            self._handler = None

    def _append(self, text: str) -> None:
        if self._handler is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handler = WatchedFileHandler(self._path, encoding="utf-8", errors="backslashreplace")
            self._handler.handleError = lambda record: None  # type: ignore[method-assign]
        with suppress(FileNotFoundError):
            if self._path.stat().st_size > self._most:
                self._rotate()
        self._handler.handle(logging.LogRecord("trivet", logging.WARNING, "", 0, text, None, None))

    def _rotate(self) -> None:
        with locked(self._folder / ".lock"):
            if self._path.stat().st_size <= self._most:
                return  # another process was first
            for number in range(KEPT, 0, -1):
                older = self._path.with_name(f"trivet.log.{number}")
                newer = self._path.with_name(f"trivet.log.{number - 1}") if number > 1 else self._path
                with suppress(FileNotFoundError):
                    newer.replace(older)
