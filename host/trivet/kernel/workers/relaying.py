"""What a worker may call of the host: its context, and what it was lent for one call."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import anyio

from trivet.kernel.context import HostContext
from trivet.kernel.workers.line import Relays
from trivet.kernel.workers.output import printable
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import ModelError, PluginError
from trivet_sdk.tool import ToolResult
from trivet_sdk.worker import arrays
from trivet_sdk.worker.incoming import Incoming, Served
from trivet_sdk.worker.occurrences import Occurrence, event_of, occurrence
from trivet_sdk.worker.payload import unpacked
from trivet_sdk.worker.requests import (
    OWN,
    GetBlob,
    LogLine,
    ModelFacts,
    Offer,
    Progress,
    PutBlob,
    Relayed,
    RelayedCall,
    RelayedEmbed,
    RelayedEvent,
    RelayedGenerate,
    RelayedMeasure,
)

PIECE = 1024 * 1024
LEVELS = frozenset({"debug", "info", "warning", "error", "critical"})
LARGEST_BLOB = 1 << 30
"""Bytes that a worker may put into the blob store at once, in one blob or several, since they are gathered in memory."""


class Relaying:
    """`stand_in` makes contributions of an offer."""

    def __init__(self, context: HostContext, relays: Relays, stand_in: Callable[[Offer], Contributions]) -> None:
        self._context = context
        self._relays = relays
        self._stand_in = stand_in

    def methods(self) -> Mapping[str, Served]:
        return {
            "blobs.put": Served(PutBlob, self._put),
            "blobs.get": Served(GetBlob, self._get),
            "services.generate": Served(RelayedGenerate, self._generate),
            "services.measure": Served(RelayedMeasure, self._measure),
            "services.embed": Served(RelayedEmbed, self._embed),
            "services.dimensions": Served(Relayed, self._dimensions),
            "services.call": Served(RelayedCall, self._call),
            "packer.measure": Served(RelayedMeasure, self._packer_measure),
            "gateway.receive": Served(int, self._receive),
            "subscribe": Served(str, self._subscribe),
            "contribute": Served(Offer, self._contribute),
        }

    def answers(self) -> Mapping[str, Callable[[int, str], Any]]:
        """What is asked without awaiting."""
        return {
            "secret": lambda relay, name: self._context.secret(name),
            "weights": lambda relay, name: str(self._context.weights(name)),
            "model": self._facts,
            "embedder": self._embedder,
        }

    def noted(self, name: str, value: Any) -> None:
        """What is said in passing."""
        try:
            match name:
                case "progress":
                    said = unpacked(value, Progress)
                    self._relays.find(said.relay).progress(said.done, said.total, said.message)
                case "emit":
                    self._context.emit(event_of(unpacked(value, Occurrence)))
                case "degraded":
                    self._context.degraded(unpacked(value, str))
                case "services.emit":
                    told = unpacked(value, RelayedEvent)
                    self._relays.find(told.relay).emit(event_of(told.event))
                case "log":
                    self._log(unpacked(value, LogLine))
        except Exception as error:  # a call that has ended meanwhile has nobody to tell; else it is the plugin's fault
            self._context.log.info("said in vain", what=printable(name), error=printable(str(error)))

    def _log(self, line: LogLine) -> None:
        level = line.level if line.level in LEVELS else "info"
        fields = {printable(name): _lines(value) for name, value in line.fields.items() if name != "event"}
        getattr(self._context.log, level)(printable(line.event), **fields)

    async def _put(self, put: PutBlob, incoming: Incoming) -> str:
        blobs = self._relays.find(put.relay).blobs
        uploads = self._relays.uploads.setdefault(put.relay, {})
        content = uploads.setdefault(put.upload, bytearray())
        if self._gathered() + len(put.content) > LARGEST_BLOB:
            del uploads[put.upload]
            raise PluginError(
                self._context.id, f"puts blobs of more than {LARGEST_BLOB} bytes at once. Write them to files."
            )
        content += put.content
        if not put.is_last:
            return ""
        del uploads[put.upload]
        blob: str = await blobs.put(bytes(content), put.media_type)
        return blob

    def _gathered(self) -> int:
        return sum(len(content) for uploads in self._relays.uploads.values() for content in uploads.values())

    async def _get(self, get: GetBlob, incoming: Incoming) -> AsyncIterator[bytes]:
        content: bytes = await self._relays.find(get.relay).blobs.get(get.blob)
        for start in range(0, max(len(content), 1), PIECE):
            yield content[start : start + PIECE]

    def _facts(self, relay: int, role: str) -> ModelFacts:
        model = self._relays.find(relay).model(role)
        return ModelFacts(0, model.name, model.window, model.is_small, frozenset(model.features))

    def _embedder(self, relay: int, word: str) -> str | None:
        embedder = self._lender(relay).embedder()
        return None if embedder is None else str(embedder.name)

    async def _generate(self, asked: RelayedGenerate, incoming: Incoming) -> AsyncIterator[Any]:
        deltas = self._relays.find(asked.relay).model(asked.role).generate(asked.request)
        try:
            async for delta in deltas:
                yield delta
        finally:
            if (close := getattr(deltas, "aclose", None)) is not None:
                await close()

    async def _measure(self, asked: RelayedMeasure, incoming: Incoming) -> int:
        services = self._relays.find(asked.relay)
        measure = services.model(asked.role).measure if asked.role else services.measure
        tokens: int = await measure(asked.messages)
        return tokens

    async def _embed(self, asked: RelayedEmbed, incoming: Incoming) -> AsyncIterator[Any]:
        rows = await self._lent_embedder(asked.relay).embed(asked.texts)
        for piece in arrays.pieces(rows, lambda content: -1):
            yield piece

    async def _dimensions(self, asked: Relayed, incoming: Incoming) -> int:
        return int(self._lent_embedder(asked.relay).dimensions)

    async def _call(self, asked: RelayedCall, incoming: Incoming) -> ToolResult:
        result: ToolResult = await self._relays.find(asked.relay).call(asked.tool, asked.arguments)
        return result

    async def _packer_measure(self, asked: RelayedMeasure, incoming: Incoming) -> int:
        tokens: int = await self._relays.find(asked.relay)(asked.messages)
        return tokens

    async def _receive(self, relay: int, incoming: Incoming) -> Any:
        return await self._relays.find(relay)()

    async def _subscribe(self, pattern: str, incoming: Incoming) -> AsyncIterator[Occurrence | None]:
        async with self._context.subscribe(pattern) as events:
            yield None
            async for event in events:
                yield occurrence(event)

    async def _contribute(self, offer: Offer, incoming: Incoming) -> AsyncIterator[None]:
        async with self._context.contribute(self._stand_in(offer)):
            yield None
            await anyio.sleep_forever()

    def _lent_embedder(self, relay: int) -> Any:
        embedder = self._lender(relay).embedder()
        if embedder is None:
            raise ModelError("embedder", "is provided by no enabled plugin")
        return embedder

    def _lender(self, relay: int) -> Any:
        """Who lends an embedder: the plugin's context, else what it was lent for one call."""
        return self._context if relay == OWN else self._relays.find(relay)


def _lines(text: str) -> str:
    """A traceback keeps its lines, and nothing else that a terminal would obey."""
    return "\n".join(printable(line) for line in text.splitlines())
