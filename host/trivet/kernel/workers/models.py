"""Model backends, models and embedders in a worker."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from trivet.errors import CallInterrupted
from trivet.kernel.workers.line import Line
from trivet_sdk.errors import ModelError, ModelUnavailable
from trivet_sdk.message import Message
from trivet_sdk.model import Delta, GenerateRequest
from trivet_sdk.worker import arrays
from trivet_sdk.worker.requests import Embed, Generate, Measure, ModelFacts, OpenModel


class WorkerBackend:
    """Fulfils `ModelBackend`."""

    def __init__(self, line: Line, handle: int, name: str) -> None:
        self._line = line
        self._handle = handle
        self._name = name

    async def open(self, name: str, definition: Mapping[str, Any]) -> "WorkerModel":
        request = OpenModel(self._handle, name, msgspec.to_builtins(dict(definition)))
        facts: ModelFacts = await self._line.request(
            "model.open", request, ModelFacts, doing=f"model backend {self._name}", lost=_unavailable(name)
        )
        return WorkerModel(self._line, facts)


class WorkerModel:
    """Fulfils `Model`."""

    def __init__(self, line: Line, facts: ModelFacts) -> None:
        self.name = facts.name
        self.window = facts.window
        self.is_small = facts.is_small
        self.features = facts.features
        self._line = line
        self._handle = facts.handle

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        deltas = self._line.stream(
            "model.generate",
            Generate(self._handle, request),
            Delta,
            doing=f"model {self.name}",
            lost=_unavailable(self.name),
        )
        async with aclosing(deltas):
            async for delta in deltas:
                yield delta

    async def measure(self, messages: Sequence[Message]) -> int:
        request = Measure(self._handle, tuple(messages))
        tokens: int = await self._line.request(
            "model.measure", request, int, doing=f"model {self.name}", lost=_unavailable(self.name)
        )
        return tokens


class WorkerEmbedder:
    """Fulfils `Embedder`; `dimensions` is known from the first `embed` on. `open` maps what the worker shares."""

    def __init__(self, line: Line, handle: int, name: str, open: Any) -> None:
        self.name = name
        self._line = line
        self._handle = handle
        self._open = open
        self._dimensions: int | None = None

    @property
    def dimensions(self) -> int:
        if self._dimensions is None:
            raise ModelError(self.name, "has not embedded anything yet, so its dimensions are not known")
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        lost = _unavailable(self.name)
        arriving = self._line.stream(
            "embed",
            Embed(self._handle, tuple(texts)),
            arrays.Array | arrays.Piece,
            doing=f"embedder {self.name}",
            lost=lost,
        )
        async with aclosing(arriving):
            rows = await arrays.gathered(arriving, self._open)
        if self._dimensions is None:
            self._dimensions = await self._line.request(
                "dimensions", self._handle, int, doing=f"embedder {self.name}", lost=lost
            )
        return rows


def _unavailable(model: str) -> Any:
    def made(interrupted: CallInterrupted) -> ModelUnavailable:
        return ModelUnavailable(model, f"cannot answer: {interrupted}")

    return made
