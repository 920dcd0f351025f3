"""The fixtures that the SDK brings to pytest."""

from collections.abc import Awaitable, Callable

from trivet_sdk import ToolContext, ToolResult, Workspace, tool
from trivet_sdk.testing import ManualClock


@tool(effect="idempotent")
def save(text: str, ctx: ToolContext) -> str:
    """Save a text."""
    ctx.workspace.writable("a.txt").write_text(text)
    return "saved"


async def test_tools_are_called_in_the_tests_workspace(
    call_tool: Callable[..., Awaitable[ToolResult]], workspace: Workspace
) -> None:
    assert (await call_tool(save, text="hi")).text == "saved"
    assert (workspace.root / "a.txt").read_text() == "hi"


def test_a_clock_stands_still(manual_clock: ManualClock) -> None:
    assert manual_clock() == 0.0
