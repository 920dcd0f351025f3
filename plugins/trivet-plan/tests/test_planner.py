"""The planner with a scripted model: what it asks, and what it makes of the answers."""

import json
import re
from typing import Any

import pytest

import trivet_plan
from trivet_plan.manner import Manner
from trivet_plan.planner import FORGOTTEN, ModelPlanner, literal
from trivet_plan.window import fitting, request_of, rounds_of
from trivet_sdk import (
    Budget,
    ContextTooLong,
    Exchange,
    Goal,
    ModelUnavailable,
    Observed,
    Patch,
    Plan,
    Planned,
    PlannerAbstained,
    PlanRequest,
    Rejected,
    Step,
    ToolSpec,
    Transcript,
    UnreadableAnswer,
    UnsupportedRequest,
    result,
)
from trivet_sdk.message import Message, ToolAnswer, ToolUse, assistant, user
from trivet_sdk.testing import ScriptedModel, StandaloneServices, activated

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
ANSWER = ToolSpec(name="answer", summary="Give the answer", parameters=TEXT, effect="pure")
THINK = ToolSpec(name="think", summary="Think", parameters=TEXT, effect="pure")
COUNT = ToolSpec(
    name="table.count",
    summary="Count rows",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    effect="pure",
)
TOOLS = (ANSWER, THINK, COUNT)
GOAL = Goal(text="How many rows has trips.csv?")
CALL = ToolUse(id="c1", tool="table.count", arguments={"path": "trips.csv"})
COUNTED = Step(id="s1", tool="table.count", arguments={"path": "trips.csv"}, call_id="c1")


def request(transcript: Transcript | None = None, **fields: Any) -> PlanRequest:
    fields.setdefault("budget_left", Budget())
    return PlanRequest(goal=GOAL, tools=TOOLS, transcript=transcript or Transcript(run="r", goal=GOAL), **fields)


def after(*steps: Step, open: bool = True) -> Transcript:
    """These steps have run, each with the result 7."""
    transcript = Transcript(
        run="r",
        goal=GOAL,
        plan=Plan(steps=steps, is_open=open),
        states={step.id: "succeeded" for step in steps},
        results={step.id: result("7", 7) for step in steps},
    ).with_turn(Planned(revision=1, steps=steps))
    for step in steps:
        transcript = transcript.with_turn(Observed(step=step, result=result("7", 7)))
    return transcript


async def planned(model: ScriptedModel, asked: PlanRequest, **manner: Any) -> Plan | Patch:
    return await ModelPlanner(Manner(**manner)).plan(asked, StandaloneServices(model))


async def test_native_calls_become_an_open_plan() -> None:
    model = ScriptedModel(["I count. ", CALL])
    plan = await planned(model, request())
    assert plan == Plan(steps=(COUNTED,), is_open=True, text="I count. ")
    asked = model.requests[0]
    assert [tool.name for tool in asked.tools] == ["table.count"]
    assert asked.schema is None
    assert asked.purpose == "plan"
    assert [message.role for message in asked.messages] == ["system", "user"]
    assert asked.messages[1].text == GOAL.text


async def test_text_without_a_call_is_the_answer() -> None:
    model = ScriptedModel("<think>7, so</think> It has 7 rows.")
    patch = await planned(model, request(after(COUNTED)))
    answer = Step(id="s2", tool="answer", arguments={"text": "It has 7 rows."})
    assert patch == Patch(revision=1, add=(answer,))
    told = model.requests[0].messages[2:]
    assert told[0] == Message("assistant", (CALL,))
    assert told[1].role == "tool"
    assert isinstance(told[1].parts[0], ToolAnswer)


async def test_the_messages_of_a_run_keep_their_identity() -> None:
    model = ScriptedModel(CALL, ToolUse(id="c2", tool="table.count", arguments={"path": "b"}), "done")
    planner, services = ModelPlanner(), StandaloneServices(model)
    transcript = after(COUNTED)
    await planner.plan(request(), services)
    await planner.plan(request(transcript), services)
    second = Step(id="s2", tool="table.count", call_id="c2")
    grown = transcript.with_turn(Planned(revision=2, steps=(second,))).with_turn(Observed(step=second, error="no"))
    await planner.plan(request(grown), services)
    one, two, three = (asked.messages for asked in model.requests)
    assert all(a is b for a, b in zip(one, two, strict=False))
    assert all(a is b for a, b in zip(two, three, strict=False))
    assert model.requests[0].tools is model.requests[2].tools


