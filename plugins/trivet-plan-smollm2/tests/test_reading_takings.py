"""General turns of phrase about a table of sales: times told apart, shares, money, ranks, and words that must not be left out."""

from typing import Any

import pytest

from trivet_plan_smollm2.prompt import Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.reader import read
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.spans import read_goal

TICKETS = FileCard(
    path="tickets.csv",
    rows=900,
    columns=(
        Column(name="ticket", examples=("T1", "T2"), distinct=900),
        Column(name="bought", type="date", min="2023-09-01", max="2024-08-31", distinct=300),
        Column(name="play", examples=("Hamlet", "Faust", "Medea"), distinct=3),
        Column(name="seller", examples=("Ana", "Ben", "Cleo"), distinct=3),
        Column(name="pieces", type="integer", min=1, max=9, distinct=9),
        Column(name="price", type="number", min=8, max=60, distinct=30),
        Column(name="refunds", type="integer", min=0, max=4, distinct=5),
        Column(name="used", examples=("yes", "no"), distinct=2),
    ),
)


def told(goal: str, card: FileCard = TICKETS) -> dict[str, Any]:
    reading = read(read_goal(goal, [card.path]), card)
    assert reading is not None
    assert reading.is_about_rows, reading.unexplained
    where = [(test["column"], test["op"], test["value"]) for test in reading.where]
    names = ("function", "column", "group_by", "columns", "sort_by", "limit", "pair")
    return {"where": where} | {name: getattr(reading, name) for name in names if getattr(reading, name)}


def count(*where: tuple[str, str, Any]) -> dict[str, Any]:
    return {"function": "count", "where": [*where]}


MONEY = "pieces * price"


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("How many tickets from March to May 2024?", count(("bought", ">=", "2024-03"), ("bought", "<=", "2024-05"))),
        ("number of tickets in March and April 2024 together", count(("bought", "in", ["2024-03", "2024-04"]))),
        ("tickets: more in March or in April 2024?",
         {"function": "count", "where": [], "pair": ("bought.month", "2024-03", "2024-04")}),
        ("Did we take in more money in 2023 than in 2024?",
         {"function": "sum", "column": MONEY, "where": [], "pair": ("bought.year", "2023", "2024")}),
        ("Hamlet vs Faust: how many tickets?", {"function": "count", "where": [], "pair": ("play", "Hamlet", "Faust")}),
        ("How many tickets for Hamlet and Faust together?", count(("play", "in", ["Hamlet", "Faust"]))),
        ("How many tickets, Medea not counted?", count(("play", "!=", "Medea"))),
        ("How many tickets nobody used?", count(("used", "=", "no"))),
        ("how many tickets without refunds", count(("refunds", "=", 0))),
        ("Hello, I'd like to know how many tickets Ana sold, thanks", count(("seller", "=", "Ana"))),
        ("What did Ben take in altogether?", {"function": "sum", "column": MONEY, "where": [("seller", "=", "Ben")]}),
        ("Who earned the most money?", {"function": "sum", "column": MONEY, "group_by": "seller", "where": [], "limit": 1}),
        ("top 2 plays by pieces", {"function": "sum", "column": "pieces", "group_by": "play", "where": [], "limit": 2}),
        ("the 2 sellers with the highest takings",
         {"function": "sum", "column": MONEY, "group_by": "seller", "where": [], "limit": 2}),
        ("In which month did we sell the fewest pieces?",
         {"function": "sum", "column": "pieces", "group_by": "bought.month", "where": [], "limit": 1}),
        ("tickets with a price between 20 and 30", {"where": [("price", ">=", 20), ("price", "<=", 30)]}),
    ],
)  # fmt: skip
def test_what_is_said_finds_its_place(goal: str, wanted: dict[str, Any]) -> None:
    found = told(goal)
    assert {name: value for name, value in found.items() if name in {*wanted, "pair", "group_by", "limit"}} == wanted


@pytest.mark.parametrize(
    "goal",
    [
        "tickets per counter (tickets.csv)",
        "How many cheap tickets did we sell? tickets.csv",
        "How many e-tickets were bought in May 2024? tickets.csv",
        "total price by category, tickets.csv",
        "tickets.csv: half of the takings",
        "How many tickets did everybody buy twice? tickets.csv",
    ],
)
def test_a_word_that_changes_what_is_wanted_is_not_left_out(goal: str) -> None:
    reading = read(read_goal(goal, [TICKETS.path]), TICKETS)
    assert reading is None or not reading.is_about_rows


