"""What makes a plan of the model incredible, whatever its likelihood."""

from typing import cast

from trivet_plan_smollm2.model.candidates import Writer, reckons
from trivet_plan_smollm2.prompt import Call, ToolCard
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