async def test_a_whole_plan_as_json() -> None:
    steps: list[dict[str, Any]] = [
        {"id": "s1", "tool": "table.count", "arguments": {"path": "trips.csv"}},
        {"id": "s2", "tool": "answer", "arguments": {"text": "{{s1}} rows"}},
    ]
    model = ScriptedModel(json.dumps({"steps": steps}))
    plan = await planned(model, request(), mode="schema", seed=3)
    assert isinstance(plan, Plan)
    assert [step.tool for step in plan.steps] == ["table.count", "answer"]
    assert not plan.is_open
    asked = model.requests[0]
    assert asked.tools == ()
    assert asked.schema is not None
    assert asked.seed == 3
    assert "table.count(path: text) - Count rows" in asked.messages[0].text


async def test_a_model_without_native_calls_writes_json() -> None:
    model = ScriptedModel('{"steps": [{"tool": "answer", "arguments": {"text": "7"}}]}', features=frozenset())
    plan = await planned(model, request())
    assert isinstance(plan, Plan)
    assert model.requests[0].schema is None


async def test_an_endpoint_that_refuses_tools_is_not_asked_for_them_again() -> None:
    text = '{"steps": [{"tool": "answer", "arguments": {"text": "7"}}]}'
    model = ScriptedModel(UnsupportedRequest("m", "cannot call"), text, text)
    planner, services = ModelPlanner(), StandaloneServices(model)
    await planner.plan(request(), services)
    await planner.plan(request(), services)
    assert [bool(asked.tools) for asked in model.requests] == [True, False, False]


async def test_a_plan_that_cannot_be_read_is_mended_once() -> None:
    model = ScriptedModel(
        '{"steps": [{"tool": "table.cuont"}]}', '{"steps": [{"tool": "table.count", "arguments": {"path": "a"}}]}'
    )
    plan = await planned(model, request(), mode="schema")
    assert isinstance(plan, Plan)
    assert plan.steps[0].tool == "table.count"
    said, mend = model.requests[1].messages[-2:]
    assert said == assistant('{"steps": [{"tool": "table.cuont"}]}')
    assert mend == user(
        "That cannot be used:\n- there is no tool 'table.cuont'; there are: answer, think, table.count\n"
        "Write it again, whole and correct."
    )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "there was neither a call nor an answer"),
        (UnreadableAnswer("m", "called 'x' with no JSON"), "the model called 'x' with no JSON"),
        (ToolUse(id="c", tool="no.tool", arguments={}), "there is no tool 'no.tool'; there are: table.count"),
    ],
)
async def test_a_model_that_cannot_write_a_plan_is_given_up_on(said: Any, reason: str) -> None:
    with pytest.raises(PlannerAbstained) as caught:
        await planned(ScriptedModel(said, said), request())
    assert str(caught.value) == (
        f"The model 'scripted' wrote no plan that can be read: {reason}. A larger model may help: see `trivet init`."
    )


async def test_an_answer_cut_at_the_limit_is_asked_for_again() -> None:
    asked = request(budget_left=Budget(max_tokens=3, max_seconds=9.0))
    model = ScriptedModel("one two three four", "short")
    plan = await planned(model, asked)
    assert isinstance(plan, Plan)
    assert plan.steps[0].arguments == {"text": "short"}
    assert (model.requests[0].max_tokens, model.requests[0].deadline) == (3, 9.0)


async def test_without_steps_left_the_model_concludes() -> None:
    model = ScriptedModel("7")
    await planned(model, request(after(COUNTED), budget_left=Budget(max_steps=0)))
    asked = model.requests[0]
    assert asked.tools == ()
    assert asked.messages[-1].text.startswith("There is nothing left to spend")


async def test_a_refused_plan_is_told_with_its_reasons() -> None:
    transcript = Transcript(run="r", goal=GOAL).with_turn(Rejected(reasons=("step s1 uses s9",)))
    model = ScriptedModel("7")
    await planned(model, request(transcript, reason="step s1 uses s9"))
    assert model.requests[0].messages[-1] == user("This plan cannot run:\n- step s1 uses s9")


async def test_a_conversation_too_long_for_the_endpoint_loses_its_older_half() -> None:
    steps = [Step(id=f"s{n}", tool="table.count", call_id=f"c{n}") for n in range(1, 5)]
    transcript = after(steps[0])
    for step in steps[1:]:
        transcript = transcript.with_turn(Planned(revision=2, steps=(step,))).with_turn(Observed(step=step, error="x"))
    model = ScriptedModel(ContextTooLong("m", "is too small"), "7")
    await planned(model, request(transcript))
    roles = [message.role for message in model.requests[1].messages]
    assert roles == ["system", "user", "user", "assistant", "tool", "assistant", "tool"]
    assert model.requests[1].messages[2].text == "(2 earlier rounds are left out here.)"


