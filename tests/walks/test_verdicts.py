"""Each verdict of the default reflector, brought about by what a model says and what tools come to."""

from pathlib import Path
from typing import Any

import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, ScriptedReflector, goal, household, of_kind, step
from trivet.app import RunOptions
from trivet_sdk import Accept, Ask, Budget, Finish, GiveUp, Goal, Replan, Retry, ToolError, ToolUse, Verdict, tool
from trivet_sdk.events import ApprovalRequested, QuestionAsked, StepStarted, VerdictIssued

pytestmark = pytest.mark.anyio
SETTINGS = {"roles": {"planner": "plan", "reflector": "critic"}, "enabled": ("plan", "critic", "table")}
TABLE = "岛,mass\nDream,3700\nBiscoe,5100\n"
ACHIEVED = '{"reason": "the results bear it out", "verdict": "achieved"}'
NOT_YET = '{"reason": "It does not name the island.", "verdict": "not_yet"}'
IMPOSSIBLE = '{"reason": "The table has no heights.", "verdict": "impossible"}'
LARGEST: dict[str, Any] = {"path": "企鹅.csv", "function": "max", "column": "mass"}


class Told:
    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def approve(self, request: ApprovalRequested) -> bool | None:
        return True

    async def answer(self, question: QuestionAsked) -> str | None:
        self.asked.append(question.question)
        return self._answer


def call(name: str = "table.aggregate", /, **changed: Any) -> ToolUse:
    return ToolUse(id="c", tool=name, arguments={**LARGEST, **changed} if name == "table.aggregate" else changed)


async def lived(tmp_path: Path, *lines: Any, text: str, person: Told | None = None, tools: Any = ()) -> Any:
    (tmp_path / "企鹅.csv").write_text(TABLE, encoding="utf-8")
    model = ScriptedModel(*lines)
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS, tools=tools) as host:
        outcome = await host.run(goal(tmp_path, text), person=person)
        return outcome, await host.records(outcome.run), model


def verdicts(records: Any) -> list[tuple[str | None, Verdict]]:
    return [(each.step, each.verdict) for each in of_kind(records, VerdictIssued)]


async def test_accept_and_finish(tmp_path: Path) -> None:
    outcome, records, _ = await lived(tmp_path, call(), "5100", ACHIEVED, text="企鹅.csv 里最大的体重是多少?")
    assert (outcome.status, outcome.answer) == ("succeeded", "5100")
    assert verdicts(records) == [
        ("s1", Accept()),
        (None, Replan("The planner wanted to see these results before it goes on.", is_next=True)),
        ("s2", Accept()),
        (None, Finish("5100", "the results bear it out")),
    ]


async def test_retry_of_what_may_work_later(tmp_path: Path) -> None:
    calls = 0

    @tool(effect="pure")
    def fetch() -> str:
        """Fetch."""
        nonlocal calls
        calls += 1
        if calls < 3:
            raise ToolError("the server is busy", is_transient=True)
        return "17"

    outcome, records, model = await lived(
        tmp_path, call("work.fetch"), "17", ACHIEVED, text="What does it say?", tools=(fetch,)
    )
    assert (outcome.status, outcome.answer, calls) == ("succeeded", "17", 3)
    assert verdicts(records)[:3] == [("s1", Retry("s1", "the server is busy"))] * 2 + [("s1", Accept())]
    assert [each.attempt for each in of_kind(records, StepStarted) if each.step == "s1"] == [1, 2, 3]
    assert len(model.requests) == 3  # the planner was not bothered


async def test_retries_come_to_an_end(tmp_path: Path) -> None:
    @tool(effect="pure")
    def fetch() -> str:
        """Fetch."""
        raise ToolError("the server is busy", is_transient=True)

    outcome, records, _ = await lived(
        tmp_path, call("work.fetch"), "I could not find it.", text="What does it say?", tools=(fetch,)
    )
    assert (outcome.status, outcome.answer) == ("failed", "The goal was not achieved.\nI could not find it.")
    kinds = [type(verdict) for _, verdict in verdicts(records)]
    assert kinds == [Retry, Retry, Replan, Accept, GiveUp]


async def test_replan_after_a_failed_step(tmp_path: Path) -> None:
    wrong = call(path="企鵝.csv")
    outcome, records, _ = await lived(tmp_path, wrong, call(), "5100", ACHIEVED, text="企鹅.csv 里最大的体重是多少?")
    assert (outcome.status, outcome.usage.replans) == ("succeeded", 1)
    (step, first), *_ = verdicts(records)
    assert step == "s1"
    assert isinstance(first, Replan)
    assert not first.is_next
    assert "企鵝.csv" in first.reason


async def test_replan_because_the_judging_model_is_not_content(tmp_path: Path) -> None:
    outcome, records, model = await lived(
        tmp_path,
        call(),
        "5100",
        NOT_YET,
        "Biscoe: 5100",
        ACHIEVED,
        text="Which island has the largest mass in 企鹅.csv?",
    )
    assert (outcome.status, outcome.answer) == ("succeeded", "Biscoe: 5100")
    assert (None, Replan("Not achieved yet: It does not name the island.")) in verdicts(records)
    assert any(
        "It does not name the island." in str(each.messages) for each in model.requests if each.purpose == "plan"
    )


