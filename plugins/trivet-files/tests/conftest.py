"""A workspace in a temporary folder, and tools called as the host calls them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trivet_files.tools import TOOLS
from trivet_sdk import ToolResult, Workspace
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
def call(tmp_path: Path) -> Callable[..., ToolResult]:
    """Call a tool by its name with arguments as JSON has them."""
    tools = {tool.spec.name: tool for tool in TOOLS}

    def call_tool(name: str, **arguments: Any) -> ToolResult:
        returned = tools[name].call(arguments, StandaloneCall(Workspace(tmp_path)))
        assert isinstance(returned, ToolResult)
        return returned

    return call_tool