async def test_errors_of_the_model_go_through() -> None:
    with pytest.raises(ModelUnavailable):
        await planned(ScriptedModel(ModelUnavailable("m", "is off")), request())


async def test_fitting_leaves_out_whole_rounds() -> None:
    rounds = [Message("assistant", (CALL,)), Message("tool", (ToolAnswer(id="c1", text="x " * 50),))]
    model = ScriptedModel()

    async def fitted(rounds: list[Message], window: int) -> list[str]:
        whole = request_of([user("goal")], rounds)
        return [message.role for message in whole.without(await fitting(whole, window, model.measure))]

    assert await fitted(rounds * 5, 200) == ["user", "user", "assistant", "tool", "assistant", "tool"]
    assert len(rounds_of([user("before"), *rounds, user("told"), *rounds])) == 3
    assert await fitted(rounds * 2, 10) == ["user", "user", "assistant", "tool"]


def conversation(exchanges: int, words: int = 3) -> Transcript:
    """The same goal, after these exchanges."""
    earlier = tuple(
        Exchange(
            run=f"r{n}",
            goal=f"How many rows has {n}.csv?",
            status="succeeded",
            answer=f"{n} " * words,
            turns=(
                Observed(
                    step=Step(id="s1", tool="table.count", arguments={"path": f"{n}.csv"}), result=result(f"{n} rows")
                ),
            ),
        )
        for n in range(1, exchanges + 1)
    )
    return Transcript(run="r", goal=GOAL, earlier=earlier)


async def test_what_was_said_before_stands_between_task_and_goal() -> None:
    model = ScriptedModel("7")
    plan = await planned(model, request(conversation(2)))
    messages = model.requests[0].messages
    assert [message.role for message in messages] == ["system", *["user", "user", "assistant"] * 2, "user"]
    assert "Earlier goals of the conversation come first" in messages[0].text
    assert [message.text for message in messages[1:4]] == [
        "How many rows has 1.csv?",
        'What came back:\n- table.count {"path": "1.csv"}: 1 rows',
        "1 1 1 ",
    ]
    assert messages[-1].text == GOAL.text
    assert isinstance(plan, Plan)
    assert plan.note == ""


async def test_first_goal_of_a_conversation_is_told_of_none() -> None:
    model = ScriptedModel("7")
    await planned(model, request())
    assert "conversation" not in model.requests[0].messages[0].text


async def test_oldest_exchanges_are_left_out_where_the_window_ends_and_the_user_is_told() -> None:
    model = ScriptedModel("7", window=4000)
    plan = await planned(model, request(conversation(20, words=400)))
    messages = model.requests[0].messages
    assert await model.measure(messages) <= 3000
    assert re.fullmatch(r"\(\d+ earlier exchanges are left out here\.\)", messages[1].text)
    assert [messages[-4].text, messages[-1].text] == ["How many rows has 20.csv?", GOAL.text]
    assert isinstance(plan, Plan)
    assert plan.note == FORGOTTEN


async def test_endpoint_that_finds_it_too_long_is_told_less_and_less_of_what_was_said() -> None:
    long = ContextTooLong("m", "is too small")
    model = ScriptedModel(long, long, long, "7")
    plan = await planned(model, request(conversation(4)))
    assert [sum(message.role == "assistant" for message in asked.messages) for asked in model.requests] == [4, 2, 1, 0]
    assert plan.note == FORGOTTEN
    with pytest.raises(ContextTooLong):
        await planned(ScriptedModel(long, long), request(conversation(1)))


def test_braces_in_an_answer_are_no_references() -> None:
    assert literal("write {{ name }} there") == "write {\u2060{ name }} there"
    assert literal("a {{ b c }} and {{1}}") == "a {{ b c }} and {{1}}"


async def test_the_plugin_brings_its_planner() -> None:
    model = ScriptedModel('{"steps": [{"tool": "answer", "arguments": {"text": "7"}}]}')
    async with activated(trivet_plan, settings={"mode": "schema", "instructions": "Be kind."}) as contributions:
        await contributions.planners["plan"].plan(request(), StandaloneServices(model))
    assert "\nBe kind.\n" in model.requests[0].messages[0].text