async def test_ask_where_the_answer_is_a_question(tmp_path: Path) -> None:
    person = Told("体重")
    outcome, records, _ = await lived(
        tmp_path, "Do you mean mass or height?", call(), "5100", ACHIEVED, text="最大的是多少?", person=person
    )
    assert person.asked == ["Do you mean mass or height?"]
    assert (None, Ask("Do you mean mass or height?")) in verdicts(records)
    assert (outcome.status, outcome.answer) == ("succeeded", "5100")


async def test_run_waits_with_the_question_where_nobody_is(tmp_path: Path) -> None:
    (tmp_path / "企鹅.csv").write_text(TABLE, encoding="utf-8")
    model = ScriptedModel("Do you mean mass or height?", call(), "5100", ACHIEVED)
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        outcome = await host.run(goal(tmp_path, "最大的是多少?"))
        assert (outcome.status, outcome.reason) == ("waiting", "Do you mean mass or height?")
        later = await host.pursue(outcome.run, person=Told("体重"))
        assert (later.status, later.answer) == ("succeeded", "5100")


async def test_give_up_with_what_was_found(tmp_path: Path) -> None:
    outcome, records, _ = await lived(
        tmp_path,
        call(),
        "The table has masses only, 5100 at most.",
        IMPOSSIBLE,
        text="How tall is the tallest in 企鹅.csv?",
    )
    assert (outcome.status, outcome.reason) == ("failed", "The table has no heights.")
    assert outcome.answer == "The table has no heights.\nThe table has masses only, 5100 at most."
    assert verdicts(records)[-1] == (
        None,
        GiveUp("The table has no heights.", "The table has masses only, 5100 at most."),
    )


async def test_second_judgement_sees_criteria_what_is_new_and_what_may_still_be_spent(tmp_path: Path) -> None:
    (tmp_path / "企鹅.csv").write_text(TABLE, encoding="utf-8")
    model = ScriptedModel(call(), "5100", NOT_YET, call(function="min"), "Between 3700 and 5100", ACHIEVED)
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        wish = Goal(
            text="体重的范围是多少?", workspace=str(tmp_path), criteria=("最小值和最大值都有", "in kilograms or grams")
        )
        outcome = await host.run(wish, RunOptions(budget=Budget(max_steps=9, max_replans=3)))
        assert outcome.status == "succeeded"
    first, second = [each.messages[-1].text for each in model.requests if each.purpose == "judge"]
    assert first == (
        "Goal:\n体重的范围是多少?\nIt is achieved if:\n- 最小值和最大值都有\n- in kilograms or grams\n\n"
        'What was done:\n- table.aggregate {"path": "企鹅.csv", "function": "max", "column": "mass"}\n'
        "max of mass in 企鹅.csv: 5100 (in the row: 岛 Biscoe, mass 5100)\n\n"
        "Left to spend if it is not achieved yet: 7 steps, 3 changes of the plan.\n\nAnswer:\n5100"
    )
    assert second == (
        "Goal:\n体重的范围是多少?\nIt is achieved if:\n- 最小值和最大值都有\n- in kilograms or grams\n\n"
        'What was done:\n- table.aggregate {"path": "企鹅.csv", "function": "max", "column": "mass"}\n'
        "max of mass in 企鹅.csv: 5100 (in the row: 岛 Biscoe, mass 5100)\n\n"
        "Judged then: Not achieved yet: It does not name the island.\n\nNew since then:\n"
        '- table.aggregate {"path": "企鹅.csv", "function": "min", "column": "mass"}\n'
        "min of mass in 企鹅.csv: 3700 (in the row: 岛 Dream, mass 3700)\n\n"
        "Left to spend if it is not achieved yet: 5 steps, 2 changes of the plan.\n\nAnswer:\nBetween 3700 and 5100"
    )


async def test_what_is_new_is_told_to_any_reflector_after_a_judgement_that_asked_for_more(tmp_path: Path) -> None:
    reflector = ScriptedReflector(Replan("go on", is_next=True), Replan("more"), Finish("enough"))
    planner = ScriptedPlanner(*[[step(f"s{number}", "answer", text=f"第{number}")] for number in (1, 2, 3)])
    async with household(tmp_path / "home", planner, reflector) as host:
        await host.run(goal(tmp_path))
    new = [[type(turn).__name__ for turn in seen.since] for seen in reflector.judged]
    assert new == [
        ["Planned", "Observed"],
        ["Planned", "Observed", "Judged", "Planned", "Observed"],
        ["Planned", "Observed"],
    ]
    assert [seen.budget_left.max_replans for seen in reflector.judged] == [6, 6, 5]
    assert [seen.budget_left.max_steps for seen in reflector.judged] == [49, 48, 47]
