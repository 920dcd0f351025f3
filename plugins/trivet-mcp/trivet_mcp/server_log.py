"""What a server says of itself, in our log: bounded, readable, with its name."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from trivet_mcp.visible import one_line

LINES, SECONDS = 50, 10.0
"""So many lines in so many seconds are written; the rest is counted."""
_LEVELS = {"notice": "info", "critical": "error", "alert": "error", "emergency": "error"}


class ServerLog:
    def __init__(self, log: Any, server: str) -> None:
        self._log = log
        self._server = server
        self._since = time.monotonic()
        self._lines = 0

    def write(self, level: str, text: str) -> None:
        """`level` is one of MCP's, which are syslog's."""
        now = time.monotonic()
        if now - self._since > SECONDS:
            if self._lines > LINES:
                self._log.warning(f"{self._lines - LINES} more lines were left out", server=self._server)
            self._since, self._lines = now, 0
        self._lines += 1
        if self._lines <= LINES:
            level = _LEVELS.get(level, level)
            getattr(self._log, level if level in ("debug", "info", "warning", "error") else "info")(
                one_line(text, 500), server=self._server
            )


@contextmanager
def sdk_logged(log: Any) -> Iterator[None]:
    """What the SDK logs by itself goes into our log, at `debug`: else Python writes it to the terminal, where a server
    could have it write whatever it likes."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            log.debug(one_line(record.getMessage(), 500))

    handler = Handler()
    loggers = [logging.getLogger("mcp"), logging.getLogger("client")]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagated in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagated
