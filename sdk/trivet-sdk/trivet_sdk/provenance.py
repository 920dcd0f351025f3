"""Which files of a workspace hold text from outside: those that were downloaded, and those that settings name."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from .errors import ToolError
from .origin import is_marked, mark_origin, origin_of
from .plan import Json
from .tool import Tool, ToolContext, ToolResult, ToolSpec
from .workspace import ATTACHMENTS, Workspace


class Provenance:
    """`patterns` are of files that others write, like `Downloads/**` or `*.eml`; `*` spans folders, case does not count."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._patterns = [pattern.strip().removeprefix("./").casefold() for pattern in patterns]

    def names(self, path: str) -> bool:
        """Whether one of the patterns does."""
        name = path.removeprefix("./").casefold()
        return any(
            fnmatchcase(name, pattern) or fnmatchcase(f"/{name}", pattern.replace("**/", "*/"))
            for pattern in self._patterns
        )

    def origin(self, workspace: Workspace, path: str) -> str:
        """Where a file of the workspace is from, if that is outside: its address, or `file:` and the name that a pattern
        has. Empty for all others, and for what cannot be opened.

        Patterns are held against the given name and the one that a link leads to, and against the path from which an
        attachment was taken. `book.xlsx#Sales` is the file before `#`.
        """
        try:
            real = workspace.relative(workspace.readable(path))
        except (ToolError, ValueError):
            return self.origin(workspace, path.rpartition("#")[0]) if "#" in path else ""
        attached = real.removeprefix(f"{ATTACHMENTS}/")
        if real == attached or attached not in workspace.attachments:
            attached = ""
        for name in (path, real, *_names(workspace, workspace.sources.get(attached, ""))):
            if self.names(name):
                return f"file:{name}"
        if origin := workspace.origins.get(attached, ""):
            return origin
        try:
            with workspace.reading(real) as file:
                return origin_of(file)
        except ToolError:
            return ""

    def is_among(self, workspace: Workspace, names: Iterable[str]) -> bool:
        """Whether one of these files of the workspace is from outside, or an attachment is: for what reads any of them, as a
        program does, without saying which."""
        attached = (f"{ATTACHMENTS}/{name}" for name in workspace.attachments)
        return any(self.origin(workspace, name) for name in attached) or any(
            self.names(name) or is_marked(workspace.root / name) for name in names
        )

    def over(self, tool: Tool, *arguments: str) -> Tool:
        """The tool, whose results and complaints count as text from outside where one of these arguments names a file from
        there, alone or in a list. Files that such a call writes bear the mark, too."""
        return _Watched(tool, self, arguments)


def _names(workspace: Workspace, source: str) -> Iterator[str]:
    """Of the file that an attachment is a copy of: where it lies, and in the workspace, if it lies there."""
    if source:
        path = workspace.root / source
        yield path.as_posix()
        if path.is_relative_to(workspace.root):
            yield path.relative_to(workspace.root).as_posix()


def untrusted(result: ToolResult) -> ToolResult:
    """The same, as text from outside."""
    return msgspec.structs.replace(result, is_untrusted=True)


class _Watched:
    def __init__(self, tool: Tool, provenance: Provenance, arguments: Sequence[str]) -> None:
        self._tool, self._provenance, self._arguments = tool, provenance, arguments
        # The host asks a tool by this whether it blocks, so a coroutine function must stay one.
        self.call = self._call if inspect.iscoroutinefunction(tool.call) else self._call_blocking

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tool, name)

    @property
    def spec(self) -> ToolSpec:
        return self._tool.spec

    async def _call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        origin = self._origin(arguments, ctx)
        try:
            return _marked(await self._tool.call(arguments, ctx), origin, ctx)
        except ToolError as error:
            error.is_untrusted = error.is_untrusted or bool(origin)
            raise

    def _call_blocking(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        origin = self._origin(arguments, ctx)
        try:
            return _marked(self._tool.call(arguments, ctx), origin, ctx)
        except ToolError as error:
            error.is_untrusted = error.is_untrusted or bool(origin)
            raise

    def _origin(self, arguments: Mapping[str, Json], ctx: ToolContext) -> str:
        """Before the call, since it may write that very file."""
        given = [arguments.get(name) for name in self._arguments]
        paths = [path for value in given for path in (value if isinstance(value, list) else [value])]
        origins = (self._provenance.origin(ctx.workspace, path) for path in paths if isinstance(path, str) and path)
        return next(filter(None, origins), "")


def _marked(found: ToolResult, origin: str, ctx: ToolContext) -> ToolResult:
    if not origin:
        return found
    for name in found.artifacts:
        try:
            with ctx.workspace.reading(name) as file:
                mark_origin(file, origin)
        except ToolError:
            continue  # it has been taken away meanwhile
    return untrusted(found)
