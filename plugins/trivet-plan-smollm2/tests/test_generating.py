"""The synthetic goals: repeatable, carried out by their plans, and mixed as the README promises."""

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOM = Path(__file__).parents[1]
sys.path.insert(0, str(ROOM))  # training/ is run from the repository and not installed

from training import generate, toolset, validation  # noqa: E402
from training.drafts import named  # noqa: E402

GROUPS = list(generate.groups(250, seed=11))
GOALS = [goal for group in GROUPS for goal in group["goals"]]


def heldout() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOM / "training/heldout.jsonl").read_text("utf-8").splitlines()]


def test_same_seed_gives_same_groups_and_another_seed_others() -> None:
    assert list(generate.groups(5, seed=11)) == GROUPS[:5]
    assert list(generate.groups(5, seed=12)) != GROUPS[:5]


def test_every_plan_can_be_carried_out_in_its_context() -> None:
    assert [fault for group in GROUPS for fault in validation.faults(group)] == []


def test_heldout_plans_can_be_carried_out() -> None:
    assert [fault for group in heldout() for fault in validation.faults(group)] == []


def test_heldout_goals_are_many_and_partly_over_unseen_tools() -> None:
    unseen = Counter(goal["class"] == "unseen-tool" for group in heldout() for goal in group["goals"])
    assert unseen[False] >= 150
    assert unseen[True] >= 60


def test_contexts_stay_small() -> None:
    assert all(3 <= len(group["tools"]) <= 6 and 1 <= len(group["files"]) <= 3 for group in GROUPS)
    assert all(4 <= len(group["goals"]) <= 8 for group in GROUPS)


@pytest.mark.parametrize(
    ("kind", "least"),
    [("count", 4), ("aggregate", 3), ("filter-group", 5), ("lookup", 3), ("list", 3), ("write-file", 8), ("convert", 1),
     ("compare", 2), ("multi-step", 3), ("search-passage", 4), ("read-summarise", 1), ("calc", 1.5), ("units-dates", 1.5),
     ("log-analysis", 1.5), ("chinese", 5), ("impossible", 6), ("ambiguous", 1), ("third-party", 9)],
)  # fmt: skip
def test_class_has_its_share(kind: str, least: float) -> None:
    share = 100 * sum(goal["class"] == kind for goal in GOALS) / len(GOALS)
    assert share >= least


def test_goals_hardly_repeat() -> None:
    assert len({goal["goal"] for goal in GOALS}) > 0.97 * len(GOALS)


def broken(goal: str, tool: str, **arguments: Any) -> list[str]:
    group = {
        "tools": [{"name": tool, "summary": "", "parameters": toolset.PARAMETERS[tool]}],
        "files": [{"path": "a.csv", "columns": [{"name": "kg", "type": "integer", "examples": [3, 9]}]}],
    }
    return list(validation.plan_faults({"goal": goal, "plan": [{"tool": tool, "arguments": arguments}]}, group))


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"path": "b.csv", "function": "count"}, "the file b.csv is not there"),
        ({"path": "a.csv"}, "table.aggregate lacks function"),
        ({"path": "a.csv", "function": "mean", "column": "g"}, "table.aggregate.column: no column g"),
        ({"path": "a.csv", "function": "count", "where": [{"column": "kg", "op": ">", "value": 77}]},
         "77 is neither in the goal nor an example of kg"),
        ({"path": "a.csv", "function": "count", "where": [{"column": "kg", "op": "in", "value": {"$ref": "s1#/values/kg"}}]},
         "{'$ref': 's1#/values/kg'} refers to no earlier step"),
    ],
)  # fmt: skip
def test_faulty_plan_is_found(arguments: dict[str, Any], fault: str) -> None:
    assert broken("How many in a.csv?", "table.aggregate", **arguments) == [fault]


def test_spoken_names_of_a_table_point_to_one_file() -> None:
    for number in range(200):
        setting = generate.setting_of(Random(number))
        for table in setting.tables:
            said = {named(table.path, setting, Random(n)) for n in range(12)}
            others = {named(t.path, setting, Random(n)) for t in setting.tables if t is not table for n in range(12)}
            assert not said & others
