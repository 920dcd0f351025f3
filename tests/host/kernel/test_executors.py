"""What stands in for a plugin's executor, while lives of the plugin come and go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from trivet.kernel.registry import Registry, Share
from trivet.kernel.standins import CurrentExecutor
from trivet_sdk import Contributions, Invocation, Tool, ToolCall, ToolContext, ToolResult, Workspace, result, tool
from trivet_sdk.testing import StandaloneCall, manifest_for

pytestmark = pytest.mark.anyio


@tool(effect="pure")
async def work() -> str:
    """Work."""
    return "done"


CALL = ToolCall(run="r", step="s1", tool="work", arguments={}, key="r/s1/0", effect="pure")
INVOCATION = Invocation(call=CALL, spec=work.spec)


class Telling:
    def __init__(self, name: str, said: list[str]) -> None:
        self.name, self.said = name, said

    @asynccontextmanager
    async def place(self, invocation: Invocation) -> AsyncIterator[None]:
        self.said.append(f"{self.name} gives a place")
        yield
        self.said.append(f"{self.name} has it back")

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        self.said.append(f"{self.name} executes")
        return result("done")


async def test_a_call_whose_executor_was_replaced_has_a_place_at_the_new_one(tmp_path: Path) -> None:
    said: list[str] = []
    registry = Registry()
    old, new = (Contributions(executors={"ray": Telling(name, said)}) for name in ("old", "new"))
    manifest = manifest_for("ray", old)
    before, after = Share(registry, manifest), Share(registry, manifest)
    before.add(old)
    before.show()

    async def find() -> object:
        return registry.get("executors", "ray")

    entry = registry.get("executors", "ray")
    assert entry is not None
    executor = CurrentExecutor(find, entry)  # type: ignore[arg-type]
    ctx = StandaloneCall(Workspace(tmp_path))
    async with executor.place(INVOCATION):
        await executor.execute(INVOCATION, work, ctx)
        after.add(new)
        after.show(instead_of=before)
        await executor.execute(INVOCATION, work, ctx)
    async with executor.place(INVOCATION):
        await executor.execute(INVOCATION, work, ctx)
    assert said == [
        "old gives a place", "old executes", "new gives a place", "new executes", "new has it back", "old has it back",
        "new gives a place", "new executes", "new has it back",
    ]  # fmt: skip
