"""The generator over invented tools: many tools, many wordings, sound plans, evidence for every value."""

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOM = Path(__file__).parents[1]
sys.path.insert(0, str(ROOM))  # training/ is run from the repository and not installed

from training import catalogue, tool_groups  # noqa: E402
from training.evidence import unfounded  # noqa: E402
from training.invented import offered  # noqa: E402
from training.noise import chatty, polite, roughened, with_one_article  # noqa: E402

from trivet_plan_smollm2.model.grammar import QUESTIONS  # noqa: E402

GROUPS = list(tool_groups.groups(2500, seed=5))
GOALS = [goal for group in GROUPS for goal in group["goals"]]
TOOLS = catalogue.inventions() + catalogue.inventions(held=True)


def test_there_are_many_tools_and_a_fifth_of_the_domains_is_held() -> None:
    assert len(TOOLS) >= 150
    held, trained = catalogue.domains(held=True), catalogue.domains(held=False)
    assert 0.18 <= len(held) / (len(held) + len(trained)) <= 0.25


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: f"{tool.domain}.{tool.name}")
def test_tool_has_many_wordings(tool: catalogue.Invention) -> None:
    assert 15 <= len({wording.text for wording in tool.wordings}) <= 30


def test_twenty_thousand_different_goals_are_reached() -> None:
    assert len({(goal["goal"], str(goal["plan"])) for goal in GOALS}) >= 20_000


def test_same_seed_gives_same_groups_and_another_seed_others() -> None:
    assert list(tool_groups.groups(5, seed=5)) == GROUPS[:5]
    assert list(tool_groups.groups(5, seed=6)) != GROUPS[:5]


def test_every_plan_is_allowed_by_the_schemas_and_every_value_has_evidence() -> None:
    assert [fault for group in GROUPS[::5] for goal in group["goals"] for fault in unfounded(goal, group)] == []


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [("one tool", 35, 70), ("roles", 6, 20), ("no tool", 5, 15), ("value open", 3, 10), ("two tools", 4, 15),
     ("with a result", 2, 10), ("told", 1, 8), ("said", 0.3, 4), ("chinese", 1, 8)],
)  # fmt: skip
def test_class_has_its_share(kind: str, least: float, most: float) -> None:
    assert least <= 100 * sum(goal["class"] == kind for goal in GOALS) / len(GOALS) <= most


def test_roles_of_a_pair_are_exchanged_and_nothing_else() -> None:
    pairs: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for number, group in enumerate(GROUPS):
        for goal in group["goals"]:
            if "pair" in goal:
                pairs.setdefault((number, goal["pair"]), []).append(goal)
    whole = [pair for pair in pairs.values() if len(pair) == 2]
    assert len(whole) > 500
    exact = 0
    for one, other in whole:
        mine, theirs = one["plan"][0]["arguments"], other["plan"][0]["arguments"]
        differing = [name for name in mine if mine[name] != theirs[name]]
        assert mine.keys() == theirs.keys()
        assert len(differing) == 2
        first, second = differing
        assert (mine[first], mine[second]) == (theirs[second], theirs[first])
        if one["goal"].count(mine[first]) == one["goal"].count(mine[second]) == 1:  # `Up` may be a part of `Update`
            assert exchanged(one["goal"], mine[first], mine[second]) == other["goal"]
            exact += 1
    assert exact > 0.9 * len(whole)


def exchanged(goal: str, first: str, second: str) -> str:
    return goal.replace(first, "\0").replace(second, first).replace("\0", second)


def test_optional_arguments_are_often_left_out() -> None:
    said = Counter[bool]()
    for group in GROUPS[:400]:
        tools = {tool["name"]: tool["parameters"] for tool in group["tools"]}
        for goal in group["goals"]:
            for step in goal["plan"]:
                schema = tools.get(step["tool"])
                for name in set(schema["properties"]) - set(schema["required"]) if schema else ():
                    said[name in step["arguments"]] += 1
    assert 0.2 < said[True] / said.total() < 0.8


def test_held_tools_are_never_trained_on() -> None:
    held = {(tool.domain, tool.name) for tool in catalogue.inventions(held=True)}
    assert not held & {(tool.domain, tool.name) for tool in catalogue.inventions()}
    summaries = {summary for tool in catalogue.inventions(held=True) for summary in tool.summaries}
    assert not summaries & {tool["summary"] for group in GROUPS for tool in group["tools"]}