def test_a_rank_is_not_turned_into_a_sum() -> None:
    reading = read(read_goal("the most expensive ticket, how much?", [TICKETS.path]), TICKETS)
    assert reading is not None
    assert (reading.function, reading.column) == ("max", "price")


def test_nothing_is_found_in_a_time_that_the_table_does_not_reach() -> None:
    reading = read(read_goal("How many tickets in 2021?", [TICKETS.path]), TICKETS)
    assert reading is not None
    assert reading.beyond == "tickets.csv has no bought in 2021: it goes from 2023-09-01 to 2024-08-31."


AGGREGATE = ToolCard(
    name="t.aggregate",
    parameters={
        "properties": {
            **{name: {} for name in ("path", "column", "group_by", "where", "descending", "limit")},
            "function": {"enum": ["count", "sum", "mean", "min", "max", "median", "distinct"]},
        }
    },
)
EVALUATE = ToolCard(name="c.evaluate", parameters={"properties": {"expression": {}, "values": {}}})


def reading_of(goal: str) -> Reading:
    reading = read(read_goal(goal, [TICKETS.path]), TICKETS)
    assert reading is not None
    return reading


def test_a_share_is_two_figures_and_a_sum() -> None:
    part, whole, share = rendered(
        reading_of("What percentage of the tickets in May 2024 was for Medea?"), [AGGREGATE, EVALUATE]
    )
    month = {"column": "bought", "op": "=", "value": "2024-05"}
    assert part.arguments["where"] == [month, {"column": "play", "op": "=", "value": "Medea"}]
    assert whole.arguments == {"path": "tickets.csv", "function": "count", "where": [month]}
    assert share.arguments["values"] == {"part": {"$ref": "s1#/value"}, "whole": {"$ref": "s2#/value"}}


def test_the_smallest_group_is_asked_for_as_such() -> None:
    call = rendered(reading_of("Which play has the fewest tickets?"), [AGGREGATE])[0]
    assert call.arguments["descending"] is False
    assert call.arguments["limit"] == 1


STOCK = FileCard(
    path="stock.csv",
    rows=40,
    columns=(
        Column(name="article", examples=("nut", "bolt"), distinct=40),
        Column(name="stock", type="integer", min=0, max=90, distinct=35),
        Column(name="minimum", type="integer", min=5, max=50, distinct=9),
    ),
)


@pytest.mark.parametrize(
    "goal", ["Which articles have a stock below the minimum?", "articles of stock.csv that are under their minimum"]
)
def test_two_columns_of_a_row_are_held_against_each_other(goal: str) -> None:
    assert told(goal, STOCK)["where"] == [("stock - minimum", "<", 0)]


def test_a_slip_in_a_word_that_says_nothing_is_passed_over_and_no_other() -> None:
    assert told("How many tickets, acording to tickets.csv?")["function"] == "count"
    reading = read(read_goal("How many according tickets? tickets.csv"), TICKETS)
    assert reading is not None
    reading = read(read_goal("How many recorking tickets are in tickets.csv?", [TICKETS.path]), TICKETS)
    assert reading is None or not reading.is_about_rows


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        ("tickets with at least 4 pieces", {"where": [("pieces", ">=", 4)]}),
        ("best selling play", {"function": "sum", "column": "pieces", "group_by": "play", "where": [], "limit": 1}),
        (
            "which seller sold more pieces",
            {"function": "sum", "column": "pieces", "group_by": "seller", "where": [], "limit": 1},
        ),
        ("who sold tickets for Medea in May 2024", {"where": [("bought", "=", "2024-05"), ("play", "=", "Medea")]}),
    ],
)
def test_bounds_rank_nothing_and_ranks_are_no_rows(goal: str, wanted: dict[str, Any]) -> None:
    found = told(goal)
    assert {
        name: value for name, value in found.items() if name in {*wanted, "function", "group_by", "limit"}
    } == wanted
    assert not goal.startswith("who") or "seller" in found["columns"]


def test_so_many_is_no_year() -> None:
    reading = read(read_goal("tickets with fewer than 2000 refunds", [TICKETS.path]), TICKETS)
    assert reading is None or not any(test["column"] == "bought" for test in reading.where)
