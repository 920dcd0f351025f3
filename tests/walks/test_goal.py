"""From a goal to an answer, through the host's own door."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import anyio
import pytest

from tests.walks.household import (
    ScriptedModel,
    ScriptedPlanner,
    ScriptedReflector,
    goal,
    household,
    of_kind,
    step,
    topics,
)
from trivet.app import RunOptions
from trivet.errors import RunRefused
from trivet_sdk import (
    Answered,
    Ask,
    Budget,
    Finish,
    GiveUp,
    Patch,
    Plan,
    PlannerAbstained,
    PlanRequest,
    Replan,
    Retry,
    Step,
    ToolContext,
    ToolError,
    ToolResult,
    Verdict,
    result,
    tool,
)
from trivet_sdk.events import ApprovalRequested, ModelCalled, ModelReturned, QuestionAsked

pytestmark = pytest.mark.anyio


@tool(effect="pure")
def add(a: float, b: float) -> ToolResult:
    """Add two numbers."""
    return result(f"{a:g} + {b:g} = {a + b:g}", {"sum": a + b})


@tool(effect="idempotent")
def note(ctx: ToolContext, path: str, text: str) -> ToolResult:
    """Write a file."""
    ctx.workspace.writable(path).write_text(text, encoding="utf-8")
    return result(f"wrote {path}", {"path": path}, artifacts=(path,))


async def test_results_flow_from_step_to_step_into_answer_and_file(tmp_path: Path) -> None:
    planner = ScriptedPlanner(
        [
            step("s1", "add", a=1, b=2),
            step("s2", "work.add", a={"$ref": "s1#/sum"}, b=39.5),
            step("s3", "note", path="总和.txt", text="合计 {{s2#/sum}}"),
            step("s4", "answer", text="It is {{s2#/sum}} ({{s1}}).", needs=("s3",)),
        ]
    )
    async with household(tmp_path / "home", planner, tools=(add, note)) as host:
        outcome = await host.run(goal(tmp_path, "求和"))
        assert outcome.status == "succeeded"
        assert outcome.answer == "It is 42.5 (1 + 2 = 3)."
        assert outcome.artifacts == ("总和.txt",)
        assert (tmp_path / "总和.txt").read_text(encoding="utf-8") == "合计 42.5"
        records = await host.records(outcome.run)
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        assert topics(records)[:5] == ["run.submitted", "run.started", "plan.proposed", "plan.accepted", "step.started"]
        assert topics(records)[-1] == "run.finished"
        (listed,) = await host.runs()
        assert (listed.id, listed.status, listed.goal, listed.pid) == (outcome.run, "succeeded", "求和", None)


async def test_retry_repeats_the_step_as_a_new_call_group(tmp_path: Path) -> None:
    tries: list[str] = []

    @tool(effect="idempotent")
    def flaky(ctx: ToolContext) -> str:
        """Fail twice."""
        tries.append(ctx.key)
        if len(tries) < 3:
            raise ToolError("the server is busy", is_transient=True)
        return "done"

    planner = ScriptedPlanner([step("s1", "flaky"), step("s2", "answer", text="{{s1}}")])
    reflector = ScriptedReflector(after={"s1": [Retry("s1"), Retry("s1")]})
    async with household(tmp_path / "home", planner, reflector, tools=(flaky,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("succeeded", "done")
        assert tries == [f"{outcome.run}/s1/{group}" for group in range(3)]
        assert outcome.usage.steps == 4


async def test_retries_end_in_a_replan_which_patches_the_plan(tmp_path: Path) -> None:
    planner = ScriptedPlanner(
        [step("s1", "broken"), step("s2", "answer", text="{{s1}}")],
        lambda request: [step("s3", "add", a=1, b=1), step("s4", "answer", text="{{s3#/sum}}")],
    )

    @tool(effect="pure")
    def broken() -> str:
        """Break."""
        raise ZeroDivisionError("by zero")

    reflector = ScriptedReflector(after={"s1": [Retry("s1")] * 5})
    async with household(tmp_path / "home", planner, reflector, tools=(add, broken)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer, outcome.usage.replans) == ("succeeded", "2", 1)
        request = planner.requests[1]
        assert request.reason == "step s1 was tried 3 times: the tool broke: ZeroDivisionError: by zero"
        assert request.transcript.states == {"s1": "failed", "s2": "pending"}
        states = (await host.runner.fold(outcome.run)).states
        assert states == {"s1": "failed", "s2": "skipped", "s3": "succeeded", "s4": "succeeded"}


async def test_open_plan_goes_on_without_counting_as_replanning(tmp_path: Path) -> None:
    def more(n: int) -> Callable[[PlanRequest], Patch]:
        def patch(request: PlanRequest) -> Patch:
            add_step = step(f"s{n}", "add", a={"$ref": f"s{n - 1}#/sum"}, b=1)
            return Patch(revision=n - 1, add=(add_step,), is_open=True)

        return patch

    planner = ScriptedPlanner(
        Plan(steps=(step("s1", "add", a=0, b=1),), is_open=True),
        *[more(n) for n in range(2, 11)],
        Patch(revision=10, add=(step("s11", "answer", text="{{s10#/sum}}"),)),
    )
    async with household(tmp_path / "home", planner, tools=(add,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer, outcome.usage.replans) == ("succeeded", "10", 0)


async def test_asked_question_is_answered_by_the_person_at_hand(tmp_path: Path) -> None:
    class Ada:
        async def approve(self, request: ApprovalRequested) -> bool | None:
            return None

        async def answer(self, question: QuestionAsked) -> str | None:
            return f"42, since you ask: {question.question}"

    planner = ScriptedPlanner([step("s1", "ask", question="How many?"), step("s2", "answer", text="{{s1}}")])
    async with household(tmp_path / "home", planner) as host:
        outcome = await host.run(goal(tmp_path), person=Ada())
        assert outcome.answer == "42, since you ask: How many?"


async def test_question_without_a_person_waits_and_goes_on_once_answered(tmp_path: Path) -> None:
    planner = ScriptedPlanner(
        [
            step("s1", "ask", question="How many?"),
            step("s2", "add", a=1, b=1),
            step("s3", "answer", text="{{s1}}, {{s2#/sum}}"),
        ]
    )
    async with household(tmp_path / "home", planner, tools=(add,)) as host:
        waiting = await host.run(goal(tmp_path))
        assert (waiting.status, waiting.reason) == ("waiting", "How many?")
        assert [each.status for each in await host.runs()] == ["waiting"]
        await host.answer(waiting.run[:5], "seven")
    async with household(tmp_path / "home", ScriptedPlanner()) as another:
        outcome = await another.pursue(waiting.run)
        assert (outcome.status, outcome.answer) == ("succeeded", "seven, 2")
        assert outcome.usage.steps == 3


def last_answer(request: PlanRequest) -> str:
    turn = request.transcript.turns[-1]
    assert isinstance(turn, Answered)
    return turn.answer


async def test_verdict_may_ask_and_the_planner_hears_the_answer(tmp_path: Path) -> None:
    planner = ScriptedPlanner(
        [step("s1", "add", a=1, b=1)],
        lambda request: [step("s2", "answer", text=f"{request.reason}: {last_answer(request)}")],
    )
    reflector = ScriptedReflector(Ask("In which unit?"), lambda transcript: Finish(transcript.answer or ""))
    async with household(tmp_path / "home", planner, reflector, tools=(add,)) as host:
        waiting = await host.run(goal(tmp_path))
        assert (waiting.status, waiting.reason) == ("waiting", "In which unit?")
        await host.answer(waiting.run, "metres")
        outcome = await host.pursue(waiting.run)
        assert outcome.answer == "the user answered: metres"


async def test_giving_up_is_not_achieved_and_shows_what_was_found(tmp_path: Path) -> None:
    planner = ScriptedPlanner([step("s1", "add", a=1, b=1)])
    reflector = ScriptedReflector(GiveUp(reason="there is no wind gauge in this folder"))
    async with household(tmp_path / "home", planner, reflector, tools=(add,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.status == "failed"
        assert outcome.answer == "There is no wind gauge in this folder.\nFound so far:\nwork.add: 1 + 1 = 2"


async def test_abstaining_planner_ends_honestly(tmp_path: Path) -> None:
    planner = ScriptedPlanner(PlannerAbstained("No installed tool can send a fax.", "Install one that can."))
    async with household(tmp_path / "home", planner) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("failed", "No installed tool can send a fax. Install one that can.")


async def test_refused_plan_goes_back_with_reasons_then_the_run_fails(tmp_path: Path) -> None:
    bad = [step("s1", "ad", a=1), step("s2", "add", a="x", b={"$ref": "s9#/sum"})]
    planner = ScriptedPlanner(bad, bad, bad)
    async with household(tmp_path / "home", planner, tools=(add,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.status == "failed"
        reason = planner.requests[1].reason
        assert reason == (
            "step s1: there is no tool 'ad'. Did you mean 'add'?; step s2 uses s9, but there is no such step; "
            "step s2 (work.add): a: expected a number, got 'x'"
        )
        assert outcome.answer == f"The planner found no plan that can run: {reason}."


@pytest.mark.parametrize(
    ("planner", "reflector", "answer"),
    [
        (ScriptedPlanner(ValueError("oops")), None, "The planner broke in 'plan': ValueError: oops."),
        (
            ScriptedPlanner(cast("list[Step]", ["a step"])),
            None,
            "The planner broke in 'plan': TypeError: Expected `object`, got `str` in steps[0].",
        ),
        (
            ScriptedPlanner([step("s1", "answer", text="yes")]),
            ScriptedReflector(lambda transcript: cast("Verdict", "looks fine")),
            "The reflector broke in 'judge': TypeError: it returned str instead of a verdict.\nFound so far:\nyes",
        ),
        (
            ScriptedPlanner([step("s1", "answer", text="yes")]),
            ScriptedReflector(KeyError("verdict")),
            "The reflector broke in 'judge': KeyError: 'verdict'.\nFound so far:\nyes",
        ),
    ],
)
async def test_broken_planner_or_reflector_is_a_clear_failure(
    tmp_path: Path, planner: ScriptedPlanner, reflector: ScriptedReflector | None, answer: str
) -> None:
    async with household(tmp_path / "home", planner, reflector) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("failed", answer)


async def test_thinking_is_journaled_with_prompt_and_usage_and_noted_for_small_models(tmp_path: Path) -> None:
    planner = ScriptedPlanner(
        [
            step("s1", "add", a=1, b=1),
            step("s2", "think", instruction="Say it in French", inputs={"$ref": "s1#/sum"}),
            step("s3", "answer", text="{{s2}}"),
        ]
    )
    model = ScriptedModel("ça fait deux", is_small=True)
    async with household(tmp_path / "home", planner, tools=(add,), model=model) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.answer == "ça fait deux"
        assert outcome.usage.model_calls == 1
        assert outcome.usage.completion_tokens == 3
        assert outcome.note == "A small local model (scripted) made this answer: check what matters."
        records = await host.records(outcome.run)
        (called,), (returned,) = of_kind(records, ModelCalled), of_kind(records, ModelReturned)
        assert called.messages[0].text == "Say it in French\n\n2"
        assert (called.step, returned.text, returned.finish) == ("s2", "ça fait deux", "stop")


async def test_sub_goal_is_a_run_of_its_own_that_spends_its_parents_budget(tmp_path: Path) -> None:
    def plan(request: PlanRequest) -> list[Step]:
        if request.goal.text == "the part":
            return [step("s1", "add", a=20, b=1), step("s2", "answer", text="{{s1#/sum}}")]
        return [step("s1", "pursue", goal="the part"), step("s2", "answer", text="twice {{s1#/answer}}")]

    async with household(tmp_path / "home", ScriptedPlanner(plan, repeats=True), tools=(add,)) as host:
        outcome = await host.run(goal(tmp_path, "the whole"))
        assert (outcome.status, outcome.answer) == ("succeeded", "twice 21")
        assert outcome.usage.steps == 4
        (child,) = [each for each in await host.runs(with_children=True) if each.parent]
        assert (child.id, child.parent, child.goal, child.status) == (
            f"{outcome.run}.s1",
            outcome.run,
            "the part",
            "succeeded",
        )
        assert [each.id for each in await host.runs()] == [outcome.run]


async def test_dry_run_plans_and_does_nothing(tmp_path: Path) -> None:
    planner = ScriptedPlanner([step("s1", "note", path="a.txt", text="x"), step("s2", "answer", text="ok")])
    async with household(tmp_path / "home", planner, tools=(note,)) as host:
        plan = await host.plan(goal(tmp_path))
        assert [each.tool for each in plan.steps] == ["work.note", "answer"]
        assert not (tmp_path / "a.txt").exists()
        assert [each.status for each in await host.runs()] == ["cancelled"]


async def test_attachments_are_kept_and_seen_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "报告.md").write_text("风速 22", encoding="utf-8")

    @tool(effect="pure")
    def read(ctx: ToolContext, path: str) -> str:
        """Read."""
        return ctx.workspace.readable(path).read_text(encoding="utf-8")

    planner = ScriptedPlanner([step("s1", "read", path="attachments/报告.md"), step("s2", "answer", text="{{s1}}")])
    (tmp_path / "here").mkdir()
    async with household(tmp_path / "home", planner, tools=(read,)) as host:
        outcome = await host.run(goal(tmp_path / "here"), attachments=(tmp_path / "far" / "报告.md",))
        assert outcome.answer == "风速 22"
        assert planner.requests[0].goal.attachments[0].name == "报告.md"


async def test_planner_without_another_way_leaves_the_last_word_to_the_reflector(tmp_path: Path) -> None:
    @tool(effect="pure")
    def broken() -> str:
        """Break."""
        raise ToolError("there is no 'trips.csv' in the workspace")

    planner = ScriptedPlanner(
        [step("s1", "broken"), step("s2", "add", a=1, b=1), step("s3", "answer", text="{{s1}}")],
        PlannerAbstained("I know no other way."),
    )
    reflector = ScriptedReflector(lambda transcript: GiveUp(transcript.errors["s1"]))
    async with household(tmp_path / "home", planner, reflector, tools=(add, broken)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.status == "failed"
        assert outcome.answer == "There is no 'trips.csv' in the workspace.\nFound so far:\nwork.add: 1 + 1 = 2"
        states = (await host.runner.fold(outcome.run)).states
        assert states == {"s1": "failed", "s2": "succeeded", "s3": "skipped"}


async def test_planner_that_abstains_is_not_asked_for_ever(tmp_path: Path) -> None:
    planner = ScriptedPlanner([step("s1", "add", a=1, b=1)], PlannerAbstained("I know no other way."))
    reflector = ScriptedReflector(*[Replan(reason="not enough")] * 9)
    async with household(tmp_path / "home", planner, reflector, tools=(add,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.answer == "I know no other way.\nFound so far:\nwork.add: 1 + 1 = 2"
        assert len(planner.requests) == 2


async def test_verdict_on_the_whole_run_may_repeat_one_step(tmp_path: Path) -> None:
    seen: list[str] = []

    @tool(effect="pure")
    def look(ctx: ToolContext) -> str:
        """Look, and see something from the second time on."""
        seen.append(ctx.key.rpartition("/")[2])
        return "something" if len(seen) > 1 else ""

    planner = ScriptedPlanner([step("s1", "look")])
    reflector = ScriptedReflector(
        Retry("s1", "it saw nothing"), lambda transcript: Finish(f"It saw {transcript.results['s1'].text}.")
    )
    async with household(tmp_path / "home", planner, reflector, tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer, seen) == ("succeeded", "It saw something.", ["0", "1"])


async def test_effect_that_succeeded_is_not_repeated_whatever_the_reflector_wants(tmp_path: Path) -> None:
    sent: list[int] = []

    @tool(effect="effectful")
    def send() -> str:
        """Send."""
        sent.append(1)
        return "sent"

    planner = ScriptedPlanner([step("s1", "send")], lambda request: [step("s2", "answer", text=request.reason)])
    reflector = ScriptedReflector(Retry("s1", "again"), lambda transcript: Finish(transcript.answer or ""))
    async with household(tmp_path / "home", planner, reflector, tools=(send,)) as host:
        outcome = await host.run(goal(tmp_path), RunOptions(approve="always"))
        assert (outcome.answer, sent) == ("again (step s1 was tried 1 times)", [1])


async def test_question_of_a_sub_goal_is_answered_through_its_parent(tmp_path: Path) -> None:
    def plan(request: PlanRequest) -> list[Step]:
        if request.goal.text == "the part":
            return [step("s1", "ask", question="How deep?"), step("s2", "answer", text="{{s1}} deep")]
        return [step("s1", "pursue", goal="the part"), step("s2", "answer", text="It is {{s1}}.")]

    home = tmp_path / "home"
    async with household(home, ScriptedPlanner(plan, repeats=True)) as host:
        waiting = await host.run(goal(tmp_path, "the whole"))
        assert (waiting.status, waiting.reason) == ("waiting", "How deep?")
        await host.answer(waiting.run, "3 m")
    async with household(home, ScriptedPlanner(plan, repeats=True)) as another:
        with anyio.fail_after(5):
            outcome = await another.pursue(waiting.run)
        assert (outcome.status, outcome.answer) == ("succeeded", "It is 3 m deep.")
        assert {each.status for each in await another.runs(with_children=True)} == {"succeeded"}
        assert another.journal.inbox() == []


async def test_goal_with_a_budget_that_is_none_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    async with household(tmp_path / "home", ScriptedPlanner()) as host:
        budget = Budget(max_replans=None)  # type: ignore[arg-type]
        with pytest.raises(
            RunRefused,
            match=r"^the goal cannot become a run, and nothing was done: Expected `int`, got `null` in budget.max_replans. "
            r"See Goal, Budget and RunOptions.$",
        ):
            await host.submit(goal(tmp_path), RunOptions(budget=budget))
        assert await host.runs() == []
