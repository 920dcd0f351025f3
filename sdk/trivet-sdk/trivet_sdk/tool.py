"""Tools: what a step calls.

`Tool` is a protocol; `@tool` (see `schema`) makes one from a function's signature and docstring, which is what nearly
every author wants.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

import msgspec

from .plan import Json
from .workspace import Workspace

Effect: TypeAlias = Literal["pure", "idempotent", "effectful"]
"""`pure` changes nothing; `idempotent` may be repeated with the same arguments; `effectful` must never happen twice."""


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """All that planners, validators and people need to know about a tool; captured once, when the plugin is enabled."""

    name: str
    """`<plugin>.<tool>`; the short name works where it is unique."""
    summary: str
    description: str = ""
    parameters: dict[str, Json]
    """JSON Schema (draft 2020-12) of the arguments, an object. Formats that planners understand: `workspace-path`
    (a file that exists), `workspace-folder`, `new-path` (a file to be written), `column` (a column of the file named by
    the property in the keyword `x-of`, by default `path`), `span` (a stretch of the goal's own words), `date`, `unit`."""
    effect: Effect = "effectful"
    egress: bool = False
    """Data may leave the machine."""
    untrusted_output: bool = False
    """Brings text from outside, which taints the transcript."""
    resources: tuple[str, ...] = ()
    """Named limits that a call occupies, e.g. `gpu`, `browser`."""
    examples: tuple[str, ...] = ()
    """Goals that the tool serves, in people's words."""
    describes: str = ""
    """The argument format whose values this pure tool lists: `workspace-path` or `column`."""

    @property
    def plugin(self) -> str:
        """Id of the plugin that brings it; for a built-in tool, which has no dot, its own name."""
        return self.name.partition(".")[0]


class TextPart(msgspec.Struct, frozen=True, tag="text"):
    """For people and models."""

    text: str


class DataPart(msgspec.Struct, frozen=True, tag="data"):
    """For the next step: any JSON value."""

    value: Json


class BlobPart(msgspec.Struct, frozen=True, tag="blob", kw_only=True):
    """Something large, by content hash in the blob store."""

    blob: str
    media_type: str
    size: int
    name: str = ""


ResultPart: TypeAlias = TextPart | DataPart | BlobPart


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a call returned: `value` is what references of later steps point into, `text` what people and models read.

    A large thing (a picture, a file of its own) belongs into the blob store: `BlobPart(blob=await ctx.blobs.put(…), …)`.
    """

    parts: tuple[ResultPart, ...] = ()
    artifacts: tuple[str, ...] = ()
    """Workspace-relative paths of the files that this call wrote."""
    is_untrusted: bool = False
    """This result holds text from outside, though not every result of the tool does: it taints the transcript, as all
    results of a tool with `untrusted_output` do."""

    @property
    def value(self) -> Json:
        """The first data part's value, else the text."""
        for part in self.parts:
            if isinstance(part, DataPart):
                return part.value
        return self.text

    @property
    def text(self) -> str:
        """All text parts, a line each; where there is none, the value as JSON."""
        texts = [part.text for part in self.parts if isinstance(part, TextPart)]
        if texts:
            return "\n".join(texts)
        for part in self.parts:
            if isinstance(part, DataPart):
                return part.value if isinstance(part.value, str) else msgspec.json.encode(part.value).decode()
        return ""


def result(text: str = "", value: Json = None, artifacts: tuple[str, ...] = ()) -> ToolResult:
    """The usual result: a sentence for people and a value for the next step; either may be left out."""
    parts: tuple[ResultPart, ...] = (TextPart(text),) if text else ()
    return ToolResult(parts=parts if value is None else (*parts, DataPart(value)), artifacts=artifacts)


class Blobs(Protocol):
    """The run's content-addressed store."""

    async def put(self, content: bytes, media_type: str = "application/octet-stream") -> str:
        """Store and fsync; the address is the SHA-256 in hex."""
        ...

    async def get(self, blob: str) -> bytes:
        """Raises KeyError if the store has no such blob."""
        ...


class ToolContext(Protocol):
    """What a tool may use during one call. It ends with the call."""

    @property
    def run(self) -> str:
        """Id of the run; a look-up by a planner and `trivet tools call` have one, too."""
        ...

    @property
    def step(self) -> str:
        """Id of the step, empty where a planner looks something up."""
        ...

    @property
    def key(self) -> str:
        """Idempotency key, `run/step/group`: the same for every repetition of this very call, also after a crash."""
        ...

    @property
    def workspace(self) -> Workspace:
        """The files the run is about. A tool touches no others, and resolves every path it was given through it."""
        ...

    @property
    def blobs(self) -> Blobs:
        """Of this run, for what is too large for a result."""
        ...

    @property
    def secrets(self) -> Mapping[str, str]:
        """Resolved values of the secrets that the manifest names."""
        ...

    @property
    def deadline(self) -> float | None:
        """Seconds of `anyio.current_time()` by which the call must end."""
        ...

    @property
    def typed_origins(self) -> tuple[str, ...]:
        """Servers that the user named, as `http://127.0.0.1:8000`: the port only where it is not the scheme's own, letters in
        lower case, of any alphabet. From addresses that the user typed into the goal, or into one before it in the same
        conversation; never from a result, a file or a model, so a tool may go there where it would not by itself. Empty for
        calls outside of a run."""
        ...

    @property
    def is_cancelled(self) -> bool:
        """True once the run wants this call to stop; blocking tools look here between pieces of work."""
        ...

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Tell the user how far it is. Never journaled; callable from any thread."""
        ...


@runtime_checkable
class Tool(Protocol):
    """Most authors write a function and decorate it with `@tool`; this is the shape underneath.

    `call` may be a coroutine function, which runs on the event loop and must not block it, or an ordinary one, which
    runs in the pool for blocking tools. Calls may overlap. A coroutine is cancelled where it waits; an ordinary function
    looks at `ctx.is_cancelled`.

    A tool that can find out whether an interrupted call took effect also has
    `async reconcile(key: str) -> ToolResult | None`: the result if it did, None if it did not.
    """

    @property
    def spec(self) -> ToolSpec:
        """The same every time: planning relies on the spec that was recorded when the plugin was enabled."""
        ...

    def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> Any:
        """Return a ToolResult, or (a coroutine function) an awaitable of one.

        Raises ToolError for an honest failure, InvalidArguments for arguments that do not fit.
        """
        ...


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call about to be made, references resolved; what guards and approvals look at."""

    run: str
    step: str
    tool: str
    arguments: dict[str, Json]
    key: str
    effect: Effect
    egress: bool = False
    is_tainted: bool = False
    """Text from outside is in the transcript."""

    def texts(self) -> Iterator[str]:
        """Every text anywhere in the arguments, names of entries included: a tool may call its things as it likes."""
        return _texts(self.arguments)


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield key
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
        case _:
            pass
