"""Goals that want a file: a whole table in another form, rows in the columns and order said, lines of a form, changed copies."""

from pathlib import Path

import pytest

from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.clerk import Clerk
from trivet_plan_smollm2.grounding import list_workspace, look
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.altered_copy import altered_copy
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import PlannerAbstained
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import StandaloneServices
from trivet_table import tools as table

NAMES = ("describe", "select", "aggregate", "sql", "convert", "write")
FILES = {
    "crew.json": '[{"name": "Ada", "job": "cook", "phone": "11", "pass_until": "2024-03-01"},'
    ' {"name": "Bo", "job": "mate", "phone": "12", "pass_until": "2025-06-01"},'
    ' {"name": "Cy", "job": "cook", "phone": "13", "pass_until": "2026-01-01"}]',
    "stays.csv": "stay,guest,cabin,nights\n"
    + "".join(f"S{n},G{n},{cabin},{n % 4 + 1}\n" for n, cabin in enumerate(["Fir", "Oak", "Ash"] * 8)),
    "old/names.csv": "name;town\nGar\xe7on;Orl\xe9ans\n",
    "rules.md": "# Rules\n\nWhoever loses a key pays 25 euro.\n\nDogs stay out.\n",
}


async def plan(folder: Path, data: Path, goal: str, attached: str = "") -> list[Call]:
    for name, text in FILES.items():
        path = folder / ("attachments" if name == attached else "") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("latin-1"))
    tools = [*tools_of(Changes(data), Provenance()), *(getattr(table, name) for name in NAMES)]
    specs = [tool.spec for tool in tools]
    services = StandaloneServices(tools=tools, workspace=folder)
    listing = await list_workspace(specs, services)
    ground = await look(read_goal("x"), specs, services, listing)
    said = read_goal(goal, ground.listing)
    if calls := await altered_copy(said, ground.listing, specs, services):
        return [*calls]
    try:
        return [*Clerk(specs, ground).heard(said, [*ground.cards.values()])]
    except PlannerAbstained:
        return []


@pytest.mark.parametrize(
    ("goal", "path", "to"),
    [
        (
            "Turn the attached table into JSON, a list of records, and save it as out/a.json",
            "attachments/stays.csv",
            "out/a.json",
        ),
        (
            "Could I have crew.json as a tab separated file? out/crew.tsv would be a good place.",
            "crew.json",
            "out/crew.tsv",
        ),
        ("请把 crew.json 转换成 CSV，保存为 out/crew.csv", "crew.json", "out/crew.csv"),
        (
            "old/names.csv is in Latin-1 with semicolons. Make a UTF-8 file with commas out of it: old/new.csv",
            "old/names.csv",
            "old/new.csv",
        ),
        ("stays.csv as JSON, but saved as out/s.parquet", "", ""),
        ("save crew.json as tsv without the phone in out/crew.tsv", "", ""),
        ("Save old/names.csv with semicolons as Latin-1 in old/new.csv", "", ""),
    ],
)
async def test_a_whole_table_in_another_form(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, goal: str, path: str, to: str
) -> None:
    attached = "stays.csv" if "attached" in goal else ""
    calls = await plan(tmp_path, tmp_path_factory.mktemp("data"), goal, attached)
    assert [(call.tool, call.arguments) for call in calls if call.tool == "convert"] == (
        [("convert", {"path": path, "to": to})] if path else []
    )


async def test_columns_and_order_are_those_that_are_said(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("data")
    goal = "I need out/n.csv with the columns cabin and nights: the total of every cabin in stays.csv, sorted by cabin."
    counted, ordered, written = await plan(tmp_path, data, goal)
    assert (counted.arguments["function"], counted.arguments["group_by"]) == ("sum", "cabin")
    assert ordered.arguments == {"path": {"$ref": "s1#/rows"}, "columns": ["cabin", "nights"], "sort_by": "cabin"}
    assert written.arguments == {"rows": {"$ref": "s2#/rows"}, "path": "out/n.csv"}
    goal = "Whose pass runs out before 1 August 2025? Write name and pass_until to out/p.csv, latest first."
    chosen, _ = await plan(tmp_path, data, goal)
    assert chosen.arguments == {
        "path": "crew.json",
        "columns": ["name", "pass_until"],
        "where": [{"column": "pass_until", "op": "<", "value": "2025-08-01"}],
        "sort_by": "pass_until",
        "descending": True,
    }
    goal = "I print signs: put the names of the cabins from stays.csv into s.txt, one a line, each once, in alphabetical order."
    chosen, _ = await plan(tmp_path, data, goal)
    assert chosen.arguments == {"path": "stays.csv", "columns": ["cabin"], "sort_by": "cabin", "distinct": True}


@pytest.mark.parametrize(
    "goal",
    [
        "out/n.csv with the columns cabin and price: the total of every cabin in stays.csv",
        "Put the nights of stays.csv into out/n.csv, earliest first",  # there is no time
        "put the cabins from stays.csv into signs.txt, each once, sorted by colour",
        "Whose licence runs out before 1 August 2025? Write name and pass_until to out/p.csv, latest first.",
    ],
)
async def test_columns_and_orders_that_are_not_there_are_not_written(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, goal: str
) -> None:
    assert not await plan(tmp_path, tmp_path_factory.mktemp("data"), goal)


async def test_lines_have_the_form_that_the_goal_shows(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("data")
    asked, written = await plan(tmp_path, data, 'Write out/cooks.txt with a line "name: phone" for every cook')
    assert "|| ': ' ||" in asked.arguments["query"]
    assert "WHERE \"job\" IN ('cook')" in asked.arguments["query"]
    assert written.arguments == {"rows": {"$ref": "s1#/rows"}, "path": "out/cooks.txt"}
    assert not await plan(tmp_path, data, 'Write out/cooks.txt with a line "name: wage" for every cook')
    assert not await plan(tmp_path, data, 'Write out/cooks.txt with a line "name: phone" for every tall cook')


@pytest.mark.parametrize(
    ("goal", "has"),
    [
        ("Copy rules.md to new/r4.md, but with 40 euro instead of 25 euro for losing a key.", "pays 40 euro."),
        ('make a copy of rules.md as r2.md and replace "Dogs" with "Cats"', "Cats stay out."),
        ("把 rules.md 复制到 r3.md，但把“25 euro”改成“30 euro”", "pays 30 euro."),
        ("Copy rules.md to new/r4.md, but with 40 euro instead of 25 euro for parking a trailer.", ""),
        ("Copy rules.md to new/r4.md, but with 40 euro instead of 5 euro for losing a key.", ""),
    ],
)
async def test_a_copy_has_one_thing_changed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, goal: str, has: str
) -> None:
    calls = await plan(tmp_path, tmp_path_factory.mktemp("data"), goal)
    assert [has in str(call.arguments["text"]) for call in calls] == ([True] if has else [])
