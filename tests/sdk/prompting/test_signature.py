"""Tools and values, written shortly."""

from typing import Any, Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import Column, NewPath, WorkspacePath, tool
from trivet_sdk.prompting import outline, render_tools, signature


class Condition(msgspec.Struct):
    column: Column
    op: Literal["=", "<"]
    value: str | float = ""


class Node(msgspec.Struct):
    below: list["Node"] = []


@tool(effect="pure")
def select(path: WorkspacePath, where: tuple[Condition, ...] = (), to: NewPath = "", limit: int | None = None) -> None:
    """Pick rows.

    Args:
        path: The table.
    """


@tool(effect="pure")
def grow(root: Node, weights: dict[str, float], more: dict[str, Any], what: Any) -> None:
    """Grow."""


def test_a_signature_shows_names_types_and_defaults() -> None:
    assert signature(select.spec) == (
        'select(path: workspace-path, where: list[{column: column, op: "<"|"=", value?: text|number}] = [], '
        'to: new-path = "", limit: integer|null = null)'
    )
    assert signature(grow.spec) == "grow(root: {below?: list[Node]}, weights: {text: number}, more: object, what: any)"


def test_tools_are_a_line_each() -> None:
    lines = render_tools([select.spec, grow.spec], with_descriptions=True).splitlines()
    assert lines[1:] == ["    path: The table.", f"{signature(grow.spec)} - Grow."]


def test_an_outline_shows_the_shape() -> None:
    value = {"rows": [{"name": "小" * 90, "n": 1}] * 5, "row_count": 5}
    assert (
        outline(value, items=1)
        == f'{{"rows": [{{"name": "{"小" * 80}… (90 characters)", "n": 1}}, … 4 more], "row_count": 5}}'
    )
    assert outline([[[[[[[[1]]]]]]]]) == "[[[[[[[… 1 items]]]]]]]"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.integers(50, 500))
def test_an_outline_stays_in_its_budget(value: Any, budget: int) -> None:
    assert len(outline(value, budget=budget)) <= budget
