"""Figures in another unit than they stand in; rates of two totals; quotients of the figures of a row; days of events."""

from pathlib import Path

import pytest

from trivet_calculate import tools as calculate
from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.requests.clock_times import between_times
from trivet_plan_smollm2.requests.event_days import of_events
from trivet_plan_smollm2.tables.settings_units import told_in_unit
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Tool
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

RIDES = "day,horse,km,minutes\n2024-05-01,Comet,12,60\n2024-05-03,Comet,6,30\n2024-05-03,Hazel,9,45\n2024-06-02,Hazel,5,45\n"
CARTS = '[{"name": "Ash", "seats": 2, "kg": 80, "year": 1990}, {"name": "Elm", "seats": 4, "kg": 120, "year": 2001}]'
HEAT = "date,temp_max,weather\n2023-07-01,30.5,sun\n2023-07-02,28.5,rain\n2024-07-01,20,rain\n"
RULES = "gate:\n  max_minutes: 90\n  days_ahead: 10\nalarm:\n  wind_knots: 22\n"
MAY = "# Board, 7 May 2024\n\nThe fair is on 20 June 2024. Two stalls are booked.\n"
JUNE = "# Board, 4 June 2024\n\nThe board's meeting was short.\n"


async def planned(tmp_path: Path, goal: str) -> tuple[list[Call], StandaloneServices]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    contents = {"rides.csv": RIDES, "carts.json": CARTS, "heat.csv": HEAT, "rules.yaml": RULES}
    for name, text in {**contents, "may.md": MAY, "june.md": JUNE}.items():
        (folder / name).write_text(text, "utf-8")
    sums = (calculate.evaluate, calculate.convert, calculate.days_between, calculate.add_to_date, calculate.weekday)
    tools: list[Tool] = [*table.TOOLS, *tools_of(Changes(tmp_path / "undo"), Provenance(())), *sums]
    services = StandaloneServices(tools=tools, workspace=folder)
    kinds = {".csv": "table", ".json": "table", ".yaml": "data", ".md": "text"}
    listing = [{"path": path.name, "kind": kinds[path.suffix]} for path in sorted(folder.iterdir())]
    said = read_goal(goal, [entry["path"] for entry in listing])
    specs = [each.spec for each in tools]
    ground = await look(said, specs, services, listing)
    cards = [*ground.cards.values()]
    if (event := await of_events(said, cards, specs, services)) is not None:
        return [event[0]], services
    if setting := await told_in_unit(said, ground, specs, services):
        return [*setting], services
    return [*Clerk(specs, ground).heard(said, [card for card in cards if card.columns])], services


@pytest.mark.parametrize(
    ("goal", "last"),
    [
        ("How many metres is the total distance of all rides?", {"unit": "km", "to": "metres"}),
        ("how many hours did the Comet ride in total?", {"unit": "minutes", "to": "hours"}),
        ("How many grams does the Ash weigh?", {"unit": "kg", "to": "grams"}),
        ("how heavy is the Elm in pounds?", {"unit": "kg", "to": "pounds"}),
        ("What was the highest temp_max of 2023 in Fahrenheit?", {"unit": "c", "to": "Fahrenheit"}),
        ("Take the average temp_max of July 2023, convert it to Fahrenheit", {"unit": "c", "to": "Fahrenheit"}),
        ("What is the alarm's wind speed in metres per second?", {"unit": "knots", "to": "metres per second"}),
        ("gate max_minutes in hours", {"unit": "minutes", "to": "hours"}),
    ],
)
async def test_a_figure_is_told_in_the_unit_that_is_wished(tmp_path: Path, goal: str, last: dict[str, str]) -> None:
    calls, _ = await planned(tmp_path, goal)
    assert len(calls) == 2
    assert {name: calls[1].arguments[name] for name in last} == last
    assert "$ref" in calls[1].arguments["value"]


async def test_groups_are_reckoned_in_the_other_unit(tmp_path: Path) -> None:
    calls, _ = await planned(tmp_path, "total minutes per horse in hours")
    assert calls[0].arguments["column"] == "minutes / 60"


