"""From a goal to an answer, through the host's own door."""

from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, ScriptedReflector, goal, household, step, topics
from trivet_sdk import Ask, Finish, GiveUp, Plan, Replan, Retry, ToolContext, result, tool
from trivet_sdk.tool import ToolResult

pytestmark = pytest.mark.anyio


@tool(effect="pure")
def add(a: float, b: float) -> ToolResult:
    """Add two numbers."""
    return result(f"{a:g} + {b:g} = {a + b:g}", {"sum": a + b})


@tool(effect="idempotent")
def note(ctx: ToolContext, path: str, text: str) -> ToolResult:
    """Write a file."""
    ctx.workspace.writable(path).write_text(text, encoding="utf-8")
    return result(f"wrote {path}", {"path": path}, artifacts=(path,))


async def test_results_flow_from_step_to_step_into_answer_and_file(tmp_path: Path) -> None:
    planner = ScriptedPlanner(
        [
            step("s1", "add", a=1, b=2),
            step("s2", "work.add", a={"$ref": "s1#/sum"}, b=39.5),
            step("s3", "note", path="总和.txt", text="合计 {{s2#/sum}}"),
            step("s4", "answer", text="It is {{s2#/sum}} ({{s1}}).", needs=("s3",)),
        ]
    )
    async with household(tmp_path / "home", planner, tools=(add, note)) as host:
        outcome = await host.run(goal(tmp_path, "求和"))
        assert outcome.status == "succeeded"
        assert outcome.answer == "It is 42.5 (1 + 2 = 3)."
        assert outcome.artifacts == ("总和.txt",)
        assert (tmp_path / "总和.txt").read_text(encoding="utf-8") == "合计 42.5"
        records = await host.records(outcome.run)
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        assert topics(records)[:5] == ["run.submitted", "run.started", "plan.proposed", "plan.accepted", "step.started"]
        assert topics(records)[-1] == "run.finished"
        (listed,) = await host.runs()
        assert (listed.id, listed.status, listed.goal, listed.pid) == (outcome.run, "succeeded", "求和", None)
