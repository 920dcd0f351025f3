"""A workspace in a temporary folder, and tools called as the host calls them."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_sdk import ToolResult, Workspace
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneCall


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], None]:
    """Write a file of the workspace."""

    def write(name: str, content: str | bytes) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return write


@pytest.fixture
def call(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ToolResult]:
    """Call a tool by its name with arguments as JSON has them; the calls share one blob store."""
    tools = {tool.spec.name: tool for tool in tools_of(Changes(tmp_path_factory.mktemp("data") / "undo"), Provenance())}
    context = StandaloneCall(Workspace(tmp_path))

    def call_tool(name: str, **arguments: Any) -> ToolResult:
        tool = tools[name]
        if inspect.iscoroutinefunction(tool.call):
            returned = anyio.run(partial(tool.call, arguments, context))
        else:
            returned = tool.call(arguments, context)
        assert isinstance(returned, ToolResult)
        return returned

    return call_tool
