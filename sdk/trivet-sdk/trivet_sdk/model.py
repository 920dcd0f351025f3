"""Model backends and embedders."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import msgspec

from .errors import ModelError
from .message import Message, ToolUse
from .plan import Json
from .tool import ToolSpec

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "cancelled"]


class GenerateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One completion to make. A backend that cannot honour a field raises UnsupportedRequest; it never ignores one."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    """Offered for native tool calls; empty for plain text. Names here and in messages are trivet's (`table.select`); a
    backend writes and reads them for its endpoint with `prompting.to_wire` and `from_wire`."""
    schema: dict[str, Json] | None = None
    """JSON Schema that the text must satisfy, from the first token on."""
    grammar: str | None = None
    """Grammar in llguidance's Lark dialect that the text must follow; at most one of schema, grammar and choices."""
    choices: tuple[str, ...] = ()
    """Score these continuations instead of writing one; the text is the likeliest, `Completion.scores` all of them."""
    logprobs: bool = False
    """Ask for `Delta.logprobs`, one for each token of the text."""
    adapter: str | None = None
    """Name of a declared adapter (`weights` of kind adapter), or a path to one."""
    seed: int | None = None
    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    max_tokens: int | None = None
    """Completion tokens at most."""
    stop: tuple[str, ...] = ()
    """The text ends before the first of these."""
    deadline: float | None = None
    """Seconds from now."""
    run: str = ""
    """Id of the run it belongs to, for a backend that keeps something for each run, such as a prefix's keys and values."""
    purpose: str = ""
    """What it is for, e.g. `plan`, `judge`, `think`; shown to the user and in the journal."""
    kv: Literal["auto", "off"] = "auto"
    """Whether the backend may reuse the keys and values of an equal prefix."""
    device: str | None = None
    """A hint such as `cpu` or `cuda:1`."""
    extra: dict[str, Json] = {}
    """Fields for one kind of backend, passed through as they are."""


class TokenLogprob(msgspec.Struct, frozen=True):
    text: str
    logprob: float
    """Natural logarithm."""
    is_forced: bool = False
    """The constraint left no other token."""


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a completion, in order. Usage and finish come with the last one."""

    text: str = ""
    tool_call: ToolUse | None = None
    """A complete call; backends gather fragments themselves."""
    logprobs: tuple[TokenLogprob, ...] = ()
    scores: tuple[float, ...] = ()
    """For `choices`: the log-likelihood of each, in nats, in the order asked."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    finish: FinishReason | None = None
    model: str = ""
    """The name that the endpoint gives itself."""


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """All deltas together."""

    text: str = ""
    tool_calls: tuple[ToolUse, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    scores: tuple[float, ...] = ()
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    finish: FinishReason = "stop"
    model: str = ""


async def collect(deltas: AsyncIterator[Delta]) -> Completion:
    """Read a stream to its end. Raises ModelError if it ends without a finish."""
    texts: list[str] = []
    calls: list[ToolUse] = []
    logprobs: list[TokenLogprob] = []
    scores: tuple[float, ...] = ()
    last = Delta()
    async for delta in deltas:
        texts.append(delta.text)
        logprobs.extend(delta.logprobs)
        scores = delta.scores or scores
        if delta.tool_call is not None:
            calls.append(delta.tool_call)
        last = delta
    if last.finish is None:
        raise ModelError(last.model, "stopped in the middle of an answer. Try again.")
    return Completion(
        text="".join(texts),
        tool_calls=tuple(calls),
        logprobs=tuple(logprobs),
        scores=scores,
        prompt_tokens=last.prompt_tokens,
        cached_tokens=last.cached_tokens,
        completion_tokens=last.completion_tokens,
        finish=last.finish,
        model=last.model,
    )


@runtime_checkable
class Model(Protocol):
    """A model ready for use: one entry of `[models.*]` in settings, or one handed out by `services.model(role)`.

    Requests may overlap; a backend that can only do one thing at a time queues them.
    """

    @property
    def name(self) -> str:
        """The entry's name in settings."""
        ...

    @property
    def window(self) -> int | None:
        """Tokens that prompt and completion may have together, if known."""
        ...

    @property
    def is_small(self) -> bool:
        """True for a model so small that the user should be told that it made the answer."""
        ...

    @property
    def features(self) -> frozenset[str]:
        """Which request fields work: of `tools schema grammar choices logprobs adapter seed images`."""
        ...

    def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        """Stream the completion; most write `async def generate(…)` with `yield`. Closing the iterator stops the work within
        one token. The last delta, and only that, has `finish` and the counts of tokens.

        Raises Unauthorized, UnknownModel, ContextTooLong, ModelUnavailable, UnsupportedRequest.
        """
        ...

    async def measure(self, messages: Sequence[Message]) -> int:
        """How many tokens these messages have as a prompt, exactly or a little too many."""
        ...


@runtime_checkable
class ModelBackend(Protocol):
    """Makes models out of definitions. One backend serves any number of models and shares what they can share.

    Models live as long as the plugin: what they hold is released when the context manager of `activate` is left.
    """

    async def open(self, name: str, definition: Mapping[str, Any]) -> Model:
        """The model for one `[models.<name>]` table, `backend` left out. Called once for each name.

        Raises ModelError if the definition is unusable, WeightsMissing if its files must be fetched first.
        """
        ...


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their similarity."""

    @property
    def name(self) -> str: ...
    @property
    def dimensions(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Unit vectors, `[len(texts), dimensions]` float32, in order; an array that behaves like nested sequences."""
        ...
