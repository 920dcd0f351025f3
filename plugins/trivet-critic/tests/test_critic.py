"""Verdicts on steps and on runs."""

from typing import Any

import pytest

import trivet_critic
from trivet_critic.critic import Critic, Rigour
from trivet_critic.inspection import inspected, is_empty
from trivet_critic.opinion import Opinion, read_opinion
from trivet_sdk import (
    Accept,
    Answered,
    Ask,
    Budget,
    Finish,
    GiveUp,
    Goal,
    Judged,
    ModelError,
    ModelUnavailable,
    Observed,
    Plan,
    Planned,
    Replan,
    Retry,
    Step,
    ToolResult,
    Transcript,
    Usage,
    Verdict,
    result,
)
from trivet_sdk.testing import ScriptedModel, StandaloneServices, activated

SELECT = Step(id="s1", tool="table.select", arguments={"path": "trips.csv"})
SEVEN = result("7 rows", {"row_count": 7, "rows": [{"km": 48.1}]})
YES = '{"reason": "all is there", "verdict": "achieved"}'


class Story:
    """A transcript that grows: what was planned, what came of it, what was said of that."""

    def __init__(self, goal: str = "How many rows has trips.csv?", **fields: Any) -> None:
        self.transcript = Transcript(run="r", goal=Goal(text=goal), **fields)
        self.steps: tuple[Step, ...] = ()

    def plan(self, *steps: Step, is_open: bool = False) -> "Story":
        self.steps += steps
        revision = self.transcript.plan.revision + 1 if self.transcript.plan else 1
        self._change(plan=Plan(steps=self.steps, is_open=is_open, revision=revision))
        self.transcript = self.transcript.with_turn(Planned(revision=revision, steps=steps))
        return self

    def returns(self, step: Step, came: ToolResult) -> "Story":
        self._change(
            results={**self.transcript.results, step.id: came},
            states={**self.transcript.states, step.id: "succeeded"},
        )
        self.transcript = self.transcript.with_turn(Observed(step=step, result=came))
        return self

    def fails(self, step: Step, error: str, **how: Any) -> "Story":
        self._change(
            states={**self.transcript.states, step.id: "failed"},
            attempts={**self.transcript.attempts, step.id: self.transcript.attempts.get(step.id, 0) + 1},
        )
        self.transcript = self.transcript.with_turn(Observed(step=step, error=error, **how))
        return self

    def answers(self, text: str, id: str = "s9") -> "Story":
        step = Step(id=id, tool="answer", arguments={"text": text})
        return self.plan(step).returns(step, result(text))

    def judged(self, verdict: Verdict) -> "Story":
        self.transcript = self.transcript.with_turn(Judged(verdict=verdict))
        return self

    def _change(self, **fields: Any) -> None:
        self.transcript = Transcript(
            **{name: getattr(self.transcript, name) for name in Transcript.__struct_fields__} | fields
        )


async def judge(story: Story, *said: Any, rigour: Rigour = Rigour(), **model: Any) -> Verdict:  # noqa: B008
    services = StandaloneServices(ScriptedModel(*said, **model) if said or model else None)
    return await Critic(rigour).judge(story.transcript, services)


def counted() -> Story:
    return Story().plan(SELECT).returns(SELECT, SEVEN)


# Steps


def test_a_result_is_accepted_and_an_empty_one_is_noted() -> None:
    story = counted()
    assert inspected(SELECT, SEVEN, "", story.transcript) == Accept()
    nothing = result("no rows", {"rows": [], "row_count": 0})
    assert inspected(SELECT, nothing, "", story.returns(SELECT, nothing).transcript) == Accept("it found nothing")


@pytest.mark.parametrize(
    ("came", "empty"),
    [
        (result("", {"row_count": 0}), True),
        (result("", {"row_count": 0}, artifacts=("a.csv",)), False),
        (result("", {"value": 0}), False),
        (ToolResult(), True),
        (result("  "), True),
        (result("", []), True),
        (result("0"), False),
        (result("", 0), False),
    ],
)
def test_what_counts_as_nothing(came: ToolResult, empty: bool) -> None:
    assert is_empty(came) is empty


def test_a_passing_trouble_is_retried_while_the_budget_allows() -> None:
    story = Story(budget=Budget(max_retries=1)).plan(SELECT).fails(SELECT, "it timed out", is_transient=True)
    assert inspected(SELECT, None, "it timed out", story.transcript) == Retry("s1", "it timed out")
    story.fails(SELECT, "it timed out", is_transient=True)
    assert inspected(SELECT, None, "it timed out", story.transcript) == Replan("s1 failed: it timed out")


def test_an_honest_error_and_a_broken_tool_go_back_to_the_planner() -> None:
    story = Story().plan(SELECT).fails(SELECT, "there is no column 'kn'")
    assert inspected(SELECT, None, "there is no column 'kn'", story.transcript) == Replan(
        "s1 failed: there is no column 'kn'"
    )
    story = Story().plan(SELECT).fails(SELECT, "the tool broke: KeyError: 'x'", is_bug=True)
    assert inspected(SELECT, None, "the tool broke: KeyError: 'x'", story.transcript) == Replan(
        "s1: the tool table.select is broken (the tool broke: KeyError: 'x'); do without it."
    )


