"""A GGUF file as the SDK sees models."""

from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic
from typing import Any

import anyio
from anyio import to_thread

from trivet_llamacpp.constraint import constraint_of
from trivet_llamacpp.engine import Engine
from trivet_llamacpp.gguf_header import Header
from trivet_llamacpp.prompt import PromptWriter
from trivet_llamacpp.writing import Writing
from trivet_sdk import ContextTooLong, Delta, GenerateRequest, Message, ModelUnavailable, UnsupportedRequest

SMALL = 1_000_000_000
"""Parameters below which a model's answers deserve a note."""
FEATURES = frozenset({"schema", "grammar", "logprobs", "seed"})
EXTRAS = frozenset({"raw"})


class LlamaModel:
    """Requests of all models wait for one another: llama.cpp uses all cores for one."""

    def __init__(
        self, name: str, load: Callable[[], Engine], limiter: anyio.CapacityLimiter, header: Header, window: int
    ) -> None:
        """`load` blocks, at the first request for as long as loading takes."""
        self._name, self._load, self._limiter = name, load, limiter
        self._header, self._window = header, window

    @property
    def name(self) -> str:
        return self._name

    @property
    def window(self) -> int:
        return self._window

    @property
    def is_small(self) -> bool:
        return self._header.parameters < SMALL

    @property
    def features(self) -> frozenset[str]:
        return FEATURES

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        self._refuse(request)
        ends = None if request.deadline is None else monotonic() + request.deadline
        holder = object()  # a stream may be closed in another task than the one that began it
        await self._limiter.acquire_on_behalf_of(holder)
        try:
            writing = await to_thread.run_sync(self._begin, request)
            try:
                finish = None
                while finish is None:
                    delta = await to_thread.run_sync(writing.next)
                    finish = delta.finish
                    if delta.text or delta.logprobs or finish is not None:
                        yield delta
                    if ends is not None and finish is None and monotonic() > ends:
                        raise ModelUnavailable(
                            self._name,
                            f"did not finish within the {request.deadline:g} seconds it had. Allow more, or ask for less.",
                        )
            finally:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(writing.close)
        finally:
            self._limiter.release_on_behalf_of(holder)

    async def measure(self, messages: Sequence[Message]) -> int:
        return len(await to_thread.run_sync(lambda: self._prompts(self._load()).write(messages)))

    def _prompts(self, engine: Engine) -> PromptWriter:
        return PromptWriter(self._name, engine, self._header.controls)

    def _refuse(self, request: GenerateRequest) -> None:
        """Raises UnsupportedRequest."""
        if request.tools:
            raise UnsupportedRequest(self._name, "takes no native tool calls. Describe the tools in a message instead.")
        if request.choices:
            raise UnsupportedRequest(self._name, "scores no choices. Ask for a grammar of them instead.")
        if request.adapter:
            raise UnsupportedRequest(self._name, "takes no adapters. Merge it into the GGUF file.")
        if request.schema is not None and request.grammar is not None:
            raise UnsupportedRequest(self._name, "takes one of schema and grammar, not both.")
        if request.device not in (None, "auto", "cpu"):
            raise UnsupportedRequest(self._name, f"computes on the CPU, not on '{request.device}'.")
        if unknown := sorted(request.extra.keys() - EXTRAS):
            raise UnsupportedRequest(self._name, f"does not know the extra field '{unknown[0]}'.")
        if not request.messages:
            raise UnsupportedRequest(self._name, "needs at least one message.")

    def _begin(self, request: GenerateRequest) -> Writing:
        constraint = constraint_of(self._name, request)
        engine = self._load()
        prompt = self._prompts(engine).write(request.messages, raw=bool(request.extra.get("raw")))
        room = self._window - len(prompt)
        if room < 1:
            raise ContextTooLong(
                self._name,
                f"reads at most {self._window} tokens, and this request has {len(prompt)}. Shorten the messages.",
            )
        limit = room if request.max_tokens is None else min(room, request.max_tokens)
        return Writing(self._name, engine, _body(request, prompt, limit, constraint), request.stop)


def _body(request: GenerateRequest, prompt: list[int], limit: int, constraint: str | None) -> dict[str, Any]:
    """For llama.cpp's `/v1/completions`; every default of its own that changes chances is off."""
    body: dict[str, Any] = {
        "prompt": prompt,
        "max_tokens": limit,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "samplers": ["temperature", "top_p"],
        "cache_prompt": request.kv == "auto",
        "stream": True,
        "return_progress": True,
        "timings_per_token": True,
    }
    if request.seed is not None:
        body["seed"] = request.seed % 2**32
    if request.logprobs:
        body["logprobs"] = 1
    if constraint is not None:
        body["grammar"] = constraint
    return body
