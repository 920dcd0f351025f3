"""The schema of a plan, made from tools."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import llguidance
import msgspec
import pytest

from trivet_sdk import Column, ToolSpec, WorkspacePath, tool
from trivet_sdk.prompting import plan_schema


class Node(msgspec.Struct):
    name: str
    below: list["Node"] = []


@tool(effect="pure")
def count(path: WorkspacePath, column: Column = "", limit: int = 0) -> int:
    """Count rows."""
    raise NotImplementedError


@tool(effect="pure")
def grow(root: Node, tags: set[str]) -> None:
    """Grow a tree."""


def named(spec: ToolSpec, name: str) -> ToolSpec:
    return msgspec.structs.replace(spec, name=name)


TOOLS = (named(count.spec, "table.count"), named(grow.spec, "wood.grow"), named(grow.spec, "moor.grow"))


def is_valid(plan: Any, **options: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(plan_schema(TOOLS, **options)).is_valid(plan))


def step(tool: str, arguments: dict[str, Any], id: str = "s1", **more: Any) -> dict[str, Any]:
    return {"id": id, "tool": tool, "arguments": arguments, **more}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(plan_schema(TOOLS))


def test_steps_take_their_own_tools_arguments() -> None:
    assert is_valid({"steps": [step("table.count", {"path": "a.csv"})]})
    assert not is_valid({"steps": [step("table.count", {"path": 5})]})
    assert not is_valid({"steps": [step("table.count", {"root": {"name": "oak"}})]})
    assert not is_valid({"steps": [step("table.drop", {"path": "a.csv"})]})


def test_references_stand_in_place_of_any_value() -> None:
    ref = {"$ref": "s1#/rows/0"}
    assert is_valid({"steps": [step("table.count", {"path": ref, "limit": ref})]})
    assert is_valid({"steps": [step("wood.grow", {"root": {"name": ref, "below": [ref]}, "tags": [ref]})]})
    assert not is_valid({"steps": [step("table.count", {"path": {"$ref": "somewhere"}})]})


def test_recursive_types_of_several_tools_stand_side_by_side() -> None:
    tree = {"name": "oak", "below": [{"name": "branch", "below": [{"name": "twig"}]}]}
    assert is_valid(
        {"steps": [step("wood.grow", {"root": tree, "tags": []}), step("moor.grow", {"root": tree, "tags": []})]}
    )
    assert not is_valid({"steps": [step("wood.grow", {"root": {"name": "oak", "below": [{"nme": 1}]}, "tags": []})]})


def test_new_steps_are_numbered_from_the_first_free_id() -> None:
    assert is_valid({"steps": [step("table.count", {"path": "a"}, "s4")]}, first=4)
    assert not is_valid({"steps": [step("table.count", {"path": "a"}, "s3")]}, first=4)


def test_a_patch_may_replace_and_cancel_pending_steps_only() -> None:
    assert is_valid(
        {"steps": [step("table.count", {"path": "a"}, "s3")], "cancel": ["s2"]}, first=4, pending=["s2", "s3"]
    )
    assert not is_valid({"steps": [], "cancel": ["s1"]}, first=4, pending=["s2", "s3"])
    assert not is_valid({"steps": []})


def test_reasons_are_asked_for_before_the_tool() -> None:
    properties = plan_schema(TOOLS, with_reasons=True)["properties"]["steps"]["items"]["anyOf"][0]["properties"]
    assert list(properties) == ["id", "reason", "tool", "arguments", "needs"]


@pytest.mark.parametrize("options", [{}, {"first": 4, "pending": ["s2"], "with_reasons": True}])
def test_llguidance_takes_the_schema_whole(options: dict[str, Any]) -> None:
    grammar = llguidance.LLMatcher.grammar_from_json_schema(plan_schema(TOOLS, **options))
    assert llguidance.LLMatcher.validate_grammar(grammar) == ""
