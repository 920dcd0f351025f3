"""References in arguments, replaced by what earlier steps returned."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from trivet_sdk.plan import Json, Ref
from trivet_sdk.tool import ToolResult

_IN_TEXT = re.compile(r"\{\{\s*([A-Za-z_]\w*)(#[^}\s]*)?\s*\}\}")
_LINES = 50
"""Rows of a table that are written out inside a text."""


def resolved(value: Json, results: Mapping[str, ToolResult]) -> Json:
    """A copy with every reference replaced. Raises KeyError with a sentence about the place that is not there."""
    if isinstance(value, str):
        return _IN_TEXT.sub(lambda match: _written(match, results), value) if "{{" in value else value
    if isinstance(value, dict):
        if len(value) == 1 and "$ref" in value:
            ref = Ref.parse(str(value["$ref"]))
            return ref.of(_result(ref.step, results).value)
        return {key: resolved(inner, results) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(inner, results) for inner in value]
    return value


def written(value: Json) -> str:
    """A value as a person would write it in a sentence: numbers without noise, rows one a line."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() | int():
            return msgspec.json.encode(value).decode()
        case float():
            text = f"{value:.10g}"
            return repr(value) if "e" in text else text
        case list() if all(isinstance(each, dict) and len(each) == 1 for each in value):
            return ", ".join(written(inner) for each in value for inner in each.values())
        case list() if value and all(isinstance(each, dict) for each in value):
            lines = [_pairs(each) for each in value[:_LINES]]
            more = [f"… and {len(value) - _LINES} more"] if len(value) > _LINES else []
            return "\n".join([*lines, *more])
        case list():
            return ", ".join(written(each) for each in value)
        case dict():
            return _pairs(value)
        case _:
            return msgspec.json.encode(value).decode()


def _pairs(value: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items())


def _flat(value: Json) -> str:
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else written(value)


def _written(match: re.Match[str], results: Mapping[str, ToolResult]) -> str:
    result = _result(match[1], results)
    return result.text if match[2] is None else written(Ref(match[1], match[2][1:]).of(result.value))


def _result(step: str, results: Mapping[str, ToolResult]) -> ToolResult:
    if step not in results:
        raise KeyError(f"step {step} has no result")
    return results[step]
