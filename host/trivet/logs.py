"""The host's log: structlog, to stderr and to a file in the home, loaded after the arguments are parsed because it costs
100 ms."""

import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any


class LateLogger:
    """Loads structlog at the first line that is written; until then a plugin's `context.log` costs nothing."""

    def __init__(self, **bound: Any) -> None:
        self._bound = bound
        self._logger: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._logger is None:
            import structlog

            if not structlog.is_configured():  # a program that embeds trivet may have its own wishes
                configure_logs(debug=False)
            self._logger = structlog.get_logger().bind(**self._bound)
        return getattr(self._logger, name)


class _Kept:
    """The log file of one scope, made at its first line. Any thread may write, also while the scope ends."""

    def __init__(self, home: Path, secrets: Callable[[], Iterable[str]]) -> None:
        self._home = home
        self._secrets = secrets
        self._lock = Lock()
        self._file: Any = None
        self._is_closed = False

    def write(self, line: MutableMapping[str, Any]) -> None:
        with self._lock:
            if self._is_closed:
                return
            if self._file is None:
                from trivet.log_file import LogFile  # with it comes the standard library's logging

                self._file = LogFile(self._home, self._secrets())
            self._file.write(line)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            if self._file is not None:
                self._file.close()


_kept: list[_Kept] = []
"""Of all open scopes, the innermost last: structlog's own configuration, which this becomes, is of the whole process, too."""


@contextmanager
def keep_log(home: Path, secrets: Callable[[], Iterable[str]]) -> Iterator[None]:
    """Within the scope lines go to `logs/trivet.log` in this home as well; `secrets` gives values that must not stand there."""
    kept = _Kept(home, secrets)
    _kept.append(kept)
    try:
        yield
    finally:
        _kept.remove(kept)
        kept.close()


def _also_kept(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for kept in _kept[-1:]:  # a copy: the watchdog's thread writes while a scope ends
        kept.write(line)
    return line


def configure_logs(*, debug: bool) -> None:
    """Warnings and worse on stderr, with `debug` everything; never on stdout, which belongs to answers and events."""
    import structlog

    level = 10 if debug else 30
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            _also_kept,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is when the logger is made
    )
