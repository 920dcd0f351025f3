"""Models that loop, lie, babble and refuse, under the default planner and reflector: no run spins, and none counts as
achieved for what was only claimed."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, goal, household, of_kind
from trivet.app import Host, RunOptions
from trivet_sdk import Budget, GenerateRequest, ModelUnavailable, ToolUse, UnreadableAnswer
from trivet_sdk.events import ModelReturned, QuestionAsked, RunFinished, VerdictIssued
from trivet_sdk.testing.model import FEATURES

pytestmark = pytest.mark.anyio
SETTINGS = {
    "roles": {"planner": "plan", "reflector": "critic"},
    "enabled": ("plan", "critic", "table", "files", "calculate"),
}
TABLE = "island,mass\nDream,3700\nBiscoe,5100\nBiscoe,4900\nDream,3500\n"
MOST_EVENTS = 500
"""Of a run under the usual budget of 50 steps, with nine events each. A run that spins has thousands, or no end."""
QUESTION = "What is the largest mass in p.csv?"
DESCRIBE: dict[str, Any] = {"tool": "table.describe", "arguments": {"path": "p.csv"}}
HALF = "\udcff"

Line = Any


class Case(NamedTuple):
    name: str
    lines: Sequence[Line]
    """What the model says; the last one for ever."""
    goal: str = QUESTION
    is_native: bool = False
    says: str = ""
    """In the run's answer."""
    status: str = "failed"


def plan(*steps: dict[str, Any], **more: Any) -> str:
    whole = [{"id": f"s{number}", **each} for number, each in enumerate(steps, 1)]
    return json.dumps({"steps": whole, **more}, ensure_ascii=False)


def answered(text: str) -> str:
    return plan({"tool": "answer", "arguments": {"text": text}})


def numbered(make: Callable[[int], Line]) -> Callable[[GenerateRequest], Line]:
    """A line that knows how often the model was asked."""
    count = 0

    def line(request: GenerateRequest) -> Line:
        nonlocal count
        count += 1
        return make(count)

    return line


def again(number: int) -> ToolUse:
    return ToolUse(id=f"c{number}", tool="table.describe", arguments={"path": "p.csv"})


def by_turns(number: int) -> ToolUse:
    path = ("p.csv", "q.csv")[number % 2]
    return ToolUse(id=f"c{number}", tool="table.describe", arguments={"path": path})


def next_step(number: int, **step: Any) -> str:
    return json.dumps({"steps": [{"id": f"s{number}", **step}], "is_open": True})


def next_answer(text: str) -> Callable[[GenerateRequest], Line]:
    return numbered(
        lambda number: json.dumps(
            {"steps": [{"id": f"s{number}", "tool": "answer", "arguments": {"text": text}}]}, ensure_ascii=False
        )
    )


