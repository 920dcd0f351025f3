"""The default planner and reflector with a model whose words are written beforehand, on the real tools."""

from pathlib import Path

import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, goal, household, of_kind
from trivet_sdk import GenerateRequest, ToolUse
from trivet_sdk.events import ModelCalled, VerdictIssued
from trivet_sdk.verdict import Replan

pytestmark = pytest.mark.anyio
SETTINGS = {
    "roles": {"planner": "plan", "reflector": "critic"},
    "enabled": ("plan", "critic", "table", "files", "calculate"),
}
TABLE = "island,mass\nDream,3700\nBiscoe,5100\nBiscoe,4900\nDream,3500\n"
ACHIEVED = '{"reason": "the results bear it out", "verdict": "achieved"}'


def use(id: str, tool: str, **arguments: object) -> ToolUse:
    return ToolUse(id=id, tool=tool, arguments=arguments)


async def test_native_calls_make_an_open_plan_that_ends_in_an_answer(tmp_path: Path) -> None:
    (tmp_path / "企鹅.csv").write_text(TABLE, encoding="utf-8")
    mean = use("c1", "table.aggregate", path="企鹅.csv", function="mean", column="mass", group_by="island")
    model = ScriptedModel(mean, "Biscoe, with 5000 on average.", ACHIEVED)
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        outcome = await host.run(goal(tmp_path, "哪个岛的平均体重最大?"))
        assert (outcome.status, outcome.answer) == ("succeeded", "Biscoe, with 5000 on average.")
        assert outcome.usage.model_calls >= 2
        records = await host.records(outcome.run)
        calls = of_kind(records, ModelCalled)
        assert calls[1].options["continues"] == {"call": calls[0].call, "messages": len(calls[0].messages)}


async def test_figure_that_no_result_has_is_sent_back(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(TABLE)
    mean = use("c1", "table.aggregate", path="p.csv", function="max", column="mass")
    model = ScriptedModel(mean, "It is 6543.", "The largest mass is 5100.", ACHIEVED)
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        outcome = await host.run(goal(tmp_path, "What is the largest mass in p.csv?"))
        assert (outcome.status, outcome.answer) == ("succeeded", "The largest mass is 5100.")
        verdicts = [
            each.verdict for each in of_kind(await host.records(outcome.run), VerdictIssued) if each.step is None
        ]
        disappointments = [each for each in verdicts if isinstance(each, Replan) and not each.is_next]
        assert len(disappointments) == 1
        assert "6543" in disappointments[0].reason


async def test_model_that_repeats_one_call_for_ever_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(TABLE)
    turn = 0

    def again(request: GenerateRequest) -> ToolUse:
        nonlocal turn
        turn += 1
        return use(f"c{turn}", "table.describe", path="p.csv")

    async with household(
        tmp_path / "home", ScriptedPlanner(), model=ScriptedModel(again, repeats=True), settings=SETTINGS
    ) as host:
        outcome = await host.run(goal(tmp_path, "What is the largest mass in p.csv?"))
        assert outcome.status == "failed"
        assert outcome.usage.steps <= 6
        assert outcome.answer.startswith("The plan goes round in circles")
