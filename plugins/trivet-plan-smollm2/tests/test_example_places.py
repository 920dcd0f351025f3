"""Where examples have their arguments, and which words of a goal are which argument by that."""

from typing import Any

import pytest

from trivet_plan_smollm2.strangers.example_arguments import arguments_of, as_in, ways_to_fill
from trivet_plan_smollm2.strangers.example_places import samples_of
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import ToolSpec

SPAN = {"type": "string", "format": "span"}
DATE = {"type": "string", "format": "date"}


def spec(name: str, summary: str, examples: tuple[str, ...], **properties: Any) -> ToolSpec:
    required = [name for name, schema in properties.items() if "default" not in schema]
    parameters = {"type": "object", "properties": properties, "required": required}
    return ToolSpec(name=name, summary=summary, parameters=parameters, effect="idempotent", examples=examples)


LEND = spec(
    "boats.rent",
    "Note that somebody takes a boat",
    ("rent the red canoe to Ida Berg until 3 May 2025", "Otto takes the kayak", "note that Lena takes the raft"),
    boat={**SPAN, "description": "What is taken."},
    guest={**SPAN, "description": "Who takes it."},
    until={**DATE, "default": ""},
)
FERRY = spec(
    "ferry.next",
    "Find the next ferry from one harbour to another",
    ("next ferry from Kiel to Oslo", "ferry to Dover from Calais", "when can I sail from Bari to Corfu"),
    origin={**SPAN, "description": "Where it starts."},
    destination={**SPAN, "description": "Where to."},
)
BERTH = spec(
    "ferry.berth",
    "Reserve berths on a ship",
    ("a berth on MS 12 for 2 May 2025", "3 berths on MS 9 on 2025-06-09", "2 inside berths on MS 4 on 4 July 2025"),
    ship=SPAN,
    day=DATE,
    berths={"type": "integer", "default": 1},
    kind={"enum": ["inside", "outside"], "default": "inside"},
)
TANK = spec(
    "tanks.record",
    "Write down how full a tank is",
    ("oil tank is at 44.5", "note 812 for the rain tank"),
    tank={"enum": ["oil", "rain"]},
    value={"type": "number"},
)
GAMES = spec(
    "games.score",
    "Write down the goals of a team",
    ("Redhill got 3 goals", "note 2 goals for Lakeside"),
    team=SPAN,
    goals={"type": "integer"},
)


def test_an_example_tells_what_leads_to_an_argument_and_what_it_looks_like() -> None:
    first, second, _ = samples_of(LEND)
    assert [
        (each.argument, each.text, each.led_by, each.shape) for each in first.places if each.argument != "until"
    ] == [
        ("boat", "red canoe", "rent", "words"),
        ("guest", "Ida Berg", "to", "name"),
    ]
    assert [(each.argument, each.text) for each in second.places] == [("guest", "Otto"), ("boat", "kayak")]


@pytest.mark.parametrize(
    ("tool", "goal", "arguments"),
    [
        (LEND, "Ines wants to rent the rowing boat, write it down", {"boat": "rowing boat", "guest": "Ines"}),
        (LEND, "rent Mr Haddad the dinghy till 14 March 2025",
         {"boat": "dinghy", "guest": "Mr Haddad", "until": "2025-03-14"}),
        (FERRY, "I want to get to Dublin from Holyhead, which ferry can I take",
         {"origin": "Holyhead", "destination": "Dublin"}),
        (FERRY, "When does the next ferry go from Ancona to Split?", {"origin": "Ancona", "destination": "Split"}),
        (BERTH, "I'd like 4 berths on MS 118 for 2025-05-23", {"ship": "MS 118", "day": "2025-05-23", "berths": 4}),
        (BERTH, "Reserve 2 outside berths on MS 12, 7 June 2025",
         {"ship": "MS 12", "day": "2025-06-07", "berths": 2, "kind": "outside"}),
        (TANK, "I just looked at the oil tank, it says 4391", {"tank": "oil", "value": 4391}),
        (GAMES, "five goals for Ashton Rovers", {"team": "Ashton Rovers", "goals": 5}),
    ],
)  # fmt: skip
def test_words_become_the_argument_that_the_examples_have_there(
    tool: ToolSpec, goal: str, arguments: dict[str, Any]
) -> None:
    assert arguments_of(tool, read_goal(goal)) == (arguments, ())


@pytest.mark.parametrize("goal", ["rent it to Otto", "rent that boat to Otto"])
def test_what_is_pointed_at_is_left_open(goal: str) -> None:
    assert arguments_of(LEND, read_goal(goal)) == ({"guest": "Otto"}, ("boat",))


def test_a_goal_is_compared_with_an_examples_own_values_in_it() -> None:
    goal = read_goal("rent the barge to Nina")
    way = ways_to_fill(LEND, goal)[0]
    assert as_in(samples_of(LEND)[0], goal, way) == "rent the red canoe to Ida Berg"


def test_many_text_arguments_are_weighed_in_bounded_time() -> None:
    many = spec(
        "forms.fill", "Fill in a form", ("fill in the form",), **{f"field_{number}": SPAN for number in range(9)}
    )
    ways = ways_to_fill(many, read_goal("form with red blue green black white brown grey pink words of every kind"))
    assert max(len(way.arguments) for way in ways) <= 6
