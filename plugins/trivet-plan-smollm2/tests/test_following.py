"""Goals that mean something only after the goal before: one thing in it replaced, or what it found put into a file."""

from typing import Any, Literal

import pytest

from trivet_plan_smollm2.earlier import last_path
from trivet_plan_smollm2.follow_up import followed
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.saving import Unsaved, saved
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Exchange, Observed, Step, ToolResult, ToolSpec, result

BIRDS = FileCard(
    path="birds.csv",
    rows=90,
    columns=(
        Column(name="kind", examples=("heron", "teal", "gull"), distinct=3),
        Column(name="shore", examples=("north", "south"), distinct=2),
        Column(name="mass_g", type="integer", min=200, max=2100, distinct=80),
        Column(name="wing_cm", type="number", min=20, max=99, distinct=70),
        Column(name="year", type="integer", min=2019, max=2024, distinct=6),
    ),
)
STOCK = FileCard(
    path="库存.csv",
    rows=30,
    columns=(
        Column(name="名称", examples=("铁锹", "水壶"), distinct=30),
        Column(name="类别", examples=("工具", "容器"), distinct=2),
        Column(name="数量", type="integer", min=1, max=60),
    ),
)
CARDS = {card.path: card for card in (BIRDS, STOCK)}
AGGREGATE = ToolCard(
    name="table.aggregate",
    parameters={"properties": {name: {} for name in ("path", "function", "column", "group_by", "where", "first")}},
)
NEW_FILE = {"path": {"type": "string", "format": "new-path"}}
COUNT = ToolSpec(name="table.aggregate", summary="Count", parameters={"properties": {}}, effect="pure")
TABLE_WRITER = ToolSpec(
    name="table.write",
    summary="Write rows",
    parameters={"properties": {**NEW_FILE, "rows": {}}, "required": ["rows", "path"]},
    effect="idempotent",
)
TEXT_WRITER = ToolSpec(
    name="files.write",
    summary="Write text",
    parameters={"properties": {**NEW_FILE, "text": {}}, "required": ["path", "text"]},
    effect="idempotent",
)
WRITERS = (COUNT, TABLE_WRITER, TEXT_WRITER)
ROWS = [{"kind": "heron", "mass_g": 1500.0}, {"kind": "teal", "mass_g": 340.0}]


def is_(column: str, value: object, op: str = "=") -> dict[str, object]:
    return {"column": column, "op": op, "value": value}


def exchange(
    arguments: dict[str, Any],
    came: ToolResult | None = None,
    *,
    goal: str = "the goal before",
    tool: str = "table.aggregate",
    status: Literal["succeeded", "failed"] = "succeeded",
) -> Exchange:
    came = came or result("two rows", {"rows": ROWS})
    turn = Observed(step=Step(id="s4", tool=tool, arguments=arguments), result=came)
    return Exchange(run="r1", goal=goal, status=status, answer=came.text, turns=(turn,), artifacts=came.artifacts)


MEAN = {"path": "birds.csv", "function": "mean", "column": "mass_g", "group_by": "kind"}
HERONS = {"path": "birds.csv", "function": "count", "where": [is_("kind", "heron"), is_("year", 2021, ">=")]}
TOOLS = {"path": "库存.csv", "function": "sum", "column": "数量", "where": [is_("类别", "工具")]}


@pytest.mark.parametrize(
    ("before", "goal", "changed", "words"),
    [
        (HERONS, "and for teal?", {"where": [is_("kind", "teal"), is_("year", 2021, ">=")]}, "with kind = teal"),
        (HERONS, "what about gulls?", {"where": [is_("kind", "gull"), is_("year", 2021, ">=")]}, "with kind = gull"),
        (HERONS, "And 2023?", {"where": [is_("kind", "heron"), is_("year", 2023, ">=")]}, "with year >= 2023"),
        (HERONS, "and on the south?", {"where": [*HERONS["where"], is_("shore", "south")]}, "with shore = south"),
        (MEAN, "and only for 2022?", {"where": [is_("year", 2022)]}, "with year = 2022"),
        (MEAN, "and the median?", {"function": "median"}, "median of mass_g"),
        (MEAN, "what about wing_cm", {"column": "wing_cm"}, "of wing_cm"),
        (MEAN, "the same by shore", {"group_by": "shore"}, "by shore"),
        (TOOLS, "那容器呢？", {"where": [is_("类别", "容器")]}, "with 类别 = 容器"),
        (TOOLS, "平均值呢", {"function": "mean"}, "mean of 数量"),
    ],
)
def test_one_thing_of_the_goal_before_is_replaced(
    before: dict[str, Any], goal: str, changed: dict[str, Any], words: str
) -> None:
    wanted = Call(tool="table.aggregate", arguments={**before, **changed})
    assert followed(read_goal(goal), [exchange(before)], CARDS, [AGGREGATE]) == (wanted, words)


@pytest.mark.parametrize(
    ("before", "goal"),
    [
        (HERONS, "and for penguins?"),  # nowhere
        (HERONS, "and for 2031?"),  # no such year
        (MEAN, "and 1000?"),  # of which column, and compared how?
        (MEAN, "How many rows are there?"),  # a goal of its own
        (MEAN, "and for teal in other.csv?"),
        ({**MEAN, "first": 3}, "and for teal?"),
        ({**MEAN, "path": "gone.csv"}, "and for teal?"),
        (TOOLS, "容器"),  # a word alone asks nothing
        (TOOLS, "那木头呢？"),
    ],
)
def test_what_has_no_place_in_the_goal_before_is_not_guessed(before: dict[str, Any], goal: str) -> None:
    paths = ["birds.csv", "other.csv", "库存.csv"]
    assert followed(read_goal(goal, paths), [exchange(before)], CARDS, [AGGREGATE]) is None