def test_the_same_failure_again_and_again_ends_the_run() -> None:
    story, verdicts = Story(), []
    for number in range(1, 4):
        step = Step(id=f"s{number}", tool="table.select", arguments={"path": "trip.csv"})
        story.plan(step).fails(step, "there is no file 'trip.csv'.")
        verdicts.append(inspected(step, None, "there is no file 'trip.csv'.", story.transcript))
    assert verdicts == [
        Replan("s1 failed: there is no file 'trip.csv'."),
        Replan(
            "s2 failed as the same call did before: there is no file 'trip.csv'. "
            "Do something else, or say what is missing."
        ),
        GiveUp("there is no file 'trip.csv'."),
    ]


def test_going_round_in_circles_is_noticed() -> None:
    story, verdicts = Story(), []
    for number in range(1, 6):
        step = Step(id=f"s{number}", tool="table.select", arguments={"path": "trips.csv"})
        story.plan(step).returns(step, SEVEN)
        verdicts.append(inspected(step, SEVEN, "", story.transcript))
    assert verdicts == [
        Accept(),
        Accept(),
        Replan(
            "3 steps called table.select with the same arguments and got the same result. "
            "Use what it says, or try another way."
        ),
        Replan(
            "4 steps called table.select with the same arguments and got the same result. "
            "Use what it says, or try another way."
        ),
        GiveUp("The plan goes round in circles: 5 steps called table.select alike, with the same result."),
    ]


def test_another_argument_or_another_result_is_no_circle() -> None:
    story = Story()
    for number in range(1, 20):
        step = Step(id=f"s{number}", tool="table.select", arguments={"path": f"{number % 10}.csv"})
        came = result(str(number), number)
        story.plan(step).returns(step, came)
        assert inspected(step, came, "", story.transcript) == Accept()


# Runs


async def test_an_open_plan_goes_on() -> None:
    story = Story().plan(SELECT, is_open=True).returns(SELECT, SEVEN)
    assert await judge(story) == Replan("The planner wanted to see these results before it goes on.", is_next=True)


async def test_steps_without_an_answer_want_one() -> None:
    assert await judge(counted()) == Replan("The steps are done, but there is no answer yet.", is_next=True)


async def test_an_answer_from_results_needs_no_model() -> None:
    story = counted().answers("It has 7 rows.")
    done = Finish("It has 7 rows.", "its figures and names are in the results")
    assert await judge(story) == done
    assert await judge(story, is_small=True) == done
    assert await judge(story, rigour=Rigour(judge_model="never"), is_small=False) == done


async def test_a_figure_from_nowhere_is_sent_back_once() -> None:
    story = counted().answers("It has 8 rows.")
    reason = "The answer says '8', which is neither in a result nor in the goal. Find it with a tool, or leave it out."
    assert await judge(story, YES) == Replan(reason)
    story.judged(Replan(reason)).answers("It still has 8 rows.", id="s10")
    assert await judge(story, YES) == GiveUp(reason, "It still has 8 rows.")


async def test_what_a_model_thought_proves_nothing_but_what_the_user_said_does() -> None:
    think = Step(id="s1", tool="think", arguments={"instruction": "guess"})
    story = Story().plan(think).returns(think, result("8")).answers("It has 8 rows.")
    assert isinstance(await judge(story), Replan)
    story = Story().plan(think).returns(think, result("8"))
    story.transcript = story.transcript.with_turn(Answered(question="How many?", answer="8"))
    assert isinstance(await judge(story.answers("It has 8 rows.")), Finish)


async def test_a_promised_file_must_be_there() -> None:
    goal = "Save all trips to out/trips.json"
    story = Story(goal).plan(SELECT).returns(SELECT, SEVEN).answers("Done.")
    reason = "The goal asks for 'out/trips.json', which no step has written."
    assert await judge(story) == Replan(reason)
    story.judged(Replan(reason))
    assert await judge(story) == GiveUp(reason, "Done.")
    write = Step(id="s3", tool="table.write", arguments={"path": "out/trips.json"})
    story.plan(write).returns(write, result("written", artifacts=("out/trips.json",))).answers("Done.", id="s4")
    assert isinstance(await judge(story), Finish)


async def test_a_file_that_was_read_among_others_is_none_that_was_promised() -> None:
    query = Step(id="s1", tool="table.sql", arguments={"query": "SELECT sum(a) FROM data", "paths": ["logs/run.log"]})
    story = Story("Add up all seconds in logs/run.log").plan(query).returns(query, result("sum: 7")).answers("sum: 7")
    assert isinstance(await judge(story), Finish)


