"""A function of the leaderboard as a tool: its types are named as in Python. Pure."""

from collections.abc import Mapping
from typing import Any

from trivet_sdk.tool import ToolSpec

_TYPES = {"dict": "object", "float": "number", "tuple": "array", "list": "array", "bool": "boolean"}
"""Those that JSON Schema calls otherwise; `any` is no constraint."""
_KEPT = ("description", "enum", "default", "minimum", "maximum")


def as_tool(function: Mapping[str, Any]) -> ToolSpec:
    """Pure, without examples and formats: what a stranger's plain schema tells, and nothing else."""
    return ToolSpec(
        name=function["name"],
        summary=function["description"],
        parameters=as_schema(function["parameters"]),
        effect="pure",
    )


def as_schema(described: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {key: described[key] for key in _KEPT if key in described}
    kind = described.get("type")
    if kind is not None and kind != "any":
        schema["type"] = _TYPES.get(kind, kind)
    if "items" in described:
        schema["items"] = as_schema(described["items"])
    if "properties" in described:
        schema["properties"] = {name: as_schema(inner) for name, inner in described["properties"].items()}
        schema["required"] = list(described.get("required", ()))
    return schema


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same with no further properties allowed anywhere, as constrained decoding needs it."""
    found = dict(schema)
    if "items" in found:
        found["items"] = strict(found["items"])
    if "properties" in found:
        found["properties"] = {name: strict(inner) for name, inner in found["properties"].items()}
        found["additionalProperties"] = False
    return found
