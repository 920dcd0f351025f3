"""Ways of asking about rows' days, two ends of a column, two readings of a meter, prices of the settings, tracks, events."""

from pathlib import Path
from typing import Any

import pytest

from trivet_calculate import tools as calculate
from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import look, mentioned
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.event_days import of_events
from trivet_plan_smollm2.tables.settings_units import told_in_unit
from trivet_plan_smollm2.tables.times_setting import times_setting
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Tool
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

MEMBERS = "member,name,joined,hours\n" + "".join(
    f"M{100 + n},Name {n},{1990 + n}-0{1 + n % 9}-1{n % 9},{n % 5}\n" for n in range(1, 21)
)
GARDENS = "garden,area_m2,member\n" + "".join(f"G{n:02},{100 + 7 * n},M{100 + n}\n" for n in range(1, 13))
METERS = "garden,start_m3,end_m3\n" + "".join(f"G{n:02},{100 + n * 3}.5,{110 + n * 4}.5\n" for n in range(1, 13))
DAYS = "date,temp_min,temp_max,new_snow_cm,wind_kmh\n" + "".join(
    f"2024-01-{n:02},{-n},{n % 7},{n % 3 * 4},{20 + n % 9}\n" for n in range(1, 29)
)
RIDGE = "point,time,altitude_m\n" + "".join(f"{n},06:{n:02}:30,{1500 + 11 * n}.5\n" for n in range(1, 30))
NIGHT = "point,time,altitude_m\n1,23:50:00,900\n2,23:58:00,910\n3,00:10:00,930\n"
PRICES = "[rent]\nper_m2 = 0.46\nshed = 24\n\n[water]\nper_m3 = 2.35\n"
SETTINGS = "name: Karhorn\naltitude_m: 2347\nbeds: 48\n"
SPRING = "# General meeting, 13 March 2025\n\nThe plant market takes place on 10 May 2025.\n\nThe mission was long.\n"
AUTUMN = "# General meeting, 18 September 2025\n\nThe mission on 9 September 2025 went well.\n"
FILES = {
    "members.csv": MEMBERS,
    "gardens.csv": GARDENS,
    "water/meters.csv": METERS,
    "days.csv": DAYS,
    "ridge.csv": RIDGE,
    "night.csv": NIGHT,
    "prices-2025.toml": PRICES,
    "hut.yaml": SETTINGS,
    "minutes/spring 2025.md": SPRING,
    "minutes/autumn 2025.md": AUTUMN,
}
KINDS = {".csv": "table", ".toml": "data", ".yaml": "data", ".md": "text"}


async def planned(tmp_path: Path, goal: str) -> tuple[list[Call], StandaloneServices]:
    folder = tmp_path / "workspace"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    sums = (calculate.evaluate, calculate.convert, calculate.days_between, calculate.add_to_date, calculate.weekday)
    tools: list[Tool] = [*table.TOOLS, *tools_of(Changes(tmp_path / "undo"), Provenance(())), *sums]
    services = StandaloneServices(tools=tools, workspace=folder)
    listing = [{"path": name, "kind": KINDS[Path(name).suffix]} for name in FILES]
    said = read_goal(goal, [*FILES])
    specs = [each.spec for each in tools]
    ground = await look(said, specs, services, listing)
    if (event := await of_events(said, [*ground.cards.values()], specs, services)) is not None:
        return [event[0]], services
    clerk = Clerk(specs, ground)
    setting = await told_in_unit(said, ground, specs, services)
    if setting := setting or await times_setting(said, ground, specs, services, clerk.heard):
        return [*setting], services
    named = [ground.cards[path] for path in mentioned(said, ground.listing)]
    return [*(clerk.heard(said, named) or clerk.heard_somewhere(said))], services