def test_goals_are_not_worded_as_their_tools_examples() -> None:
    for tool in TOOLS[::7]:
        here = offered(tool, Random(3), set())
        shown = {tool.wordings[number].text for number in here.shown}
        assert not shown & {wording.text for wording in here.wordings()}
        assert len(here.spec["examples"]) == 3


def test_questions_are_those_that_the_planner_can_ask() -> None:
    asked = {step["arguments"]["question"] for goal in GOALS for step in goal["plan"] if step["tool"] == "ask"}
    assert asked
    assert asked <= set(QUESTIONS)


def test_first_level_has_no_noise_and_later_ones_leave_values_alone() -> None:
    assert roughened("Lock the front door.", ("front door",), Random(1), 1) == "Lock the front door."
    spoilt = [
        roughened("please unlock the Garden Gate for 7 minutes", ("Garden Gate", "7"), Random(n), 4) for n in range(300)
    ]
    assert len(set(spoilt)) > 60
    assert all("Garden Gate" in text and "7" in text for text in spoilt)


def test_politeness_and_chatter_stand_around_the_goal() -> None:
    assert {polite("Lock the door.", Random(n)) for n in range(60)} >= {
        "please lock the door.",
        "Lock the door, please",
    }
    assert "could you when is it" not in {polite("When is it?", Random(n)).lower() for n in range(200)}
    assert all("lock the door" in chatty("Lock the door", Random(n)).lower() for n in range(40))
    assert with_one_article("put it into the that room and a some place") == "put it into that room and some place"


GROUP = {
    "tools": [{"name": "doors.open", "summary": "", "parameters": {
        "type": "object",
        "properties": {"door": {"type": "string"}, "minutes": {"type": "integer"}, "day": {"type": "string", "format": "date"},
                       "mode": {"type": "string", "enum": ["wide", "ajar"]}},
        "required": ["door"]}}],
    "files": [{"path": "plan.pdf", "kind": "text", "columns": []}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "faults"),
    [
        ({"door": "back door", "minutes": 5, "day": "2026-03-02"}, []),
        ({"door": "plan.pdf"}, []),
        ({"door": "front door"}, ["doors.open.door: 'front door' is not in the goal"]),
        ({"door": "back door", "minutes": 6}, ["doors.open.minutes: the goal has no number 6"]),
        ({"door": "back door", "day": "2026-03-03"}, ["doors.open.day: the goal has no date 2026-03-03"]),
        ({"door": "{{s1#/value}}"}, ["doors.open.door: {{s1#/value}} is no earlier result"]),
        ({"door": "back door", "minutes": {"$ref": "s2#/value"}}, ["doors.open.minutes: s2#/value is no earlier result"]),
        ({"minutes": 5}, ["doors.open: 'door' is a required property"]),
        ({"door": "back door", "mode": "shut"},
         ["doors.open: 'shut' is not one of ['wide', 'ajar']", "doors.open.mode: 'shut' is not in the goal"]),
        ({"door": "back door", "mode": "ajar"}, ["doors.open.mode: 'ajar' is not in the goal"]),
    ],
)  # fmt: skip
def test_value_without_evidence_is_found(arguments: dict[str, Any], faults: list[str]) -> None:
    goal = {
        "goal": "open the back door for five minutes on 2 March 2026",
        "plan": [{"tool": "doors.open", "arguments": arguments}],
    }
    assert unfounded(goal, GROUP) == faults


def test_wording_that_lacks_a_required_argument_is_refused() -> None:
    entry = {"names": [], "summaries": ["Open a door"], "arguments": {"door": {"kind": "DOOR"}}, "wordings": "open it"}
    with pytest.raises(ValueError) as refused:
        catalogue._invention("doors", "open", entry)
    assert str(refused.value) == "doors.open: 'open it' has [], lacks ['door']"


def test_groups_are_lines_of_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from training import generate

    monkeypatch.setattr(sys, "argv", ["generate", "--tools", "--held", "--groups", "3", "--seed", "5"])
    generate.main()
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line) for line in lines] == list(tool_groups.groups(3, 5, held=True))


def test_kept_goals_over_held_domains_are_sound() -> None:
    kept = [json.loads(line) for line in (ROOM / "training/heldout_tools.jsonl").read_text("utf-8").splitlines()]
    assert [fault for group in kept for goal in group["goals"] for fault in unfounded(goal, group)] == []
    assert sum(len(group["goals"]) for group in kept) >= 100
    held = {summary for tool in catalogue.inventions(held=True) for summary in tool.summaries} | {"answer", "think"}
    own = {tool["summary"] for group in kept for tool in group["tools"] if "examples" in tool}
    assert own <= held
