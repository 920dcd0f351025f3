"""A query that takes what is asked from nowhere is no answer."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from trivet_plan_smollm2.asked import asked_things, unmet, untold
from trivet_plan_smollm2.asking import is_order, unnamed
from trivet_plan_smollm2.comprehension.line import Reckoned
from trivet_plan_smollm2.comprehension.units import mixes_units
from trivet_plan_smollm2.evidence import columns_listed
from trivet_plan_smollm2.found import is_answer, is_of_the_name_alone
from trivet_plan_smollm2.grounding import Ground, Search, is_of_all
from trivet_plan_smollm2.outcome import is_in_vain
from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

pytestmark = pytest.mark.anyio

SENSES = {"rain": 0, "precipitation": 0, "income": 1, "humidity": 2, "fare": 3, "price": 3}


class Senses:
    """An embedder that knows a few words, each of a sense of its own."""

    name, dimensions = "senses", 9

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[float(place == SENSES.get(text, 8)) for place in range(9)] for text in texts]


@pytest.mark.parametrize(
    ("goal", "things"),
    [
        ("What is the median income in members.csv?", ["income"]),
        ("humidity on 2014-05-01?", ["humidity"]),
        ("How many life jackets does the Heron carry?", ["life jackets"]),
        ("What did the trips cost in total?", ["cost"]),
        ("maximum of weight in boats.json by colour", ["weight", "colour"]),
        ("Which insurance company insures the Avocet?", ["company"]),
        ("how long can I book a boat for", ["book"]),
        ("Which boat was the fastest?", []),
        ("What is the total of column price?", []),
        ("什么时候开会？", []),
    ],
)
def test_thing_that_is_asked_for_is_found(goal: str, things: list[str]) -> None:
    assert asked_things(read_goal(goal)) == things


@pytest.mark.parametrize(
    ("goal", "sql", "missing"),
    [
        ("How many kilometres did they row?", "SELECT sum(kg) FROM boats", ["'kilometres'"]),
        ("How many kilometres did they row?", "SELECT sum(km) FROM boats", []),
        ("How many euros did they pay?", "SELECT sum(fare) FROM trips WHERE km > 3", []),
        ("What is the average rain in May?", "SELECT avg(precipitation) FROM daily", []),
        ("What is the average income in May?", "SELECT avg(fare) AS income FROM daily", ["'income'"]),
        ("humidity on Monday?", "SELECT temp_min FROM daily", ["'humidity'"]),
        ("How many error lines are there?", "SELECT count(*) FROM log WHERE level = 'ERROR'", []),
        ("What is the price of tea?", "SELECT 单价 FROM daily WHERE 名称 = 'x'", []),
    ],
)
async def test_thing_must_stand_in_the_query_or_be_meant_by_it(goal: str, sql: str, missing: list[str]) -> None:
    assert await unmet(read_goal(goal), sql, ["x.csv"], Similarity(Senses())) == missing


@pytest.mark.parametrize(
    ("goal", "row", "missing"),
    [
        ("Where was the Gannet built?", {"year": 1994}, ["'Where'"]),
        ("Where was the Gannet built?", {"yard": "Hull"}, []),
        ("Who rowed the Teal on 2 April?", {"boat": "Teal"}, ["'Who'", "what is asked, and not what was said"]),
        ("Who rowed the Teal on 2 April?", {"day": "2024-04-02"}, ["'Who'"]),
        ("What is the median fee?", {"median(fee_paid)": "yes"}, ["'median'"]),
        ("Which is heavier, Teal or Heron?", {"name": "Heron"}, []),
        ("Is the Teal out?", {"boat": "Teal"}, []),
        ("Who rowed more, Ana or Ben?", {"name": "Ben"}, []),
        ("Make a list of what the Teal needs in teal.txt", {"boat": "Teal"}, ["what is asked, and not what was said"]),
    ],
)
def test_rows_must_be_of_the_kind_that_is_asked_for(goal: str, row: dict[str, object], missing: list[str]) -> None:
    assert untold(read_goal(goal), [row]) == missing


@pytest.mark.parametrize(
    ("goal", "what"),
    [
        ("Is it still valid?", "it"),
        ("What did she say about it?", "she"),
        ("How old is she?", "she"),
        ("Did it rain?", ""),
        ("What time is it?", ""),
        ("What does it cost to join?", ""),
        ("Is it raining in May?", ""),
        ("Which boat won, and is it old?", ""),
        ("Is it in rules.md?", ""),
    ],
)
def test_pronoun_of_nothing_is_found(goal: str, what: str) -> None:
    assert unnamed(read_goal(goal)) == what


async def test_many_values_are_not_the_size_of_one_thing(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("boat,km\n" + "".join(f"Teal,{n}\n" for n in range(5)), "utf-8")
    services = StandaloneServices(tools=[table.select], workspace=tmp_path)
    call = Call(tool="select", arguments={"path": "trips.csv", "columns": ["km"], "distinct": True})
    specs = [table.select.spec]
    assert await is_in_vain("How long is the Teal?", [call], specs, services)
    assert not await is_in_vain("How long were the trips of the Teal?", [call], specs, services)
    one = Call(tool="select", arguments={**call.arguments, "limit": 1})
    assert not await is_in_vain("How long is the Teal?", [one], specs, services)


def test_who_has_the_most_stands_once() -> None:
    goal = read_goal("Which three crops gave us the most kilos?")
    rows = [{"crop": "pumpkin", "kg": 11.3}, {"crop": "Pumpkin", "kg": 9.1}, {"crop": "leek", "kg": 8.7}]
    assert untold(goal, rows) == ["one row for each crop: GROUP BY lower(crop)"]
    assert untold(goal, rows[1:]) == []
    doors = [{"door": "door-1", "message": "slow"}, {"door": "door-2", "message": "slow"}]
    assert untold(read_goal("Which warning does each door give most often?"), doors) == []


@pytest.mark.parametrize(
    ("goal", "numbers", "is_mixed"),
    [
        ("I've got 5.8 kg of jam and jars that take 340 g. How many jars?", (5.8, 340.0), True),
        ("I've got 5.8 kg of jam and jars that take 340 g. How many jars?", (5.8, 1000.0, 340.0), False),
        ("The kettle draws 2.2 kW for 6 minutes. kWh in 30 days?", (2.2, 6.0, 30.0), True),
        ("The kettle draws 2.2 kW for 6 minutes. kWh in 30 days?", (2.2, 6.0, 60.0, 30.0), False),
        ("7 ropes of 18 m and one of 4 m", (7.0, 18.0, 4.0), False),
        ("3 kg at 4 euros", (3.0, 4.0), False),
    ],
)
def test_sum_does_not_mix_units(goal: str, numbers: tuple[float, ...], is_mixed: bool) -> None:
    assert mixes_units(Reckoned((), numbers, (), ()), read_goal(goal)) == is_mixed


RULES = {"path": "garden/allotment rules.txt", "text": "MILLBROOK ALLOTMENT SOCIETY. Rules for plot holders."}
LETTER = {"path": "mail/2026.eml", "text": "Kind regards\nDoris Hale, site secretary"}


def test_passage_that_is_only_called_as_the_question_says_tells_nothing() -> None:
    shed = read_goal("How tall can our shed be, by the allotment rules?")
    assert is_of_the_name_alone(shed, RULES)
    assert not is_of_the_name_alone(shed, {**RULES, "text": "Sheds are 2.3 m high at most."})
    assert not is_of_the_name_alone(read_goal("How tall can our shed be?"), RULES)  # left to how much it holds
    assert not is_of_the_name_alone(read_goal("What are the allotment rules?"), RULES)


async def test_end_of_a_letter_is_no_answer() -> None:
    goal, call = read_goal("What does Doris want from us?"), Call(tool="find", arguments={"query": "x"})
    letter = {**LETTER, "text": "Doris wants the rent from us."}
    assert not await is_answer(Search(call, (), 1.0, LETTER), goal, False, Similarity(None), 0.5)
    assert await is_answer(Search(call, (), 1.0, letter), goal, False, Similarity(None), 0.5)


@pytest.mark.parametrize(
    ("goal", "columns"),
    [
        ("with the columns payee and amount, biggest on top", ["payee", "amount"]),
        ("with the columns name, lowest and highest", ["name", "lowest", "highest"]),
    ],
)
def test_order_of_the_rows_is_no_column(goal: str, columns: list[str]) -> None:
    assert columns_listed(goal) == columns


async def test_tables_that_have_nothing_in_common_are_not_joined(tmp_path: Path) -> None:
    (tmp_path / "boats.csv").write_text("name,eur\nTeal,4\n", "utf-8")
    (tmp_path / "members.csv").write_text("name,born\nAna,1990\n", "utf-8")
    services = StandaloneServices(tools=[table.join], workspace=tmp_path)
    call = Call(tool="join", arguments={"path": "members.csv", "other": "boats.csv", "on": "name"})
    assert await is_in_vain("the median income of members", [call], [table.join.spec], services)
    (tmp_path / "boats.csv").write_text("name,eur\nAna,4\n", "utf-8")
    assert not await is_in_vain("the median income of members", [call], [table.join.spec], services)


def test_order_to_do_something_is_told_by_no_text() -> None:
    assert is_order(read_goal("Make a copy of the file."))
    assert is_order(read_goal("please delete the old ones"))
    assert not is_order(read_goal("What makes a copy lawful?"))


def test_what_all_rows_come_to_is_told_by_no_passage() -> None:
    card = FileCard(path="boats.json", kind="table", columns=(Column(name="name", type="text", examples=()),))
    ground = Ground([card], ["boats.json"])
    assert is_of_all(read_goal("What would winter storage cost for all our boats?"), ground)
    assert not is_of_all(read_goal("What does storage cost for a boat?"), ground)
    assert not is_of_all(read_goal("What is the fee for all guests?"), ground)
