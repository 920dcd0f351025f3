"""Whether an answer says only what the run found."""

from typing import Any

import pytest

from trivet_critic.grounding import ungrounded
from trivet_critic.promises import is_among, promised
from trivet_critic.refusal import is_question, is_refusal
from trivet_critic.sources import Sources, sources_of
from trivet_sdk import Exchange, Goal, Observed, Step, Transcript, result

ROWS = {"rows": [{"name": "Heron", "km": 1234.567}, {"name": "Teal", "km": 0.3718543}], "row_count": 2}


@pytest.mark.parametrize(
    ("answer", "data", "missing"),
    [
        ("1,234.57 km", ROWS, []),
        ("1235 km", ROWS, []),
        ("1234 km", ROWS, ["1234"]),
        ("about 1,200 km", ROWS, []),
        ("1,200 km", ROWS, ["1,200"]),
        ("37.2%", ROWS, []),
        ("37.3 percent", ROWS, ["37.3 percent"]),
        ("-0.37 lower", ROWS, []),
        ("2 boats, Heron and Teal", ROWS, []),
        ("three boats", ROWS, ["three"]),
        ('The "Heron" and the “teal”, not the "Gull"', ROWS, ["Gull"]),
        ("On 12 March 2025", {"day": "2025-03-12T10:00:00"}, []),
        ("On 12 March", {"day": "2025-03-12"}, []),
        ("On 13 March 2025", {"day": "2025-03-12"}, ["13 March 2025"]),
        ("in 2025", {"day": "2025-03-12"}, []),
        ("3月12日报名，费用六十五元", "2025-03-12，65 元", []),
        ("费用六十六元", "65 元", ["六十六"]),
        ("22 knots", {"text": "wind_knots: twenty-two"}, []),
        ("0.00006", {"p": 6e-05}, []),
        ("nothing to check here", {}, []),
    ],
)
def test_figures_dates_and_quotations(answer: str, data: Any, missing: list[str]) -> None:
    assert ungrounded(answer, Sources(["How far was it?"], [data])) == missing


def test_quotations_are_found_through_markup_space_and_gaps() -> None:
    source = (
        "means Source Code  Form to which\nthe **initial Contributor** has attached the notice in Exhibit A, “as is”"
    )
    sources = Sources([source], [])
    for words in (
        "source code form to which the initial contributor",
        "Source Code Form … the notice in Exhibit A",
        "'as is'",
    ):
        assert ungrounded(f'It says "{words}".', sources) == []
    assert ungrounded('It says "Executable Form".', sources) == ["Executable Form"]


def test_figures_from_earlier_in_the_conversation_are_known_but_not_those_that_a_model_made_up() -> None:
    found = Observed(step=Step(id="s1", tool="table.aggregate"), result=result("mean of 质量: 37.5", {"value": 37.5}))
    thought = Observed(step=Step(id="s2", tool="think"), result=result("perhaps 91"))
    told = Exchange(run="r1", goal="平均质量是多少?", status="succeeded", answer="12 birds", turns=(found, thought))
    wrong = Exchange(run="r2", goal="and in 2009?", status="failed", answer="perhaps 64")
    sources = sources_of(Transcript(run="r", goal=Goal(text="And twice that?"), earlier=(told, wrong)))
    assert ungrounded("37.5 of 12 birds, as in 2009", sources) == []
    assert ungrounded("91 or 64", sources) == ["91", "64"]


@pytest.mark.parametrize(
    ("goal", "paths"),
    [
        ("Which species is the heaviest? Save the table to out/mass.csv", ["out/mass.csv"]),
        ("Put everybody who has not paid into results/unpaid.csv (columns member and name).", ["results/unpaid.csv"]),
        ("Make a JSON file results/gym.json with a list of records from the attached TSV.", ["results/gym.json"]),
        ("Work out the speed over all trips.csv rows, and save it in results/speed.txt.", ["results/speed.txt"]),
        ("Convert weather/daily.csv to weather/daily.parquet", ["weather/daily.parquet"]),
        ("Write a.csv as 'b.json' and c.md", ["b.json", "c.md"]),
        ("把结果保存到 结果/均值.csv。", ["结果/均值.csv"]),
        ("将数据转换为JSON文件 out/数据.json", ["out/数据.json"]),
        ("How many rows has trips.csv?", []),
        ("Read notes.md and tell me what it says about trips.csv", []),
        ("What is the total in sales.csv? Two decimals.", []),
        ("Save water", []),
    ],
)
def test_promised_files(goal: str, paths: list[str]) -> None:
    assert promised(goal) == paths


def test_a_promised_file_may_be_written_deeper() -> None:
    assert is_among("./Mass.csv", ["out/mass.csv"])
    assert not is_among("mass.csv", ["out/biomass.csv"])


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        ("I cannot find a file of that name.", True),
        ("I'm sorry, but there is no such table.", True),
        ("Unfortunately the file is empty.", True),
        ("I was unable to read it", True),
        ("The question can't be answered.", True),
        ("无法确定。", True),
        ("抱歉，找不到该文件", True),
        ("Because the blades would split: they cannot dry.", False),
        ("It has 7 rows. I could not read two more.", False),
        ("不能吃的蘑菇有三种", False),
    ],
)
def test_refusals(answer: str, is_one: bool) -> None:
    assert is_refusal(answer) is is_one


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        ("Which file do you mean, a.csv or b.csv?", True),
        ("Shall I sort it by `date`?", True),
        ("请问您指的是哪个文件？", True),
        ("The chapter is called: Where are we going?", False),
        ("It has 7 rows. Do you want more?\nThere are also 3 notes.", False),
        ("Tell me which file you mean.", False),
    ],
)
def test_questions(answer: str, is_one: bool) -> None:
    assert is_question(answer) is is_one
