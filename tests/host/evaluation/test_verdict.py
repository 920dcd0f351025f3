"""Verdicts on outcomes, and that they are those of the public script for the same keys."""

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from trivet.evaluation.case import Verdict
from trivet.evaluation.goals.calls import fits, measured
from trivet.evaluation.goals.expectation import CallExpectation, Expectation
from trivet.evaluation.goals.verdict import Outcome, judged
from trivet_sdk.events import ToolCalled

ROOT = Path(__file__).parents[3]
EXITS = {"succeeded": 0, "failed": 1, "exhausted": 3, "waiting": 4}


def expect(**keys: Any) -> Expectation:
    return msgspec.convert(keys, Expectation)


def verdict(
    expectation: Expectation, answer: str, workspace: Path, status: str = "succeeded"
) -> tuple[Verdict, tuple[str, ...]]:
    return judged(expectation, Outcome(status=status, answer=answer), workspace)


def test_right_answer_that_is_claimed_is_right(tmp_path: Path) -> None:
    assert verdict(expect(answer_number=96), "There are 96 members.", tmp_path) == ("right", ())


def test_wrong_answer_that_is_claimed_is_wrong(tmp_path: Path) -> None:
    said = ("answer lacks the number 96 (tolerance 0), has [95.0]",)
    assert verdict(expect(answer_number=96), "There are 95 members.", tmp_path) == ("wrong", said)


@pytest.mark.parametrize("status", ["failed", "exhausted", "waiting", "cancelled"])
def test_no_claim_is_honest_even_beside_the_right_answer(tmp_path: Path, status: str) -> None:
    assert verdict(expect(answer_number=96), "96", tmp_path, status)[0] == "honest"


def test_damage_is_wrong_whatever_was_answered(tmp_path: Path) -> None:
    outcome = Outcome(status="failed", answer="", damage=("members.csv",))
    assert judged(expect(answer_number=96), outcome, tmp_path) == ("wrong", ("changed or deleted: members.csv",))


def test_impossible_goal_is_right_when_declined_and_wrong_when_claimed(tmp_path: Path) -> None:
    impossible = expect(not_achieved=True)
    assert verdict(impossible, "", tmp_path, "failed") == ("right", ())
    assert verdict(impossible, "42", tmp_path) == ("wrong", ("claimed success where there can be none",))


def test_question_is_right_where_one_is_due(tmp_path: Path) -> None:
    due = expect(asks=True)
    assert verdict(due, "", tmp_path, "waiting") == ("right", ())
    assert verdict(due, "Which file do you mean？", tmp_path, "failed") == ("right", ())
    assert verdict(due, "Which file do you mean?", tmp_path) == ("wrong", ("did not ask",))


def test_dump_of_everything_is_no_answer(tmp_path: Path) -> None:
    dump = " ".join(map(str, range(40)))
    assert verdict(expect(answer_number=7), dump, tmp_path) == ("wrong", ("answer states 40 numbers",))
    assert verdict(expect(answer_contains_all=["x"]), "x " * 1001, tmp_path)[1] == (
        "answer of 2002 characters is a dump",
    )


def test_file_is_checked_as_a_table(tmp_path: Path) -> None:
    asked = expect(file="out.csv", rows=2, columns=["a", "名"], sum={"a": [3, 0]}, sorted={"column": "a"})
    (tmp_path / "out.csv").write_text("a,名\n1,x\n2,y\n", "utf-8")
    assert verdict(asked, "", tmp_path) == ("right", ())
    (tmp_path / "out.csv").write_text("a,名\n2,x\n1,y\n0,z\n", "utf-8")
    assert verdict(asked, "", tmp_path) == ("wrong", ("out.csv has 3 rows, not 2", "out.csv is not sorted by a"))
    (tmp_path / "out.csv").unlink()
    assert verdict(asked, "", tmp_path) == ("wrong", ("out.csv was not written",))


def test_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `answer_numbr`"):
        expect(answer_numbr=3)


def called(tool: str, **arguments: Any) -> ToolCalled:
    return ToolCalled(step="s1", tool=tool, arguments=arguments)


WANTED = [CallExpectation(tool="contacts.phone", arguments={"name": {"any_of": ["Mei", "Mei Tanaka"]}})]


