"""References and steps."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import InvalidPlan, Plan, Ref, Step
from trivet_sdk.plan import refs_in

keys = st.text(min_size=1, max_size=8)
tokens = st.lists(keys, max_size=5)


def pointer(path: list[str]) -> str:
    return "".join(f"/{token.replace('~', '~0').replace('/', '~1')}" for token in path)


@given(tokens, st.integers())
def test_a_pointer_finds_the_place_it_names(path: list[str], value: int) -> None:
    whole: Any = value
    for token in reversed(path):
        whole = {token: whole, f"{token}x": None}
    assert Ref("s1", pointer(path)).of(whole) == value


@given(st.from_regex(r"s[0-9]{1,3}", fullmatch=True), tokens)
def test_references_are_read_back(step: str, path: list[str]) -> None:
    ref = Ref(step, pointer(path))
    assert Ref.parse(str(ref)) == ref


def test_pointers_into_lists() -> None:
    value = {"rows": [{"name": "a"}, {"name": "b"}], "0": "zero"}
    assert Ref.parse("s1#/rows/1/name").of(value) == "b"
    assert Ref.parse("s1#/0").of(value) == "zero"
    assert Ref.parse("s1#").of(value) is value


@pytest.mark.parametrize("text", ["", "s1", "#", "#/rows", "s1#rows"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidPlan) as refused:
        Ref.parse(text)
    assert str(refused.value) == f"the plan cannot run: '{text}' is not a reference; write it like 's1#/rows/0/name'"


@pytest.mark.parametrize(
    ("place", "missing"),
    [
        ("/rows/2", "2"),
        ("/rows/-1", "-1"),
        ("/rows/x", "x"),
        ("/gone", "gone"),
        ("/rows/0/name/0", "0"),
        ("/rows/²", "²"),
    ],
)
def test_a_place_that_is_missing_is_named(place: str, missing: str) -> None:
    with pytest.raises(KeyError) as refused:
        Ref("s1", place).of({"rows": [{"name": "a"}, {}]})
    assert refused.value.args[0] == f"'s1#{place}': there is no '{missing}' in the result"


def test_references_of_arguments_in_order() -> None:
    arguments = {
        "text": "{{s1}} of {{ s2#/rows/0 }}, not {s3} nor {{ 4 }}",
        "rows": [{"$ref": "s4#"}, {"deep": {"$ref": "s5#/x"}}],
        "schema": {"$ref": "s6#", "more": 1},
    }
    assert [str(ref) for ref in refs_in(arguments)] == ["s1#", "s2#/rows/0", "s4#", "s5#/x"]
    step = Step(id="s9", tool="answer", arguments=arguments, needs=("s8",))
    assert step.depends_on == {"s1", "s2", "s4", "s5", "s8"}


def test_steps_are_found_by_id() -> None:
    step = Step(id="s1", tool="answer")
    assert Plan(steps=(step,)).step("s1") is step
    assert Plan(steps=(step,)).step("s2") is None


def test_plans_survive_json() -> None:
    plan = Plan(steps=(Step(id="s1", tool="answer", arguments={"text": {"$ref": "s0#"}}, needs=("s0",)),), is_open=True)
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