def test_value_that_two_columns_have_is_not_guessed() -> None:
    twice = FileCard(
        path="birds.csv",
        columns=(Column(name="from", examples=("north",)), Column(name="to", examples=("north",))),
    )
    count = exchange({"path": "birds.csv", "function": "count"})
    assert followed(read_goal("and for north?"), [count], {"birds.csv": twice}, [AGGREGATE]) is None


def test_the_newest_goal_that_found_something_is_the_one_before() -> None:
    told = [
        exchange(MEAN),
        exchange({"path": "birds.csv", "function": "count"}, status="failed"),
        exchange({"rows": ROWS, "path": "mass.csv"}, result("wrote", {}, ("mass.csv",)), tool="table.write"),
    ]
    found = followed(read_goal("and the maximum?"), told, CARDS, [AGGREGATE])
    assert found == (Call(tool="table.aggregate", arguments={**MEAN, "function": "max"}), "max of mass_g")
    assert last_path(told[:1]) == last_path([told[0], told[2]]) == "birds.csv"
    assert followed(read_goal("and the maximum?"), told[1:], CARDS, [AGGREGATE]) is None
    assert last_path(told[2:]) == ""


@pytest.mark.parametrize(
    ("goal", "path"),
    [
        ("save that as mass.csv", "mass.csv"),
        ("Please write it to out/mass.json.", "out/mass.json"),
        ("great, save the table in a new file called mass.csv, please", "mass.csv"),
        ("can you export these rows to mass.parquet", "mass.parquet"),
        ("把它保存到 均值.csv", "均值.csv"),
        ("把它保存到均值.csv", "均值.csv"),
        ("请把刚才的结果导出为结果.csv。", "结果.csv"),
        ("存到 表/存货.csv", "表/存货.csv"),
    ],
)
def test_rows_that_were_found_go_into_a_file(goal: str, path: str) -> None:
    wanted = Call(tool="table.write", arguments={"rows": ROWS, "path": path})
    assert saved(read_goal(goal), [exchange(MEAN)], WRITERS) == (wanted,)


@pytest.mark.parametrize(
    "goal",
    [
        "save the mean mass_g by kind of birds.csv as mass.csv",
        "save water",
        "read mass.csv",
        "计算均值并保存到 均值.csv",
    ],
)
def test_goal_that_says_itself_what_to_save_is_no_follow_up(goal: str) -> None:
    assert saved(read_goal(goal, ["birds.csv"]), [exchange(MEAN)], WRITERS) == ()


def test_rows_too_many_to_be_remembered_are_found_again() -> None:
    forgotten = exchange(MEAN, result("4,000 rows"))
    assert saved(read_goal("save that as mass.csv"), [forgotten], WRITERS) == (
        Call(tool="table.aggregate", arguments=MEAN),
        Call(tool="table.write", arguments={"rows": {"$ref": "s1#/rows"}, "path": "mass.csv"}),
    )


def test_answer_goes_into_a_text_file() -> None:
    told = exchange({"query": "notice"}, result("Two months, in writing.", {"matches": []}), tool="files.find")
    assert saved(read_goal("save it to notice.txt"), [told], WRITERS) == (
        Call(tool="files.write", arguments={"path": "notice.txt", "text": "Two months, in writing."}),
    )


def test_what_was_saved_can_be_saved_again_under_another_name() -> None:
    written = exchange(
        {"rows": ROWS, "path": "a.csv"},
        result("wrote", {}, ("a.csv",)),
        goal="save that as a.csv",
        tool="table.write",
    )
    calls = saved(read_goal("save that as b.json"), [exchange(MEAN), written], WRITERS)
    assert calls == (Call(tool="table.write", arguments={"rows": ROWS, "path": "b.json"}),)


EFFECTFUL = ToolSpec(name="table.aggregate", summary="Count", parameters={"properties": {}}, effect="effectful")
TEXT = exchange({"query": "notice"}, result("Two months.", {"matches": []}), tool="files.find")


@pytest.mark.parametrize(
    ("before", "goal", "tools", "sentence"),
    [
        (exchange(MEAN, status="failed"), "save that as mass.csv", WRITERS,
         "The goal before this one was not achieved, so there is nothing of it to save."),
        (TEXT, "save that as notice.csv", WRITERS,
         "What was found last is no table, so 'notice.csv' cannot hold it; a text file such as notes.txt can."),
        (exchange(MEAN), "save that as mass.csv", (COUNT, TEXT_WRITER), "No installed tool writes tables."),
        (TEXT, "save that as notice.txt", (COUNT, TABLE_WRITER), "No installed tool writes texts."),
        (exchange(MEAN, result("4,000 rows")), "save that as mass.csv", (EFFECTFUL, TABLE_WRITER),
         "What was found last is too large to be remembered, and finding it again would change something."),
        (exchange({"query": "q"}, result("{{s1}}", {"matches": []}), tool="files.find"), "save it to a.txt", WRITERS,
         "The last answer has double braces in it, which stand for something else in a plan."),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_declined(
    before: Exchange, goal: str, tools: tuple[ToolSpec, ...], sentence: str
) -> None:
    with pytest.raises(Unsaved) as raised:
        saved(read_goal(goal), [before], tools)
    assert str(raised.value) == sentence
