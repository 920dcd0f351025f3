"""Pieces of the JSON Schemas that a grammar is made of, and what can be read off a tool's own."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]


class Unavailable(Exception):
    """A tool cannot be called for this goal: a required argument has no possible value."""


def condition(column: str, ops: list[str], value: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {"column": {"const": column}, "op": {"enum": ops}, "value": value},
        "required": ["column", "op", "value"],
        "additionalProperties": False,
    }


def ref_schema(place: int, heads: list[str]) -> Schema:
    """`{"$ref": "s1#/rows"}` to one of the earlier calls."""
    earlier = "".join(str(number) for number in range(1, place))
    tails = {"rows": "rows", "value": "value", "values": 'values/[^"/\\\\]{1,40}'}
    pattern = (
        "|".join(tails[head] for head in heads) if heads != ["value", "rows"] else 'value|rows/[0-9]/[^"/\\\\]{1,40}'
    )
    return {
        "type": "object",
        "properties": {"$ref": {"type": "string", "pattern": f"^s[{earlier}]#/({pattern})$"}},
        "required": ["$ref"],
        "additionalProperties": False,
    }


def choice(values: Sequence[Any]) -> Schema:
    if not values:
        raise Unavailable("no value")
    return {"enum": list(values)}


def any_of(options: Sequence[Schema]) -> Schema:
    if not options:
        raise Unavailable("no value")
    return options[0] if len(options) == 1 else {"anyOf": list(options)}


def resolved(schema: Schema, root: Mapping[str, Any]) -> Schema:
    """The schema with local `$ref`s replaced, and the one real alternative of an optional one taken."""
    if "$ref" in schema:
        node: Any = root
        for token in schema["$ref"].removeprefix("#/").split("/"):
            node = node[token]
        return resolved({**node, **{key: value for key, value in schema.items() if key != "$ref"}}, root)
    if "anyOf" in schema:
        real = [resolved(option, root) for option in schema["anyOf"]]
        real = [option for option in real if option.get("type") != "null" and option.get("const") != ""]
        return {**real[0], **{k: v for k, v in schema.items() if k in ("format", "x-of")}} if real else {}
    found = dict(schema)
    if "items" in found:
        found["items"] = resolved(found["items"], root)
    if "properties" in found:
        found["properties"] = {name: resolved(inner, root) for name, inner in found["properties"].items()}
    return found


def uses_columns(schema: Schema) -> bool:
    if schema.get("format") == "column":
        return True
    return any(
        uses_columns(inner) for inner in [schema.get("items", {}), *schema.get("properties", {}).values()] if inner
    )


def accepts_rows(schema: Schema) -> bool:
    items = schema.get("items", {})
    return items.get("type", "object") == "object" and not items.get("properties")
