"""Several questions that one text answers."""

from pathlib import Path

import pytest

from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.grounding import Search, look
from trivet_plan_smollm2.requests.several import several_questions
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices

NOTE = "# 秋游\n\n秋游于10月18日上午八点半在东湖举行，由陈志强负责。每人65元。\n"


async def is_held(found: Search, goal: Spans, is_elsewhere: bool) -> bool:
    return found.coverage >= 0.5


@pytest.mark.parametrize(
    ("goal", "count"),
    [
        ("秋游在哪里举行？几点开始？", 1),
        ("秋游在哪里举行？多少钱？", 1),
        ("秋游由谁负责？有多少只狗？", 0),  # nobody tells
        ("秋游在哪里举行？", 0),  # one question is none of several
        ("秋游在哪里举行？几点开始？请写到 a.txt", 0),
    ],
)
async def test_questions_that_lean_on_the_first_are_told_by_its_passage(tmp_path: Path, goal: str, count: int) -> None:
    (tmp_path / "通知.md").write_text(NOTE, "utf-8")
    tools = [*tools_of(Changes(tmp_path / "undo"), Provenance())]
    services = StandaloneServices(tools=tools, workspace=tmp_path)
    specs = [tool.spec for tool in tools]
    ground = await look(read_goal("x"), specs, services, [{"path": "通知.md", "kind": "text"}])
    calls = await several_questions(read_goal(goal, ground.listing), ground, specs, services, is_held)
    assert len(calls) == count
