"""The host's log: structlog, to stderr, loaded after the arguments are parsed because it costs 100 ms."""

import sys
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


def configure_logs(*, debug: bool) -> None:
    """Warnings and worse on stderr, with `debug` everything; never on stdout, which belongs to answers and events."""
    import structlog

    level = 10 if debug else 30
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is when the logger is made
    )
