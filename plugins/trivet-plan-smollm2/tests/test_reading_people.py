"""How people speak of their own tables: of boats by what one does with them, of people by first names, of what is missing."""

from typing import Any

import pytest

from trivet_plan_smollm2.evidence import unused
from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.tables.column_values import given_names
from trivet_plan_smollm2.tables.reader import read
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.words.measures import meant
from trivet_plan_smollm2.words.similarity import described
from trivet_plan_smollm2.words.spans import read_goal

TRIPS = FileCard(
    path="trips.jsonl",
    rows=260,
    columns=(
        Column(name="day", type="date", min="2024-04-02", max="2024-09-30", distinct=120),
        Column(name="boat", examples=("Heron", "Teal", "Gannet"), distinct=3),
        Column(name="leader", examples=("Anneli Rast", "Bruno Zgraggen", "Maud Perren"), distinct=3),
        Column(name="km", type="number", min=1, max=21, distinct=130),
        Column(name="minutes", type="integer", min=20, max=119, distinct=90),
    ),
)
SEATS = FileCard(
    path="seats.json",
    rows=11,
    columns=(
        Column(name="name", examples=("Heron", "Teal"), distinct=11),
        Column(name="seats", type="integer", min=1, max=8, distinct=4, examples=(1, 2, 4, 8)),
    ),
)
BOATS = FileCard(
    path="boats.json",
    rows=11,
    columns=(
        Column(name="name", examples=("Heron", "Teal"), distinct=11),
        Column(name="year", type="integer", min=1994, max=2020, distinct=9),
        Column(name="kg", type="integer", min=16, max=100, distinct=9),
        Column(name="owner", examples=("club", "M1", "M2"), distinct=9, nulls=2),
    ),
)
MEMBERS = FileCard(
    path="members.csv",
    rows=96,
    columns=(
        Column(name="name", examples=("Nils G.", "Esra T."), distinct=96),
        Column(name="born", type="integer", min=1948, max=2013, distinct=50),
        Column(name="joined", type="integer", min=1990, max=2024, distinct=30),
        Column(name="fee_paid", examples=("yes", "no"), distinct=2),
    ),
)
DAYS = FileCard(
    path="weather/daily.csv",
    rows=730,
    columns=(
        Column(name="date", type="date", min="2012-01-01", max="2013-12-31", distinct=730),
        Column(name="precipitation", type="number", min=0, max=50, distinct=100),
        Column(name="wind_kmh", type="integer", min=0, max=95, distinct=80),
        Column(name="new_snow_cm", type="integer", min=0, max=30, distinct=20),
        Column(name="weather", examples=("sun", "rain", "fog"), distinct=3),
    ),
)


def conditions_of(reading: Reading) -> list[tuple[str, str, Any]]:
    return [(test["column"], test["op"], test["value"]) for test in reading.where]


@pytest.mark.parametrize(
    ("card", "goal", "wanted", "where"),
    [
        (MEMBERS, "How many members joined before 2010?", {"function": "count"}, [("joined", "<", 2010)]),
        (MEMBERS, "How many members joined in 2010?", {"function": "count"}, [("joined", "=", 2010)]),
        (MEMBERS, "When did Esra T. join the club?", {"columns": ("joined",)}, [("name", "=", "Esra T.")]),
        (MEMBERS, "How many have not paid the fee?", {"function": "count"}, [("fee_paid", "=", "no")]),
        (SEATS, "How many boats with one seat are there?", {"function": "count"}, [("seats", "=", 1)]),
        (BOATS, "which year was the Heron built", {"columns": ("year",)}, [("name", "=", "Heron")]),
        (BOATS, "When was the Heron built?", {"columns": ("year",)}, [("name", "=", "Heron")]),
        (BOATS, "Which boats are older than 2000 and weigh less than 60 kg?", {"function": ""},
         [("kg", "<", 60), ("year", "<", 2000)]),
        (BOATS, "How many boats have no owner?", {"function": "count"}, [("owner", "=", None)]),
        (BOATS, "How many boats have an owner?", {"function": "count"}, [("owner", "!=", None)]),
        (TRIPS, "how many times was the Heron taken out", {"function": "count"}, [("boat", "=", "Heron")]),
        (TRIPS, "Which two boats were rowed the most kilometres?",
         {"function": "sum", "column": "km", "group_by": "boat", "limit": 2}, []),
        (TRIPS, "Did the members row more km in May or in June?",
         {"function": "sum", "column": "km", "pair": ("day.month", "2024-05", "2024-06")}, []),
        (TRIPS, "how many km did Bruno lead", {"function": "sum", "column": "km"}, [("leader", "=", "Bruno Zgraggen")]),
        (TRIPS, "What was the longest distance (km)?", {"function": "max", "column": "km"}, []),
        (DAYS, "Number of rainy days in 2013", {"function": "count"}, [("date", "=", "2013"), ("weather", "=", "rain")]),
        (DAYS, "how many sunny days", {"function": "count"}, [("weather", "=", "sun")]),
        (DAYS, "How much rain fell in December 2012 altogether?", {"function": "sum", "column": "precipitation"},
         [("date", "=", "2012-12")]),
        (DAYS, "On how many days did more than 10 mm of rain fall?", {"function": "count"}, [("precipitation", ">", 10)]),
        (TRIPS, "On how many days was the Teal out?", {"function": "distinct", "column": "day"}, [("boat", "=", "Teal")]),
        (TRIPS, "how many trips took less than half an hour", {"function": "count"}, [("minutes", "<", 30)]),
        (TRIPS, "What were the longest minutes of each boat?", {"group_by": "boat", "limit": 0, "function": "max"}, []),
        (TRIPS, "most kilometres in one trip", {"function": "max", "column": "km"}, []),
        (MEMBERS, "average year born with and without fee paid",
         {"function": "mean", "column": "born", "group_by": "fee_paid"}, []),
        (DAYS, "On how many days was the wind above 80 km/h?", {"function": "count"}, [("wind_kmh", ">", 80)]),
        (DAYS, "Was there more rain in 2012 or in 2013? By how many mm?",
         {"function": "sum", "column": "precipitation", "pair": ("date.year", "2012", "2013")}, []),
    ],
)  # fmt: skip
def test_it_is_understood(card: FileCard, goal: str, wanted: dict[str, Any], where: list[tuple[str, str, Any]]) -> None:
    reading = read(read_goal(goal, [card.path]), card)
    assert reading is not None
    assert {name: getattr(reading, name) for name in wanted} == wanted
    assert sorted(conditions_of(reading), key=str) == sorted(where, key=str)


