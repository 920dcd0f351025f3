"""What calls come to that change nothing, found before they are planned."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Call
from trivet_sdk import InvalidArguments, PluginError, Services, ToolError, ToolSpec
from trivet_sdk.plan import Ref


def comes_to_value(calls: Sequence[Call], tools: Sequence[ToolSpec]) -> bool:
    """Whether there is a call that changes nothing; a file that is converted to another is no answer to compare."""
    pure = {tool.name for tool in tools if tool.effect == "pure"}
    return any(call.tool in pure for call in calls)


async def outcome(calls: Sequence[Call], tools: Sequence[ToolSpec], services: Services) -> Any:
    """The value of the last of these calls, which refer to one another as steps `s1`, `s2` …; those that write are left out.
    None where one of them fails."""
    pure = {tool.name for tool in tools if tool.effect == "pure"}
    values: dict[str, Any] = {}
    for place, call in enumerate(calls, 1):
        if call.tool in pure:
            try:
                values[f"s{place}"] = (await services.call(call.tool, _filled(call.arguments, values))).value
            except (ToolError, PluginError, InvalidArguments, KeyError):
                return None
    return next(reversed(values.values()), None)


_OF_ONE = re.compile(
    r"\s*how (?:long|old|tall|heavy|big|far|fast|high|deep|wide|large|expensive) (?:is|was) ", re.IGNORECASE
)
MANY = 3
"""Different values that can hardly all be those of one thing."""


async def is_in_vain(goal: str, calls: Sequence[Call], tools: Sequence[ToolSpec], services: Services) -> bool:
    """Whether these calls cannot be what is meant: two tables that have nothing in common are joined; or one thing's size is
    asked for and many values are found (`How long is the Heron?`, of all her trips)."""
    if any("other" in call.arguments for call in calls):
        return await outcome(calls[:1], tools, services) is None
    if _OF_ONE.match(goal) is None or len(calls) != 1 or "columns" not in calls[0].arguments:
        return False
    value = await outcome(calls, tools, services)
    rows = value.get("rows") if isinstance(value, Mapping) else None
    return isinstance(rows, list) and len(rows) > MANY


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        if "$ref" in value:
            ref = Ref.parse(str(value["$ref"]))
            return ref.of(values[ref.step])
        return {key: _filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, values) for inner in value]
    return value
