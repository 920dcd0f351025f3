"""A plugin's log in a worker: its lines go to the host, which writes them with the plugin's id."""

from collections.abc import MutableMapping
from typing import Any

from .channel import Channel
from .requests import LogLine


class WorkerLog:
    """Loads structlog at the first line that is written, as the host does."""

    def __init__(self, plugin: str, channel: Channel) -> None:
        self._plugin = plugin
        self._channel = channel
        self._logger: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._logger is None:
            import structlog

            processors: list[Any] = [
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.format_exc_info,
                self._sent,
            ]
            wrapper = structlog.make_filtering_bound_logger(0)
            self._logger = structlog.wrap_logger(None, processors=processors, wrapper_class=wrapper)
        return getattr(self._logger, name)

    def _sent(self, logger: Any, method: str, line: MutableMapping[str, Any]) -> Any:
        import structlog

        level = str(line.pop("level", method))
        event = str(line.pop("event", ""))
        fields = {str(name): str(value) for name, value in line.items()}
        self._channel.note("log", LogLine(level, event, fields))
        raise structlog.DropEvent
