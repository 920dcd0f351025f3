"""Goals about the times and the messages of a log."""

from pathlib import Path

import pytest

from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.tables.clocks import clock
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import ToolSpec
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

NAMES = ("describe", "select", "aggregate", "compare", "sql", "write")
TOOLS = [getattr(table, name) for name in NAMES]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
ENTRIES = [
    ("2024-05-01 08:00:00", "INFO", "gate", "opened in 12 s"),
    ("2024-05-01 08:10:00", "ERROR", "gate", "stuck"),
    ("2024-05-01 08:30:00", "ERROR", "lamp", "no current"),
    ("2024-05-01 11:00:00", "INFO", "gate", "opened in 14 s"),
    ("2024-05-01 11:05:00", "ERROR", "gate", "stuck"),
    ("2024-05-02 07:55:00", "WARNING", "lamp", "flickers 3 times"),
    ("2024-05-02 08:15:00", "ERROR", "gate", "stuck"),
    ("2024-05-02 08:20:00", "WARNING", "lamp", "flickers 5 times"),
]
LOG = "".join(f"{time} {level} {source}: {message}\n" for time, level, source, message in ENTRIES)
ROOMS = "room,beds\n" + "".join(f"R{n},{n % 4}\n" for n in range(10, 30))


async def planned(folder: Path, goal: str) -> tuple[list[Call], StandaloneServices]:
    for name, text in {"yard.log": LOG, "rooms.csv": ROOMS}.items():
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    listing = [{"path": "yard.log", "kind": "log"}, {"path": "rooms.csv", "kind": "table"}]
    ground = await look(read_goal("x"), SPECS, services, listing)
    calls = Clerk(SPECS, ground).heard(read_goal(goal, ground.listing), [*ground.cards.values()])
    return [*calls], services


async def value_of(folder: Path, goal: str) -> dict[str, object]:
    [call], services = await planned(folder, goal)
    value = (await services.call(call.tool, call.arguments)).value
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("goal", "count"),
    [
        ("How many errors were there between 08:00 and 08:20 on 2024-05-01?", 1),
        ("How many entries of yard.log are from 2024-05-01 after 11:00?", 1),
        ("How many errors before 9 am?", 3),
        ("yard.log 2024年5月1日 8点到9点之间有多少条错误？", 2),
        ("How many warnings on 2 May 2024 from 8:20 on", 1),
    ],
)
async def test_times_of_the_day_keep_their_rows(tmp_path: Path, goal: str, count: int) -> None:
    assert (await value_of(tmp_path, goal))["value"] == count


@pytest.mark.parametrize(
    "goal",
    [
        "How many errors between 22:00 and 6:00?",  # beyond midnight
        "How many errors between 08:05 and 08:20?",  # on which of the days?
        "How many rooms before 9 am?",  # which have no time
        "How many errors after 25:00?",
    ],
)
async def test_times_that_nobody_can_place_are_not_left_out(tmp_path: Path, goal: str) -> None:
    assert not (await planned(tmp_path, goal))[0]


def test_two_stretches_of_the_day_are_too_many() -> None:
    assert clock("errors between 8:00 and 9:00 or after 15:00") is None
    assert clock("errors after 3 pm") is not None


@pytest.mark.parametrize(
    ("goal", "unit", "figure"),
    [
        ("What is the longest time between two entries in yard.log, in minutes?", "minutes", 1250.0),
        ("How many hours is the longest gap between two errors of the gate in yard.log?", "hours", 21.167),
        ("longest pause between consecutive warnings", "minutes", 25.0),
        ("shortest time between two errors in yard.log", "minutes", 20.0),
        ("How many hours does yard.log cover?", "hours", 24.333),
    ],
)
async def test_the_time_between_rows_is_told(tmp_path: Path, goal: str, unit: str, figure: float) -> None:
    rows = (await value_of(tmp_path, goal))["rows"]
    assert isinstance(rows, list)
    assert rows[0][unit] == pytest.approx(figure, abs=0.001)


@pytest.mark.parametrize(
    "goal",
    [
        "What is the longest time between two rooms?",
        "longest time between two floods in yard.log",
        "How many hours are in rooms.csv?",
        "How many hours did the gate sleep, see yard.log?",
    ],
)
async def test_no_other_time_is_made_up(tmp_path: Path, goal: str) -> None:
    assert not (await planned(tmp_path, goal))[0]


async def test_the_most_frequent_message_of_a_level_is_told(tmp_path: Path) -> None:
    for goal in ("most frequent error message in yard.log", "Which error occurred most often? And how many times?"):
        rows = (await value_of(tmp_path, goal))["rows"]
        assert isinstance(rows, list)
        assert [*rows[0].values()] == ["stuck", 3]


async def test_messages_that_differ_in_their_figures_only_are_one(tmp_path: Path) -> None:
    rows = (await value_of(tmp_path, "Which warnings are in yard.log, and how often?"))["rows"]
    assert rows == [{"message": "flickers N times", "entries": 2}]


async def test_what_messages_are_told_apart_by_is_not_passed_over(tmp_path: Path) -> None:
    [call], _ = await planned(tmp_path, "Which source has the most frequent errors in yard.log?")
    assert call.arguments["group_by"] == "source"
    assert not (await planned(tmp_path, "most frequent flood message in yard.log"))[0]