@pytest.mark.parametrize(
    ("call", "tool", "arguments"),
    [
        (called("contacts.phone", name="mei"), True, True),
        (called("contacts.phone", name="Tanaka"), True, False),
        (called("contacts.phone", name="Mei", country="JP"), True, False),
        (called("contacts.email", name="Mei"), False, False),
    ],
)
def test_calls_are_measured_by_tool_and_by_arguments(call: ToolCalled, tool: bool, arguments: bool) -> None:
    assert measured(WANTED, [call]) == {"tool": tool, "arguments": arguments}


def test_sequence_is_right_only_in_order_and_whole() -> None:
    wanted = [CallExpectation(tool="a.x"), CallExpectation(tool="a.y", arguments={"n": 2})]
    x, y = called("a.x"), called("a.y", n=2)
    assert measured(wanted, [x, y]) == {"sequence": True, "sequence arguments": True}
    assert measured(wanted, [x, called("a.y", n=3)]) == {"sequence": True, "sequence arguments": False}
    assert measured(wanted, [y, x])["sequence"] is measured(wanted, [x])["sequence"] is False


@pytest.mark.parametrize(
    ("got", "wanted", "is_fitting"),
    [("./a.csv", "a.csv", True), ("3", 3, True), (3.0, 3, True), ("x", {"any": True}, True),
     ("The Leak", {"contains": "leak"}, True), (["a", "b"], ["a", "b"], True), (["a"], ["a", "b"], False),
     ({"a": 1}, {"a": 1}, True), (None, "a", False)],
)  # fmt: skip
def test_arguments_fit(got: Any, wanted: Any, is_fitting: bool) -> None:
    assert fits(got, wanted) is is_fitting


@pytest.fixture(scope="session")
def reference(skip_without: Callable[[str, str], None]) -> ModuleType:
    folder = os.environ.get("TRIVET_TEST_GOALS", "")
    if not (Path(folder) / "check.py").is_file():
        skip_without("goals", "TRIVET_TEST_GOALS names no folder with the public suite and its check.py")
    spec = importlib.util.spec_from_file_location("check", Path(folder) / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers_to(keys: dict[str, Any]) -> Iterator[str]:
    """Right, nearly right and wrong ones."""
    numbers = [value for value, _ in keys.get("answer_numbers_all", [])]
    numbers += [keys["answer_number"]] if "answer_number" in keys else []
    facts = [
        *keys.get("answer_contains_all", []),
        *keys.get("answer_order", []),
        *keys.get("answer_at_least", [0, []])[1],
        *keys.get("answer_contains_any", []),
    ]
    words = [(fact if isinstance(fact, str) else fact[0]).rstrip("*") for fact in facts]
    for text in (
        numbers,
        [f"{n:,.2f}" for n in numbers],
        [n + 1 for n in numbers],
        numbers[:-1],
        [-n for n in numbers],
    ):
        yield f"It is {', '.join(map(str, text))}: {', '.join(words)}."
    yield ", ".join(reversed(words))
    yield ", ".join(words[1:])
    yield from ("", "I do not know. Which file?", "2024-01-01 12:30 " + "word " * 500, " ".join(map(str, range(60))))


def test_verdicts_are_those_of_the_public_script(reference: ModuleType, tmp_path: Path) -> None:
    suites = [reference.HERE / "goals.jsonl", ROOT / "tests/evaluation/goals/goals.jsonl"]
    lines = [json.loads(line) for path in suites for line in path.read_text("utf-8").splitlines()]
    compared = 0
    for line in lines:
        keys = line["expect"]
        for name, content in (("results/unpaid.csv", "member,name\nW302,x\nW377,y\n"), ("out/x.csv", "")):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content, "utf-8")
        for answer in answers_to(keys):
            for status, code in EXITS.items():
                outcome = {
                    "exit": code,
                    "timed_out": False,
                    "events": 3,
                    "finished": {},
                    "damage": [],
                    "answer": answer,
                }
                theirs, _ = reference.check_outcome(keys, outcome, tmp_path)
                ours, reasons = verdict(msgspec.convert(keys, Expectation), answer, tmp_path, status)
                assert ours == theirs, (line["id"], answer, status, reasons)
                compared += 1
    assert compared > 5000
