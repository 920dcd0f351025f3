"""Goals that are nearly one of a tool's own examples: the tool is plain then, and its arguments are, if the goal holds them."""

import re
from collections.abc import Sequence
from typing import Any

from trivet_plan_smollm2.grounding import mentioned
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

NEAR = 0.8
"""Similarity of the goal to the nearest example …"""
AHEAD = 0.1
"""… and by how much any other tool's must be farther."""


def resembling(goal: Spans, tools: Sequence[ToolSpec], scores: Sequence[float], listing: Sequence[str]) -> Call | None:
    """The call of the one tool whose example the goal resembles, if every argument it needs stands in the goal alone."""
    if not tools or scores[0] < NEAR or (len(scores) > 1 and scores[0] - scores[1] < AHEAD):
        return None
    arguments: dict[str, Any] = {}
    properties = tools[0].parameters.get("properties", {})
    required = set(tools[0].parameters.get("required", ()))
    used = 0
    for name, schema in properties.items():
        value = _value(goal, schema, listing)
        if value is not None:
            arguments[name] = value
            used += 1
        elif name in required:
            return None
    said = len(mentioned(goal, listing)) + len(goal.digits) + len(goal.dates) + len(goal.quoted)
    return Call(tool=tools[0].name, arguments=arguments) if used >= said else None


def _value(goal: Spans, schema: dict[str, Any], listing: Sequence[str]) -> Any:
    """What the goal says for this argument, if it can be one thing only."""
    real = next((option for option in schema.get("anyOf", ()) if "format" in option), schema)
    options: Sequence[Any] = ()
    if "enum" in schema:
        words = re.findall(r"[\w-]+", goal.goal.lower())
        options = [value for value in schema["enum"] if isinstance(value, str) and value.lower() in words]
    elif real.get("format") == "workspace-path":
        options = mentioned(goal, listing)
    elif real.get("format") == "date":
        options = goal.dates
    elif real.get("type") in ("number", "integer"):
        options = goal.numbers
    elif real.get("type") == "string" and real.get("format") in (None, "span"):
        options = [text for text in goal.quoted if text not in goal.paths]
    if len(options) != 1:
        return None
    return int(options[0]) if real.get("type") == "integer" else options[0]