@pytest.mark.parametrize(
    "goal",
    [
        "Which cart is the heaviest, in grams?",
        "What was the wind speed at the last alarm in m/s?",
        "How many hours per horse and day were ridden by Zorro?",
        "What is the average speed of Zorro in km/h?",
        "How many km per hour of the night does the Comet make?",
        "What is the average kg per seat?",
        "What weekday is the harvest on?",
        "What day of the week is the board's meeting?",
    ],
)
async def test_what_no_figure_or_two_days_could_tell_is_left(tmp_path: Path, goal: str) -> None:
    calls, _ = await planned(tmp_path, goal)
    assert calls == []


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("How many km per hour does the Comet make on average?", "km / minutes * 60"),
        ("average speed of the Hazel in km/h", "km / minutes * 60"),
        ("What was the average pace in May in min/km?", "minutes / km"),
    ],
)
async def test_a_rate_is_the_quotient_of_two_totals(tmp_path: Path, goal: str, expression: str) -> None:
    calls, _ = await planned(tmp_path, goal)
    assert [call.arguments.get("column") for call in calls[:2]] in (["km", "minutes"], ["minutes", "km"])
    assert calls[2].arguments["expression"] == expression


async def test_rates_of_groups_are_queried(tmp_path: Path) -> None:
    calls, services = await planned(tmp_path, "Which horse has the highest average speed in km/h?")
    result = await services.call(calls[0].tool, calls[0].arguments)
    assert result.value["rows"][0]["horse"] == "Comet"


@pytest.mark.parametrize(
    ("goal", "column"),
    [
        ("Which cart has the highest kg per seat?", "kg / seats"),
        ("Which cart weighs the least per seat?", "kg / seats"),
    ],
)
async def test_rows_are_ranked_by_a_quotient(tmp_path: Path, goal: str, column: str) -> None:
    calls, _ = await planned(tmp_path, goal)
    assert [call.arguments["column"] for call in calls] == [column]


@pytest.mark.parametrize(
    ("goal", "value"),
    [
        ("What weekday is the fair on?", "Thursday"),
        ("On which day of the week was the board meeting of May 2024?", "Tuesday"),
        ("Which date is two weeks before the fair?", "2024-06-06"),
        ("2024年11月7日之后90天是哪一天？", "2025-02-05"),
        ("2024年11月7日再过六周是星期几？", "2024-12-19"),
        ("what weekday is ten days after 2024-11-07?", "2024-11-17"),
    ],
)
async def test_days_of_events_and_days_after_others(tmp_path: Path, goal: str, value: str) -> None:
    calls, services = await planned(tmp_path, goal)
    result = await services.call(calls[0].tool, calls[0].arguments)
    assert result.value["value"] == value


async def test_days_of_a_kind_are_counted_in_chinese(tmp_path: Path) -> None:
    calls, services = await planned(tmp_path, "2023年下雨的有几天？")
    result = await services.call(calls[0].tool, calls[0].arguments)
    assert result.value["value"] == 1


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("How long is it from 8:45 to 17:10?", "(17 * 60 + 10) - (8 * 60 + 45)"),
        ("how many minutes from 9:50 am to 1:15 pm", "(13 * 60 + 15) - (9 * 60 + 50)"),
        ("My shift is from 22:15 to 6:30, how long is that?", "(6 * 60 + 30) - (22 * 60 + 15) + 24 * 60"),
        ("How many errors were there between 8:45 and 17:10?", ""),
        ("How long is it from 9 to 5 pm?", ""),
    ],
)
def test_the_time_between_two_times_of_the_day(goal: str, expression: str) -> None:
    schema = {"properties": {"sum": {"type": "string", "format": "expression"}}, "required": ["sum"]}
    calls = between_times(read_goal(goal), [ToolCard(name="sums.work", parameters=schema)])
    assert [call.arguments["sum"] for call in calls] == ([expression] if expression else [])
