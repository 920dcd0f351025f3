"""What a planner or reflector in a worker reaches of the host during one call: fulfils `Services`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing

import msgspec

from ..errors import ModelError
from ..events import Event
from ..message import Message
from ..model import Delta, Embedder, GenerateRequest, Model
from ..plan import Json
from ..tool import ToolResult
from . import arrays
from .asks import Asks
from .channel import Channel
from .occurrences import occurrence
from .requests import (
    ModelFacts,
    Relayed,
    RelayedCall,
    RelayedEmbed,
    RelayedEvent,
    RelayedGenerate,
    RelayedMeasure,
)


class WorkerServices:
    def __init__(self, channel: Channel, asks: Asks, relay: int) -> None:
        self._channel = channel
        self._asks = asks
        self._relay = relay

    def model(self, role: str = "model") -> Model:
        facts = msgspec.convert(self._asks.ask("model", role, self._relay), ModelFacts)
        return RelayedModel(self._channel, self._relay, role, facts)

    def embedder(self) -> Embedder | None:
        name = self._asks.ask("embedder", relay=self._relay)
        return None if name is None else RelayedEmbedder(self._channel, self._relay, name)

    async def measure(self, messages: Sequence[Message]) -> int:
        measured = RelayedMeasure(self._relay, "", tuple(messages))
        tokens: int = await self._channel.request("services.measure", measured, int)
        return tokens

    def emit(self, event: Event) -> None:
        self._channel.note("services.emit", RelayedEvent(self._relay, occurrence(event)))

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        called = RelayedCall(self._relay, tool, dict(arguments))
        result: ToolResult = await self._channel.request("services.call", called, ToolResult)
        return result


class RelayedModel:
    """Fulfils `Model`."""

    def __init__(self, channel: Channel, relay: int, role: str, facts: ModelFacts) -> None:
        self.name = facts.name
        self.window = facts.window
        self.is_small = facts.is_small
        self.features = facts.features
        self._channel = channel
        self._relay = relay
        self._role = role

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        asked = RelayedGenerate(self._relay, self._role, request)
        async with aclosing(self._channel.stream("services.generate", asked, Delta)) as deltas:
            async for delta in deltas:
                yield delta

    async def measure(self, messages: Sequence[Message]) -> int:
        measured = RelayedMeasure(self._relay, self._role, tuple(messages))
        tokens: int = await self._channel.request("services.measure", measured, int)
        return tokens


class RelayedEmbedder:
    """Fulfils `Embedder`; `dimensions` is known from the first `embed` on."""

    def __init__(self, channel: Channel, relay: int, name: str) -> None:
        self.name = name
        self._channel = channel
        self._relay = relay
        self._dimensions: int | None = None

    @property
    def dimensions(self) -> int:
        if self._dimensions is None:
            raise ModelError(self.name, "has not embedded anything yet, so its dimensions are not known")
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        asked = RelayedEmbed(self._relay, tuple(texts))
        async with aclosing(self._channel.stream("services.embed", asked, arrays.Array | arrays.Piece)) as arriving:
            rows = await arrays.gathered(arriving, _never_shared)
        if self._dimensions is None:
            self._dimensions = await self._channel.request("services.dimensions", Relayed(self._relay), int)
        return rows


def _never_shared(head: arrays.Array) -> bytes:
    raise TypeError("a host shares no memory with a worker")
