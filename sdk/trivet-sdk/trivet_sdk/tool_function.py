"""`@tool`: a function becomes a tool."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload

import msgspec

from .docstring import read_docstring
from .errors import InvalidTool
from .parameters import Parameters
from .plan import Json
from .tool import Effect, ToolContext, ToolResult, ToolSpec, result

P = ParamSpec("P")
R = TypeVar("R")


class ToolFunction(Generic[P, R]):
    """A function with its spec. Calling it calls the function, as if it had never been decorated."""

    def __init__(self, function: Callable[P, R], spec: ToolSpec, parameters: Parameters) -> None:
        self.function = function
        self.spec = spec
        self.parameters = parameters
        self.__doc__ = function.__doc__

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<tool {self.spec.name}>"

    def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> Any:
        """Check the arguments, call the function, make a ToolResult of what it returns."""
        return to_result(self.function(**self._keywords(arguments, ctx)), self.spec.name)  # type: ignore[call-arg]

    def _keywords(self, arguments: Mapping[str, Json], ctx: ToolContext) -> dict[str, Any]:
        keywords = self.parameters.read(arguments, self.spec.name)
        if self.parameters.context:
            keywords[self.parameters.context] = ctx
        return keywords


class AsyncToolFunction(ToolFunction[P, R]):
    """A coroutine function with its spec."""

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        function = cast(Callable[..., Awaitable[Any]], self.function)
        return to_result(await function(**self._keywords(arguments, ctx)), self.spec.name)


class Decorator(Protocol):
    def __call__(self, function: Callable[P, R], /) -> ToolFunction[P, R]: ...


@overload
def tool(function: Callable[P, R], /) -> ToolFunction[P, R]: ...
@overload
def tool(
    *,
    name: str = "",
    summary: str = "",
    effect: Effect = "effectful",
    egress: bool = False,
    untrusted_output: bool = False,
    resources: Sequence[str] = (),
    examples: Sequence[str] = (),
    describes: str = "",
) -> Decorator: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    summary: str = "",
    effect: Effect = "effectful",
    egress: bool = False,
    untrusted_output: bool = False,
    resources: Sequence[str] = (),
    examples: Sequence[str] = (),
    describes: str = "",
) -> Any:
    """Make a tool of a function, from its signature and its docstring.

        @tool(effect="pure")
        def count_words(path: WorkspacePath, ctx: ToolContext, at_least: int = 1) -> dict[str, int]:
            '''Count how often each word occurs in a text file.

            Args:
                at_least: Leave out words that occur less often.
            '''
            words = Counter(ctx.workspace.readable(path).read_text().split())
            return {word: n for word, n in words.items() if n >= at_least}

    Parameters become the arguments' JSON Schema; one annotated `ToolContext` is filled by the host and not part of it.
    `async def` runs on the event loop, `def` in the pool for blocking tools. Return a ToolResult, a text, or anything
    JSON can carry (a Struct, a dict, a list, a number); None is an empty result. Raise ToolError to tell the planner
    what went wrong.

    `name` is the function's unless given, and has no dot: the host puts the plugin's id before it, so `count_words` of
    plugin `text` is `text.count_words`. The other fields are those of ToolSpec. Where `trivet.toml` declares this tool,
    its word on resources, examples and `describes` holds; of effect, egress and untrusted output the stricter word of
    the two, so say the same in both.

    Raises InvalidTool where the function is defined.
    """

    def decorate(function: Callable[..., Any]) -> ToolFunction[..., Any]:
        called = getattr(function, "__qualname__", repr(function))
        docstring = read_docstring(function.__doc__)
        if not (summary or docstring.summary):
            raise InvalidTool(called, "it has no docstring. Its first line tells planners what the tool does.")
        parameters = Parameters(function, docstring.arguments)
        unknown = sorted(docstring.arguments.keys() - parameters.schema["properties"].keys() - {parameters.context})
        if unknown:
            raise InvalidTool(called, f"its docstring describes an argument '{unknown[0]}' that it does not have.")
        spec = ToolSpec(
            name=name or function.__name__,
            summary=summary or docstring.summary,
            description=docstring.description,
            parameters=parameters.schema,
            effect=effect,
            egress=egress,
            untrusted_output=untrusted_output,
            resources=tuple(resources),
            examples=tuple(examples),
            describes=describes,
        )
        kind = AsyncToolFunction if inspect.iscoroutinefunction(function) else ToolFunction
        return kind(function, spec, parameters)

    return decorate if function is None else decorate(function)


def to_result(returned: Any, tool: str) -> ToolResult:
    """A ToolResult of whatever a tool's function returned. Raises TypeError if JSON cannot carry it."""
    if isinstance(returned, ToolResult):
        return returned
    if returned is None:
        return ToolResult()
    if isinstance(returned, str):
        return result(returned)
    try:
        dump = getattr(returned, "model_dump", None)  # a pydantic model
        plain = dump(mode="json") if dump else returned
        # There and back: what a reference points into is then JSON in truth, with lists for tuples and null for NaN.
        return result(value=msgspec.json.decode(msgspec.json.encode(plain)))
    except TypeError as error:
        raise TypeError(f"tool '{tool}' returned a {type(returned).__name__} that JSON cannot carry: {error}") from None
