"""Tools with plain schemas, as strangers write them: what a goal says for each argument, and what it does not say."""

from typing import Any

import pytest

from trivet_plan_smollm2.planner import SmallPlanner
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.schemas import Unavailable
from trivet_plan_smollm2.strangers.filling import filled, is_plain
from trivet_plan_smollm2.strangers.plain_calls import left_out, plain_call, plain_tools
from trivet_plan_smollm2.words.mentions import mentions_in
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Budget, Goal, Model, Plan, PlannerAbstained, PlanRequest, ToolSpec, Transcript
from trivet_sdk.testing import ScriptedModel, StandaloneServices


def number(description: str = "", kind: str = "number", **more: Any) -> dict[str, Any]:
    return {"type": kind, "description": description, **more}


def text(description: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def parameters(required: str = "", **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def values(goal: str, schema: dict[str, Any]) -> dict[str, Any]:
    """By argument: the one value, or the list of those that are left to the model, as a tuple."""
    found = filled(schema, mentions_in(read_goal(goal)))

    def told(inner: dict[str, Any]) -> Any:
        if "const" in inner:
            return inner["const"]
        if inner.get("type") == "object":
            return {name: told(each) for name, each in inner["properties"].items()}
        options = inner["items"]["enum"] if inner.get("type") == "array" else inner["enum"]
        return options[0] if len(options) == 1 else tuple(options)

    return {name: told(inner) for name, inner in found["properties"].items()}


@pytest.mark.parametrize(
    ("goal", "schema", "wanted"),
    [
        (
            "A crate weighs 12.5 kg and is 80 cm high; what does it cost to ship?",
            parameters("height weight", height=number("in cm"), weight=number("in kg")),
            {"height": 80, "weight": 12.5},
        ),
        (
            "A beam with width and depth of 20cm and 45cm",
            parameters("depth width", depth=number(), width=number()),
            {"depth": 45, "width": 20},
        ),
        (
            "Lend 9,500 euros at 4% for 6 years",
            parameters(
                "years amount rate", years=number(kind="integer"), amount=number("The sum lent"), rate=number("Yearly rate")
            ),
            {"years": 6, "amount": 9500, "rate": 0.04},
        ),
        (
            "Turnover was $1.5M in 2021 and $2M in 2022",
            parameters(
                "year1 turnover1 year2 turnover2",
                year1=number(kind="integer"), turnover1=number(), year2=number(kind="integer"), turnover2=number(),
            ),
            {"year1": 2021, "turnover1": 1.5e6, "year2": 2022, "turnover2": 2e6},
        ),
        ("Wake me at 6:45", parameters("hour minute", hour=number(), minute=number()), {"hour": 6, "minute": 45}),
        ("Book a berth with depht 3.5", parameters("", depth=number(), length=number()), {"depth": 3.5}),
        ("Show the top ten mountains", parameters("", count=number("How many", "integer")), {"count": 10}),
        ("Show the mountains", parameters("", count=number("How many", "integer", default=5)), {}),
        ("Mean of [3, 4.5, 9]", parameters("of", of={"type": "array", "items": {"type": "number"}}), {"of": [3.0, 4.5, 9.0]}),
        (
            "Order rice, beans and corn",
            parameters("items", items={"type": "array", "items": {"type": "string"}}),
            {"items": ["rice", "beans", "corn"]},
        ),
        (
            "Fly from Oslo to Bergen",
            parameters("origin destination", origin=text(), destination=text()),
            {"origin": "Oslo", "destination": "Bergen"},
        ),
        ("Weather in Celsius, please", parameters("", unit=text("The unit of temperature")), {"unit": "Celsius"}),
        ("Weather", parameters("", unit=text("The unit of temperature")), {}),
        ("Paint it dark blue", parameters("colour", colour=text(enum=["blue", "dark blue", "red"])), {"colour": "dark blue"}),
        ("Sort ascending", parameters("order", order=text("Can be 'asc' or 'desc'")), {"order": "asc"}),
        ("List flats without garage", parameters("garage", garage={"type": "boolean"}), {"garage": False}),
        ("List flats with a garage", parameters("", garage={"type": "boolean"}), {"garage": True}),
        ("List flats", parameters("", garage={"type": "boolean"}), {}),
        ("Meet on July 4, 2024", parameters("date", date=text("The date, dd-mm-yyyy")), {"date": "04-07-2024"}),
        ("Meet on July 4, 2024", parameters("date", date=text("The date")), {"date": "2024-07-04"}),
        ("Look up member 77310", parameters("member_id", member_id=text()), {"member_id": "77310"}),
        (
            "Hotels in Graz, Austria",
            parameters("location", location=text("The city and country")),
            {"location": "Graz, Austria"},
        ),
        ("Read aloud 'It's late. Go!'", parameters("text", text=text()), {"text": "It's late. Go!"}),
        (
            "A box of width 3 and height 4",
            parameters("size", size=parameters("width height", width=number(), height=number())),
            {"size": {"width": 3, "height": 4}},
        ),
    ],
)  # fmt: skip
def test_an_argument_gets_what_the_goal_says_for_it(goal: str, schema: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert values(goal, schema) == wanted


def test_texts_that_could_be_meant_are_left_to_the_model_and_nothing_else_is() -> None:
    found = values(
        "Translate 'good night' with Basque grammar", parameters("text language", text=text(), language=text())
    )
    assert "good night" in found["text"]
    assert "Basque grammar" in found["language"]


def test_a_required_argument_that_the_goal_has_nothing_for_makes_the_tool_unavailable() -> None:
    with pytest.raises(Unavailable):
        values("What is the area of my garden?", parameters("width", width=number()))


def test_a_chinese_goal_has_its_numbers_and_quotations() -> None:
    schema = parameters("text copies", text=text(), copies=number(kind="integer"))
    assert values("把“你好”打印 3 份", schema) == {"text": "你好", "copies": 3}


def test_a_schema_with_a_format_that_says_where_a_value_comes_from_is_not_plain() -> None:
    assert is_plain(parameters("day", day=text(format="date"), to=text(format="email")))
    assert not is_plain(parameters("path", path=text(format="archive-path")))
    assert is_plain(parameters("a", a=text(), b={"type": "array", "items": {"type": "string"}}))
    assert not is_plain(parameters("path", path=text(format="workspace-path")))
    assert not is_plain(parameters("", columns={"type": "array", "items": {"type": "string", "format": "column"}}))


TOOLS = (
    ToolSpec(
        name="garden.bed_area",
        summary="Compute the area of a garden bed",
        parameters=parameters("length width", length=number("in metres"), width=number("in metres")),
        effect="pure",
    ),
    ToolSpec(
        name="mail.send",
        summary="Send a letter to a person",
        parameters=parameters(
            "person letter", person=text("Who gets the letter"), letter=text("The text of the letter")
        ),
        effect="effectful",
    ),
)


def request(goal: str) -> PlanRequest:
    return PlanRequest(
        goal=Goal(text=goal),
        tools=TOOLS,
        transcript=Transcript(run="r", goal=Goal(text=goal)),
        budget_left=Budget(),
        reason="",
    )


def unasked() -> Model:
    raise AssertionError("nothing is left to choose")


@pytest.mark.anyio
async def test_what_is_settled_needs_no_model() -> None:
    goal = "Compute the area of a garden bed with length 4 m and width 2.5 m"
    plan = await SmallPlanner().plan(request(goal), StandaloneServices())
    assert isinstance(plan, Plan)
    assert [(step.tool, step.arguments) for step in plan.steps] == [("garden.bed_area", {"length": 4, "width": 2.5})]
    assert plan.note == "read off the goal's words, without a model: check what matters"


@pytest.mark.anyio
async def test_what_is_not_settled_the_model_chooses_among_the_goals_own_words() -> None:
    model = ScriptedModel('mail.send {"person":"Ada","letter":"late again"}')
    goal = read_goal("Send a letter to Ada that says 'late again'")
    asked = request(goal.goal)
    called = await plain_call(goal, asked, {}, Similarity(None), lambda: model, 0.2)
    assert called is not None
    assert called[0] == (Call(tool="mail.send", arguments={"person": "Ada", "letter": "late again"}),)
    grammar = model.requests[0].grammar or ""
    assert '"late again"' in grammar
    assert "pattern" not in grammar


@pytest.mark.anyio
async def test_a_call_that_leaves_a_number_or_a_quotation_out_is_not_made() -> None:
    goal = read_goal("Compute the area of a garden bed with length 4 m, width 2.5 m and fence 12 'oak'")
    call = Call(tool="garden.bed_area", arguments={"length": 4, "width": 2.5})
    assert left_out(call, goal) == ["'oak'", "number 12"]
    assert await plain_call(goal, request(goal.goal), {}, Similarity(None), unasked, 0.2) is None


@pytest.mark.anyio
async def test_a_tool_that_is_nearer_goes_first_and_one_that_is_far_is_left_alone() -> None:
    goal = read_goal("Compute the area of a garden bed with length 4 m and width 2.5 m")
    assert (await plain_tools(goal, TOOLS, Similarity(None)))[0].tool.name == "garden.bed_area"
    assert await plain_call(goal, request(goal.goal), {"other.tool": 0.99}, Similarity(None), unasked, 0.2) is None
    assert await plain_call(goal, request(goal.goal), {}, Similarity(None), unasked, 0.99) is None


@pytest.mark.anyio
async def test_without_a_fitting_tool_the_planner_declines() -> None:
    with pytest.raises(PlannerAbstained):
        await SmallPlanner().plan(request("Compose a fugue"), StandaloneServices(ScriptedModel(features=frozenset())))
