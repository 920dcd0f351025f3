"""Runs as messages."""

import time
from collections.abc import Sequence

from trivet_sdk import (
    Accept,
    Answered,
    Attachment,
    Goal,
    Judged,
    Message,
    Observed,
    Planned,
    Rejected,
    Replan,
    Step,
    Text,
    ToolAnswer,
    ToolUse,
    Transcript,
    result,
)
from trivet_sdk.message import assistant, user
from trivet_sdk.prompting import Conversations, render_goal
from trivet_sdk.transcript import Turn

EMPTY = Transcript(run="r1", goal=Goal(text="count"))


def after(*turns: Turn, run: str = "r1") -> Transcript:
    return Transcript(run=run, goal=Goal(text="count"), turns=turns)


def told(*turns: Turn) -> tuple[Message, ...]:
    return Conversations().messages(after(*turns))


def call(id: str, tool: str = "files.read") -> Step:
    return Step(id=id, tool=tool, arguments={"path": f"{id}.txt"}, call_id=f"c{id}")


def answer(step: Step, text: str) -> Message:
    return Message("tool", (ToolAnswer(id=step.call_id, text=text),))


def no_result(step: Step) -> Message:
    text = "no result: the step has not run, or has not ended"
    return Message("tool", (ToolAnswer(id=step.call_id, text=text, is_error=True),))


def test_a_written_plan_and_its_results() -> None:
    step = Step(id="s1", tool="table.count", arguments={"path": "a.csv"})
    messages = told(Planned(revision=1, steps=(step,)), Observed(step=step, result=result("344 rows", {"value": 344})))
    assert messages == (
        assistant('{"steps":[{"id":"s1","tool":"table.count","arguments":{"path":"a.csv"}}]}'),
        user('s1 table.count: 344 rows\nvalue s1# = {"value": 344}'),
    )


def test_a_failed_step_is_told_with_its_reason() -> None:
    step = Step(id="s1", tool="table.count")
    assert told(Observed(step=step, error="there is no 'a.csv'")) == (
        user("s1 table.count: failed: there is no 'a.csv'"),
    )


def test_what_people_and_validators_said() -> None:
    turns = (
        Rejected(reasons=("there is no tool 'x'", "the plan has no steps")),
        Answered(question="Which file?", answer="a.csv"),
        Judged(verdict=Accept()),
        Judged(verdict=Replan(reason="the table is empty")),
        Judged(verdict=Replan(reason="go on", is_next=True)),
    )
    assert told(*turns) == (
        user("This plan cannot run:\n- there is no tool 'x'\n- the plan has no steps"),
        user("You asked: Which file?\nThe user answers: a.csv"),
        user("the table is empty"),
    )


def test_native_calls_are_told_back_as_calls_and_answers() -> None:
    a, b = call("s1"), call("s2")
    planned = Planned(revision=1, steps=(a, b), text="Two files.")
    messages = told(planned, Observed(step=b, result=result("B")), Observed(step=a, result=result("A")))
    uses = (ToolUse(id="cs1", tool="files.read", arguments={"path": "s1.txt"}),
            ToolUse(id="cs2", tool="files.read", arguments={"path": "s2.txt"}))  # fmt: skip
    assert messages == (Message("assistant", (Text("Two files."), *uses)), answer(b, "B"), answer(a, "A"))


def test_nothing_stands_between_calls_and_their_answers() -> None:
    a, b = call("s1"), call("s2")
    turns = (
        Planned(revision=1, steps=(a, b)),
        Observed(step=a, result=result("A")),
        Answered(question="Go on?", answer="yes"),
        Observed(step=b, result=result("B")),
    )
    assert told(*turns)[1:] == (answer(a, "A"), answer(b, "B"), user("You asked: Go on?\nThe user answers: yes"))


def test_a_call_without_result_is_answered_nevertheless() -> None:
    a, b, c = call("s1"), call("s2"), call("s3")
    turns: tuple[Turn, ...] = (Planned(revision=1, steps=(a, b)), Observed(step=a, result=result("A")))
    assert told(*turns)[1:] == (answer(a, "A"), no_result(b))
    turns = (*turns, Planned(revision=2, steps=(c,)), Observed(step=b, result=result("late")))
    assert told(*turns)[2:] == (
        no_result(b),
        Message("assistant", (ToolUse(id="cs3", tool="files.read", arguments={"path": "s3.txt"}),)),
        no_result(c),
        user("s2 files.read: late"),
    )


def test_a_repeated_call_is_answered_once() -> None:
    a = call("s1")
    turns = (Planned(revision=1, steps=(a,)), Observed(step=a, error="busy"), Observed(step=a, result=result("A")))
    failed = Message("tool", (ToolAnswer(id="cs1", text="failed: busy", is_error=True),))
    assert told(*turns)[1:] == (failed, user("s1 files.read: A"))


def test_long_results_are_cut_and_can_be_referred_to() -> None:
    step = Step(id="s1", tool="files.read")
    turn = Observed(step=step, result=result("x" * 30, {"rows": [{"n": i} for i in range(9)]}))
    (message,) = Conversations(characters=10).messages(after(turn))
    assert message.text == (
        "s1 files.read: xxxxxxxxxx… (30 characters in all)\n"
        'value s1# = {"rows": [{"n": 0}, {"n": 1}, {"n": 2}, … 6 more]}'
    )


def growing(turns: int) -> Sequence[Transcript]:
    transcripts = [EMPTY]
    for number in range(turns):
        step = call(f"s{number}")
        transcript = transcripts[-1].with_turn(Planned(revision=number, steps=(step,)))
        transcripts.append(transcript.with_turn(Observed(step=step, result=result("ok " * 100))))
    return transcripts


def test_messages_keep_their_identity_as_the_run_grows() -> None:
    conversations = Conversations()
    earlier: tuple[Message, ...] = ()
    for transcript in growing(50):
        messages = conversations.messages(transcript)
        assert all(new is old for new, old in zip(messages, earlier, strict=False))
        assert len(messages) == len(transcript.turns)
        earlier = messages


def test_a_provisional_answer_keeps_its_identity_when_it_becomes_final() -> None:
    conversations = Conversations()
    first = after(Planned(revision=1, steps=(call("s1"),)))
    provisional = conversations.messages(first)
    final = conversations.messages(first.with_turn(Planned(revision=2, steps=(call("s2"),))))
    assert final[1] is provisional[1]


def test_runs_do_not_mix_and_a_rewritten_run_starts_over() -> None:
    conversations = Conversations(capacity=1)
    one = Rejected(reasons=("one",))
    other = Rejected(reasons=("other",))
    assert conversations.messages(after(one))[0].text.endswith("one")
    assert conversations.messages(after(other))[0].text.endswith("other")
    assert conversations.messages(after(one, run="r2"))[0].text.endswith("one")
    assert conversations.messages(EMPTY) == ()


def test_late_turns_cost_what_early_ones_do() -> None:
    conversations = Conversations()
    seconds: list[float] = []
    for transcript in growing(400):
        start = time.thread_time()
        conversations.messages(transcript)
        seconds.append(time.thread_time() - start)
    early, late = sorted(seconds[50:100])[25], sorted(seconds[350:400])[25]
    assert late < 5 * early + 50e-6


def test_a_goal_with_all_that_belongs_to_it() -> None:
    attachment = Attachment(name="a.csv", blob="0" * 64, size=12)
    goal = Goal(text="数一数", attachments=(attachment,), criteria=("there is a number",))
    assert render_goal(goal) == (
        "数一数\nIt is achieved if:\n- there is a number\nAttached files:\n- attachments/a.csv (12 bytes)"
    )
