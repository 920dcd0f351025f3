"""Turns of phrase that a table's columns and values give a meaning to."""

from typing import Any

import pytest

from trivet_plan_smollm2.evidence import in_other_units, neglected
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.requests.wishes import years_reckoned
from trivet_plan_smollm2.tables.reader import read
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.kinship import alike, ends_like
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import read_goal

LOANS = FileCard(
    path="rentals.csv",
    rows=400,
    columns=(
        Column(name="bike", examples=("B1", "B2", "B3"), distinct=400),
        Column(name="model", examples=("city hopper", "cargo mule", "racer"), distinct=3),
        Column(name="station", examples=("A", "B", "C"), distinct=3),
        Column(name="taken", type="date", min="2023-11-02", max="2024-08-30", distinct=300),
        Column(name="returned", type="date", min="2023-11-02", max="2024-08-30", distinct=300),
        Column(name="rides", type="integer", min=1, max=40, distinct=40),
        Column(name="fare_eur", type="number", min=1.5, max=30, distinct=200),
        Column(name="tyre_inch", type="integer", min=20, max=28, distinct=4, examples=(20, 24, 26, 28)),
        Column(name="error_code", type="integer", min=0, max=503, distinct=4, examples=(0, 401, 404, 503)),
        Column(name="magnitude", type="number", min=1.0, max=9.0, distinct=80),
    ),
)


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("Which model is B217?", {"where": [("bike", "=", "B217")], "columns": ("model",)}),
        ("How many rentals at station C?", {"function": "count", "where": [("station", "=", "C")]}),
        ("Total rides of the cargo mules", {"function": "sum", "column": "rides", "where": [("model", "=", "cargo mule")]}),
        ("How many rentals have not been returned yet?", {"function": "count", "where": [("returned", "=", None)]}),
        ("How many rentals were never returned?", {"function": "count", "where": [("returned", "=", None)]}),
        ("How often did people use which tyre?", {"function": "count", "group_by": "tyre_inch"}),
        ("How many rentals ended with a 404?", {"function": "count", "where": [("error_code", "=", 404)]}),
        ("the three brightest rentals, smallest magnitude first", {"sort_by": "magnitude", "descending": False, "limit": 3}),
        ("rentals sorted in order of fare_eur", {"sort_by": "fare_eur", "descending": False}),
        ("Which rental is the brightest?", {"function": "min", "column": "magnitude"}),
        ("Which rental is the faintest?", {"function": "max", "column": "magnitude"}),
        ("Which model brought in the most money (rides times fare)?",
         {"function": "sum", "column": "rides * fare_eur", "group_by": "model", "limit": 1}),
        ("all rentals with more than 30 rides, highest rides first",
         {"function": "", "where": [("rides", ">", 30)], "sort_by": "rides", "descending": True}),
        ("What does a racer cost?", {"where": [("model", "=", "racer")], "columns": ("fare_eur",), "is_distinct": True}),
        ("How much was the fare of all racers?", {"function": "sum", "column": "fare_eur"}),
        ("How many racers did we ride in August? (rides)", {"function": "sum", "column": "rides"}),
        ("average number of rides per rental", {"function": "mean", "column": "rides", "group_by": ""}),
        ("What is the most common model?", {"function": "count", "group_by": "model", "limit": 1}),
        ("the station that people use most often", {"function": "count", "group_by": "station"}),
        ("How many rentals with a magnitude brighter than 4?", {"function": "count", "where": [("magnitude", "<", 4)]}),
        ("What percentage of the racers has not been returned?",
         {"function": "count", "where": [("returned", "=", None), ("model", "=", "racer")]}),
        ("How many of our bikes are racers?", {"function": "count", "where": [("model", "=", "racer")]}),
        ("rentals taken in 2024 or later", {"function": "", "where": [("taken", ">=", "2024")]}),
        ("Mean fare of the racer bikes by model of bike", {"function": "mean", "column": "fare_eur", "group_by": "model"}),
        ("how many inches is the tyre of B3", {"where": [("bike", "=", "B3")], "columns": ("tyre_inch",)}),
        ("average fare pls, rounded to cents", {"function": "mean", "column": "fare_eur"}),
    ],
)  # fmt: skip
def test_what_is_said_finds_its_place(goal: str, wanted: dict[str, Any]) -> None:
    reading = read(read_goal(goal, [LOANS.path]), LOANS)
    assert reading is not None
    found = {name: getattr(reading, name) for name in wanted}
    if "where" in found:
        found["where"] = [(test["column"], test["op"], test["value"]) for test in reading.where]
    assert found == wanted


@pytest.mark.parametrize(
    ("goal", "tests"),
    [
        ("How many rentals were returned in March?", [("returned", "=", "2024-03")]),
        ("How many rentals in December?", []),  # two columns of dates: nobody knows which
        ("What may cost the most?", []),
    ],
)
def test_a_month_without_a_year_is_the_only_one_there_is(goal: str, tests: list[tuple[str, str, str]]) -> None:
    card = FileCard(path="rentals.csv", rows=400, columns=tuple(c for c in LOANS.columns if c.name != "taken"))
    reading = read(read_goal(goal), LOANS if not tests else card)
    assert [(test["column"], test["op"], test["value"]) for test in (reading.where if reading else ())] == tests


