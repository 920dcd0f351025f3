"""What a plugin in a worker is handed at activation: fulfils `PluginContext`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from ..contributions import Contributions
from ..errors import PluginError
from ..events import Event
from ..model import Embedder
from .asks import Asks
from .channel import Channel
from .logs import WorkerLog
from .occurrences import Occurrence, event_of, occurrence
from .offering import Offering
from .requests import OWN, Start
from .services import RelayedEmbedder


class WorkerContext:
    def __init__(self, start: Start, channel: Channel, asks: Asks, offering: Offering) -> None:
        self.id = start.id
        self.settings: Mapping[str, Any] = start.settings
        self.data_dir = Path(start.data_dir)
        self.cache_dir = Path(start.cache_dir)
        self.log: Any = WorkerLog(start.id, channel)
        self._topics = frozenset(start.topics)
        self._channel = channel
        self._asks = asks
        self._offering = offering

    def weights(self, name: str) -> Path:
        return Path(self._asks.ask("weights", name))

    def secret(self, name: str) -> str:
        return str(self._asks.ask("secret", name))

    def embedder(self) -> Embedder | None:
        name = self._asks.ask("embedder", relay=OWN)
        return None if name is None else RelayedEmbedder(self._channel, OWN, name)

    def emit(self, event: Event) -> None:
        if event.topic not in self._topics:
            raise PluginError(self.id, f"publishes '{event.topic}', which its manifest does not declare as an event")
        self._channel.note("emit", occurrence(event))

    def degraded(self, reason: str) -> None:
        self._channel.note("degraded", reason)

    @asynccontextmanager
    async def subscribe(self, pattern: str) -> AsyncIterator[AsyncIterator[Event]]:
        async with aclosing(self._channel.stream("subscribe", pattern, Occurrence | None)) as arriving:
            await anext(arriving)  # None: from here on nothing is missed
            yield (event_of(sent) async for sent in arriving)

    @asynccontextmanager
    async def contribute(self, contributions: Contributions) -> AsyncIterator[None]:
        with self._offering.opened(contributions) as offer:
            async with aclosing(self._channel.stream("contribute", offer)) as scope:
                await anext(scope)
                yield
