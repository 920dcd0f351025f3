"""The small pure decisions of a run, with literals."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet.journal.state import Intent
from trivet.runs import approvals, budget, effects, references, scheduling
from trivet.runs.found import with_found
from trivet_sdk import Budget, Goal, Observed, Step, ToolSpec, Transcript, Usage, result
from trivet_sdk.transcript import StepState

RESULTS = {
    "s1": result(
        "three rows",
        {"rows": [{"name": "Ada", "age": 36}, {"name": "梅", "age": 7.5}], "a/b": 1, "n": 4207.05666666667},
    ),
    "s2": result("just text"),
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$ref": "s1#/rows/1/name"}, "梅"),
        ({"$ref": "s1#/a~1b"}, 1),
        ({"$ref": "s2#"}, "just text"),
        ([{"x": {"$ref": "s1#/rows/0/age"}}], [{"x": 36}]),
        ("{{s2}}!", "just text!"),
        ("{{ s1 }}: {{s1#/rows/0/name}}", "three rows: Ada"),
        ("{{s1#/n}}", "4207.056667"),
        ("{{s1#/rows}}", "name: Ada, age: 36\nname: 梅, age: 7.5"),
        ("no {braces} here, {{ not one }}", "no {braces} here, {{ not one }}"),
        ({"$ref": "s1#", "more": 1}, {"$ref": "s1#", "more": 1}),
    ],
)
def test_references_are_replaced(value: Any, expected: Any) -> None:
    assert references.resolved(value, RESULTS) == expected


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"$ref": "s1#/rows/2"}, "'s1#/rows/2': there is no '2' in the result"),
        ("{{s9}}", "step s9 has no result"),
    ],
)
def test_reference_to_nothing_says_what_is_missing(value: Any, told: str) -> None:
    with pytest.raises(KeyError) as missing:
        references.resolved(value, RESULTS)
    assert missing.value.args == (told,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (2.50, "2.5"),
        (1e22, "1e+22"),
        (0.1 + 0.2, "0.3"),
        ([1, "二", 3.0], "1, 二, 3"),
        ([{"species": "Adelie"}, {"species": "Gentoo"}], "Adelie, Gentoo"),
        ({"a": [1, 2]}, "a: [1,2]"),
        ([], ""),
    ],
)
def test_values_are_written_as_a_person_would(value: Any, text: str) -> None:
    assert references.written(value) == text


def test_long_tables_are_cut_short_in_texts() -> None:
    lines = references.written([{"a": n, "b": n} for n in range(60)]).splitlines()
    assert (len(lines), lines[-1]) == (51, "… and 10 more")


@pytest.mark.parametrize(
    ("before", "key"),
    [
        (None, "r/s1/0"),
        (Intent("t", "r/s1/2", "effectful", {}), "r/s1/2"),
        (Intent("t", "r/s1/2", "effectful", {}, has_ended=True, has_failed=True), "r/s1/3"),
        (Intent("t", "r/s1/0", "pure", {}, has_ended=True), "r/s1/1"),
    ],
)
def test_key_rises_only_after_a_known_end(before: Intent | None, key: str) -> None:
    assert effects.key_of("r", "s1", before) == key


def spec(effect: Any, egress: bool = False) -> ToolSpec:
    return ToolSpec(name="t.t", summary="", parameters={}, effect=effect, egress=egress)


@pytest.mark.parametrize(
    ("tool", "tainted", "asks"),
    [
        (spec("pure"), True, False),
        (spec("idempotent"), False, False),
        (spec("idempotent"), True, True),
        (spec("effectful"), False, True),
        (spec("pure", egress=True), False, True),
    ],
)
def test_who_needs_an_approval(tool: ToolSpec, tainted: bool, asks: bool) -> None:
    assert bool(approvals.reason_to_ask(tool, is_tainted=tainted)) is asks


def test_approval_holds_for_exactly_these_arguments_in_any_order() -> None:
    digest = approvals.digest_of("t", {"a": 1, "b": {"c": "ü", "d": None}})
    assert digest == approvals.digest_of("t", {"b": {"d": None, "c": "ü"}, "a": 1})
    assert len({digest, approvals.digest_of("t", {"a": 2}), approvals.digest_of("u", {"a": 1, "b": {}})}) == 3


def test_what_is_left_of_a_budget_never_goes_below_nothing() -> None:
    left = Budget(max_steps=3, max_tokens=10, max_seconds=1.0).after(Usage(steps=5, prompt_tokens=8, seconds=2.0))
    assert (left.max_steps, left.max_tokens, left.max_seconds) == (0, 2, 0.0)
    assert budget.narrower(Budget(max_steps=None), Budget(max_steps=2, max_retries=1)) == Budget(
        max_steps=2, max_retries=1
    )


@pytest.mark.parametrize(
    ("bounds", "usage", "told"),
    [
        (Budget(), Usage(seconds=1e9, prompt_tokens=10**9), ""),
        (Budget(max_tokens=5), Usage(prompt_tokens=3, completion_tokens=2), "the budget of 5 tokens is used up"),
        (Budget(max_seconds=1.5), Usage(seconds=1.5), "the budget of 1.5 seconds is used up"),
    ],
)
def test_reached_bound_is_named(bounds: Budget, usage: Usage, told: str) -> None:
    assert budget.exhausted(bounds, usage) == told


def test_end_without_success_shows_newest_results_shortened() -> None:
    turns = tuple(Observed(step=Step(id=f"s{n}", tool="t.look"), result=result(f"{n}" * 500)) for n in range(1, 6))
    told = with_found("the server is gone", Transcript(run="r", goal=Goal(text="g"), turns=turns))
    first, found, *lines = told.splitlines()
    assert (first, found) == ("The server is gone.", "Found so far:")
    assert [line[:9] for line in lines] == ["t.look: 3", "t.look: 4", "t.look: 5"]
    assert all(len(line) == len("t.look: ") + 400 + 1 and line.endswith("…") for line in lines)


@given(st.data())
def test_scheduling_starts_and_skips_each_step_exactly_once(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    needs = {
        f"s{n}": frozenset(f"s{m}" for m in data.draw(st.sets(st.integers(1, n - 1), max_size=3)))
        if n > 1
        else frozenset()
        for n in range(1, count + 1)
    }
    steps = {id: Step(id=id, tool="t") for id in needs}
    failing = {id for id in needs if data.draw(st.booleans())}
    states: dict[str, StepState] = dict.fromkeys(needs, "pending")
    unfinished = dict(steps)
    started: list[str] = []
    while unfinished:
        for step, because, _ in scheduling.doomed(unfinished, states, needs):
            assert because in needs[step.id]
            assert states[because] in scheduling.LOST
            states[step.id] = "skipped"
            del unfinished[step.id]
        for step in scheduling.ready(unfinished, states, needs):
            assert all(states[need] == "succeeded" for need in needs[step.id])
            started.append(step.id)
            states[step.id] = "failed" if step.id in failing else "succeeded"
            del unfinished[step.id]
    assert len(started) == len(set(started))
    for id, state in states.items():
        lost = any(states[need] != "succeeded" for need in needs[id])
        assert state == ("skipped" if lost else "failed" if id in failing else "succeeded")


@pytest.mark.parametrize(
    ("bound", "words", "flag"),
    [
        (budget.steps_over(Budget(max_steps=1)), "the budget of 1 step is used up", "max-steps"),
        (
            budget.exhausted(Budget(max_tokens=9), Usage(prompt_tokens=9)),
            "the budget of 9 tokens is used up",
            "max-tokens",
        ),
        (budget.seconds_over(Budget(max_seconds=0.5)), "the budget of 0.5 seconds is used up", "max-seconds"),
        (budget.replans_over(Budget(max_replans=2)), "the budget of 2 changes of the plan is used up", "max-replans"),
        ("something else", "something else", ""),
    ],
)
def test_each_bound_is_told_in_words_that_name_its_flag(bound: str, words: str, flag: str) -> None:
    assert (bound, budget.flag_of(bound)) == (words, flag)
