"""What is read against a whole workspace: which table is meant, words that stand in the rows, figures in messages."""

from pathlib import Path

import pytest

from trivet_plan_smollm2.clerk import Clerk, is_set_aside
from trivet_plan_smollm2.grounding import Ground, look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import PlannerAbstained, ToolSpec
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

NAMES = ("describe", "select", "aggregate", "compare", "sql", "write")
TOOLS = [getattr(table, name) for name in NAMES]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
SALES = "day,item,shop,sold\n2024-03-02,scone,North,4\n2024-04-05,bagel,South,9\n2024-04-09,scone,South,3\n"
VISITS = "day,city,guests\n2024-03-02,Graz,4\n2024-04-05,Lyon,9\n2024-04-09,Graz,3\n2024-05-01,Lyon,2\n"
LOG = "".join(
    f"2024-05-01 10:{minute:02}:00 {level} oven-{minute % 2 + 1}: {said}\n"
    for minute, (level, said) in enumerate(
        [("INFO", f"baked {minute} loaves in {300 + minute} s") for minute in range(30)]
        + [("ERROR", "door jammed by tray 4"), ("WARN", "door jammed by tray 7"), ("INFO", "light changed")] * 5
    )
)


async def clerk_of(folder: Path, files: dict[str, str]) -> tuple[Clerk, Ground, StandaloneServices]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    listing = [{"path": name, "kind": "log" if name.endswith(".log") else "table"} for name in files]
    ground = await look(read_goal("x"), SPECS, services, listing)
    return Clerk(SPECS, ground), ground, services


async def plan(folder: Path, files: dict[str, str], goal: str) -> tuple[Call, ...]:
    clerk, ground, services = await clerk_of(folder, files)
    said = read_goal(goal, ground.listing)
    cards = [*ground.cards.values()]
    return clerk.heard(said, cards) or await clerk.probed(said, cards, services)


async def test_words_that_stand_in_the_messages_of_a_log_become_a_condition(tmp_path: Path) -> None:
    [call] = await plan(tmp_path, {"bakery.log": LOG}, "How often was the door jammed? See bakery.log")
    assert call.arguments["function"] == "count"
    assert call.arguments["where"] == [{"column": "message", "op": "contains", "value": "door jammed"}] or [
        test["op"] for test in call.arguments["where"]
    ] == ["contains", "contains"]


async def test_words_that_stand_nowhere_are_not_left_out(tmp_path: Path) -> None:
    assert not await plan(tmp_path, {"bakery.log": LOG}, "How often was the window broken? See bakery.log")


async def test_figures_in_messages_are_reckoned_with(tmp_path: Path) -> None:
    goal = "bakery.log: how many loaves were baked in total?"
    [call] = await plan(tmp_path, {"bakery.log": LOG}, goal)
    found = await StandaloneServices(tools=TOOLS, workspace=tmp_path).call("sql", call.arguments)
    assert call.tool == "sql"
    assert isinstance(found.value, dict)
    assert found.value["value"] == sum(range(30))


async def test_the_longest_figure_of_a_unit_is_found(tmp_path: Path) -> None:
    [call] = await plan(tmp_path, {"bakery.log": LOG}, "longest time in s in bakery.log")
    found = await StandaloneServices(tools=TOOLS, workspace=tmp_path).call("sql", call.arguments)
    assert isinstance(found.value, dict)
    assert found.value["value"] == 329


async def test_a_goal_that_two_tables_could_answer_is_asked_about(tmp_path: Path) -> None:
    clerk, ground, _ = await clerk_of(tmp_path, {"north.csv": SALES, "south.csv": SALES})
    goal = read_goal("How many scones were sold?", ground.listing)
    assert not clerk.heard(goal, [*ground.cards.values()])
    assert clerk.rivals == ("north.csv", "south.csv")


async def test_a_folder_for_what_is_over_counts_only_when_it_is_spoken_of(tmp_path: Path) -> None:
    files = {"sales.csv": SALES, "old/sales 2019.csv": SALES}
    [call] = await plan(tmp_path, files, "How many scones were sold?")
    assert call.arguments["path"] == "sales.csv"
    assert is_set_aside("旧数据/二月.csv")
    assert not is_set_aside("golden/x.csv")


async def test_a_time_that_no_table_reaches_is_declined_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlannerAbstained) as raised:
        await plan(tmp_path, {"sales.csv": SALES}, "How many scones were sold in 2022?")
    assert raised.value.reason == "sales.csv has no day in 2022: it goes from 2024-03-02 to 2024-04-09."


async def test_sentences_before_the_question_may_only_tell_why(tmp_path: Path) -> None:
    clerk, ground, _ = await clerk_of(tmp_path, {"sales.csv": SALES})
    asked = clerk._asked(
        read_goal("The owner calls this afternoon and is nervous. How many scones were sold?", ground.listing)
    )
    assert asked is not None
    assert asked.goal == "How many scones were sold?"
    for told in (
        "I only care for North. How many scones?",
        "Think of April 2024. How many scones?",
        "Without the 3 gifts. How many?",
    ):
        assert clerk._asked(read_goal(told, ground.listing)) is None


async def test_a_condition_of_another_table_is_found_without_its_name(tmp_path: Path) -> None:
    shops = "shop,city\nNorth,Graz\nSouth,Lyon\n"
    first, second = await plan(
        tmp_path, {"sales.csv": SALES, "shops.csv": shops}, "How many scones were sold in Lyon? (sum of sold)"
    )
    assert first.arguments["where"] == [{"column": "city", "op": "=", "value": "Lyon"}]
    assert second.arguments["where"][-1] == {"column": "shop", "op": "in", "value": {"$ref": "s1#/values/shop"}}


RIDERS = {"rides.csv": "rider,km\nR01,12\nR02,30\nR01,8\n", "riders.csv": "rider,name\nR01,Ana\nR02,Ben\nR03,Cem\n"}


async def test_what_never_happened_is_not_read_as_all_rows(tmp_path: Path) -> None:
    goal = "Write idle.csv with the riders who have never recorded a ride (columns rider and name, sorted by rider)."
    calls = await plan(tmp_path, RIDERS, goal)
    assert all({"where", "other", "query"} & call.arguments.keys() for call in calls[:1])


async def test_hottest_it_has_ever_been_is_no_mean(tmp_path: Path) -> None:
    rows = "ts,temp_c,humidity\n2025-06-01 10:00:00,20,50\n2025-06-01 12:00:00,41,60\n2025-06-02 10:00:00,31,55\n"
    goal = "What's the hottest it has ever been in the greenhouse and on what date?"
    calls = await plan(tmp_path, {"garden/greenhouse.csv": rows}, goal)
    assert all(call.arguments.get("function") != "mean" for call in calls)


async def test_all_columns_are_not_the_one_that_the_file_is_called_after(tmp_path: Path) -> None:
    medicines = {"medicines.csv": "code,medicine,stock\nM1,Tramapet,4\nM2,Lubripet,7\n"}
    goal = "Convert the medicine list from Excel to csv: stock/medicines.tsv, all columns."
    assert not any(call.arguments.get("columns") for call in await plan(tmp_path, medicines, goal))


async def test_half_of_what_is_asked_of_a_log_is_no_answer(tmp_path: Path) -> None:
    goal = "bakery.log: how many loaves were baked in total"
    assert await plan(tmp_path, {"bakery.log": LOG}, goal)
    assert not await plan(tmp_path, {"bakery.log": LOG}, f"{goal} and on which day was that")
