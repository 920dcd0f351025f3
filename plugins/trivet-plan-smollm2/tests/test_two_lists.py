"""Goals over two lists, second questions about what the first finds, shares of groups, quantities with two figures."""

from pathlib import Path
from typing import Any

import pytest

from trivet_calculate.tools import evaluate
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.naming import named_in
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Tool, ToolSpec
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

TOOLS: list[Tool] = [*table.TOOLS, evaluate]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
STALLS = "stall,aisle,area_m2,roof,trader\n" + "".join(
    f"S{n},{'ABC'[n % 3]},{4 + (n * 7) % 23}.5,{'yes' if n % 4 else 'no'},T{n % 6 + 1}\n" for n in range(1, 19)
)
TRADERS = "trader,name,phone,trade\n" + "".join(
    f"T{n},{name},555-010{n},{trade}\n"
    for n, (name, trade) in enumerate(
        [
            ("Ida Falk", "fish"),
            ("Jon Brix", "cheese"),
            ("Lea Moss", "bread"),
            ("Max Ott", "fish"),
            ("Ruth Sy", "flowers"),
            ("Tom Zeh", "bread"),
        ],
        1,
    )
)
SALES = "day,stall,eur\n" + "".join(f"2025-05-{n % 20 + 1:02},S{n % 17 + 1},{10 + n % 50}.5\n" for n in range(60))
GOODS = "item,unit,price_eur,kg\nflour,sack,9.5,10\nolive oil,case,60,8\nhoney,jar,7,0.6\n"
FILES = {
    "stalls.csv": STALLS,
    "traders.csv": TRADERS,
    "sales.csv": SALES,
    "goods.tsv": GOODS.replace(",", "\t"),
    "helpers.txt": "Ida Falk\nNora Kim\nTom Zeh\n",
    "fees 2024.csv": "fee,eur\nstall,12\npower,4\n",
    "fees 2025.csv": "fee,eur\nstall,14\npower,4\nice,2\n",
    "gas/meters.csv": "stall,start_m3,end_m3\n" + "".join(f"S{n},{n}.5,{n * 3}.2\n" for n in range(1, 19)),
}


async def plan(folder: Path, goal: str) -> tuple[tuple[Call, ...], StandaloneServices]:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    kinds = [{"path": name, "kind": "text" if name.endswith(".txt") else "table"} for name in FILES]
    ground = await look(read_goal("x"), SPECS, services, kinds)
    cards = [card for card in ground.cards.values() if card.columns]
    return Clerk(SPECS, ground).heard(read_goal(goal, ground.listing), cards), services


@pytest.mark.parametrize(
    ("goal", "arguments"),
    [
        ("Who is on helpers.txt but not in traders.csv?", ("helpers.txt", "traders.csv", "only")),
        ("which helpers arent traders", ("helpers.txt", "traders.csv", "only")),
        ("Which of the traders do not appear on the list of helpers?", ("traders.csv", "helpers.txt", "only")),
        ("Who is missing from traders.csv that stands in helpers.txt?", ("helpers.txt", "traders.csv", "only")),
        ("how many helpers are also traders?", ("helpers.txt", "traders.csv", "both")),
        ("Which fees are new in fees 2025.csv compared with 2024?", ("fees 2025.csv", "fees 2024.csv", "only")),
        ("Which fees were on the list of 2024 and no longer in 2025?", ("fees 2024.csv", "fees 2025.csv", "only")),
        ("What do the 2025 fees have that those of 2024 don't?", ("fees 2025.csv", "fees 2024.csv", "only")),
        ("What changed in the fees from 2024 to 2025?", ("fees 2025.csv", "fees 2024.csv", "changed")),
        ("differences between fees 2024.csv and fees 2025.csv", ("fees 2025.csv", "fees 2024.csv", "changed")),
        ("Which traders have no stall?", ("traders.csv", "stalls.csv", "only")),
    ],
)
async def test_two_lists_are_held_against_each_other(tmp_path: Path, goal: str, arguments: tuple[str, ...]) -> None:
    [call], services = await plan(tmp_path, goal)
    assert call.tool == "differ"
    assert tuple(call.arguments[name] for name in ("path", "other", "show")) == arguments
    assert (await services.call(call.tool, call.arguments)).text


@pytest.mark.parametrize(
    "goal",
    [
        "Which fish traders are not on the list of helpers?",  # only some of them
        "Which stalls have no trader?",  # a column tells it
        "By how much did the fee for a stall change from 2024 to 2025?",  # one value, and not what is different
        "Which fees did not change from 2024 to 2025?",
        "phone numbers of the traders that are not on helpers.txt in aisle A",
        "Which helpers are not in stalls.csv, traders.csv and sales.csv?",
    ],
)
async def test_what_says_more_than_two_lists_is_not_held_against_them(tmp_path: Path, goal: str) -> None:
    calls, _ = await plan(tmp_path, goal)
    assert not any(call.tool == "differ" for call in calls)