def test_words_of_a_value_rank_nothing_and_small_tables_have_no_keys() -> None:
    card = FileCard(path="books.csv", rows=4, columns=(
        Column(name="title", examples=("The Last Mountains", "First Snow"), distinct=4),
        Column(name="author", examples=("Mina Sato", "Ida Holm"), distinct=2),
        Column(name="year", type="integer", min=1981, max=2020, distinct=4),
    ))  # fmt: skip
    found = read(read_goal("Who wrote The Last Mountains?"), card)
    assert found is not None
    assert (found.sort_by, found.is_whole) == ("", True)
    newest = read(read_goal("the newest book by Ida Holm"), card)
    assert newest is not None
    assert (newest.sort_by, newest.limit, newest.descending) == ("year", 1, True)


@pytest.mark.parametrize(
    ("word", "part"), [("led", "leader"), ("sell", "sold"), ("wrote", "writ"), ("teach", "teacher")]
)
def test_words_for_who_does_it_are_alike(word: str, part: str) -> None:
    assert alike(stem(word), stem(part))
    assert not alike("pap", "paper")


def test_who_saves_the_rows_saves_them_whole() -> None:
    select = ToolCard(name="t.select", summary="", parameters={
        "properties": {name: {} for name in "path columns where sort_by limit descending distinct".split()}})  # fmt: skip
    write = ToolCard(name="t.write", summary="", parameters={"properties": {"rows": {}, "path": {}}})
    goal = read_goal("save all bikes at station C as c.csv", [LOANS.path])
    reading = read(goal, LOANS)
    assert reading is not None
    saved = rendered(reading, [select, write], ["c.csv"])
    assert saved[0].arguments == {"path": "rentals.csv", "where": [{"column": "station", "op": "=", "value": "C"}]}


def test_a_column_that_is_called_by_its_name_must_be_looked_at() -> None:
    goal = read_goal("Which station is B217 at?")
    other = [Call(tool="t", arguments={"path": "rentals.csv", "columns": ["model"]})]
    asked = [Call(tool="t", arguments={"path": "rentals.csv", "columns": ["station"]})]
    assert neglected(goal, other, [LOANS], ["rentals.csv"]) == ["the column station"]
    assert neglected(goal, asked, [LOANS], ["rentals.csv"]) == []


def test_a_file_whose_name_is_said_in_words_must_be_used() -> None:
    goal = read_goal("average price of a cake order")
    call = [Call(tool="t", arguments={"path": "sales.csv", "column": "price"})]
    assert neglected(goal, call, [], ["sales.csv", "cake orders.xlsx"]) == ["file cake orders.xlsx"]


@pytest.mark.parametrize(
    ("word", "part"),
    [("extraction", "extract"), ("stung", "sting"), ("fed", "feed"), ("shipment", "ship"), ("delivery", "deliver")],
)
def test_what_was_done_is_called_like_the_doing(word: str, part: str) -> None:
    assert alike(stem(word), stem(part))


def test_a_compound_is_called_by_its_last_part() -> None:
    assert ends_like("load", "payload")
    assert not ends_like("ship", "ships")


@pytest.mark.parametrize(
    "goal",
    [
        "how old is the oldest rental",
        "What did the racers do?",
        "average rentals per station",
        "Which shop has the most rentals?",
    ],
)
def test_what_nobody_can_tell_from_the_rows_is_left_open(goal: str) -> None:
    reading = read(read_goal(goal, [LOANS.path]), LOANS)
    assert reading is None or not reading.is_whole


def test_years_are_not_taken_from_each_other() -> None:
    calls = [Call(tool="evaluate", arguments={"expression": "2024 - 2023"})]
    assert years_reckoned(read_goal("was 2024 better than 2023?"), calls) == ["the year 2023"]
    doubled = [Call(tool="evaluate", arguments={"expression": "2024 * 2"})]
    assert years_reckoned(read_goal("Total honey of 2024 please"), doubled) == ["the year 2024"]
    assert not years_reckoned(
        read_goal("what is 2024 times 4"), [Call(tool="evaluate", arguments={"expression": "2024 * 4"})]
    )
    assert not years_reckoned(read_goal("how many years are between 2023 and 2024?"), calls)


def test_a_number_may_be_used_in_the_unit_of_the_column() -> None:
    assert 120.0 in in_other_units("two", "longer than two hours")
    assert not in_other_units("two", "two boats")


OUTINGS = FileCard(
    path="outings.jsonl",
    kind="table",
    rows=90,
    columns=(
        Column(name="boat", type="text", examples=("Teal", "Heron"), distinct=2),
        Column(name="km", type="number", min=2, max=19, distinct=70),
    ),
)


def test_two_totals_are_told_apart_by_or() -> None:
    one = read(read_goal("Which went more km in total, the Heron or the Teal?"), OUTINGS)
    assert one is not None
    assert one.pair == ("boat", "Heron", "Teal")
    both = read(read_goal("How many km did the Heron and the Teal go in total?"), OUTINGS)
    assert both is not None
    assert both.pair is None
