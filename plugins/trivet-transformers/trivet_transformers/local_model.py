"""A model of this machine, as the SDK sees models."""

from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import anyio
import msgspec
from anyio import to_thread

from trivet_sdk import Delta, GenerateRequest, Message, ModelError, ModelUnavailable

if TYPE_CHECKING:
    from trivet_transformers.engine import Engine

Result = TypeVar("Result")
FEATURES = frozenset({"schema", "grammar", "choices", "logprobs", "adapter", "seed"})


class LocalModel:
    """Steps the engine's generators in a worker thread, one forward pass a step.

    A step is never abandoned half-way, so cancelling or closing a stream ends the work within one token, and streams that
    run at once take turns.
    """

    def __init__(self, name: str, engine: "Engine", limiter: anyio.CapacityLimiter) -> None:
        self._name, self._engine, self._limiter = name, engine, limiter

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int | None:
        return self._engine.window

    @property
    def is_small(self) -> bool:
        return self._engine.is_small

    @property
    def features(self) -> frozenset[str]:
        return FEATURES

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        ends = None if request.deadline is None else monotonic() + request.deadline
        steps = await self._in_thread(self._engine.begin, request)
        while (delta := await self._in_thread(next, steps, None)) is not None:
            if delta.finish is not None:
                delta = msgspec.structs.replace(delta, model=self._name)
            if delta.text or delta.logprobs or delta.finish is not None:
                yield delta
            if ends is not None and delta.finish is None and monotonic() > ends:
                raise ModelUnavailable(
                    self._name,
                    f"did not finish within the {request.deadline:g} seconds it had. Allow more, or ask for less.",
                )

    async def measure(self, messages: Sequence[Message]) -> int:
        return await self._in_thread(self._engine.measure, messages)

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        import torch

        try:
            return await to_thread.run_sync(work, *arguments, limiter=self._limiter)
        except torch.OutOfMemoryError as error:
            raise ModelError(
                self._name, "ran out of GPU memory. Shorten the messages, or give the model a smaller `window`."
            ) from error
