"""Goals that want rows of a table in a file, in other words than `save`."""

from pathlib import Path

import pytest

from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import ToolSpec
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

NAMES = ("describe", "select", "aggregate", "compare", "convert", "write")
TOOLS = [getattr(table, name) for name in NAMES]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
FILES = {
    "players.csv": "player,name,team,year,paid\n"
    + "".join(
        f"P{n},{name} {n},{team},{year},{paid}\n"
        for n, (name, team, year, paid) in enumerate(
            [("Ada", "red", 1998, "yes"), ("Bo", "blue", 2004, "no"), ("Cy", "junior", 2011, "yes")] * 9, 10
        )
    ),
    "alarm.log": "".join(
        f"2024-05-01 {hour:02}:10:00 {level} door-{hour % 2 + 1}: {said}\n"
        for hour, (level, said) in enumerate([("INFO", "opened"), ("WARNING", "left open"), ("INFO", "shut")] * 7)
    ),
}


async def plan(folder: Path, goal: str) -> list[Call]:
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    listing = [{"path": name, "kind": "log" if name.endswith(".log") else "table"} for name in FILES]
    ground = await look(read_goal("x"), SPECS, services, listing)
    clerk = Clerk(SPECS, ground)
    return [*clerk.heard(read_goal(goal, ground.listing), [*ground.cards.values()])]


@pytest.mark.parametrize(
    ("goal", "arguments"),
    [
        ("Create out/juniors.csv with all juniors.", {"where": [{"column": "team", "op": "=", "value": "junior"}]}),
        (
            "Write the names of all players from before 2000 into out/old.txt, one per line.",
            {"columns": ["name"], "where": [{"column": "year", "op": "<", "value": 2000}]},
        ),
        ("Turn players.csv into a JSON file out/players.json, ordered by year.", {"sort_by": "year"}),
        ("Convert players.csv to TSV out/p.tsv with only name and team", {"columns": ["name", "team"]}),
        (
            "please convert players.csv to JSON lines, but only the juniors: out/j.jsonl",
            {"where": [{"column": "team", "op": "=", "value": "junior"}]},
        ),
        ("Save the names in players.csv without duplicates to out/n.txt", {"columns": ["name"], "distinct": True}),
    ],
)
async def test_rows_are_written_as_the_goal_says(tmp_path: Path, goal: str, arguments: dict[str, object]) -> None:
    chosen, written = await plan(tmp_path, goal)
    assert chosen.arguments == {"path": "players.csv", **arguments}
    assert written.tool == "write"
    assert written.arguments["rows"] == {"$ref": "s1#/rows"}


async def test_a_file_called_summary_is_no_wish_for_one(tmp_path: Path) -> None:
    chosen, written = await plan(tmp_path, "Make a file out/summary.md with the number of players per team as a table.")
    assert (chosen.arguments["function"], chosen.arguments["group_by"]) == ("count", "team")
    assert written.arguments["path"] == "out/summary.md"


@pytest.mark.parametrize("goal", ["players.csv -> out/p.parquet", "make a markdown table out of players.csv: out/p.md"])
async def test_another_format_is_a_conversion(tmp_path: Path, goal: str) -> None:
    [call] = await plan(tmp_path, goal)
    assert call.tool == "convert"


@pytest.mark.parametrize(
    "goal",
    [
        "Create out/juniors.csv with all seniors.",  # there are none
        "Draw all juniors into out/juniors.png",  # rows are no picture
        "Create out/juniors.csv with all juniors and their shoe size",
        "Turn players.csv into a JSON file out/players.json, ordered by height.",
    ],
)
async def test_what_has_no_place_is_not_written(tmp_path: Path, goal: str) -> None:
    assert not await plan(tmp_path, goal)


async def test_a_level_of_a_log_is_enough_to_tell_that_it_is_meant(tmp_path: Path) -> None:
    [call] = await plan(tmp_path, "Which hour of the day had the most warnings?")
    assert call.arguments["path"] == "alarm.log"
    assert call.arguments["group_by"] == "time.hour"