def _filled(value: Any, results: list[Any]) -> Any:
    if isinstance(value, dict) and "$ref" in value:
        step, _, pointer = value["$ref"].partition("#")
        found = results[int(step[1:]) - 1]
        for part in pointer.strip("/").split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found
    return {name: _filled(each, results) for name, each in value.items()} if isinstance(value, dict) else value


async def answered(tmp_path: Path, goal: str) -> Any:
    """The last result of the plan, worked out."""
    calls, services = await planned(tmp_path, goal)
    results: list[Any] = []
    for call in calls:
        results.append((await services.call(call.tool, _filled(call.arguments, results))).value)
    return results[-1] if results else None


@pytest.mark.parametrize(
    ("goal", "value"),
    [
        ("on which weekday did M103 join", "Tuesday"),
        ("Which date is 3 weeks after M103 joined?", "1993-05-04"),
        ("How many days lie between the spring meeting of 2025 and the plant market?", 58),
        ("Objections are possible until six weeks after the autumn meeting of 2025. Which date is that?", "2025-10-30"),
        ("a rope from 30 May 2017 has to go after 3,000 days, which date is that?", "2025-08-16"),
        ("difference between the highest and the lowest temp_max?", 6),
        ("How many feet lie between the lowest and the highest point of ridge.csv?", pytest.approx(308 / 0.3048)),
        ("How many cubic metres of water ran through all the meters between the two readings?", 198),
        ("How many m3 did G05 use between the two readings?", 15),
        ("sum of end_m3 - start_m3", 198),
        ("average temp_max minus temp_min of days.csv", pytest.approx(17.5)),
        ("How many square feet is garden G10?", pytest.approx(170 / 0.09290304)),
        ("mean wind of all days with new snow", pytest.approx(462 / 19)),
        ("What rent does M108 pay for the area of the garden in 2025? The price per m2 is in prices-2025.toml.", 71.76),
        ("how many m3 did all meters count together, times the price per m3 in prices-2025.toml", 465.3),
        ("How high is the hut in feet? hut.yaml has it in metres.", pytest.approx(2347 / 0.3048)),
    ],
)
async def test_everyday_questions_are_worked_out(tmp_path: Path, goal: str, value: Any) -> None:
    assert (await answered(tmp_path, goal))["value"] == value


@pytest.mark.parametrize(
    ("goal", "row"),
    [
        ("For how many full years had M102 been a member on 1 January 2026?", {"years": 33, "joined": "1992-03-12"}),
        ("how many years was M102 with us on 2026-01-01", {"years": 33, "joined": "1992-03-12"}),
        (
            "How long did the walk in ridge.csv take from the first to the last point? In minutes please.",
            {"minutes": 28, "first": "06:01:30", "last": "06:29:30"},
        ),
    ],
)
async def test_the_time_between_is_told_with_its_days(tmp_path: Path, goal: str, row: dict[str, Any]) -> None:
    found = (await answered(tmp_path, goal))["rows"][0]
    assert {name: str(value) if isinstance(row[name], str) else value for name, value in found.items()} == row


@pytest.mark.parametrize(
    "goal",
    [
        "on which weekday was mission R031",
        "on what weekday was the last mission",
        "which weekday had the most missions",
        "For how many full years had M102 been a beekeeper on 1 January 2026?",
        "How long did the walk in night.csv take from the first to the last point?",
        "Objections are possible until six weeks after the meeting, not before two weeks after the spring meeting of 2025. "
        "Which date is that?",
        "How many feet lie between the lowest and the highest garden?",
        "How many cubic metres does the meter of G05 show on average between the two readings?",
        "What rent does M108 pay for the area of the garden in 2024? The price per m2 is in prices-2025.toml.",
        "What rent does M108 pay for the shed? The price per kg is in prices-2025.toml.",
        "How high is the chimney in feet? hut.yaml has it in metres.",
        "mean wind of the days with no new snow or rain",
    ],
)
async def test_what_only_sounds_alike_is_left(tmp_path: Path, goal: str) -> None:
    assert not (await planned(tmp_path, goal))[0]
