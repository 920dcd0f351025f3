"""Goals that are read whole without a table: courtesies, percentages, summaries, and results in another unit."""

import pytest

from trivet_plan_smollm2.asking import pointed_at
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.requests.requests import requested
from trivet_plan_smollm2.requests.summaries import summarised
from trivet_plan_smollm2.requests.wishes import undiscounted, unsummarised
from trivet_plan_smollm2.words.courtesies import courtesy
from trivet_plan_smollm2.words.percentages import share_of_price
from trivet_plan_smollm2.words.spans import read_goal
from trivet_plan_smollm2.words.unit_words import then_converted, unit_wanted
from trivet_sdk import ToolSpec

EVALUATE = ToolCard(
    name="sums.work",
    summary="Work a sum out",
    parameters={"properties": {"sum": {"type": "string", "format": "expression"}}, "required": ["sum"]},
)
CONVERT = ToolCard(
    name="units.turn",
    summary="Turn units",
    parameters={
        "properties": {
            "number": {"type": "number"},
            "source": {"type": "string", "format": "unit"},
            "target": {"type": "string", "format": "unit"},
        },
        "required": ["number", "source", "target"],
    },
)
SHORTEN = ToolCard(
    name="texts.short",
    summary="Summarize a document",
    parameters={
        "properties": {
            "file": {"type": "string", "format": "workspace-path"},
            "most_characters": {"type": "integer", "minimum": 50},
        },
        "required": ["file"],
    },
)
REWRITE = ToolCard(
    name="files.rewrite",
    summary="Another format",
    parameters={
        "properties": {
            "source": {"type": "string", "format": "workspace-path"},
            "target": {"type": "string", "format": "new-path"},
        },
        "required": ["source", "target"],
    },
)
TEXTS = {
    path: FileCard(path=path, kind="text")
    for path in ("diary/2023-05-06.txt", "diary/2023-05-07.txt", "letters/landlord heating.txt", "letters/bank.md")
}


@pytest.mark.parametrize(
    ("goal", "reply"),
    [
        ("Thanks, that's all for today!", "You're welcome."),
        ("thank you very much", "You're welcome."),
        ("hello there!", "Hello! Name a goal, such as: how many rows has a.csv?"),
        ("Good morning", "Hello! Name a goal, such as: how many rows has a.csv?"),
        ("bye", "Goodbye."),
        ("hello, are you there?", "Hello! Name a goal, such as: how many rows has a.csv?"),
        ("That was all, thank you very much and have a nice evening!", "You're welcome."),
        ("谢谢！", "不客气。"),
        ("你好", "你好！请说出一个目标，例如：a.csv 有多少行？"),
        ("hello.txt", ""),
        ("thanks to whom is the letter addressed?", ""),
        ("hi, how many rows has a.csv?", ""),
        ("你好，a.csv 有多少行？", ""),
        ("Good morning: which shift starts first?", ""),
    ],
)
def test_courtesies_are_returned_and_nothing_else_is_taken_for_one(goal: str, reply: str) -> None:
    assert courtesy(goal, ()) == reply


def test_what_tools_do_is_told_without_the_ones_that_are_built_in() -> None:
    tools = [
        ToolSpec(name="answer", summary="Say {{s1#/value}}", parameters={}),
        ToolSpec(name="sums.work", summary="Work out {{x}}", parameters={}),
    ]
    assert courtesy("What can you help me with?", tools) == "What the installed tools do: sums.work: Work out { {x}}."


@pytest.mark.parametrize(
    ("goal", "what"),
    [
        ("Sort it by date.", "it"),
        ("please delete them", "them"),
        ("convert that to csv", "that"),
        ("Sum it up", "it"),
        ("What is it about?", ""),
        ("save that as a.csv", "that"),  # with a path the goal is not asked about, see the planner
        ("make it 20 percent cheaper: the tent", ""),
        ("how is this done", ""),
        ("list them for each shop in shops.csv", "them"),
        ("count the rows of a.csv", ""),
    ],
)
def test_what_nobody_has_named_is_pointed_at(goal: str, what: str) -> None:
    assert pointed_at(read_goal(goal)) == what


