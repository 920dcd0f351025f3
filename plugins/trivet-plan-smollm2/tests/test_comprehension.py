"""Passages as a larger model reads them, and what keeps its words and figures to what the passages say."""

from pathlib import Path

import pytest

from trivet_calculate import tools as calculate
from trivet_files.changes import Changes
from trivet_files.tools import tools_of
from trivet_plan_smollm2.asking import is_vague
from trivet_plan_smollm2.comprehension.line import Entry, Reckoned, Said, Unreadable, read_line
from trivet_plan_smollm2.comprehension.planning import by_passages
from trivet_plan_smollm2.comprehension.prompt import line_in
from trivet_plan_smollm2.grounding import Ground, search
from trivet_plan_smollm2.larger import LIST, QUERY_ROLE, Larger
from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.sampling import Asking
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Budget, Goal, Model, PlanRequest, ToolSpec, Transcript
from trivet_sdk.provenance import Provenance
from trivet_sdk.testing import ScriptedModel, StandaloneServices

pytestmark = pytest.mark.anyio

TOOLS = [
    next(tool for tool in tools_of(Changes(Path()), Provenance(())) if tool.spec.name == "find"),
    *(getattr(calculate, name) for name in ("evaluate", "convert", "days_between", "add_to_date", "weekday")),
]
SPECS: list[ToolSpec] = [tool.spec for tool in TOOLS]
TEXTS = {
    "rules.md": "# Boats\n\nWhoever loses an oar pays 85 euros. A boat may be kept for three days.\n\n"
    "# Key\n\nThe key of the boathouse hangs behind the door of the workshop.\n",
    "minutes/march.md": "# Meeting of 12 March 2024\n\nIn the chair: Ines Vogt. The regatta takes place on 4 May.\n",
    "settings.toml": "[alarm]\nwind_knots = 22\n[doors]\nclose_at = 21\n",
    "boats.json": '[{"boat": "Heron", "berth": 12, "owner": "Vogt"}, {"boat": "Teal", "berth": 7, "owner": "Berg"}]',
    "资料/规定.txt": "船桨丢失赔偿六百元。钥匙挂在工作间门后。\n",
    "alarm.log": "2024-03-01 10:00:00 WARN wind at 85 knots\n",
}


async def planned(folder: Path, goal: str, *lines: str) -> tuple[list[Call], ScriptedModel]:
    """What comes of the goal where the model says these lines, the last one again and again."""
    for name, text in TEXTS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=folder)
    model = ScriptedModel(*lines, *[lines[-1]] * 3)
    said = read_goal(goal, [*TEXTS])
    found = await search(said, SPECS, services)
    return [*await by_passages(said, found, Asking(SPECS, model, services, "r1", Similarity(None)))], model


def shown(call: Call) -> str:
    return f"{call.arguments['path']} {call.arguments['limit']}"


@pytest.mark.parametrize(
    ("goal", "line", "where"),
    [
        ("What does it cost to lose an oar?", 'said("Whoever loses an oar pays 85 euros.")', "rules.md 1"),
        ("what does it cost to lose an oar", "85", "rules.md 1"),
        ("From which wind on does the alarm go off?", 'said("wind_knots: 22")', "settings.toml 1"),
        ("From which wind on does the alarm go off?", 'settings["alarm"]["wind_knots"]', "settings.toml 1"),
        ("Which berth has the Heron?", 'boats["Heron"]["berth"]', "boats.json 1"),
        ("钥匙挂在哪里？", 'said("钥匙挂在工作间门后")', "资料/规定.txt 1"),
    ],
)
async def test_what_a_passage_says_is_shown(tmp_path: Path, goal: str, line: str, where: str) -> None:
    calls, _ = await planned(tmp_path, goal, line)
    assert [shown(call) for call in calls] == [where]


async def test_what_is_reckoned_comes_first_and_then_where_its_figures_stand(tmp_path: Path) -> None:
    calls, _ = await planned(
        tmp_path, "I lost three oars and get 10% off. What do I pay?", "round(3 * 85 * (1 - 10 / 100), 2)"
    )
    assert calls[0] == Call(tool="evaluate", arguments={"expression": "round(((3 * 85) * (1 - (10 / 100))), 2)"})
    assert [shown(call) for call in calls[1:]] == ["rules.md 1"]