@pytest.mark.parametrize(
    ("goal", "tools", "last"),
    [
        (
            "who has the largest stall (name please) and how many sales were made there",
            ["select", "select", "aggregate"],
            ("sales.csv", "stall"),
        ),
        ("Who has the smallest stall, and what is their phone?", ["select", "select", "select"], ("traders.csv", "trader")),
        ("Which is the largest stall, and how many sales were made there?", ["select", "aggregate", "aggregate"],
         ("sales.csv", "stall")),
    ],
)  # fmt: skip
async def test_a_second_question_speaks_of_the_row_of_the_first(
    tmp_path: Path, goal: str, tools: list[str], last: tuple[str, str]
) -> None:
    calls, _ = await plan(tmp_path, goal)
    assert [call.tool for call in calls] == tools
    where: list[dict[str, Any]] = calls[-1].arguments["where"]
    assert (calls[-1].arguments["path"], where[0]["column"]) == last
    assert where[0]["value"] == {"$ref": f"s1#/rows/0/{last[1]}"}


async def test_how_many_they_are_is_what_the_first_question_counts(tmp_path: Path) -> None:
    [call], _ = await plan(tmp_path, "Which trader has the most stalls with a roof, and how many are they?")
    assert call.arguments["where"] == [{"column": "roof", "op": "=", "value": "yes"}]
    assert (call.arguments["function"], call.arguments["group_by"]) == ("count", "trader")


@pytest.mark.parametrize(
    ("goal", "last"),
    [
        (
            "Which aisle of stalls.csv has the highest mean of area_m2, and how high was it on average?",
            "aggregate",
        ),
        ("Which trader has the most stalls, and what is their phone?", "select"),
    ],
)
async def test_a_figure_said_again_is_no_second_question_and_a_key_is_one(tmp_path: Path, goal: str, last: str) -> None:
    calls, _ = await plan(tmp_path, goal)
    assert calls[-1].tool == last


async def test_the_day_of_a_row_is_told_with_it(tmp_path: Path) -> None:
    [call], services = await plan(tmp_path, "What was the highest eur in sales.csv, and on which day was that?")
    assert "day 2025-05-10" in (await services.call(call.tool, call.arguments)).text


@pytest.mark.parametrize(
    "goal",
    [
        "Which stall is the largest and does it have a roof?",
        "Which trader has the most stalls, and how long is their beard?",
        "Which stall took the most eur, and how warm was it then?",
    ],
)
async def test_two_questions_are_not_read_as_one(tmp_path: Path, goal: str) -> None:
    calls, _ = await plan(tmp_path, goal)
    assert not calls


@pytest.mark.parametrize(
    ("goal", "arguments"),
    [
        (
            "For every aisle: what percentage of the stalls has a roof? One decimal.",
            {"group_by": "aisle", "decimals": 1},
        ),
        ("what percentage of the stalls has a roof", {}),
        ("percentage of stalls with a roof per aisle, 2 decimals", {"group_by": "aisle", "decimals": 2}),
    ],
)
async def test_shares_also_of_each_group(tmp_path: Path, goal: str, arguments: dict[str, Any]) -> None:
    [call], _ = await plan(tmp_path, goal)
    part = [{"column": "roof", "op": "=", "value": "yes"}]
    assert call == Call(tool="share", arguments={"path": "stalls.csv", "part": part, **arguments})


@pytest.mark.parametrize(
    ("goal", "row"),
    [
        (
            "2 sacks of flour, 3 cases of olive oil - what does it cost and what does it weigh? goods.tsv",
            {"price_eur": 199, "kg": 44},
        ),
        ("What do 10 jars of honey weigh? goods.tsv", {"total": 6}),
    ],
)
async def test_quantities_have_a_price_and_a_weight(tmp_path: Path, goal: str, row: dict[str, float]) -> None:
    [call], services = await plan(tmp_path, goal)
    found = (await services.call(call.tool, call.arguments)).value
    assert isinstance(found, dict)
    assert found["rows"] == [row]


@pytest.mark.parametrize(
    "goal", ["What is heavier, 2 flour or 3 honey? goods.tsv", "What do 2 kg of flour weigh? goods.tsv"]
)
async def test_what_is_no_list_of_quantities_is_not_added_up(tmp_path: Path, goal: str) -> None:
    calls, _ = await plan(tmp_path, goal)
    assert not any(call.tool == "sql" for call in calls)


async def test_what_was_used_is_told_by_group_of_another_table(tmp_path: Path) -> None:
    calls, services = await plan(tmp_path, "How many cubic metres did each aisle use? gas/meters.csv and stalls.csv")
    assert [call.tool for call in calls] == ["join", "aggregate"]
    assert calls[1].arguments["column"] == "end_m3 - start_m3"
    rows = (await services.call("join", calls[0].arguments)).value
    assert isinstance(rows, dict)
    found = (await services.call("aggregate", {**calls[1].arguments, "path": rows["rows"]})).value
    assert isinstance(found, dict)
    assert sorted(row["aisle"] for row in found["rows"]) == ["A", "B", "C"]


def test_files_are_named_by_their_words_and_numbers() -> None:
    paths = ["x/stock 2023.csv", "x/stock 2024.csv", "guests.txt", "a/b.csv", "c/b.csv"]
    text = "the stock list of 2024 or that of 2023, and the guest list"
    assert [each.path for each in named_in(text, paths)] == ["x/stock 2024.csv", "x/stock 2023.csv", "guests.txt"]
    assert not named_in("b of 2024", paths)
