"""What makes a plan of the model incredible, whatever its likelihood."""

from typing import cast

import pytest

from trivet_plan_smollm2.model.candidates import Candidate, Writer, reckons
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Model

TOOLS = [ToolCard(name="files.list"), ToolCard(name="calculate.evaluate")]


def writer(goal: str, nearness: float = 0.2) -> Writer:
    unused = cast(Model, None)  # faults are told without it
    near = {tool.name: nearness for tool in TOOLS}
    return Writer(unused, read_goal(goal), TOOLS, [], [], "r", near, frozenset({"files.list"}))


def test_a_look_around_is_no_answer_to_what_is_asked_of_the_contents() -> None:
    look = Call(tool="files.list", arguments={"pattern": "landscape"})
    assert writer("Kilos of honey for each landscape").bare([look]) == ["the words of the goal, for files.list alone,"]
    assert writer("which landscape files are there", 0.8).bare([look]) == []


def test_sums_days_and_queries_are_told_by_their_schemas() -> None:
    def card(required: tuple[str, ...], **properties: dict[str, str]) -> ToolCard:
        return ToolCard(name="t", parameters={"properties": properties, "required": required})

    text, day, path = {"type": "string"}, {"type": "string", "format": "date"}, {"format": "workspace-path"}
    assert reckons(card(("expression",), expression={"type": "string", "format": "expression"}))
    assert not reckons(card(("base", "height"), base={"type": "number"}, height={"type": "number"}))  # a stranger's
    assert reckons(card(("start", "end"), start=day, end=day))
    assert reckons(card(("path", "function"), path=path, function=text))
    assert not reckons(card(("path", "to"), path=path, to={"format": "new-path"}))
    assert not reckons(card(("query",), query=text))
    assert not reckons(card((), pattern=text))


TRIPS = FileCard(
    path="trips.jsonl",
    kind="table",
    rows=90,
    columns=(
        Column(name="boat", type="text", examples=("Teal", "Heron"), distinct=2),
        Column(name="km", type="number", min=2, max=19, distinct=70),
    ),
)
AGGREGATE = ToolCard(
    name="table.aggregate",
    parameters={
        "properties": {
            "path": {"format": "workspace-path"},
            "function": {"enum": ["count", "sum", "mean"]},
            "column": {"format": "column"},
            "group_by": {"format": "column"},
            "where": {"type": "array"},
        }
    },
)


@pytest.mark.parametrize(
    ("function", "where", "is_same"),
    [("sum", [], True), ("mean", [], False), ("sum", [{"column": "boat", "op": "=", "value": "Teal"}], False)],
)
def test_the_model_is_believed_where_a_reader_says_the_same(
    function: str, where: list[dict[str, str]], is_same: bool
) -> None:
    goal = read_goal("total kilometers rowed acording to trips.jsonl", ["trips.jsonl"])
    writer = Writer(cast(Model, None), goal, [AGGREGATE], [TRIPS], ["trips.jsonl"], "r")
    arguments = {"path": "trips.jsonl", "function": function, "column": "km", "where": where}
    call = Call(tool="table.aggregate", arguments=arguments)
    assert writer.is_read_too(Candidate(calls=(call,), score=-0.1)) is is_same
