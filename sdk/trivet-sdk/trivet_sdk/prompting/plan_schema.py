"""JSON Schema of the plan a model may write, made from the tools that are offered."""

from collections.abc import Collection, Sequence

from ..plan import Json
from ..schema import for_grammar, prefixed, with_refs
from ..tool import ToolSpec


def plan_schema(
    tools: Sequence[ToolSpec],
    *,
    first: int = 1,
    max_steps: int = 12,
    pending: Collection[str] = (),
    with_reasons: bool = False,
) -> dict[str, Json]:
    """What `read_plan` reads: `{"steps": [{"id", "tool", "arguments", "needs"?}, …], "is_open"?, "cancel"?}`.

    `first` is the number of the first new step (`next_number`), `pending` the steps that a patch may cancel, or replace
    by a step of the same id. References are allowed in place of any value of the arguments. The schema is as loose as
    engines of constrained decoding need it; the arguments are checked again before the plan runs.
    """
    ids = [f"s{number}" for number in range(first, first + max_steps)]
    definitions: dict[str, Json] = {}
    steps: list[dict[str, Json]] = []
    for tool in tools:
        arguments = with_refs(prefixed(for_grammar(tool.parameters), f"{tool.name}."))
        definitions.update(arguments.pop("$defs", {}))
        properties: dict[str, Json] = {"id": {"enum": [*ids, *pending]}}
        if with_reasons:
            properties["reason"] = {"type": "string", "maxLength": 160}
        properties["tool"] = {"const": tool.name}
        properties["arguments"] = arguments
        properties["needs"] = {"type": "array", "items": {"type": "string", "pattern": "^s[0-9]+$"}, "maxItems": 8}
        required = [name for name in properties if name != "needs"]
        steps.append(_object(properties, required))
    plan: dict[str, Json] = {
        "steps": {"type": "array", "items": {"anyOf": steps}, "minItems": 0 if pending else 1, "maxItems": max_steps},
        "is_open": {"type": "boolean"},
    }
    if pending:
        plan["cancel"] = {"type": "array", "items": {"enum": list(pending)}, "maxItems": len(pending)}
    schema = _object(plan, ["steps"])
    return {**schema, "$defs": definitions} if definitions else schema


def _object(properties: dict[str, Json], required: list[str]) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
