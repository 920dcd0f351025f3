"""Goals of several steps that are read without a model: figures saved, divided, exchanged, priced, asked on about."""

from pathlib import Path

import pytest

from trivet_calculate import tools as calculate
from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.fetched import Fetched, fetching, read_fetched
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.events import days_between_events
from trivet_plan_smollm2.requests.exchange import exchange
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_plan_smollm2.words.sums import told_sum
from trivet_plan_smollm2.words.unit_words import compound
from trivet_sdk import Tool, tool
from trivet_sdk.formats import Url
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

SHOWS = (
    "day,title,room,sold,taken_eur,minutes\n2024-03-01,Ferry,Big,40,380,100\n2024-03-09,Lamp,Small,10,95,80\n"
    "2024-04-02,Ferry,Small,20,190,100\n"
)
PLAYS = '[{"title": "Ferry", "director": "Ann Lee"}, {"title": "Lamp", "director": "Bo Rust"}]'
PRICES = "item,price\npaper roll,4.5\nlamp filter,20\nswing-top bottle,0.5\n"
LOG = (
    "2024-05-01 10:00:00 INFO oven: on\n2024-05-01 11:00:00 ERROR oven: door\n2024-05-01 12:30:00 ERROR oven: door\n"
    "2024-05-01 13:00:00 INFO oven: off\n2024-05-01 14:00:00 INFO fan: on\n"
)
MEETING = "# Board, 7 May 2024\n\nThe fair is on 20 June 2024. Two stalls are booked.\n"
DIARY = "1 March 2024\nPlanted the pear trees.\n\n9 March 2024\nRain.\n"


@tool(effect="pure")
async def fetch(url: Url) -> str:
    """Read a page."""
    return url


def every_tool(folder: Path) -> list[Tool]:
    files = tools_of(Changes(folder / "undo"), Provenance(()))
    sums = (calculate.evaluate, calculate.convert, calculate.days_between)
    return [*table.TOOLS, *files, *sums, fetch]


async def planned(tmp_path: Path, goal: str) -> tuple[list[Call], StandaloneServices]:
    folder = tmp_path / "workspace"
    folder.mkdir()
    contents = {"shows.csv": SHOWS, "plays.json": PLAYS, "prices.csv": PRICES, "oven.log": LOG}
    for name, text in contents.items():
        (folder / name).write_text(text, "utf-8")
    tools = every_tool(tmp_path)
    services = StandaloneServices(tools=tools, workspace=folder)
    specs = [each.spec for each in tools]
    kinds = {"shows.csv": "table", "plays.json": "table", "prices.csv": "table", "oven.log": "log"}
    ground = await look(read_goal("x"), specs, services, [{"path": p, "kind": k} for p, k in kinds.items()])
    said = read_goal(goal, ground.listing)
    return [*Clerk(specs, ground).heard(said, [*ground.cards.values()])], services


@pytest.mark.parametrize(
    ("goal", "tools"),
    [
        (
            "Work out the average speed of shows.csv (total minutes divided by sold), and save it in out/speed.txt.",
            ["aggregate", "aggregate", "evaluate", "write"],
        ),
        (
            "takings per ticket (taken divided by sold) over all shows, two decimals",
            ["aggregate", "aggregate", "evaluate"],
        ),
        (
            "Total taken in the Big room in March 2024, converted to francs at 0.9 francs per euro",
            ["aggregate", "evaluate"],
        ),
        ("total minutes of all shows in hours", ["aggregate", "convert"]),
        ("which title sold the most and who is its director?", ["aggregate", "select"]),
        ("what do 3 rolls of paper and 2 lamp filters cost?", ["sql"]),
        ("write the mean minutes of shows.csv to mean.txt, one decimal", ["aggregate", "evaluate", "write"]),
        ("How many hours lie between the first and the last error in oven.log?", ["sql"]),
    ],
)
async def test_each_part_becomes_a_step(tmp_path: Path, goal: str, tools: list[str]) -> None:
    calls, _ = await planned(tmp_path, goal)
    assert [call.tool for call in calls] == tools


@pytest.mark.parametrize(
    ("goal", "value"),
    [
        ("what do 3 rolls of paper and 2 lamp filters cost?", 53.5),
        ("price of 10 swing-top bottles and one lamp filter in total?", 25.0),
        ("How many minutes lie between the first and the last error in oven.log?", 90.0),
    ],
)
async def test_queries_bring_the_figure(tmp_path: Path, goal: str, value: float) -> None:
    [call], services = await planned(tmp_path, goal)
    found = (await services.call(call.tool, call.arguments)).value
    assert isinstance(found, dict)
    assert found["value"] == value


@pytest.mark.parametrize(
    "goal",
    [
        "what do 3 rolls of paper and 2 ladders cost?",
        "what do 3 rolls of paper cost without tax?",
        "average speed of Quentin (total minutes divided by sold)",
        "Taken in March 2024, converted to francs at 0.9",
    ],
)
async def test_a_word_or_number_without_a_place_is_not_passed_over(tmp_path: Path, goal: str) -> None:
    calls, _ = await planned(tmp_path, goal)
    assert calls == []


def test_a_rate_is_taken_the_way_it_is_told() -> None:
    to, back = (
        exchange("sum of it in francs at 0.9 francs per euro"),
        exchange("sum of it in francs at 1.1 euros per franc"),
    )
    assert to is not None
    assert back is not None
    assert (to.factor, back.factor) == ("* 0.9", "/ 1.1")
    assert exchange("sum of it in francs at 0.9 dollars per euro") is None