async def test_days_of_a_text_without_a_year_take_the_one_beside_them(tmp_path: Path) -> None:
    calls, _ = await planned(
        tmp_path,
        "How many weeks from the March meeting to the regatta?",
        'days_between("2024-03-12", "2024-05-04") / 7',
    )
    assert [call.tool for call in calls] == ["days_between", "evaluate", "find"]
    assert calls[1].arguments == {"expression": "(a / 7)", "values": {"a": {"$ref": "s1#/value"}}}


async def test_sum_that_has_all_its_figures_in_the_goal_needs_no_passage(tmp_path: Path) -> None:
    calls, _ = await planned(
        tmp_path, "412 in spring and 467 in autumn: how much more in percent?", "(467 - 412) / 412 * 100"
    )
    assert [call.tool for call in calls] == ["evaluate"]


@pytest.mark.parametrize(
    ("goal", "line"),
    [
        ("What does it cost to lose an oar?", 'said("Whoever loses an oar pays 95 euros.")'),
        ("What do three lost oars cost?", "3 * 95"),
        ("How many days from the March meeting to the regatta?", 'days_between("2024-03-12", "2024-05-05")'),
        ("How many days from the March meeting to the regatta?", 'days_between("2024-03-12", "2023-05-04")'),
        ("Which berth has the Swan?", 'boats["Swan"]["berth"]'),
        ("At which wind was the warning?", "85 * 1.852"),
        ("What does it cost to lose an oar?", "85 + 22"),
        ("Which day is 5 working days after 12 March 2024?", 'add_to_date("2024-03-12", 5, "days")'),
        ("Until when may I keep the boat?", 'add_to_date("2024-03-12", 3, "lightyears")'),
        ("What is the alarm's wind in km/h?", 'said("wind_knots: 22")'),
        ("Who is the treasurer?", "unknown()"),
        ("Who is the treasurer?", "import os"),
    ],
)
async def test_what_stands_nowhere_or_cannot_be_reckoned_is_not_used(tmp_path: Path, goal: str, line: str) -> None:
    assert (await planned(tmp_path, goal, line))[0] == []


async def test_one_answer_alone_is_not_used(tmp_path: Path) -> None:
    goal = "What does it cost to lose an oar?"
    oar, key = 'said("loses an oar pays 85 euros")', 'said("The key of the boathouse hangs behind the door")'
    assert (await planned(tmp_path, goal, oar, key, "unknown()"))[0] == []
    calls, model = await planned(tmp_path, goal, key, oar, "85")
    assert [shown(call) for call in calls] == ["rules.md 1"]
    assert len(model.requests) == 3
    _, model = await planned(tmp_path, goal, "unknown()", "unknown()")
    assert len(model.requests) == 2  # it does not know


async def test_figures_agree_as_far_as_decimals_are_wanted(tmp_path: Path) -> None:
    goal = "412 in spring and 467 in autumn, how much more in percent? 1 decimal"
    lines = "(467 - 412) / 412 * 100", "round((467 - 412) / 412, 1)", "round((467 - 412) / 412 * 100, 1)"
    calls, model = await planned(tmp_path, goal, *lines)
    assert [call.tool for call in calls] == ["evaluate"]
    assert len(model.requests) == 3


async def test_entry_of_the_settings_is_a_figure(tmp_path: Path) -> None:
    calls, _ = await planned(
        tmp_path, "What is the wind of the alarm in km/h?", 'convert(settings["alarm"]["wind_knots"], "knots", "km/h")'
    )
    assert calls[0] == Call(tool="convert", arguments={"value": 22, "unit": "knots", "to": "km/h"})
    assert [shown(call) for call in calls[1:]] == ["settings.toml 1"]


@pytest.mark.parametrize(
    "line",
    ["__import__('os').system('x')", "open('a')", "[1, 2]", "x", "said(x)", "(lambda: 1)()", "1 +", "convert(1, 'm')"],
)
def test_nothing_of_a_line_is_run(line: str) -> None:
    with pytest.raises(Unreadable):
        read_line(line, SPECS)


