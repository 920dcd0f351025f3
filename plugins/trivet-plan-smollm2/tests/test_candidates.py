"""What makes a plan of the model incredible, whatever its likelihood."""

from typing import cast

import pytest

from trivet_plan_smollm2.model.candidates import Writer
from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Model

TOOLS = [ToolCard(name="files.list"), ToolCard(name="calculate.evaluate")]


def writer(goal: str, nearness: float = 0.2) -> Writer:
    unused = cast(Model, None)  # faults are told without it
    near = {tool.name: nearness for tool in TOOLS}
    return Writer(unused, read_goal(goal), TOOLS, [], [], "r", near, frozenset({"files.list"}))


@pytest.mark.parametrize(
    ("goal", "expression", "faults"),
    [
        ("was 2024 a better honey year than 2023? by how many kilos", "2024 - 2023", ["the years"]),
        ("how many years from 1998 to 2024", "2024 - 1998", []),
        ("what is 2024 * 3", "2024 * 3", []),
    ],
)
def test_years_are_no_figures_unless_years_are_asked_for(goal: str, expression: str, faults: list[str]) -> None:
    call = Call(tool="calculate.evaluate", arguments={"expression": expression})
    assert writer(goal).senseless([call]) == faults


def test_a_look_around_is_no_answer_to_what_is_asked_of_the_contents() -> None:
    look = Call(tool="files.list", arguments={"pattern": "landscape"})
    assert writer("Kilos of honey for each landscape").bare([look]) == ["the words of the goal, for files.list alone,"]
    assert writer("which landscape files are there", 0.8).bare([look]) == []
