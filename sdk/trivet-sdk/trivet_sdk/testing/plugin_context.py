"""A plugin's context without a host."""

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from ..contributions import Contributions
from ..errors import PluginError, WeightsMissing
from ..events import Event
from ..model import Embedder
from ..plan import Json


class StandaloneContext:
    """A PluginContext whose directories lie in `folder`. `emitted` are the events that the plugin published, `contributed`
    what it added beside what `activate` yielded and has not taken back, `complaint` what it said last about being degraded;
    `publish` lets it hear an event."""

    def __init__(
        self,
        id: str,
        folder: Path,
        *,
        settings: Mapping[str, Json] | None = None,
        secrets: Mapping[str, str] | None = None,
        weights: Mapping[str, Path] | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.id = id
        self.settings = dict(settings or {})
        self.emitted: list[Event] = []
        self.contributed: list[Contributions] = []
        self.complaint = ""
        self._folder = folder
        self._secrets = dict(secrets or {})
        self._weights = dict(weights or {})
        self._embedder = embedder
        self._listeners: list[tuple[str, MemoryObjectSendStream[Event]]] = []
        self._subscribed = anyio.Event()

    @property
    def data_dir(self) -> Path:
        return self._directory("data")

    @property
    def cache_dir(self) -> Path:
        return self._directory("cache")

    @property
    def log(self) -> Any:
        import structlog  # 100 ms, which only a plugin that logs should pay

        return structlog.get_logger(plugin=self.id)

    def weights(self, name: str) -> Path:
        if name not in self._weights:
            raise WeightsMissing(name)
        return self._weights[name]

    def secret(self, name: str) -> str:
        if name not in self._secrets:
            raise PluginError(self.id, f"needs the secret '{name}', which is not set")
        return self._secrets[name]

    def embedder(self) -> Embedder | None:
        return self._embedder

    def emit(self, event: Event) -> None:
        self.emitted.append(event)
        self.publish(event)

    def publish(self, event: Event) -> None:
        """Let the plugin hear an event, as if another had published it."""
        for pattern, listener in self._listeners:
            if fnmatchcase(event.topic, pattern):
                listener.send_nowait(event)

    async def until_subscribed(self, pattern: str) -> None:
        """Return once somebody listens by this pattern, so that `publish` is not too early."""
        while not any(pattern == each for each, _ in self._listeners):
            self._subscribed = anyio.Event()
            await self._subscribed.wait()

    @asynccontextmanager
    async def subscribe(self, pattern: str) -> AsyncIterator[AsyncIterator[Event]]:
        send, receive = anyio.create_memory_object_stream[Event](math.inf)
        listener = (pattern, send)
        with send, receive:
            self._listeners.append(listener)
            self._subscribed.set()
            try:
                yield receive
            finally:
                self._listeners.remove(listener)

    @asynccontextmanager
    async def contribute(self, contributions: Contributions) -> AsyncIterator[None]:
        self.contributed.append(contributions)
        try:
            yield
        finally:
            self.contributed.remove(contributions)

    def degraded(self, reason: str) -> None:
        self.complaint = reason

    def _directory(self, kind: str) -> Path:
        path = self._folder / kind
        path.mkdir(parents=True, exist_ok=True)
        return path