async def test_saying_that_it_cannot_be_done_is_no_success() -> None:
    story = counted().answers("I cannot find such a file.")
    assert await judge(story, YES) == GiveUp("The goal was not achieved.", "I cannot find such a file.")


async def test_an_answer_that_asks_back_is_asked_once() -> None:
    story = counted().answers("Which of the two files do you mean?")
    assert await judge(story, YES) == Ask("Which of the two files do you mean?")
    story.transcript = story.transcript.with_turn(Answered(question="Which?", answer="trips.csv"))
    assert await judge(story, YES) == Replan("The steps are done, but there is no answer yet.", is_next=True)


async def test_a_failure_that_the_planner_cannot_mend_ends_the_run_with_the_tools_words() -> None:
    story = Story().plan(SELECT, is_open=True).fails(SELECT, "There is no file 'trips.csv'.")
    story.judged(Replan("s1 failed"))
    assert await judge(story) == GiveUp("There is no file 'trips.csv'.")


async def test_a_failure_that_was_mended_is_forgotten() -> None:
    other = Step(id="s2", tool="table.select", arguments={"path": "Trips.csv"})
    story = Story().plan(SELECT).fails(SELECT, "There is no file 'trips.csv'.")
    story.plan(other).returns(other, SEVEN).answers("7 rows")
    assert isinstance(await judge(story), Finish)


async def test_a_capable_model_has_the_last_word() -> None:
    story = counted().answers("It has 7 rows.")
    assert await judge(story, YES) == Finish("It has 7 rows.", "all is there")
    no = '{"reason": "It counts the wrong file.", "verdict": "not_yet"}'
    assert await judge(story, no) == Replan("Not achieved yet: It counts the wrong file.")
    never = '{"reason": "There is no such column.", "verdict": "impossible"}'
    assert await judge(story, never) == GiveUp("There is no such column.", "It has 7 rows.")


async def test_a_model_is_not_asked_for_ever() -> None:
    story = counted()
    for number in range(2):
        story.judged(Replan(f"Not achieved yet: {number}"))
    story.answers("It has 7 rows.")
    said = '{"reason": "Still wrong.", "verdict": "not_yet"}'
    assert await judge(story, said) == GiveUp("Still wrong.", "It has 7 rows.")


async def test_an_unreadable_judgement_never_means_success() -> None:
    story = counted().answers("It has 7 rows.")
    assert await judge(story, "Yes!", "Yes, achieved!") == GiveUp(
        "The model's judgement could not be read or contradicted itself, so the goal does not count as achieved.",
        "It has 7 rows.",
    )
    assert await judge(story, "Yes!", YES) == Finish("It has 7 rows.", "all is there")


async def test_a_model_that_cannot_be_asked_never_means_success() -> None:
    story = counted().answers("It has 7 rows.")
    assert await judge(story, ModelUnavailable("big", "is off.")) == GiveUp(
        "The answer could not be judged: model 'big' is off.", "It has 7 rows."
    )


async def test_without_tokens_left_the_cheap_checks_decide() -> None:
    story = Story(budget=Budget(max_tokens=5000), usage=Usage(prompt_tokens=4000))
    story.plan(SELECT).returns(SELECT, SEVEN).answers("It has 7 rows.")
    assert isinstance(await judge(story, YES), Finish)


async def test_a_judge_that_is_wanted_and_missing_is_an_error() -> None:
    with pytest.raises(ModelError):
        await judge(counted().answers("7"), rigour=Rigour(judge_model="always"))


@pytest.mark.parametrize(
    ("text", "opinion"),
    [
        (YES, Opinion("all is there", "achieved")),
        ("<think>{...}</think> Here: ```json\n" + YES + "\n```", Opinion("all is there", "achieved")),
        ('{"verdict": "achieved"}', None),
        ('{"reason": "x", "verdict": "yes"}', None),
        ("achieved", None),
        ("", None),
        ("{" * 5000, None),
    ],
)
def test_reading_an_opinion(text: str, opinion: Opinion | None) -> None:
    assert read_opinion(text) == opinion


async def test_the_judge_reads_the_goal_the_results_and_the_answer() -> None:
    model = ScriptedModel(YES)
    await Critic().judge(counted().answers("It has 7 rows.").transcript, StandaloneServices(model))
    asked = model.requests[0].messages[1].text
    assert asked == (
        "Goal:\nHow many rows has trips.csv?\n\nWhat was done:\n"
        '- table.select {"path": "trips.csv"}\n7 rows\n\n'
        "Left to spend if it is not achieved yet: 50 steps, 6 changes of the plan.\n\nAnswer:\nIt has 7 rows."
    )
    assert model.requests[0].schema is not None


async def test_the_plugin_brings_its_reflector() -> None:
    async with activated(trivet_critic, settings={"judge_model": "never"}) as contributions:
        verdict = await contributions.reflectors["critic"].judge(
            counted().answers("7").transcript, StandaloneServices(ScriptedModel())
        )
    assert isinstance(verdict, Finish)
