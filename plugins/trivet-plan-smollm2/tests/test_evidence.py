import pytest

from trivet_plan_smollm2.evidence import invented, misfits, unused
from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.requests.wishes import years_reckoned
from trivet_plan_smollm2.words.spans import read_goal

LISTING = ["trips.csv", "boats.json"]
TRIPS = FileCard(
    path="trips.csv",
    kind="table",
    rows=90,
    columns=(
        Column(name="trip", examples=("T1", "T2"), distinct=90),
        Column(name="boat", examples=("Teal", "Heron"), distinct=2),
        Column(name="km", type="number"),
    ),
)


def missing(goal: str, **arguments: object) -> list[str]:
    return unused(read_goal(goal, LISTING), [Call(tool="table.aggregate", arguments=arguments)], [TRIPS], LISTING)


TEAL = [{"column": "boat", "op": "=", "value": "Teal"}]


@pytest.mark.parametrize(
    ("goal", "arguments", "lacking"),
    [
        ("how many trips did the Teal make (trips.csv)", {"path": "trips.csv", "function": "count"}, ["value 'Teal'"]),
        ("how many trips did the Teal make (trips.csv)", {"path": "trips.csv", "function": "count", "where": TEAL}, []),
        ("rows of boats.json", {"path": "trips.csv", "function": "count"}, ["file boats.json"]),
        ("trips.csv over 7 km", {"path": "trips.csv", "function": "count"}, ["number 7"]),
        ("mean km in trips.csv, 2 decimals", {"path": "trips.csv", "function": "mean", "column": "km"}, []),
        ("average km in trips.csv", {"path": "trips.csv", "function": "sum", "column": "km"}, ["the word for 'mean'"]),
        ("sort trips.csv into out/x.csv", {"path": "trips.csv"}, ["new file out/x.csv"]),
        ("trips.csv in 2014", {"path": "trips.csv", "where": [{"column": "day", "op": "=", "value": "2014"}]}, []),
        ("trips.csv in March 2014", {"path": "trips.csv"}, ["period 2014-03"]),
        ("trips.csv in june", {"path": "trips.csv", "function": "count"}, ["period june"]),
        ("how many trips last month? trips.csv", {"path": "trips.csv", "function": "count"}, ["the time 'last month'"]),
        (
            "who made the most trips? trips.csv",
            {"path": "trips.csv", "function": "count"},
            ["the word for 'most'"],
        ),
        ("哪条船最多？trips.csv", {"path": "trips.csv", "function": "count"}, ["the word for 'most'"]),
        (
            "trips.csv: at most 7 km",
            {"path": "trips.csv", "function": "count", "where": [{"column": "km", "op": "<=", "value": 7}]},
            [],
        ),
    ],
)
def test_what_is_said_and_not_used_is_named(goal: str, arguments: dict[str, object], lacking: list[str]) -> None:
    assert missing(goal, **arguments) == lacking


def test_numbers_that_nobody_said_are_invented() -> None:
    goal = read_goal("7 cushions at 18.35 with 12% off")
    assert invented(goal, [Call(tool="calculate.evaluate", arguments={"expression": "7 * 18.35 * (1 - 12%)"})]) == []
    assert invented(goal, [Call(tool="calculate.evaluate", arguments={"expression": "7 * 19.35"})]) == ["number 19.35"]


def test_a_month_may_be_used_by_the_name_of_a_file() -> None:
    listing = ["minutes/2024-10-03.md"]
    call = Call(tool="files.summarize", arguments={"path": listing[0]})
    assert unused(read_goal("summarize the minutes of October 2024", listing), [call], [], listing) == []


@pytest.mark.parametrize(
    ("arguments", "lacking"),
    [
        ({"function": "mean", "column": "boat"}, ["a mean of boat"]),
        (
            {"function": "sum", "column": "km", "by": "boat", "first": "Teal", "second": "Wren"},
            ["a comparison by boat"],
        ),
        ({"function": "sum", "column": "km", "by": "boat", "first": "Teal", "second": "Heron"}, []),
        ({"columns": ["boat"], "where": TEAL}, ["the column boat"]),
        ({"function": "count", "where": [{"column": "trip", "op": "=", "value": "T7"}]}, ["a count of trip"]),
        ({"function": "count", "where": TEAL}, []),
    ],
)
def test_a_column_is_not_asked_for_what_it_cannot_tell(arguments: dict[str, object], lacking: list[str]) -> None:
    assert misfits([Call(tool="t", arguments={"path": "trips.csv", **arguments})], [TRIPS]) == lacking


def test_the_one_record_of_a_settings_file_is_not_counted() -> None:
    card = FileCard(path="club.yaml", kind="table", rows=1, columns=(Column(name="max_boats", type="integer"),))
    calls = [Call(tool="t", arguments={"path": "club.yaml", "function": "count"})]
    assert misfits(calls, [card]) == ["a count of the one record"]


@pytest.mark.parametrize(
    ("goal", "text", "lacking"),
    [
        ("write a short note about the night shift into note.txt", "night shift", ["the wish for a text about 'night shift'"]),
        ("写一段关于夜班的话到 note.txt", "夜班", ["the wish for a text about '夜班'"]),
        ("write 'about the night shift' into note.txt", "about the night shift", []),
        ("write night shift into note.txt", "night shift", []),
        ("write a line saying we are on night shift into note.txt", "night shift", []),
    ],
)  # fmt: skip
def test_what_a_text_is_about_is_not_the_text(goal: str, text: str, lacking: list[str]) -> None:
    call = Call(tool="files.write", arguments={"path": "note.txt", "text": text})
    assert unused(read_goal(goal, []), [call], [], []) == lacking


@pytest.mark.parametrize(
    ("goal", "expression", "faults"),
    [
        ("was 2024 a better honey year than 2023? by how many kilos", "2024 - 2023", ["the year 2023"]),
        ("how many years from 1998 to 2024", "2024 - 1998", []),
        ("what is 2024 * 3", "2024 * 3", []),
    ],
)
def test_years_are_no_figures_unless_years_are_asked_for(goal: str, expression: str, faults: list[str]) -> None:
    call = Call(tool="calculate.evaluate", arguments={"expression": expression})
    assert years_reckoned(read_goal(goal), [call]) == faults


def test_a_month_in_a_files_name_is_no_time() -> None:
    goal = read_goal("旧数据/二月.csv 里一共卖了多少？", ["旧数据/二月.csv"])
    call = Call(tool="t.aggregate", arguments={"path": "旧数据/二月.csv", "function": "sum", "column": "数量"})
    assert unused(goal, [call], [], ["旧数据/二月.csv"]) == []