@pytest.mark.parametrize(
    ("card", "goal"),
    [
        (BOATS, "When was the Heron damaged?"),  # a year, but not of this
        (BOATS, "how many times was the Heron taken out"),  # no trips here
        (DAYS, "How many cold days were there in 2013?"),  # nobody can tell which
        (TRIPS, "How many cancelled trips were led by Bruno?"),
        (SEATS, "How many km did boats with one seat do?"),  # no table of distances
        (MEMBERS, "How many fees would we collect if everybody paid?"),  # no row tells what would be
        (BOATS, "How many boats are there, and how many of them weigh more than 60 kg?"),  # two figures
        (MEMBERS, "How many members joined before 2010 and in 2012?"),  # no year is both
    ],
)
def test_what_no_column_tells_is_left_over(card: FileCard, goal: str) -> None:
    reading = read(read_goal(goal, [card.path]), card)
    assert reading is None or not reading.is_whole


def test_first_names_are_only_taken_where_one_person_bears_them() -> None:
    column = Column(name="leader", examples=("Ana Rast", "Ana Perren", "Bruno Kurz"), distinct=3)
    assert given_names(column) == {
        "Rast": "Ana Rast",
        "Perren": "Ana Perren",
        "Bruno": "Bruno Kurz",
        "Kurz": "Bruno Kurz",
    }
    assert given_names(Column(name="leader", examples=("Ana Rast",), distinct=90)) == {}
    assert given_names(Column(name="room", examples=("Blue Room", "Red Hall"), distinct=2)) == {}


@pytest.mark.parametrize(("word", "stems"), [("rainy", "rain"), ("sunny", "sun"), ("foggy", "fog")])
def test_adjectives_are_made_of_things(word: str, stems: str) -> None:
    assert stems in described(word)


def test_a_month_is_no_adjective() -> None:
    card = FileCard(path="jobs.csv", rows=90, columns=(
        Column(name="day", type="date", min="2024-06-01", max="2024-07-30", distinct=50),
        Column(name="mechanic", examples=("Jules", "Noor"), distinct=2),
    ))  # fmt: skip
    reading = read(read_goal("How many jobs in July 2024?"), card)
    assert reading is not None
    assert conditions_of(reading) == [("day", "=", "2024-07")]


def test_an_amount_of_rain_is_no_day_of_rain() -> None:
    call = Call(tool="t", arguments={"path": DAYS.path, "function": "sum", "column": "precipitation"})
    assert unused(read_goal("the most rain"), [call], [DAYS], [DAYS.path]) == ["the word for 'most'"]
    assert "value 'rain'" in unused(read_goal("days of rain"), [call], [DAYS], [DAYS.path])


def test_the_hottest_day_has_the_highest_maximum() -> None:
    columns = [Column(name=name, type="number", min=-10, max=40, distinct=90) for name in ("tmin_c", "tmax_c")]
    assert meant("the hottest day", columns) == ["tmax_c"]
    assert meant("the coldest night", columns) == ["tmin_c"]
    assert meant("the temperature on 3 May: how hot or cold", columns[:1]) == ["tmin_c"]


def test_a_value_within_the_name_of_a_column_is_no_condition() -> None:
    card = FileCard(path="d.csv", rows=9, columns=(
        Column(name="new_snow_cm", type="integer", min=0, max=30, distinct=9),
        Column(name="sky", examples=("snow", "sun"), distinct=2),
    ))  # fmt: skip
    reading = read(read_goal("total new snow"), card)
    assert reading is not None
    assert (reading.function, reading.column, reading.where) == ("sum", "new_snow_cm", ())


def test_a_file_has_the_columns_that_were_said() -> None:
    call = Call(tool="t", arguments={"path": TRIPS.path, "function": "count", "group_by": "boat"})
    goal = "trips per boat into out.csv, columns boat, outings, descending"
    assert "the column outings" in unused(read_goal(goal), [call], [TRIPS], [TRIPS.path])
    counted = "trips per boat into out.csv, columns boat and count"
    assert not [said for said in unused(read_goal(counted), [call], [TRIPS], [TRIPS.path]) if "column" in said]
