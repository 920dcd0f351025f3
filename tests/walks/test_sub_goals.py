"""Sub-goals spend what their parent has, end with it, and are counted once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, goal, household, of_kind, step
from trivet.app import RunOptions
from trivet.journal.journal import open_journal
from trivet_sdk import Accept, Budget, GiveUp, Patch, Plan, PlanRequest, Retry, Step, ToolError, Verdict, tool
from trivet_sdk.events import BudgetSpent, RunSubmitted, ToolCalled
from trivet_sdk.testing.faults import hanging

pytestmark = pytest.mark.anyio
WHOLE, PART = "整个目标", "一部分"


@tool(effect="pure")
def look(n: int = 0) -> str:
    """Look."""
    return f"seen {n}"


class Stubborn:
    """Wants every failed step again."""

    def inspect(self, step: Step, came: object, error: str, transcript: object) -> Verdict:
        return Accept() if came is not None else Retry(step.id, error)

    async def judge(self, *args: object) -> Verdict:
        return GiveUp("nothing came of it")


def family(part: Callable[[PlanRequest], Plan | Patch | Sequence[Step]], *after: Step) -> ScriptedPlanner:
    """A whole that hands on a part, and takes these steps then."""

    def plan(request: PlanRequest) -> Plan | Patch | Sequence[Step]:
        if request.goal.text == PART:
            return part(request)
        if request.transcript.plan is not None:
            return [step(f"s{len(request.transcript.plan.steps) + 1}", "answer", text=f"Ended: {request.reason}")]
        return [step("s1", "pursue", goal=PART), *after]

    return ScriptedPlanner(plan, repeats=True)


def endless(request: PlanRequest) -> Plan | Patch:
    plan = request.transcript.plan
    number = len(plan.steps) + 1 if plan is not None else 1
    steps = (step(f"s{number}", "look", n=number),)
    return Plan(steps=steps, is_open=True) if plan is None else Patch(revision=plan.revision, add=steps, is_open=True)


async def test_part_may_take_as_many_steps_as_are_left_and_no_more(tmp_path: Path) -> None:
    async with household(tmp_path / "home", family(endless), tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path, WHOLE), RunOptions(budget=Budget(max_steps=5)))
        part = await host.runner.fold(f"{outcome.run}.s1")
        assert part.finished is not None
        assert (part.finished.status, part.finished.reason) == ("exhausted", "the budget of 4 steps is used up")
        assert part.usage().steps == 4
        assert outcome.status == "succeeded"  # an answer needs no step
        assert outcome.answer.startswith(f"Ended: s1 failed: the sub-goal was not achieved (run {outcome.run}.s1): ")
        assert outcome.usage.steps == 6  # with the answer, which is free


async def test_tokens_of_a_part_are_tokens_of_the_whole(tmp_path: Path) -> None:
    def part(request: PlanRequest) -> Sequence[Step]:
        return [
            step("s1", "think", instruction="one two"),
            step("s2", "think", instruction="{{s1}}"),
            step("s3", "answer", text="{{s2}}"),
        ]

    model = ScriptedModel("three four five six", "seven", repeats=True)
    async with household(tmp_path / "home", family(part), model=model) as host:
        outcome = await host.run(goal(tmp_path, WHOLE), RunOptions(budget=Budget(max_tokens=6)))
        assert (outcome.status, outcome.reason) == ("exhausted", "the budget of 6 tokens is used up")
        assert (outcome.usage.tokens, len(model.requests)) == (6, 1)
        part_of_it = (await host.runner.fold(f"{outcome.run}.s1")).finished
        assert part_of_it is not None
        assert part_of_it.reason == "the budget of 6 tokens is used up"


async def test_seconds_of_the_whole_end_the_part(tmp_path: Path) -> None:
    def part(request: PlanRequest) -> Sequence[Step]:
        return [step("s1", "look"), step("s2", "hanging", needs=("s1",))]

    async with household(tmp_path / "home", family(part), tools=(look, hanging())) as host:
        with anyio.fail_after(10):
            outcome = await host.run(goal(tmp_path, WHOLE), RunOptions(budget=Budget(max_seconds=0.3)))
        assert (outcome.status, outcome.reason) == ("exhausted", "the budget of 0.3 seconds is used up")
        inner = await host.runner.fold(f"{outcome.run}.s1")
        assert inner.finished is not None
        assert inner.finished.status in ("exhausted", "cancelled")
        assert inner.states == {"s1": "succeeded", "s2": "cancelled"}
        assert outcome.usage.steps == 3  # s1, and both of the part


async def test_part_is_cancelled_with_the_whole_and_what_it_spent_is_counted(tmp_path: Path) -> None:
    is_begun = anyio.Event()

    def part(request: PlanRequest) -> Sequence[Step]:
        is_begun.set()
        return [step("s1", "think", instruction="one two"), step("s2", "hanging", needs=("s1",))]

    planner = family(part)
    async with household(tmp_path / "home", planner, model=ScriptedModel("three"), tools=(hanging(),)) as host:
        with anyio.fail_after(10):
            run = await host.submit(goal(tmp_path, WHOLE))
            async with anyio.create_task_group() as group:
                group.start_soon(host.pursue, run)
                await is_begun.wait()
                async for record in host.watch(f"{run}.s1"):
                    if isinstance(record.event, ToolCalled) and record.event.step == "s2":
                        break
                await host.cancel(run, "genug")
        whole, inner = await host.runner.fold(run), await host.runner.fold(f"{run}.s1")
        assert whole.finished is not None
        assert inner.finished is not None
        assert (whole.finished.status, inner.finished.status) == ("cancelled", "cancelled")
        assert (whole.finished.usage.steps, whole.finished.usage.tokens) == (3, 3)
        assert (await host.runner.replay(run)).is_same


async def test_part_that_waited_is_counted_once(tmp_path: Path) -> None:
    def part(request: PlanRequest) -> Sequence[Step]:
        return [
            step("s1", "think", instruction="one two"), step("s2", "ask", needs=("s1",), question="多少?"),
            step("s3", "answer", text="{{s2}}"),
        ]  # fmt: skip

    planner = family(part, step("s2", "answer", text="{{s1}}"))
    async with household(tmp_path / "home", planner, model=ScriptedModel("three")) as host:
        waiting = await host.run(goal(tmp_path, WHOLE))
        assert (waiting.status, waiting.usage.steps, waiting.usage.tokens) == ("waiting", 3, 3)
        await host.answer(waiting.run, "三")
        outcome = await host.pursue(waiting.run)
        assert (outcome.status, outcome.answer) == ("succeeded", "三")
        assert (outcome.usage.steps, outcome.usage.tokens, outcome.usage.model_calls) == (5, 3, 1)
        assert (await host.runner.replay(waiting.run)).is_same


@pytest.mark.parametrize("is_counted", [False, True])
async def test_part_that_ended_before_its_parent_was_killed_is_counted_once(tmp_path: Path, is_counted: bool) -> None:
    """Killed after the part's end, before or after its usage is in the parent's journal."""

    def part(request: PlanRequest) -> Sequence[Step]:
        return [step("s1", "look"), step("s2", "answer", text="{{s1}}")]

    planner = family(part, step("s2", "answer", text="{{s1}}"))
    async with household(tmp_path / "first", planner, tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path, WHOLE))
        assert outcome.usage.steps == 4
        records = {run: await host.records(run) for run in (outcome.run, f"{outcome.run}.s1")}
    whole = records[outcome.run]
    (place,) = [number for number, record in enumerate(whole) if isinstance(record.event, BudgetSpent)]
    records[outcome.run] = whole[: place + is_counted]
    async with open_journal(tmp_path / "second") as journal:
        for run, kept in records.items():
            assert isinstance(kept[0].event, RunSubmitted)
            await journal.create(kept[0], claim=True)
            await journal.append(run, kept[1:], durable=True)
            journal.release(run)
    async with household(tmp_path / "second", planner, tools=(look,)) as host:
        resumed = await host.pursue(outcome.run)
        assert (resumed.status, resumed.answer, resumed.usage.steps) == ("succeeded", "seen 0", 4)
        spent = of_kind(await host.records(outcome.run), BudgetSpent)
        assert {each.child for each in spent} == {f"{outcome.run}.s1"}
        assert spent[-1].child_usage.steps == 2


async def test_retries_and_replans_are_bounded_by_settings(tmp_path: Path) -> None:
    calls = 0

    @tool(effect="pure")
    def busy() -> str:
        """Fail for now."""
        nonlocal calls
        calls += 1
        raise ToolError("busy", is_transient=True)

    def again(request: PlanRequest) -> Sequence[Step]:
        plan = request.transcript.plan
        return [step(f"s{len(plan.steps) + 1 if plan is not None else 1}", "busy")]

    settings = {"max_replans": 1, "max_retries": 3}
    async with household(
        tmp_path / "home", ScriptedPlanner(again, repeats=True), Stubborn(), tools=(busy,), settings=settings
    ) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.reason) == (
            "exhausted",
            "the budget of 1 change of the plan is used up",
        )
        assert calls == 8  # two steps, four times each