def test_what_can_be_done_is_what_the_tools_do() -> None:
    tools = [ToolSpec(name=f"a.t{n}", summary=f"Do {n}.", parameters={}, effect="pure") for n in range(14)]
    said = courtesy("What can you do?", tools)
    assert said.startswith("What the installed tools do: a.t0: Do 0; a.t1: Do 1;")
    assert said.endswith("; and more besides.")
    assert courtesy("Good morning! What can you do for me?", tools) == said
    assert courtesy("Good morning! What can you do about the gate?", tools) == ""
    assert courtesy("你能做什么？", ()) == "Nothing yet: no tool is installed."


@pytest.mark.parametrize(
    ("goal", "expression"),
    [
        ("What's 129 euros without the 19% VAT that is included?", "129 / (1 + 19 / 100)"),
        ("240 plus 7%", "240 * (1 + 7 / 100)"),
        ("how much is 1,250 dollars less 15 percent?", "1250 * (1 - 15 / 100)"),
        ("15% off 80", "80 * (1 - 15 / 100)"),
        ("add 19% VAT to 1,000", "1000 * (1 + 19 / 100)"),
        ("6盒茶，每盒128元，打八五折，总共多少钱？", "6 * 128 * 0.85"),
        ("3个杯子，每个20元，打九折，多少钱？", "3 * 20 * 0.9"),
        ("15% off 80, and 3 of them", ""),
        ("how many orders are 19% off?", ""),
        ("6盒茶，每盒128元，打八五折，再加运费 10 元", ""),
    ],
)
def test_a_share_of_a_price(goal: str, expression: str) -> None:
    call = share_of_price(goal, [CONVERT, EVALUATE])
    assert (call.arguments["sum"] if call else "") == expression


def test_a_discount_must_be_reckoned_with() -> None:
    goal = read_goal("6盒茶，每盒128元，打八五折，总共多少钱？")
    assert undiscounted(goal, [Call(tool="t", arguments={"expression": "6 * 128 + 1"})]) == ["the discount"]
    assert undiscounted(goal, [Call(tool="t", arguments={"expression": "6 * 128 * 85%"})]) == []


@pytest.mark.parametrize(
    ("goal", "arguments"),
    [
        ("Summarise my diary of 6 May 2023", {"file": "diary/2023-05-06.txt"}),
        ("Please give me a short summary of the letter to the landlord", {"file": "letters/landlord heating.txt"}),
        ("tl;dr of the bank letter in at most 200 characters", {"file": "letters/bank.md", "most_characters": 200}),
        ("Summarize letters/bank.md in 40 words", {"file": "letters/bank.md", "most_characters": 240}),
        ("sum up the bank letter", {"file": "letters/bank.md"}),
        ("summarise the letters", None),
        ("summarise the report", None),
        ("how many letters are there?", None),
    ],
)
def test_the_document_that_is_to_be_made_short(goal: str, arguments: dict[str, object] | None) -> None:
    call = summarised(read_goal(goal, [*TEXTS]), [EVALUATE, SHORTEN], TEXTS)
    assert (call.arguments if call else None) == arguments


@pytest.mark.parametrize(
    ("goal", "section"),
    [
        ("sum up the section on lost cards in the bank letter", "lost cards"),
        ("summarise the lost cards section of the bank letter", "lost cards"),
        ("概括 letters/bank.md 里关于挂失的部分", "挂失"),
        ("summarise the third paragraph of the bank letter", None),
    ],
)
def test_one_section_is_made_short_or_nothing(goal: str, section: str | None) -> None:
    parameters = {
        **SHORTEN.parameters,
        "properties": {**SHORTEN.parameters["properties"], "section": {"type": "string"}},
    }
    with_sections = ToolCard(name=SHORTEN.name, summary=SHORTEN.summary, parameters=parameters)
    call = summarised(read_goal(goal, [*TEXTS]), [EVALUATE, with_sections], TEXTS)
    assert (call.arguments.get("section") if call else None) == section
    assert summarised(read_goal(goal, [*TEXTS]), [EVALUATE, SHORTEN], TEXTS) is None


