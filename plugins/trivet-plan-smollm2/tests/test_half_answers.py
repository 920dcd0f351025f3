"""Goals of which a count, a figure or a condition on one row would be half an answer."""

from pathlib import Path

import pytest

from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import list_workspace, look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.tables.whereabouts import whereabouts
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import PlannerAbstained
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

FILES = {
    "shed.log": "".join(
        f"2024-05-{day:02} 10:00 {level} {thing}\n"
        for day, (level, thing) in enumerate([("OUT", "saw A1"), ("BACK", "saw A1"), ("OUT", "rake A2")] * 4, 1)
    ),
    "pump.log": "".join(
        f"2024-05-{day:02} 10:00 {'ERROR' if day % 3 else 'WARNING'} motor: off\n" for day in range(1, 10)
    ),
    "种子.csv": "名称,包数,单价\n番茄,46,6.5\n黄瓜,38,5.8\n豆角,52,4.5\n",
    "radio.yaml": "channel: 7\nrepeater:\n  site: Grauhorn\n  watts: 25\n",
}


async def plan(folder: Path, goal: str) -> list[Call]:
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    tools = [
        *tools_of(Changes(folder / "data"), Provenance()),
        *(getattr(table, name) for name in ("describe", "select", "aggregate", "sql")),
    ]
    specs = [tool.spec for tool in tools]
    services = StandaloneServices(tools=tools, workspace=folder)
    ground = await look(read_goal("x"), specs, services, await list_workspace(specs, services))
    said = read_goal(goal, ground.listing)
    if calls := await whereabouts(said, ground, specs, services):
        return [*calls]
    try:
        return [*Clerk(specs, ground).heard(said, [*ground.cards.values()])]
    except PlannerAbstained:
        return []


@pytest.mark.parametrize(
    ("goal", "is_last"),
    [
        ("How many OUT entries are in shed.log and when did the last one happen?", True),
        ("count the OUT entries in shed.log. When was the first one?", False),
        ("shed.log 里有多少条 OUT，最后一次是什么时候？", True),
    ],
)
async def test_how_many_and_when_are_two_questions(tmp_path: Path, goal: str, is_last: bool) -> None:
    counted, row = await plan(tmp_path, goal)
    assert counted.arguments["function"] == "count"
    assert row.arguments["where"] == counted.arguments["where"] == [{"column": "level", "op": "=", "value": "OUT"}]
    assert (row.arguments["sort_by"], row.arguments["limit"]) == ("time", 1)
    assert bool(row.arguments.get("descending")) is is_last


@pytest.mark.parametrize(
    "goal",
    [
        "which tools haven't been brought back? (shed.log, OUT without a BACK)",
        "list every OUT with no BACK in shed.log",
    ],
)
async def test_the_newest_entry_tells_what_is_still_out(tmp_path: Path, goal: str) -> None:
    [call] = await plan(tmp_path, goal)
    assert "HAVING arg_max(level, time) = 'OUT'" in call.arguments["query"]


@pytest.mark.parametrize(
    ("goal", "has"),
    [
        (
            "种子.csv 里单价最高的是哪种种子，多少钱一包？",
            {"columns": ["名称", "单价"], "descending": True, "limit": 1},
        ),
        ("哪种种子包数最少？见 种子.csv", {"columns": ["名称", "包数"], "limit": 1}),
    ],
)
async def test_a_thing_is_told_with_its_figure(tmp_path: Path, goal: str, has: dict[str, object]) -> None:
    [call] = await plan(tmp_path, goal)
    assert has.items() <= call.arguments.items()


async def test_a_chinese_basket_has_its_discount(tmp_path: Path) -> None:
    [call] = await plan(tmp_path, "买15包番茄种子和8包豆角种子，打九折以后要付多少元？单价在 种子.csv。")
    assert "WHEN '番茄' THEN 15" in call.arguments["query"]
    assert "* 0.9 AS total" in call.arguments["query"]


@pytest.mark.parametrize("goal", ["Where does the repeater stand? (radio.yaml)", "where is our repeater located"])
async def test_settings_tell_where_something_is(tmp_path: Path, goal: str) -> None:
    [call] = await plan(tmp_path, goal)
    assert call.arguments == {"path": "radio.yaml", "columns": ["repeater.site"]}


@pytest.mark.parametrize(
    "goal",
    [
        "How many OUT entries are in shed.log and when was the roof mended?",
        "which tools that A2 took are OUT without a BACK in shed.log",
        "种子.csv 里2024年单价最高的是哪种种子？",
        "买3包黄瓜和2包土豆要多少钱？单价在 种子.csv",
        "where does the repeater get its power?",
        "where is the antenna located",
    ],
)
async def test_what_is_not_understood_in_whole_is_not_claimed(tmp_path: Path, goal: str) -> None:
    assert not await plan(tmp_path, goal)
