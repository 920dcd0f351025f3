"""Plans as models write them."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import Goal, InvalidPlan, Patch, Plan, Planned, Step, ToolSpec, ToolUse, Transcript
from trivet_sdk.prompting import next_number, plan_of_calls, read_plan, render_plan

ANYTHING: dict[str, Any] = {"type": "object"}
TOOLS = tuple(
    ToolSpec(name=name, summary="-", parameters=ANYTHING)
    for name in ("table.select", "table.write", "files.write", "answer")
)
FRESH = Transcript(run="r1", goal=Goal(text="count"))
S1 = Step(id="s1", tool="table.select", arguments={"path": "a.csv"})
S2 = Step(id="s2", tool="answer", arguments={"text": "{{s1}}"})
UNDERWAY = Transcript(
    run="r1",
    goal=Goal(text="count"),
    plan=Plan(steps=(S1, S2), revision=3),
    states={"s1": "succeeded", "s2": "pending"},
    turns=(Planned(revision=1, steps=(S1, S2)),),
)


def reasons(text: str, transcript: Transcript = FRESH) -> tuple[str, ...]:
    with pytest.raises(InvalidPlan) as refused:
        read_plan(text, TOOLS, transcript)
    return refused.value.reasons


def test_a_plan_is_read() -> None:
    text = """{"steps": [{"id": "s1", "tool": "table.select", "arguments": {"path": "a.csv"}},
                         {"id": "s2", "tool": "answer", "arguments": {"text": "{{s1}}"}}]}"""
    assert read_plan(text, TOOLS, FRESH) == Plan(steps=(S1, S2))


@pytest.mark.parametrize(
    "text",
    [
        'Sure! Here is the plan:\n```json\n{"steps": [%s]}\n```\nShall I go on?',
        "[%s]",
        "%s",
        'I use {braces} and [brackets] at will. {"steps": [%s]} And more: }{',
    ],
)
def test_a_plan_is_found_in_what_models_write_around_it(text: str) -> None:
    step = '{"tool": "table-select", "arguments": {"path": "a.csv"}}'
    assert read_plan(text.replace("%s", step), TOOLS, FRESH) == Plan(steps=(S1,))


def test_short_tool_names_work_where_they_are_unique() -> None:
    assert read_plan('{"tool": "select", "arguments": {"path": "a.csv"}}', TOOLS, FRESH) == Plan(steps=(S1,))
    assert reasons('{"tool": "write"}') == ("'write' may be any of table.write, files.write; write the full name",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I cannot do that.", ["there is no JSON object in the answer"]),
        ("", ["there is no JSON object in the answer"]),
        ('{"steps": [{"tool": "answer", "arguments": {"text": "a"}}, {"tool": ', ["the JSON breaks off before it is complete"]),
        ('{"steps": [{"tool": "answ', ["the JSON breaks off before it is complete"]),
        ('{"steps": [{"tool": answer}]}', ["the JSON cannot be read: Expecting value in line 1, before 'answer}]}'"]),
        ('{"tool": "answer", "arguments": {"n": NaN}}', ["the JSON cannot be read: NaN is no JSON value"]),
        ("[" * 100_000, ["the JSON is nested too deep"]),
        ('{"steps": []}', ["the plan has no steps"]),
        ('{"plan": 1}', ['a plan is a JSON object like {"steps": [{"id": "s1", "tool": …, "arguments": {…}}]}']),
        ('{"steps": 3}', ['a plan is a JSON object like {"steps": [{"id": "s1", "tool": …, "arguments": {…}}]}']),
        ('{"steps": ["select"]}', ["step 1 names no tool"]),
        (
            '[{"tool": "table.drop"}, {"tool": "answer", "text": "hi"}]',
            [
                "there is no tool 'table.drop'; there are: table.select, table.write, files.write, answer",
                "step 's2' has 'text', which no step has; arguments belong into 'arguments'",
            ],
        ),
        ('{"tool": "answer", "arguments": ["hi"]}', ["the arguments of step 's1' are not an object"]),
        ('{"tool": "answer", "needs": "s1"}', ["'needs' of step 's1' is not a list of step ids"]),
        (
            '{"tool": "answer", "arguments": {"text": {"$ref": "rows"}}}',
            ["'rows' is not a reference; write it like 's1#/rows/0/name'"],
        ),
        (
            '[{"id": "s1", "tool": "answer"}, {"id": "s1", "tool": "answer"}]',
            ["two steps have the id 's1'"],
        ),
    ],
)  # fmt: skip
def test_each_fault_of_a_plan_is_a_sentence(text: str, expected: list[str]) -> None:
    assert reasons(text) == tuple(expected)


def test_with_a_plan_under_way_new_steps_are_a_patch() -> None:
    text = '{"steps": [{"tool": "table.write"}, {"id": "s2", "tool": "answer", "arguments": {"text": "{{s3}}"}}]}'
    s2 = msgspec.structs.replace(S2, arguments={"text": "{{s3}}"})
    assert read_plan(text, TOOLS, UNDERWAY) == Patch(
        revision=3, add=(Step(id="s3", tool="table.write"),), replace=(s2,)
    )


def test_a_patch_may_only_cancel() -> None:
    assert read_plan('{"steps": [], "cancel": ["s2"]}', TOOLS, UNDERWAY) == Patch(revision=3, cancel=("s2",))


def test_steps_that_ran_cannot_change() -> None:
    text = '{"steps": [{"id": "s1", "tool": "answer"}], "cancel": ["s7"]}'
    assert reasons(text, UNDERWAY) == (
        "step 's1' has already run; number new steps from s3 on",
        "there is no step 's7' to cancel",
    )


def test_numbers_of_cancelled_steps_are_not_used_again() -> None:
    later = msgspec.structs.replace(UNDERWAY, plan=Plan(steps=(S1,), revision=4))
    assert next_number(later) == 3


def test_native_calls_become_steps_that_wait_for_what_follows() -> None:
    calls = [
        ToolUse(id="c1", tool="table-select", arguments={"path": "a.csv"}),
        ToolUse(id="c2", tool="answer", arguments={}),
    ]
    select = Step(id="s1", tool="table.select", arguments={"path": "a.csv"}, call_id="c1")
    assert plan_of_calls(calls[:1], TOOLS, FRESH, "Let me see.") == Plan(
        steps=(select,), is_open=True, text="Let me see."
    )
    answer = Step(id="s3", tool="answer", call_id="c2")
    assert plan_of_calls(calls[1:], TOOLS, UNDERWAY) == Patch(revision=3, add=(answer,))


def test_no_call_is_no_plan() -> None:
    with pytest.raises(InvalidPlan) as refused:
        plan_of_calls([], TOOLS, FRESH)
    assert str(refused.value) == "the plan cannot run: no tool was called"


@given(st.text() | st.text(alphabet='{}[]",:s1tool nul'))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(InvalidPlan):
        read_plan(text, TOOLS, FRESH)


@given(st.lists(st.dictionaries(st.text().filter(lambda key: key != "$ref"), st.text() | st.integers()), min_size=1))
def test_a_rendered_plan_is_read_back(arguments: list[dict[str, Any]]) -> None:
    steps = tuple(Step(id=f"s{i + 1}", tool="table.write", arguments=a) for i, a in enumerate(arguments))
    assert read_plan(render_plan(Plan(steps=steps)), TOOLS, FRESH) == Plan(steps=steps)