def test_a_summary_is_not_made_by_looking_up_a_weekday() -> None:
    goal = read_goal("Summarise my diary of 6 May 2023")
    assert unsummarised(goal, [Call(tool="dates.weekday", arguments={"day": "2023-05-06"})]) != []
    assert unsummarised(goal, [Call(tool="texts.summarize", arguments={"file": "x"})]) == []


@pytest.mark.parametrize(
    ("goal", "call", "turned"),
    [
        ("48 frames of 180 seconds. How many hours is that?", {"expression": "48*180"}, ("s", "h")),
        ("One batch needs 620 grams and I bake 38. How many kilos is that?", {"expression": "620*38"}, ("g", "kg")),
        ("the longest walk in walks.csv in miles", {"function": "max", "column": "length_km"}, ("km", "mi")),
        ("the longest walk in walks.csv in km", {"function": "max", "column": "length_km"}, ()),
        ("weight of the tent in grams?", {"columns": ["weight_g"], "where": []}, ()),
        ("48 frames of 180 seconds. How many is that in kilos?", {"expression": "48*180"}, None),
        ("3 m and 20 cm of rope. How many inches is that?", {"expression": "3+20"}, None),
        ("the longest walk by month in miles", {"function": "max", "column": "length_km", "group_by": "month"}, None),
    ],
)  # fmt: skip
def test_a_result_is_turned_into_the_unit_that_is_wanted(
    goal: str, call: dict[str, object], turned: tuple[str, ...] | None
) -> None:
    wanted = unit_wanted(goal)
    assert wanted is not None
    calls = then_converted([Call(tool="x", arguments=call)], wanted.unit, read_goal(goal), [EVALUATE, CONVERT])
    assert (tuple(calls[-1].arguments.values())[1:] if len(calls) > 1 else () if calls else None) == turned
    if turned:
        assert calls[1].arguments["number"] == {"$ref": "s1#/value"}


@pytest.mark.parametrize(
    "goal", ["how many rows has a.csv?", "in miles", "which walk is in Kent", "list the walks in May"]
)
def test_no_unit_is_wanted(goal: str) -> None:
    assert unit_wanted(goal) is None


def test_an_hour_has_minutes_and_files_are_converted_in_chinese() -> None:
    found = requested(read_goal("How many minutes does an hour have?"), [EVALUATE, CONVERT], [], {}, {})
    assert found == Call(tool="units.turn", arguments={"number": 1, "source": "hour", "target": "minutes"})
    goal = read_goal("把库存.json转换成库存.csv", ["库存.json"])
    assert requested(goal, [REWRITE], ["库存.json"], {}, {}) == Call(
        tool="files.rewrite", arguments={"source": "库存.json", "target": "库存.csv"}
    )
    goal = read_goal("把库存.json里缺货的转换成缺货.csv", ["库存.json"])
    assert requested(goal, [REWRITE], ["库存.json"], {}, {}) is None


MEETINGS = {
    path: FileCard(path=path, kind="text")
    for path in ("notes/meeting-may.txt", "minutes/2024-10-03.md", "minutes/2024-11-07.md", "rules.md")
}


@pytest.mark.parametrize(
    ("goal", "path"),
    [
        ("What did the meeting in May decide?", "notes/meeting-may.txt"),
        ("What did the meeting in July decide?", ""),
        ("What did the committee decide in November 2024?", "minutes/2024-11-07.md"),
        ("What did the committee decide in December 2024?", ""),
        ("Summarise the minutes of November 2025", ""),
    ],
)
def test_minutes_of_another_time_are_not_summarised(goal: str, path: str) -> None:
    call = summarised(read_goal(goal), [SHORTEN], MEETINGS)
    assert (call.arguments["file"] if call else "") == path
