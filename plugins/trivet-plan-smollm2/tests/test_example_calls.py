"""Tools that nobody was trained on: chosen by their examples, filled with what the examples do not have."""

from typing import Any

import pytest

from trivet_plan_smollm2.grounding import is_search
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.strangers.example_arguments import arguments_of
from trivet_plan_smollm2.strangers.example_calls import routed, with_results
from trivet_plan_smollm2.strangers.steps import has_several, next_call, parts_of
from trivet_plan_smollm2.words.carriers import carriers_of, covered, meant
from trivet_plan_smollm2.words.clauses import clauses_of, verbs_of
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Budget, Goal, Plan, PlanRequest, Step, ToolSpec, Transcript, result

SPAN = {"type": "string", "format": "span"}
DATE = {"type": "string", "format": "date"}


def spec(name: str, summary: str, examples: tuple[str, ...], effect: Any = "pure", **properties: Any) -> ToolSpec:
    required = [name for name, schema in properties.items() if "default" not in schema]
    parameters = {"type": "object", "properties": properties, "required": required}
    return ToolSpec(name=name, summary=summary, parameters=parameters, effect=effect, examples=examples)


PLOT = spec(
    "garden.plot",
    "Tell what grows in a bed",
    ("what grows in bed 4", "which plants stand in bed 11"),
    bed={"type": "integer"},
)
VETERINARY = spec("pets.visits", "List visits to the vet", ("vet visits of Rex", "when was Minka at the vet"), pet=SPAN)
REMIND = spec(
    "pets.remind",
    "Write a reminder for a pet",
    ("remind me to brush Rex on 2 May 2023", "note 'buy seeds' for 2023-04-01"),
    "idempotent",
    text=SPAN,
    day={**DATE, "default": ""},
)
LETTER = spec(
    "post.letter",
    "Write a letter to somebody",
    ("write a letter to Ida: come soon", "letter to the bank saying we agree"),
    "idempotent",
    to=SPAN,
    text=SPAN,
)
DUE = spec("library.due", "Tell when a book has to be back", ("when is 'Dune' due", "due date of the atlas"), book=SPAN)
TOOLS = (PLOT, VETERINARY, REMIND, LETTER, DUE)


@pytest.mark.parametrize(
    ("tool", "goal", "arguments", "lacks"),
    [
        (PLOT, "what do we grow in bed 7?", {"bed": 7}, ()),
        (VETERINARY, "could you list all vet visits of Brown Bess please", {"pet": "Brown Bess"}, ()),
        (VETERINARY, "when was Max's last visit to the vet", {"pet": "Max"}, ()),
        (REMIND, "remind me to clip the hedge on 3 June 2024", {"text": "clip the hedge", "day": "2024-06-03"}, ()),
        (REMIND, "remind me: buy hay and straw", {"text": "buy hay and straw"}, ()),
        (LETTER, "write a letter to Otto saying the boat is ready", {"to": "Otto", "text": "boat is ready"}, ()),
        (LETTER, "write a letter to that address: all is well", {"text": "all is well"}, ("to",)),
        (DUE, "when is the cookbook due, I forgot it", {"book": "cookbook"}, ()),
        (DUE, "due date of 'Moby Dick'?", {"book": "Moby Dick"}, ()),
        (DUE, "when is it due", {}, ("book",)),
    ],
)
def test_arguments_are_what_the_examples_do_not_have(
    tool: ToolSpec, goal: str, arguments: dict[str, Any], lacks: tuple[str, ...]
) -> None:
    assert arguments_of(tool, read_goal(goal)) == (arguments, lacks)


def test_dates_that_have_no_place_make_a_call_impossible() -> None:
    assert arguments_of(DUE, read_goal("is 'Dune' due on 3 June 2024?")) is None


def test_words_of_the_tool_are_told_from_what_is_meant() -> None:
    carriers = carriers_of(VETERINARY)
    assert [each.text for each in meant("show the vet visits of Brown Bess", carriers)] == ["Brown Bess"]
    assert covered("list vet visits", carriers) == 1.0
    assert covered("paint the kitchen", carriers) == 0.0


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("goal", "call"),
    [
        ("vet visits of Luna", Call(tool="pets.visits", arguments={"pet": "Luna"})),
        ("due date of the songbook", Call(tool="library.due", arguments={"book": "songbook"})),
        ("write a letter to Ida: see you", Call(tool="post.letter", arguments={"to": "Ida", "text": "see you"})),
        ("what grows in bed 3 and bed 5", None),
    ],
)
async def test_the_nearest_tool_that_the_goal_can_fill_is_called(goal: str, call: Call | None) -> None:
    found = await routed(read_goal(goal), TOOLS, Similarity(None))
    assert (found.call if found and found.nearness > 0.4 else None) == call


@pytest.mark.anyio
async def test_who_asks_wants_nothing_changed() -> None:
    found = await routed(read_goal("is there a letter to Ida saying come soon?"), (LETTER,), Similarity(None))
    assert found is None