CASES = [
    # loops
    Case("the same call for ever", [numbered(again)], is_native=True, says="The plan goes round in circles"),
    Case("two calls by turns", [numbered(by_turns)], is_native=True, says="The plan goes round in circles"),
    Case(
        "the same call for ever, as plans",
        [numbered(lambda n: next_step(n, **DESCRIBE))],
        says="The plan goes round in circles",
    ),
    Case(
        "forty like calls in one turn, again and again",
        [
            numbered(
                lambda n: [
                    ToolUse(id=f"c{n}-{k}", tool="table.describe", arguments={"path": "p.csv"}) for k in range(40)
                ]
            )
        ],
        is_native=True,
        says="The plan goes round in circles",
    ),
    Case(
        "the same failure for ever",
        [numbered(lambda n: ToolUse(id=f"c{n}", tool="table.describe", arguments={"path": "nein.csv"}))],
        is_native=True,
        says="nein.csv",
    ),
    Case(
        "every call another failure",
        [numbered(lambda n: ToolUse(id=f"c{n}", tool="table.describe", arguments={"path": f"{n}.csv"}))],
        is_native=True,
        says="The budget of 6 changes of the plan is used up",
        status="exhausted",
    ),
    Case(
        "every call something new",
        [numbered(lambda n: ToolUse(id=f"c{n}", tool="calculate.evaluate", arguments={"expression": f"{n}+1"}))],
        is_native=True,
        says="The budget of 50 steps is used up",
        status="exhausted",
    ),
    Case(
        "one question for ever",
        [numbered(lambda n: ToolUse(id=f"c{n}", tool="ask", arguments={"question": "Which?"}))],
        is_native=True,
        says="The user was asked this before, and answered: 随便",
    ),
    # malformed plans
    Case("no JSON", ["I would first look at the table, and then…"], says="wrote no plan that can be read"),
    Case("cut JSON", ['{"steps": [{"id": "s1", "tool": "table.desc'], says="wrote no plan that can be read"),
    Case("JSON of another kind", ["[1, 2, 3]"], says="wrote no plan that can be read"),
    Case("no steps", ['{"steps": []}'], says="wrote no plan that can be read"),
    Case("unknown tool", [plan({"tool": "web.browse", "arguments": {}})], says="web.browse"),
    Case(
        "arguments of the wrong types",
        [plan({"tool": "table.describe", "arguments": {"path": ["p.csv"], "n": {}}})],
        says="path",
    ),
    Case(
        "a circle of needs",
        [plan({**DESCRIBE, "needs": ["s2"]}, {**DESCRIBE, "needs": ["s1"]})],
        says="wait for each other",
    ),
    Case("a step that needs itself", [plan({"tool": "answer", "arguments": {"text": "{{s1}}"}})], says="s1"),
    Case("a step that needs none there is", [plan({"tool": "answer", "arguments": {"text": "{{s9}}"}})], says="s9"),
    Case("one id twice", [json.dumps({"steps": [{"id": "s1", **DESCRIBE}, {"id": "s1", **DESCRIBE}]})], says="s1"),
    Case("five thousand steps", [plan(*[DESCRIBE] * 5000)], says="at most"),
    Case("deep JSON", ['{"steps": ' + "[" * 100_000 + "]" * 100_000 + "}"], says="wrote no plan that can be read"),
    Case(
        "deep arguments",
        [plan({"tool": "think", "arguments": {"instruction": "x", "inputs": json.loads("[" * 300 + "]" * 300)}})],
    ),
    Case(
        "half characters",
        [f'{{"steps": [{{"id": "s1", "tool": "table.describe", "arguments": {{"path": "{HALF}.csv"}}}}]}}'],
    ),
    Case("half characters in an answer", [answered(f"4{HALF}2 千克")]),
    Case(
        "numbers that are none",
        ['{"steps": [{"id": "s1", "tool": "think", "arguments": {"instruction": "x", "inputs": NaN}}]}'],
    ),
    # false success
    Case("done, with nothing done", [next_answer("Done.")], "Sort the rows of p.csv by mass"),
    Case("done, in Chinese, with nothing done", [next_answer("已完成。")], "把 p.csv 按体重排序"),
    Case("done, with nothing done, as text", ["Done!"], "Sort the rows of p.csv by mass", is_native=True),
    Case(
        "deeds that no step did", ["I have deleted all temporary files."], "Delete the temporary files", is_native=True
    ),
    Case("figures from nowhere", [next_answer("The largest mass is 6543.")], says="6543"),
    Case("figures from nowhere, after a look", [again(1), "The largest mass is 6543."], is_native=True, says="6543"),
    Case(
        "a promised file that nobody wrote",
        [next_answer("The table is in out.csv now.")],
        "Save p.csv sorted by mass to out.csv",
        says="out.csv",
    ),
    Case(
        "a file of its own that nobody wrote",
        [again(1), "I saved the summary to summary.md."],
        "Summarise p.csv",
        is_native=True,
        says="summary.md",
    ),
    Case(
        "a Chinese file that nobody wrote",
        [again(1), "已将摘要保存到 摘要.md。"],
        "概括 p.csv",
        is_native=True,
        says="摘要.md",
    ),
    Case(
        "a quotation from nowhere",
        [next_answer('The file says "penguins cannot fly at all".')],
        says="penguins cannot fly",
    ),
    # nothing at all
    Case("silence", [""], says="wrote no plan that can be read"),
    Case("silence, natively", [""], is_native=True, says="there was neither a call nor an answer"),
    Case("white space", ["   \n\n "], is_native=True, says="there was neither a call nor an answer"),
    Case("an empty answer", [next_answer("")]),
    Case("an answer of spaces", [next_answer("   ")]),
    # streams, refusals, prose
    Case("a thought without end", ["<think>" + "hm " * 20_000], is_native=True),
    Case("babble", ["la " * 200_000]),
    Case("refusal", ["I'm sorry, I can't help with that."], is_native=True, says="I'm sorry"),
    Case("a Chinese refusal", ["抱歉,我无法完成。"], is_native=True, says="抱歉"),
    Case("refusal, as a plan", [next_answer("I cannot do this.")], says="I cannot do this."),
    Case(
        "a call in prose",
        ['<tool_call>{"name": "table.describe", "arguments": {"path": "p.csv"}}</tool_call>'],
        is_native=True,
    ),
    Case("a call as code", ['table.describe(path="p.csv")'], is_native=True),
    Case(
        "a call as JSON in a fence",
        ['```json\n{"name": "table.describe", "arguments": {"path": "p.csv"}}\n```'],
        is_native=True,
    ),
    Case(
        "an unreadable answer", [UnreadableAnswer("scripted", "wrote nonsense")], is_native=True, says="wrote nonsense"
    ),
    Case("out of reach", [ModelUnavailable("scripted", "is off")], is_native=True, says="is off"),
]


