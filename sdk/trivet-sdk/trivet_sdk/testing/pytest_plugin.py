"""For plugins' tests under pytest, which finds the fixtures where the SDK is installed; and the conformance suite in a line:

    from trivet_sdk.testing.pytest_plugin import contract_of

    test_contract = contract_of("trivet_words")

That is a test for the manifest, one for the plugin's life, and one for each thing that it declares. What they need to know
beside the manifest (arguments for sample calls, a workspace, settings) stands in `[tool.trivet.check]` of the nearest
pyproject.toml: see `trivet_sdk.conformance.Given`.

Nothing is imported before a fixture is asked for, since this module is loaded in every run of pytest.
"""

import importlib
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


def contract_of(module: str) -> Callable[..., None]:
    """The conformance suite of the plugin in this module, as one parametrized test: `test_contract[tool 'count']` and so on.

    A part that cannot be looked at (model files that are not here, a tool without samples) is skipped with the reason.
    Needs no plugin for async tests.
    """
    from trivet_sdk.conformance.declared import subjects
    from trivet_sdk.testing import manifest_of

    plugin = importlib.import_module(module)
    manifest = manifest_of(plugin)

    @pytest.mark.parametrize("part", subjects(manifest))
    def test_contract(part: str, request: pytest.FixtureRequest) -> None:
        from trivet_sdk.conformance.declared import examined_part
        from trivet_sdk.conformance.given import given_near
        from trivet_sdk.conformance.site import served

        with served(given_near(request.path)) as given:
            found = examined_part(plugin, part, given)
        if faults := [fault for each in found for fault in (*each.faults, *each.hardship)]:
            pytest.fail("\n".join(faults), pytrace=False)
        if unchecked := [each.unchecked for each in found if each.unchecked]:
            pytest.skip("; ".join(unchecked))

    return test_contract
