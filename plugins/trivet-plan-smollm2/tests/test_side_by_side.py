"""Goals that need two tables at once, or two figures: joined, divided, read off a meter, and groups beyond a bound."""

import re
from pathlib import Path

import pytest

from trivet_calculate.tools import evaluate
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import ToolSpec
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

TOOLS = [getattr(table, name) for name in ("describe", "select", "aggregate", "compare", "join", "write")] + [evaluate]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
RIDES = "ride,day,bus,guests,km\n" + "".join(
    f"{n},{3 + n % 20:02}.0{4 + n % 3}.2024,B{n % 4 + 1},{n % 9 + 1},{n + 2}.5\n" for n in range(24)
)
BUSES = "bus,fuel,seats\nB1,gas,40\nB2,diesel,52\nB3,diesel,30\nB4,electric,25\n"
METER = "read_on,kwh\n" + "".join(f"2024-0{month}-01,{1000 + 37 * month}\n" for month in range(1, 8))
REPAIRS = (
    '[{"车": "B1", "司机": "王芳", "费用": 90}, {"车": "B2", "司机": "王芳", "费用": 40},'
    ' {"车": "B1", "司机": "赵强", "费用": 60}]'
)
FILES = {"rides.csv": RIDES, "buses.csv": BUSES, "depot/electricity meter.csv": METER, "维修.json": REPAIRS}


async def plan(folder: Path, goal: str) -> tuple[Call, ...]:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    ground = await look(read_goal("x"), SPECS, services, [{"path": name, "kind": "table"} for name in FILES])
    return Clerk(SPECS, ground).heard(read_goal(goal, ground.listing), [*ground.cards.values()])


@pytest.mark.parametrize("goal", ["km by type of fuel (rides + buses)", "Total km of the rides per fuel?"])
async def test_groups_that_another_table_tells_are_joined_first(tmp_path: Path, goal: str) -> None:
    joined, question = await plan(tmp_path, goal)
    assert joined.arguments["other"] == "buses.csv"
    assert joined.arguments["on"] == "bus"
    assert question.arguments["path"] == {"$ref": "s1#/rows"}
    assert (question.arguments["function"], question.arguments["group_by"]) == ("sum", "fuel")


async def test_what_one_table_tells_is_not_joined(tmp_path: Path) -> None:
    assert not any("other" in call.arguments for call in await plan(tmp_path, "How many buses per fuel?"))
    [call] = await plan(tmp_path, "total seats of the diesel buses")
    assert call.arguments["path"] == "buses.csv"


async def test_a_table_is_not_joined_before_all_have_been_looked_at(tmp_path: Path) -> None:
    await plan(tmp_path, "x")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    ground = await look(read_goal("x"), SPECS, services, [{"path": name, "kind": "table"} for name in FILES])
    goal = read_goal("Total km of the rides per fuel?", ground.listing)
    assert not Clerk(SPECS, ground).heard(goal, [ground.cards["rides.csv"]])


@pytest.mark.parametrize(
    "goal",
    [
        "What is the distance per guest (km divided by guests)? 2 decimals",
        "How far is a ride, i.e. total km / number of rides",
    ],
)
async def test_a_quotient_is_of_the_two_figures_that_the_goal_names(tmp_path: Path, goal: str) -> None:
    above, below, quotient = await plan(tmp_path, goal)
    assert above.arguments["column"] == "km"
    assert (below.arguments.get("column"), below.arguments["function"]) in (("guests", "sum"), (None, "count"))
    assert re.fullmatch(r"\w+ / \w+", quotient.arguments["expression"])
    assert [*quotient.arguments["values"].values()] == [{"$ref": "s1#/value"}, {"$ref": "s2#/value"}]


async def test_a_quotient_of_some_rows_is_not_one_of_all(tmp_path: Path) -> None:
    above, below, _ = await plan(tmp_path, "distance per guest in May 2024 (km divided by guests)")
    assert above.arguments["where"] == below.arguments["where"] != []
    assert not await plan(tmp_path, "distance per guest of Sherpa (km divided by guests)")
    assert not await plan(tmp_path, "distance per guest for each bus (km divided by guests)")


@pytest.mark.parametrize(
    ("goal", "edges"),
    [
        ("how many kWh did the depot use in March?", ("2024-03", "2024-04")),
        ("Electricity used between the first and the last reading", ("", "")),
    ],
)
async def test_what_a_meter_counted_is_a_difference_of_readings(
    tmp_path: Path, goal: str, edges: tuple[str, str]
) -> None:
    before, after, difference = await plan(tmp_path, goal)
    said = tuple(next((test["value"] for test in call.arguments.get("where", ())), "") for call in (before, after))
    assert said == edges
    assert difference.arguments["expression"] == "after - before"


@pytest.mark.parametrize(
    "goal", ["how much gas did the depot use in March?", "In which month did the depot use the most electricity?"]
)
async def test_readings_are_neither_added_up_nor_taken_for_another_thing(tmp_path: Path, goal: str) -> None:
    assert not await plan(tmp_path, goal)


async def test_meters_that_are_swum_are_no_readings(tmp_path: Path) -> None:
    swum = "day,meters\n" + "".join(f"2024-05-0{day},{1000 - 40 * (day % 3)}\n" for day in range(1, 8))
    (tmp_path / "swim meters.csv").write_text(swum, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    ground = await look(read_goal("x"), SPECS, services, [{"path": "swim meters.csv", "kind": "table"}])
    goal = read_goal("total meters between 2024-05-02 and 2024-05-04", ground.listing)
    [call] = Clerk(SPECS, ground).heard(goal, [*ground.cards.values()])
    assert (call.arguments["function"], call.arguments["column"]) == ("sum", "meters")


@pytest.mark.parametrize(
    ("goal", "function", "over"),
    [
        ("Which buses had more than 30 guests in total?", "sum", 30),
        ("which buses covered more than 150 km", "sum", 150),  # no ride is that long
        ("Which buses have more than 5 rides?", "count", 5),
        ("哪些司机的维修超过1次", "count", 1),
    ],
)
async def test_a_bound_of_groups_is_held_against_their_figures(
    tmp_path: Path, goal: str, function: str, over: int
) -> None:
    groups, among = await plan(tmp_path, goal)
    assert groups.arguments["function"] == function
    assert groups.arguments["group_by"] in ("bus", "司机")
    assert among.arguments == {
        "path": {"$ref": "s1#/rows"},
        "where": [{"column": {"$ref": "s1#/columns/1"}, "op": ">", "value": over}],
    }


async def test_a_bound_of_rows_stays_one_of_rows(tmp_path: Path) -> None:
    [call] = await plan(tmp_path, "Which rides had more than 7 guests?")
    assert call.arguments["where"] == [{"column": "guests", "op": ">", "value": 7}]


async def test_dates_in_another_form_tell_their_span(tmp_path: Path) -> None:
    [call] = await plan(tmp_path, "How many rides were there in May 2024?")
    assert call.arguments["where"] == [{"column": "day", "op": "=", "value": "2024-05"}]