class Nobody:
    async def approve(self, request: object) -> bool | None:
        return True

    async def answer(self, question: QuestionAsked) -> str | None:
        return "随便"


async def finished(host: Host, run: str) -> RunFinished:
    records = await host.records(run)
    assert len(records) < MOST_EVENTS
    last = records[-1].event
    assert isinstance(last, RunFinished)
    return last


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_misbehaving_model_neither_spins_nor_succeeds(tmp_path: Path, case: Case) -> None:
    (tmp_path / "p.csv").write_text(TABLE)
    (tmp_path / "q.csv").write_text(TABLE)
    model = ScriptedModel(
        *case.lines, repeats=True, is_small=True, features=FEATURES if case.is_native else FEATURES - {"tools"}
    )
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        with anyio.fail_after(60):
            outcome = await host.run(goal(tmp_path, case.goal), person=Nobody())
        last = await finished(host, outcome.run)
        assert (last.status, outcome.answer) == (case.status, last.answer)
        assert case.says in outcome.answer
        assert outcome.answer.strip()
        assert len(model.requests) <= 60


@pytest.mark.parametrize(
    ("judgements", "status"),
    [
        (['{"reason": "The answer is wrong: no result says so.", "verdict": "achieved"}'] * 2, "failed"),
        (
            [
                '{"reason": "It does not say which island.", "verdict": "achieved"}',
                '{"reason": "The maximum is in the result.", "verdict": "achieved"}',
            ],
            "succeeded",
        ),
        (['{"reason": "结果没有证明这一点。", "verdict": "achieved"}'] * 2, "failed"),
        (["Looks great!", "Yes, achieved!"], "failed"),
        (['{"reason": "all there", "verdict": "yes"}'] * 2, "failed"),
        (['{"reason": "not good enough", "verdict": "not_yet"}'] * 9, "failed"),
        (["achieved " * 50_000] * 2, "failed"),
    ],
)
async def test_judge_that_contradicts_itself_or_babbles_has_not_agreed(
    tmp_path: Path, judgements: list[str], status: str
) -> None:
    (tmp_path / "p.csv").write_text(TABLE)
    said = iter(judgements)
    count = 0

    def line(request: GenerateRequest) -> Line:
        nonlocal count
        if request.purpose == "judge":
            return next(said)
        count += 1
        if count == 1:
            return ToolUse(
                id="c1", tool="table.aggregate", arguments={"path": "p.csv", "function": "max", "column": "mass"}
            )
        return "The largest mass is 5100."

    model = ScriptedModel(line, repeats=True)
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        with anyio.fail_after(60):
            outcome = await host.run(goal(tmp_path, QUESTION))
        assert (await finished(host, outcome.run)).status == status


async def test_stream_without_end_ends_with_the_budget_of_tokens(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(TABLE)
    model = ScriptedModel("word " * 900_000, repeats=True, is_small=True, features=FEATURES - {"tools"})
    async with household(tmp_path / "home", ScriptedPlanner(), model=model, settings=SETTINGS) as host:
        with anyio.fail_after(60):
            outcome = await host.run(goal(tmp_path, QUESTION), RunOptions(budget=Budget(max_tokens=2000)))
        assert outcome.status == "exhausted"
        assert outcome.answer.startswith("The budget of 2000 tokens is used up before the goal was reached.")
        records = await host.records(outcome.run)
        assert sum(each.completion_tokens for each in of_kind(records, ModelReturned)) < 4000
        assert not of_kind(records, VerdictIssued)