def test_units_of_a_quotient_have_one_spelling() -> None:
    assert compound("metres per second") == "m/s"
    assert compound("mph") == "mi/h"
    assert compound("bananas per hour") == ""
    assert decimals("保留三位小数") == 3


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("Eleven rows of 14 seats, minus 6 for wheelchairs: how many remain?", "11 * 14 - 6"),
        ("14 crates of 18.5 kg each, minus 0.8 kg per crate, how many kg?", "14 * (18.5 - 0.8)"),
        ("7 cushions at 18.35, what after 12% off?", "7 * 18.35 * (1 - 12 / 100)"),
        ("3 shows with 118, 94 and 131 people at 9.50 a ticket, takings?", "(118 + 94 + 131) * 9.50"),
        ("invoice is 1,480.00 net, plus 8.1% VAT?", "1480.00 * (1 + 8.1 / 100)"),
        ("I sell 350 bottles for 4.80 each and give 30% of it away, what is left?", "350 * 4.80 * (1 - 30 / 100)"),
        ("4 people ate twice as much as 3 people, how much?", ""),
        ("48 frames of 180 seconds. How many hours is that?", ""),
        ("2 dogs and 3 cats met 7 mice", ""),
    ],
)
def test_sums_are_told_as_stories(goal: str, expression: str) -> None:
    assert told_sum(goal) == expression


@pytest.mark.parametrize(
    ("goal", "days"),
    [
        ("How many days are there between the board meeting of May 2024 and the fair?", ("2024-05-07", "2024-06-20")),
        ("how many days from the planting of the pear trees to the fair?", ("2024-03-01", "2024-06-20")),
        ("how many days after the fair was 30 June 2024", ("2024-06-20", "2024-06-30")),
        ("How many days are there between the picnic and the fair?", None),
    ],
)
async def test_days_between_things_of_which_texts_tell_the_dates(
    tmp_path: Path, goal: str, days: tuple[str, str] | None
) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "board.md").write_text(MEETING, "utf-8")
    (folder / "diary.txt").write_text(DIARY, "utf-8")
    tools = every_tool(tmp_path)
    services = StandaloneServices(tools=tools, workspace=folder)
    specs = [each.spec for each in tools]
    listing = [{"path": name, "kind": "text"} for name in ("board.md", "diary.txt")]
    ground = await look(read_goal("x"), specs, services, listing)
    found = await days_between_events(read_goal(goal, ground.listing), [*ground.cards.values()], specs, services)
    assert (tuple(found[0].arguments.values()) if found else None) == days


async def test_what_an_address_holds_is_read_like_a_file(tmp_path: Path) -> None:
    tools = every_tool(tmp_path)
    specs = [each.spec for each in tools]
    services = StandaloneServices(tools=tools, workspace=tmp_path)
    goal = read_goal("Get http://shop.example/offers.json and work out what 8 bolts and 2 seats cost.")
    call = fetching(goal, specs)
    assert call == Call(tool="fetch", arguments={"url": "http://shop.example/offers.json"})
    data = [{"item": "bolt", "eur": 3.0}, {"item": "seat", "eur": 60.5}]
    found = await read_fetched(goal, {"data": data, "text": ""}, specs, services, Similarity(None))
    assert found.calls == (
        Call(
            tool="evaluate",
            arguments={
                "expression": "8 * bolt + 2 * seat",
                "values": {"bolt": {"$ref": "s1#/data/0/eur"}, "seat": {"$ref": "s1#/data/1/eur"}},
            },
        ),
    )
    count = read_goal("How many items are in http://shop.example/offers.json?")
    found = await read_fetched(count, {"data": data, "text": ""}, specs, services, Similarity(None))
    assert [call.arguments for call in found.calls] == [{"path": {"$ref": "s1#/data"}, "function": "count"}]
    asked = read_goal("According to http://shop.example/frost.txt, which night was the coldest night?")
    text = "Four nights were recorded. The coldest night was that of 23 April. Damage was high."
    found = await read_fetched(asked, {"text": text}, specs, services, Similarity(None))
    assert found.answer == "The coldest night was that of 23 April."
    assert fetching(read_goal("what does https://example.com say"), specs) is None
    shut = read_goal(
        "Look at http://shop.example/notice.txt. How many days is the pipe closed until it is opened again?"
    )
    dated = "The pipe is closed on 3 November 2025 and opened again on 16 March 2026."
    found = await read_fetched(shut, {"text": dated}, specs, services, Similarity(None))
    assert [call.arguments for call in found.calls] == [{"start": "2025-11-03", "end": "2026-03-16"}]
    undated = await read_fetched(shut, {"text": "The pipe stays closed in winter."}, specs, services, Similarity(None))
    assert undated == Fetched()  # no days are told
    copied = read_goal("Get http://shop.example/offers.json, keep it as in/offers.json and count its items.")
    found = await read_fetched(copied, {"kind": "json", "data": data, "text": "[…]"}, specs, services, Similarity(None))
    assert [call.tool for call in found.calls] == ["aggregate", "write"]
    assert found.calls[1].arguments == {"path": "in/offers.json", "text": {"$ref": "s1#/text"}}
    cut = {"kind": "json", "data": data, "text": "[…", "next": 12_000}
    assert await read_fetched(copied, cut, specs, services, Similarity(None)) == Fetched()
