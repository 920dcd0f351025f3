"""What a plan may not change any more: a patch that tries is refused with a sentence, and asked for again."""

from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, ScriptedReflector, goal, household, of_kind, step
from trivet_sdk import Accept, Patch, Plan, PlanRequest, Replan, ToolContext, tool
from trivet_sdk.events import PlanPatched, PlanProposed, StepStarted
from trivet_sdk.testing.model import FEATURES

pytestmark = pytest.mark.anyio


@tool(effect="pure")
def look(n: int = 0) -> str:
    """Look."""
    return f"seen {n}"


FIRST = Plan(
    steps=(step("s1", "look", n=1), step("s2", "look", ("s1",), n=2), step("s3", "answer", ("s2",), text="{{s2}}"))
)
GOOD = step("s4", "answer", text="{{s1}}")
REFUSED = {
    "finished steps are cancelled": (
        Patch(revision=1, cancel=("s1", "s2", "s3"), add=(GOOD,)),
        "the patch wants to cancel step s1, but that step has succeeded; what has begun cannot change",
    ),
    "finished steps are replaced": (
        Patch(revision=1, replace=(step("s1", "look", n=9),)),
        "the patch wants to replace step s1, but that step has succeeded; what has begun cannot change",
    ),
    "a step is cancelled that there is not": (
        Patch(revision=1, cancel=("s7",)),
        "the patch wants to cancel step s7, but there is no such step",
    ),
    "an earlier revision is patched": (
        Patch(revision=0, add=(GOOD,)),
        "the patch is against revision 0, but the plan is at revision 1",
    ),
    "a later revision is patched": (
        Patch(revision=5, add=(GOOD,)),
        "the patch is against revision 5, but the plan is at revision 1",
    ),
    "nothing is changed": (Patch(revision=1), "the patch changes nothing"),
    "an id is used again": (
        Patch(revision=1, add=(step("s1", "answer", text="x"),)),
        "step id s1 was used before in this run; ids are never used twice. Call it s4 or later",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_patch_is_refused_with_a_sentence_and_asked_for_again(tmp_path: Path, name: str) -> None:
    patch, sentence = REFUSED[name]
    planner = ScriptedPlanner(FIRST, patch, Patch(revision=1, cancel=("s2", "s3"), add=(GOOD,)))
    reflector = ScriptedReflector(after={"s1": [Replan("another way")]})
    async with household(tmp_path / "home", planner, reflector, tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("succeeded", "seen 1")
        assert [request.reason for request in planner.requests] == ["", "another way", sentence]
        records = await host.records(outcome.run)
        assert [each.rejected for each in of_kind(records, PlanProposed)] == [(), (sentence,), ()]
        fold = await host.runner.fold(outcome.run)
        assert fold.states == {"s1": "succeeded", "s2": "cancelled", "s3": "cancelled", "s4": "succeeded"}
        assert [each.step for each in of_kind(records, StepStarted)] == ["s1", "s4"]


async def test_running_step_is_left_alone_while_the_plan_changes_around_it(tmp_path: Path) -> None:
    """A parallel step still runs when the planner is asked; it cannot be cancelled by a patch, and what it finds is kept."""
    planned, running = anyio.Event(), anyio.Event()

    @tool(effect="pure")
    async def slow(ctx: ToolContext) -> str:
        """Take its time."""
        running.set()
        await planned.wait()
        return "慢慢来"

    @tool(effect="pure")
    async def quick(ctx: ToolContext) -> str:
        """Be done at once."""
        await running.wait()
        planned.set()
        return "quick"

    def patch(request: PlanRequest) -> Patch:
        return Patch(revision=1, cancel=("s3",), add=(step("s4", "answer", text="{{s1}} {{s2}}"),))

    first = Plan(steps=(step("s1", "quick"), step("s2", "slow"), step("s3", "answer", ("s1", "s2"), text="no")))
    reflector = ScriptedReflector(after={"s1": [Replan("another way")], "s2": [Accept()]})
    async with household(tmp_path / "home", ScriptedPlanner(first, patch), reflector, tools=(slow, quick)) as host:
        with anyio.fail_after(10):
            outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("succeeded", "quick 慢慢来")


async def test_three_patches_that_cannot_be_end_the_run_with_the_reasons(tmp_path: Path) -> None:
    planner = ScriptedPlanner(FIRST, Patch(revision=1, cancel=("s1",)), repeats=True)
    reflector = ScriptedReflector(after={"s1": [Replan("another way")]})
    async with household(tmp_path / "home", planner, reflector, tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.reason) == (
            "failed",
            "the planner found no plan that can run: "
            "the patch wants to cancel step s1, but that step has succeeded; what has begun cannot change",
        )
        assert outcome.answer.endswith("Found so far:\nwork.look: seen 1")
        assert len(planner.requests) == 4


async def test_model_that_plans_finished_work_anew_keeps_what_was_done(tmp_path: Path) -> None:
    """A whole plan in place of a patch, with ids that were used: the default planner's model is told, and mends it."""
    (tmp_path / "p.csv").write_text("mass\n3700\n5100\n")
    wanted = '{"id": "%s", "tool": "table.aggregate", "arguments": {"path": "p.csv", "function": "%s", "column": "%s"}}'
    lines = [
        '{"steps": [' + wanted % ("s1", "max", "mass") + "," + wanted % ("s2", "min", "height") + "]}",
        '{"steps": [' + wanted % ("s1", "max", "mass") + "," + wanted % ("s3", "min", "mass") + "]}",
        '{"steps": ['
        + wanted % ("s3", "min", "mass")
        + ', {"id": "s4", "tool": "answer", "arguments": {"text": "3700, 5100"}}]}',
        '{"steps": [{"id": "s5", "tool": "answer", "arguments": {"text": "3700, 5100"}}]}',
    ]
    model = ScriptedModel(*lines, is_small=True, features=FEATURES - {"tools"}, repeats=True)
    settings = {"roles": {"planner": "plan", "reflector": "critic"}, "enabled": ("plan", "critic", "table")}
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=settings) as host:
        outcome = await host.run(goal(tmp_path, "Smallest and largest mass in p.csv?"))
        assert (outcome.status, outcome.answer) == ("succeeded", "3700, 5100")
        records = await host.records(outcome.run)
        assert [each.step for each in of_kind(records, StepStarted)].count("s1") == 1
        assert len(of_kind(records, PlanPatched)) >= 1
