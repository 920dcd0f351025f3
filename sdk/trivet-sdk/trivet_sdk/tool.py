"""Tools: what a step calls.

`Tool` is a protocol; `@tool` (see `schema`) makes one from a function's signature and docstring, which is what nearly
every author wants.
"""

from collections.abc import Mapping
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
    """What a call returned. `text` is what a person reads as the answer, `value` what references point into."""

    parts: tuple[ResultPart, ...] = ()
    artifacts: tuple[str, ...] = ()
    """Workspace-relative paths of the files that this call wrote."""

    @property
    def value(self) -> Json:
        return next((part.value for part in self.parts if isinstance(part, DataPart)), self.text)

    @property
    def text(self) -> str:
        texts = [part.text for part in self.parts if isinstance(part, TextPart)]
        if texts:
            return "\n".join(texts)
        value = next((part.value for part in self.parts if isinstance(part, DataPart)), "")
        return value if isinstance(value, str) else msgspec.json.encode(value).decode()


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
    def run(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def key(self) -> str:
        """Idempotency key, `run/step/group`: the same for every repetition of this very call, also after a crash."""
        ...

    @property
    def workspace(self) -> Workspace: ...
    @property
    def blobs(self) -> Blobs: ...
    @property
    def secrets(self) -> Mapping[str, str]:
        """Resolved values of the secrets that the manifest names."""
        ...

    @property
    def deadline(self) -> float | None:
        """Seconds of `anyio.current_time()` by which the call must end."""
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
    """`call` may be a coroutine function or an ordinary one; an ordinary one runs in the pool for blocking tools.

    A tool that can find out whether an interrupted call took effect also has
    `async reconcile(key: str) -> ToolResult | None`: the result if it did, None if it did not.
    """

    @property
    def spec(self) -> ToolSpec: ...

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
