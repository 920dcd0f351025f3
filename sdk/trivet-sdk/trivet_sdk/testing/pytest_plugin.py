"""Fixtures for plugins' tests; pytest finds them where the SDK is installed.

Nothing is imported before a fixture is asked for, since this module is loaded in every run of pytest.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trivet_sdk import ToolResult, Workspace
    from trivet_sdk.testing import ManualClock


@pytest.fixture
def workspace(tmp_path: Path) -> "Workspace":
    """An empty workspace; `workspace.root` is its directory."""
    from trivet_sdk import Workspace

    folder = tmp_path / "workspace"
    folder.mkdir()
    return Workspace(folder)


@pytest.fixture
def call_tool(workspace: "Workspace") -> "Callable[..., Awaitable[ToolResult]]":
    """`await call_tool(tool, path="a.csv")`: call a tool in the workspace; see `trivet_sdk.testing.call`."""
    from trivet_sdk.testing import call

    async def call_it(tool: Any, **arguments: Any) -> "ToolResult":
        return await call(tool, arguments, workspace=workspace)

    return call_it


@pytest.fixture
def manual_clock() -> "ManualClock":
    """A clock that stands still until the test moves it."""
    from trivet_sdk.testing import ManualClock

    return ManualClock()
