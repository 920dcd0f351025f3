"""What an answer claims to have done, held against what was done."""

import pytest

from trivet_critic.claims import unproven
from trivet_critic.markup import is_call, is_thought
from trivet_critic.opinion import Opinion, contradicts_itself
from trivet_sdk import Goal, Observed, Step, Transcript, result

NOTHING_DONE = "The answer says that something was done, but no step has done anything."
EMPTY = Transcript(run="r", goal=Goal(text="Tidy up"))
READ = EMPTY.with_turn(
    Observed(step=Step(id="s1", tool="files.read", arguments={"path": "notes.md"}), result=result("Tom wrote plan.md"))
)


@pytest.mark.parametrize(
    "answer",
    ["Done.", "OK", "All done!", "The task is complete.", "已完成。", "搞定了", "I have deleted the files.",
     "The rows have been sorted by mass.", "Sorted the rows.", "已将文件重命名。", "I've successfully sent the mail."],
)  # fmt: skip
def test_deeds_without_any_step_are_not_believed(answer: str) -> None:
    assert unproven(answer, EMPTY) == [NOTHING_DONE]
    assert unproven(answer, READ) == []  # what that step did is not known here


@pytest.mark.parametrize(
    "answer",
    [
        "Paris.",
        "Made of wood.",
        "A done deal is one that is settled.",
        "It is finished in oak.",
        "巴黎",
        "好的方法是先读再写。",
    ],
)
def test_plain_answers_claim_nothing(answer: str) -> None:
    assert unproven(answer, EMPTY) == []


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ("I saved the summary to summary.md.", "summary.md"),
        ("I've written the table into `out/table.csv` for you.", "out/table.csv"),
        ("Exported the rows as rows.json.", "rows.json"),
        ("已将摘要保存到 摘要.md。", "摘要.md"),
        ("已导出为《结果.csv》", ""),
    ],
)
def test_files_that_no_step_wrote_are_named(answer: str, path: str) -> None:
    expected = [f"The answer says that '{path}' was written, but no step has written it."] if path else []
    assert unproven(answer, READ) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "Tom wrote plan.md.",
        "notes.md was written by Tom.",
        "I read notes.md.",
        "I copied the text from notes.md into notes.md.",
    ],
)
def test_files_that_others_wrote_or_a_step_was_handed_are_no_claims(answer: str) -> None:
    assert unproven(answer, READ) == []


def test_file_that_a_step_wrote_is_believed() -> None:
    step = Step(id="s2", tool="x.export", arguments={})
    written = READ.with_turn(Observed(step=step, result=result("ok", artifacts=("out/sum.md",))))
    written = Transcript(
        run="r", goal=written.goal, turns=written.turns, results={"s2": result("ok", artifacts=("out/sum.md",))}
    )
    assert unproven("I saved it to out/sum.md.", written) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ('<tool_call>{"name": "a.b"}', True),
        ('{"name": "files.read", "arguments": {"path": "a"}}', True),
        ('```json\n[{"tool": "files.read", "args": {}}]\n```', True),
        ('files.read(path="a (1).txt")', True),
        ("[TOOL_CALLS] [{}]", True),
        ('{"name": "Tom", "age": 5}', False),
        ("np.mean(x) is 5.", False),
        ("Call files.read first.", False),
    ],
)
def test_calls_written_as_text(text: str, is_one: bool) -> None:
    assert is_call(text) is is_one


def test_thought_without_an_end() -> None:
    assert is_thought("<think>hm, so")
    assert not is_thought("<think>hm</think>It is 5.")
    assert not is_thought("I think so.")


@pytest.mark.parametrize(
    ("reason", "verdict", "contradicts"),
    [
        ("The figure is not in any result.", "achieved", True),
        ("The answer isn't complete.", "achieved", True),
        ("结果没有证明这一点。", "achieved", True),
        ("The maximum is in the result.", "achieved", False),
        ("结果里有这个数。", "achieved", False),
        ("The figure is not in any result.", "not_yet", False),
    ],
)
def test_judge_whose_reason_speaks_against_its_verdict(reason: str, verdict: str, contradicts: bool) -> None:
    assert contradicts_itself(Opinion(reason, verdict)) is contradicts  # type: ignore[arg-type]
