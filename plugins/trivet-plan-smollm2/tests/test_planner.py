"""The planner's decisions that need no model; runs with the model are in the walks."""

import msgspec
import pytest

from trivet_plan_smollm2.answering import Answer, NoAnswer, compose
from trivet_plan_smollm2.asking import question
from trivet_plan_smollm2.deciding import decided
from trivet_plan_smollm2.limits import Limits
from trivet_plan_smollm2.model.candidates import Candidate
from trivet_plan_smollm2.numbering import numbered
from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_sdk import Goal, PlannerAbstained, Step, ToolResult, Transcript, result


def transcript(**results: ToolResult) -> Transcript:
    return Transcript(
        run="r",
        goal=Goal(text="how strong is the wind at the club?"),
        results=results,
        states=dict.fromkeys(results, "succeeded"),
    )


def test_a_call_that_refers_to_an_earlier_one_needs_nothing_else() -> None:
    calls = [
        Call(tool="a", arguments={}),
        Call(tool="b", arguments={"rows": {"$ref": "s1#/rows"}}),
        Call(tool="c", arguments={}),
    ]
    steps = numbered(calls, 1)
    assert [step.id for step in steps] == ["s1", "s2", "s3"]
    assert [step.depends_on for step in steps] == [set(), {"s1"}, {"s2"}]


def test_steps_written_after_a_question_count_on() -> None:
    calls = [
        Call(tool="a", arguments={}),
        Call(tool="b", arguments={"rows": {"$ref": "s1#/rows"}, "text": "{{s1#/value}}"}),
    ]
    assert numbered(calls, 3)[1].arguments == {"rows": {"$ref": "s3#/rows"}, "text": "{{s3#/value}}"}


def test_the_answer_shows_the_last_result_and_what_was_written() -> None:
    steps = [
        Step(id="s1", tool="t.select", arguments={"path": "x.csv"}),
        Step(id="s2", tool="t.aggregate", arguments={"path": {"$ref": "s1#/rows"}}),
        Step(id="s3", tool="t.write", arguments={"rows": {"$ref": "s2#/rows"}}),
    ]
    done = transcript(
        s1=result("rows", {"row_count": 3}), s2=result("mean 2", {"row_count": 1}), s3=result("wrote", {}, ("o.csv",))
    )
    assert compose(done, steps) == Answer("{{s2}}\n{{s3}}")


def test_rows_that_match_nothing_are_no_answer_but_a_count_of_zero_is() -> None:
    empty = transcript(s1=result("no rows", {"row_count": 0, "value": 0}))
    assert isinstance(compose(empty, [Step(id="s1", tool="t.select")]), NoAnswer)
    assert isinstance(compose(empty, [Step(id="s1", tool="t.aggregate", arguments={"function": "count"})]), Answer)


def test_no_file_is_an_answer_only_to_who_asks_for_files() -> None:
    none = transcript(s1=result("0 files that fit land", {"files": []}))
    assert compose(none, [Step(id="s1", tool="files.list")]) == NoAnswer("Nothing matched: 0 files that fit land")
    asked = msgspec.structs.replace(none, goal=Goal(text="which files are in the folder land"))
    assert isinstance(compose(asked, [Step(id="s1", tool="files.list")]), Answer)


def test_a_passage_that_hardly_speaks_of_the_goal_is_no_answer() -> None:
    weak = transcript(s1=result("text", {"matches": [{"coverage": 0.2}]}))
    assert compose(weak, [Step(id="s1", tool="files.find")]) == NoAnswer("No passage in the workspace answers this.")


def test_a_failed_step_ends_with_the_tools_own_sentence() -> None:
    failed = msgspec.structs.replace(
        transcript(), states={"s1": "failed"}, errors={"s1": "x.csv is empty: it has no rows."}
    )
    assert compose(failed, [Step(id="s1", tool="t.select")]) == NoAnswer("x.csv is empty: it has no rows.")


@pytest.mark.parametrize(
    ("candidate", "sentence"),
    [
        (Candidate(calls=(Call(tool="none"),), score=0.0), "The small planner knows no tool or file that can do this."),
        (
            Candidate(calls=(Call(tool="t"),), score=0.0, faults=("number 7",)),
            "The small planner could not make use of number 7 in this goal.",
        ),
        (
            Candidate(calls=(Call(tool="calculate.evaluate", arguments={"expression": "70 * 2"}),), score=-0.1),
            "The small planner is not sure enough what this goal asks for.",
        ),
        (
            Candidate(calls=(Call(tool="files.find", arguments={"query": "the price"}),), score=-0.1),
            "The small planner is not sure enough what this goal asks for.",
        ),
        (
            Candidate(calls=(Call(tool="files.write", arguments={"path": "a.txt", "text": "price: 70"}),), score=-0.1),
            "The small planner is not sure enough what this goal asks for.",
        ),
        (
            Candidate(calls=(Call(tool="t"),), score=-50.0),
            "The small planner is not sure enough what this goal asks for.",
        ),
    ],
)
def test_what_would_be_a_guess_is_declined(candidate: Candidate, sentence: str) -> None:
    with pytest.raises(PlannerAbstained) as raised:
        decided([candidate], "double the price", [], Limits(), frozenset({"calculate.evaluate"}))
    assert raised.value.reason == sentence


@pytest.mark.parametrize(
    ("goal", "call"),
    [
        ("what is the price", Call(tool="files.find", arguments={"query": "the price"})),
        ("价格是多少", Call(tool="files.find", arguments={"query": "价格"})),
        ("put ring Ada into a.txt", Call(tool="files.write", arguments={"path": "a.txt", "text": "ring Ada\n"})),
    ],
)
def test_what_is_asked_or_dictated_is_carried_out(goal: str, call: Call) -> None:
    assert decided([Candidate(calls=(call,), score=-0.1)], goal, [], Limits()) == (call,)


def test_a_question_offers_what_there_is() -> None:
    files = [FileCard(path="a.csv", columns=(Column(name="day"), Column(name="km")))]
    assert question("which file", files) == "Which file do you mean? a.csv"
    assert question("which column", files) == "Which column do you mean? day, km"


@pytest.mark.parametrize(("path", "is_answer"), [({}, False), ({"path": "club.yaml"}, True)])
def test_a_passage_that_shares_few_words_must_be_near_in_sense(path: dict[str, str], is_answer: bool) -> None:
    """Nearer where the whole workspace was searched than in the one file that the goal names."""
    found = result("club.yaml:3: wind: 22", {"matches": [{"text": "wind: 22", "coverage": 0.3}]})
    composed = compose(transcript(s1=found), [Step(id="s1", tool="files.find", arguments={"query": "q", **path})], 0.5)
    assert isinstance(composed, Answer) is is_answer