@pytest.mark.parametrize(
    ("goal", "parts"),
    [
        (
            "when is 'Dune' due? then remind me to clean the cage",
            ["when is 'Dune' due?", "remind me to clean the cage"],
        ),
        (
            "list the vet visits of Rex and write a letter to Ida",
            ["list the vet visits of Rex", "write a letter to Ida"],
        ),
        ("note 'buy seeds and write to Ida' for 2023-04-01", ["note 'buy seeds and write to Ida' for 2023-04-01"]),
        ("vet visits of Rex and Minka", ["vet visits of Rex and Minka"]),
        ("I fed Rex, note it and list his visits", ["I fed Rex, note it", "list his visits"]),
    ],
)
def test_a_goal_is_parted_where_a_new_wish_begins(goal: str, parts: list[str]) -> None:
    assert [part.goal for part in clauses_of(read_goal(goal), verbs_of(TOOLS), ())] == parts


def asked(goal: str, *steps: Step, **results: Any) -> PlanRequest:
    transcript = Transcript(
        run="r",
        goal=Goal(text=goal),
        plan=Plan(steps=steps) if steps else None,
        results={id: result("told", value) for id, value in results.items()},
        states=dict.fromkeys(results, "succeeded"),
    )
    return PlanRequest(goal=Goal(text=goal), tools=TOOLS, transcript=transcript, budget_left=Budget(), reason="")


@pytest.mark.anyio
async def test_a_later_part_takes_what_it_lacks_from_an_earlier_result() -> None:
    goal = "due date of 'Dune' and note 'bring the book back' for that day"
    parts = await parts_of(read_goal(goal), asked(goal), Similarity(None))
    assert [(part.call.tool, part.lacks) for part in parts] == [("library.due", ()), ("pets.remind", ("day",))]
    first = Step(id="s1", tool="library.due", arguments={"book": "Dune"})
    done = asked(goal, first, s1={"book": "Dune", "due": "2024-02-29"})
    assert next_call(parts, done.transcript, TOOLS) == Call(
        tool="pets.remind", arguments={"text": "bring the book back", "day": "2024-02-29"}
    )
    assert next_call(parts, asked(goal, first, s1={"due": None}).transcript, TOOLS) is None


def test_what_is_pointed_at_must_be_one_thing() -> None:
    call = Call(tool="post.letter", arguments={"text": "hello"})
    known = {"name": "Ida", "address": "Hill 4"}
    assert with_results(call, ("to",), known, {"name"}, LETTER) == Call(
        tool="post.letter", arguments={"text": "hello", "to": "Hill 4"}
    )
    assert with_results(call, ("to",), {**known, "town": "Kent"}, {"name"}, LETTER) is None


def test_only_a_tool_that_says_where_it_looks_is_a_search_of_the_workspace() -> None:
    find = spec(
        "x.find", "Find passages", ("find it",), words=SPAN, path={**SPAN, "format": "workspace-path", "default": "."}
    )
    assert (is_search(find), is_search(VETERINARY)) == (True, False)


@pytest.mark.parametrize(
    ("goal", "parts"),
    [
        ("before you note 'buy seeds', list the vet visits of Rex", ["list the vet visits of Rex", "note 'buy seeds'"]),
        (
            "once you've told me when 'Dune' is due, write to Ida",
            ["tell me when 'Dune' is due", "write to Ida"],
        ),
        ("is 'Dune' due? If not, write a letter to Ida", ["is 'Dune' due?", "write a letter to Ida"]),
        ("Rex was at the vet, write it down", ["Rex was at the vet, write it down"]),
        ("I need to feed Rex, when was he at the vet", ["I need to feed Rex, when was he at the vet"]),
        ("list the next vet visits of Rex", ["list the next vet visits of Rex"]),
    ],
)  # fmt: skip
def test_parts_stand_in_the_order_in_which_they_are_wanted(goal: str, parts: list[str]) -> None:
    assert [part.goal for part in clauses_of(read_goal(goal), verbs_of(TOOLS), ())] == parts


@pytest.mark.anyio
async def test_two_goals_may_share_a_verb() -> None:
    goal = "vet visits of Rex and vet visits of Minka"
    parts = await parts_of(read_goal(goal), asked(goal), Similarity(None))
    assert [part.call.arguments for part in parts] == [{"pet": "Rex"}, {"pet": "Minka"}]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("goal", "several"),
    [
        ("list the vet visits of Rex and tell me a story about that", True),
        ("list the vet visits of Rex", False),
        ("Rex was at the vet, write it down", False),
    ],
)
async def test_half_of_what_is_wanted_is_not_done(goal: str, several: bool) -> None:
    assert has_several(read_goal(goal), asked(goal)) is several


def test_an_argument_takes_what_its_description_names() -> None:
    letter = spec(
        "post.parcel", "Send a parcel", ("send a parcel to Ida",), to={**SPAN, "description": "Address of who gets it."}
    )
    known = {"name": "Ida", "address": "Hill 4", "town": "Kent"}
    assert with_results(Call(tool="post.parcel"), ("to",), known, {"name"}, letter) == Call(
        tool="post.parcel", arguments={"to": "Hill 4"}
    )


@pytest.mark.anyio
async def test_a_tool_of_few_values_is_called_by_example() -> None:
    examples = ("how full is the oil tank", "level of the rain tank")
    tank = spec("tanks.level", "Tell how full a tank is", examples, tank={"enum": ["oil", "rain"]})
    found = await routed(read_goal("level of the oil tank?"), (tank, *TOOLS), Similarity(None))
    assert found is not None
    assert found.call == Call(tool="tanks.level", arguments={"tank": "oil"})
