"""A model of this machine, as the SDK sees models."""

from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import anyio
import msgspec
from anyio import to_thread

from trivet_sdk import Delta, GenerateRequest, Message, ModelError, ModelUnavailable
from trivet_transformers.facts import Facts

if TYPE_CHECKING:
    from trivet_transformers.engine import Engine

Result = TypeVar("Result")
SMALL = 1_000_000_000
"""Parameters below which a model's answers deserve a note."""
FEATURES = frozenset({"schema", "grammar", "choices", "logprobs", "adapter", "seed"})


class LocalModel:
    """Steps the engine's generators in a worker thread, one forward pass a step.

    A step is never abandoned half-way, so cancelling or closing a stream ends the work within one token, and streams that
    run at once take turns.
    """

    def __init__(self, name: str, load: "Callable[[], Engine]", limiter: anyio.CapacityLimiter, facts: Facts) -> None:
        """`load` blocks, for as long as loading takes, and is called once, at the first request."""
        self._name, self._load, self._limiter, self._facts = name, load, limiter, facts
        self._engine: Engine | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int | None:
        return self._facts.window

    @property
    def is_small(self) -> bool:
        return self._facts.parameters < SMALL

    @property
    def features(self) -> frozenset[str]:
        return FEATURES

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        ends = None if request.deadline is None else monotonic() + request.deadline
        steps = await self._in_thread(lambda: self._loaded().begin(request))
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
        return await self._in_thread(lambda: self._loaded().measure(messages))

    def _loaded(self) -> "Engine":
        """In the worker thread, which only one request has at a time."""
        if self._engine is None:
            self._engine = self._load()
        return self._engine

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        try:
            return await to_thread.run_sync(work, *arguments, limiter=self._limiter)
        except RuntimeError as error:
            import torch  # there by now: only torch raises what is looked for here

            if not isinstance(error, torch.OutOfMemoryError):
                raise
            raise ModelError(
                self._name, "ran out of GPU memory. Shorten the messages, or give the model a smaller `window`."
            ) from error