def test_lines_are_read() -> None:
    assert read_line("unknown()", SPECS) is None
    assert read_line("'four metres'", SPECS) == Said("four metres")
    assert read_line("9.50", SPECS) == Said("9.50")
    assert read_line("a.b['x'][0]", SPECS) == Entry(("x", "0"))
    reckoned = read_line('convert(2 * 3.5, "km", "mi", 1)', SPECS)
    assert isinstance(reckoned, Reckoned)
    assert [call.tool for call in reckoned.calls] == ["evaluate", "convert"]
    assert reckoned.calls[1].arguments == {"value": {"$ref": "s1#/value"}, "unit": "km", "to": "mi"}
    assert reckoned.numbers == (2.0, 3.5)
    assert line_in('```python\nsaid("a")\n```\nmore') == 'said("a")'


@pytest.mark.parametrize(
    ("goal", "is_said_of_nothing"),
    [
        ("And how old is she now?", True),
        ("how far is it?", True),
        ("那个多少钱？", True),
        ("How far is it from Lindeck?", False),
        ("What does it cost to lose an oar?", False),
        ("how long does it take if somebody is ill", False),
        ("How far is it? See routes.yaml", False),
        ("How many geese are there?", False),
        ("The oar was lost on Friday by one of the juniors, so what does it cost us?", False),
    ],
)
def test_goal_that_points_at_nothing_is_not_asked_of_the_larger_model(goal: str, is_said_of_nothing: bool) -> None:
    assert is_vague(read_goal(goal)) is is_said_of_nothing


async def larger_told(folder: Path, text: str, table: str = "") -> tuple[tuple[Call, ...] | None, int]:
    """What the larger of two models is said to tell, and how often it was asked."""
    (folder / "rules.md").write_text("# Boats\n\nWhoever loses an oar pays 85 euros.\n", "utf-8")
    coder, small = (
        ScriptedModel(*['said("Whoever loses an oar pays 85 euros.")'] * 4, name="coder"),
        ScriptedModel("", name="small"),
    )

    class Two(StandaloneServices):
        def model(self, role: str = "model") -> Model:
            return coder if role == QUERY_ROLE else small

    services = Two(tools=TOOLS, workspace=folder)
    cards = [FileCard(path="rules.md", kind="text")]
    if table:
        columns = (Column(name="oar", type="text", examples=()),)
        cards.append(FileCard(path="oars.csv", kind="table", rows=int(table), columns=columns))
    ground = Ground(cards, [card.path for card in cards])
    goal = Goal(text=text, workspace=str(folder))
    request = PlanRequest(
        goal=goal, tools=tuple(SPECS), transcript=Transcript(run="r", goal=goal), budget_left=Budget()
    )
    said = read_goal(text, ground.listing)
    calls = await Larger(request, services, Similarity(None)).told(said, await search(said, SPECS, services), ground)
    return calls, len(coder.requests)


async def test_larger_model_is_asked_about_texts_and_short_lists_but_not_about_long_tables(tmp_path: Path) -> None:
    calls, _ = await larger_told(tmp_path, "What does it cost to lose an oar?")
    assert calls is not None
    assert [shown(call) for call in calls] == ["rules.md 1"]
    assert (await larger_told(tmp_path, "What does a lost oar of oars.csv cost?", str(LIST)))[1] > 0
    assert await larger_told(tmp_path, "What does a lost oar of oars.csv cost?", str(LIST + 1)) == ((), 0)


async def test_larger_model_is_not_asked_where_nothing_is_named_or_a_file_is_wanted(tmp_path: Path) -> None:
    assert await larger_told(tmp_path, "And what does it cost?") == ((), 0)
    assert await larger_told(tmp_path, "Write into cost.txt what a lost oar costs") == (None, 0)


async def test_row_of_a_table_may_be_reckoned_with_and_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "boats.json").write_text('[{"name": "Gannet", "kg": 57},\n {"name": "Heron", "kg": 16}]', "utf-8")
    services = StandaloneServices(tools=TOOLS, workspace=tmp_path)
    for goal, line, is_used in (
        ("Where was the Gannet built?", 'said("name: Gannet, kg: 57")', False),
        ("What do 3 Gannets weigh?", "3 * 57", True),
    ):
        said = read_goal(goal, ["boats.json"])
        found = await search(said, SPECS, services)
        asking = Asking(SPECS, ScriptedModel(*[line] * 4), services, "r1", Similarity(None))
        assert bool(await by_passages(said, found, asking, {"boats.json"})) == is_used
