"""What makes a plan of the model incredible, whatever its likelihood."""

from typing import cast

from trivet_plan_smollm2.model.candidates import Writer
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
