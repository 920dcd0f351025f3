"""Plans that go round in circles under a reflector that does not mind."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, household, of_kind, step
from trivet.app import RunOptions
from trivet_sdk import Accept, Budget, Patch, Plan, PlanRequest, Step, ToolError, tool
from trivet_sdk.events import ApprovalRequested, QuestionAsked, VerdictIssued
from trivet_sdk.verdict import Ask, GiveUp, Replan, Verdict

pytestmark = pytest.mark.anyio
EASY = Budget(max_steps=None, max_replans=1000)


@tool(effect="pure")
def look(where: str = "here") -> str:
    """Look."""
    return "没有变化"


@tool(effect="pure")
def missing() -> str:
    """Fail."""
    raise ToolError("there is no such file")


def rounds(*rounds: Sequence[tuple[str, dict[str, Any]]]) -> ScriptedPlanner:
    """Proposes these calls, one round after another, for ever."""

    def plan(request: PlanRequest) -> Plan | Patch:
        plan = request.transcript.plan
        revision = plan.revision if plan is not None else 0
        calls = rounds[revision % len(rounds)]
        first = len(plan.steps) + 1 if plan is not None else 1
        steps = tuple(step(f"s{first + place}", name, **given) for place, (name, given) in enumerate(calls))
        return Plan(steps=steps, is_open=True) if plan is None else Patch(revision=revision, add=steps, is_open=True)

    return ScriptedPlanner(plan, repeats=True)


class Careless:
    """A reflector that likes everything, and never has enough."""

    def inspect(self, *args: object) -> Verdict:
        return Accept()

    async def judge(self, *args: object) -> Verdict:
        return Accept("go on")


class Patient:
    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def approve(self, request: ApprovalRequested) -> bool | None:
        return True

    async def answer(self, question: QuestionAsked) -> str | None:
        self.asked.append(question.question)
        return self.answers.pop(0)


CIRCLES = {
    "one call": rounds([("look", {})]),
    "two calls by turns": rounds([("look", {"where": "a"})], [("look", {"where": "b"})]),
    "three calls at once": rounds([("look", {"where": "a"}), ("look", {"where": "b"}), ("look", {"where": "c"})]),
    "one failure": rounds([("missing", {})]),
    "an answer between": rounds([("look", {})], [("answer", {"text": "没有变化。"})]),
}


@pytest.mark.parametrize("name", CIRCLES)
async def test_circle_is_told_to_the_planner_and_then_ends_with_what_was_found(tmp_path: Path, name: str) -> None:
    planner = CIRCLES[name]
    async with household(tmp_path / "home", planner, Careless(), tools=(look, missing)) as host:
        with anyio.fail_after(20):
            outcome = await host.run(goal(tmp_path), RunOptions(budget=EASY))
        records = await host.records(outcome.run)
        own = [each.verdict for each in of_kind(records, VerdictIssued) if each.by == "host"]
        assert isinstance(own[0], Replan)
        assert isinstance(own[-1], GiveUp)
        called = "work.missing" if name == "one failure" else "work.look"
        assert own[0].reason == (
            f"The plan goes round in circles: {called} was called 5 times alike, and came to the same each time. "
            "Use what it says, do something else, or conclude."
        )
        assert outcome.status == "failed"
        assert outcome.reason == (
            f"The plan goes round in circles: {called} was called 6 times alike, and came to the same each time."
        )
        assert ("没有变化" in outcome.answer) is (name != "one failure")
        assert len(records) < 150
        assert own[0].reason in [request.reason for request in planner.requests]
        assert (await host.runner.replay(outcome.run)).is_same


async def test_user_is_asked_before_the_run_is_given_up_and_is_not_asked_twice(tmp_path: Path) -> None:
    person = Patient("再看看")
    async with household(tmp_path / "home", rounds([("look", {})]), Careless(), tools=(look,)) as host:
        with anyio.fail_after(20):
            outcome = await host.run(goal(tmp_path), RunOptions(budget=EASY), person=person)
        assert person.asked == [
            "The plan goes round in circles: work.look comes to the same again and again (没有变化). What now?"
        ]
        records = await host.records(outcome.run)
        own = [type(each.verdict) for each in of_kind(records, VerdictIssued) if each.by == "host"]
        assert own == [Replan, Ask, Replan, Ask, Replan, GiveUp]
        assert outcome.status == "failed"
        assert (await host.runner.replay(outcome.run)).is_same


async def test_many_like_steps_of_one_plan_are_no_circle(tmp_path: Path) -> None:
    steps = [step(f"s{number}", "look") for number in range(1, 41)]
    planner = ScriptedPlanner([*steps, step("s41", "answer", text="done", needs=("s40",))])
    async with household(tmp_path / "home", planner, tools=(look,)) as host:
        assert (await host.run(goal(tmp_path))).status == "succeeded"


async def test_answers_alone_lead_nowhere(tmp_path: Path) -> None:
    async def numbered(request: PlanRequest) -> Sequence[Step]:
        number = len(request.transcript.plan.steps) + 1 if request.transcript.plan is not None else 1
        return [step(f"s{number}", "answer", text=f"Attempt {number}")]

    async with household(tmp_path / "home", ScriptedPlanner(numbered, repeats=True), Careless()) as host:
        with anyio.fail_after(20):
            outcome = await host.run(goal(tmp_path), RunOptions(budget=EASY))
        assert outcome.reason == "the planner was asked to go on several times, and nothing came of it"
        assert outcome.status == "failed"


async def test_question_of_a_verdict_that_was_answered_is_not_put_again(tmp_path: Path) -> None:
    person = Patient("The blue one.")
    reflector = ScriptedReflector(Ask("Which one?"), Ask("Which one?"), GiveUp("no"))
    planner = rounds([("look", {})])
    async with household(tmp_path / "home", planner, reflector, tools=(look,)) as host:
        await host.run(goal(tmp_path), RunOptions(budget=EASY), person=person)
        assert person.asked == ["Which one?"]
        assert planner.requests[-1].reason == "the user was asked this before (Which one?) and answered: The blue one."


async def test_question_of_a_step_that_was_answered_is_not_put_again(tmp_path: Path) -> None:
    person = Patient("蓝色的")
    planner = ScriptedPlanner(
        [step("s1", "ask", question="哪一个?")],
        [step("s2", "ask", question="哪一个?")],
        [step("s3", "answer", text="{{s1}}")],
    )
    reflector = ScriptedReflector(Replan("go on", is_next=True), Replan("go on", is_next=True), GiveUp("no"))
    async with household(tmp_path / "home", planner, reflector) as host:
        outcome = await host.run(goal(tmp_path), person=person)
        assert person.asked == ["哪一个?"]
        assert (await host.runner.fold(outcome.run)).errors == {
            "s2": "the user was asked this before, and answered: 蓝色的"
        }
