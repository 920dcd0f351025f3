"""Calling a tool without a host."""

import hashlib
import inspect
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import anyio.to_thread

from ..plan import Json
from ..tool import Blobs, Tool, ToolResult
from ..workspace import Workspace


class MemoryBlobs:
    """Blobs that are gone with the test."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.media_types: dict[str, str] = {}

    async def put(self, content: bytes, media_type: str = "application/octet-stream") -> str:
        blob = hashlib.sha256(content).hexdigest()
        self.contents[blob], self.media_types[blob] = content, media_type
        return blob

    async def get(self, blob: str) -> bytes:
        return self.contents[blob]


class StandaloneCall:
    """A ToolContext without a host. `reports` are the progress reports; set `is_cancelled` to ask the tool to stop."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        secrets: Mapping[str, str] | None = None,
        blobs: Blobs | None = None,
        deadline: float | None = None,
        run: str = "test",
        step: str = "s1",
        group: int = 1,
        typed_origins: tuple[str, ...] = (),
    ) -> None:
        self.workspace = workspace
        self.secrets = dict(secrets or {})
        self.blobs: Blobs = blobs or MemoryBlobs()
        self.deadline = deadline
        self.run, self.step, self.key = run, step, f"{run}/{step}/{group}"
        self.typed_origins = typed_origins
        self.is_cancelled = False
        self.reports: list[tuple[float, float | None, str]] = []

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        self.reports.append((done, total, message))


async def call(
    tool: Tool,
    arguments: Mapping[str, Json] | None = None,
    *,
    workspace: Workspace | Path | None = None,
    secrets: Mapping[str, str] | None = None,
    context: StandaloneCall | None = None,
    timeout: float = 30.0,
) -> ToolResult:
    """Call a tool as the host does: a coroutine function here, an ordinary one in a thread.

    Without a workspace it gets an empty one that is removed afterwards. Raises what the tool raises; TimeoutError after
    `timeout` seconds, when the tool has been told through `is_cancelled`; TypeError if it returns no ToolResult.
    """
    with ExitStack() as stack:
        if context is None:
            folder = workspace or Path(stack.enter_context(TemporaryDirectory(prefix="trivet-")))
            place = folder if isinstance(folder, Workspace) else Workspace(folder)
            context = StandaloneCall(place, secrets=secrets, deadline=anyio.current_time() + timeout)
        ctx = context
        returned: Any = None
        with anyio.move_on_after(timeout) as scope:
            if inspect.iscoroutinefunction(tool.call):
                returned = await tool.call(arguments or {}, ctx)
            else:
                returned = await anyio.to_thread.run_sync(
                    lambda: tool.call(arguments or {}, ctx), abandon_on_cancel=True
                )
        if scope.cancelled_caught:
            ctx.is_cancelled = True
            raise TimeoutError(f"tool '{tool.spec.name}' did not return within {timeout:g} seconds")
        if not isinstance(returned, ToolResult):
            raise TypeError(f"tool '{tool.spec.name}' returned a {type(returned).__name__} instead of a ToolResult")
        return returned
