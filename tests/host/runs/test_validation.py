"""Plans that cannot run are refused, every reason a sentence that the planner can act on."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet.runs.builtin import BUILTIN
from trivet.runs.catalogue import Catalogue
from trivet.runs.validation import Situation, accepted_patch, accepted_plan
from trivet_sdk import InvalidPlan, Patch, Plan, Step, ToolSpec, result
from trivet_sdk.transcript import StepState


def spec(name: str, **properties: Any) -> ToolSpec:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return ToolSpec(name=name, summary="A tool.", parameters=parameters, effect="pure")


TOOLS = Catalogue(
    [
        *BUILTIN,
        spec("files.read", path={"type": "string"}),
        spec("web.read", url={"type": "string"}),
        spec("files.list"),
    ]
)


def step(id: str, tool: str = "files.list", needs: tuple[str, ...] = (), **arguments: Any) -> Step:
    return Step(id=id, tool=tool, needs=needs, arguments=arguments)


def reasons(*steps: Step) -> tuple[str, ...]:
    with pytest.raises(InvalidPlan) as refused:
        accepted_plan(Plan(steps=steps), TOOLS)
    return refused.value.reasons


def test_plan_that_can_run_comes_back_with_full_names() -> None:
    plan = accepted_plan(Plan(steps=(step("s1", "list"), step("s2", "answer", text="{{s1}}")), revision=7), TOOLS)
    assert [each.tool for each in plan.steps] == ["files.list", "answer"]
    assert plan.revision == 1


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((), "the plan has no steps"),
        ((step("s1", "lst"),), "step s1: there is no tool 'lst'. Did you mean 'list'?"),
        (
            (step("s1", "read", path="a"),),
            "step s1: the name 'read' fits several tools: files.read, web.read. Use the full name",
        ),
        ((step("s1", "files.read"),), "step s1 (files.read): 'path' is missing"),
        ((step("s1"), step("s1")), "two steps have the id s1"),
        ((step("1st"),), "'1st' is no step id; use a letter and digits, like s1"),
        ((step("s1", needs=("s7",)),), "step s1 uses s7, but there is no such step"),
        (
            (step("step1"), step("s2", "answer", text="{{stp1}}")),
            "step s2 uses stp1, but there is no such step. Did you mean 'step1'?",
        ),
        ((step("s1", needs=("s1",)),), "steps s1 -> s1 wait for each other, so none of them could ever run"),
        (
            (step("s1", needs=("s3",)), step("s2", needs=("s1",)), step("s3", "answer", text="{{s2}}")),
            "steps s1 -> s3 -> s2 -> s1 wait for each other, so none of them could ever run",
        ),
        (
            (step("s1", "files.read", path={"$ref": "rows"}),),
            "step s1: 'rows' is not a reference; write it like 's1#/rows/0/name'",
        ),
    ],
)
def test_reason_is_a_sentence(steps: tuple[Step, ...], told: str) -> None:
    assert reasons(*steps) == (told,)


def test_every_reason_is_told_at_once() -> None:
    assert len(reasons(step("s1", "x.y"), step("s2", needs=("s9",)), step("s3", "files.read"))) == 3


def test_huge_plan_is_refused() -> None:
    assert reasons(*(step(f"s{n}") for n in range(201))) == (
        "the plan has 201 steps; at most 200 can be proposed at once",
    )


DONE = result("two rows", {"rows": [{"name": "x"}]})
STATES: dict[str, StepState] = {"s1": "succeeded", "s2": "failed", "s3": "running", "s4": "pending", "s5": "pending"}
SITUATION = Situation(
    plan=Plan(steps=tuple(step(id) for id in STATES), revision=3),
    states=STATES,
    results={"s1": DONE},
    unfinished={"s3": step("s3"), "s4": step("s4"), "s5": step("s5", needs=("s4",))},
)


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        (Patch(revision=2, add=(step("s6"),)), "the patch is against revision 2, but the plan is at revision 3"),
        (Patch(revision=3), "the patch changes nothing"),
        (
            Patch(revision=3, add=(step("s1"),)),
            "step id s1 was used before in this run; ids are never used twice. Call it s6 or later",
        ),
        (
            Patch(revision=3, cancel=("s1",)),
            "the patch wants to cancel step s1, but that step has succeeded; what has begun cannot change",
        ),
        (
            Patch(revision=3, replace=(step("s3"),)),
            "the patch wants to replace step s3, but that step is running; what has begun cannot change",
        ),
        (Patch(revision=3, cancel=("x",)), "the patch wants to cancel step x, but there is no such step"),
        (
            Patch(revision=3, add=(step("s6", needs=("s2",)),)),
            "step s6 uses s2, but that step failed and has no result",
        ),
        (
            Patch(revision=3, add=(step("s6", "answer", text="{{s1#/rows/1/name}}"),)),
            "step s6: 's1#/rows/1/name': there is no '1' in the result",
        ),
        (
            Patch(revision=3, replace=(step("s4", needs=("s5",)),)),
            "steps s4 -> s5 -> s4 wait for each other, so none of them could ever run",
        ),
    ],
)
def test_patch_that_cannot_be_is_refused(patch: Patch, told: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        accepted_patch(patch, SITUATION, TOOLS)
    assert refused.value.reasons == (told,)


def test_patch_may_replace_cancel_and_add_and_use_what_is_there() -> None:
    add = (step("s6", "answer", text="{{s1#/rows/0/name}}"),)
    patch = accepted_patch(Patch(revision=3, cancel=("s5",), replace=(step("s4", "list"),), add=add), SITUATION, TOOLS)
    assert patch.replace[0].tool == "files.list"


def test_whole_plan_takes_the_place_of_what_has_not_begun() -> None:
    patch = accepted_patch(Plan(steps=(step("s6"),), is_open=True, note="n"), SITUATION, TOOLS)
    assert patch == Patch(revision=3, cancel=("s4", "s5"), add=(step("s6"),), is_open=True, note="n")


@given(st.lists(st.sets(st.integers(0, 11), max_size=4), min_size=1, max_size=12))
def test_graph_is_accepted_exactly_if_it_has_an_order(needs: list[set[int]]) -> None:
    count = len(needs)
    edges = {n: {need for need in wanted if need < count} for n, wanted in enumerate(needs)}
    ordered: set[int] = set()
    while progress := {n for n, wanted in edges.items() if n not in ordered and wanted <= ordered}:
        ordered |= progress
    steps = tuple(step(f"s{n}", needs=tuple(f"s{need}" for need in sorted(wanted))) for n, wanted in edges.items())
    if len(ordered) == count:
        assert accepted_plan(Plan(steps=steps), TOOLS).steps == steps
    else:
        (told,) = reasons(*steps)
        cycle = told.removeprefix("steps ").partition(" wait")[0].split(" -> ")
        assert cycle[0] == cycle[-1]
        for one, next_one in pairwise(cycle):
            assert int(next_one[1:]) in edges[int(one[1:])]
