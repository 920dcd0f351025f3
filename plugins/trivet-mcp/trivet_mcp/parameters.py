"""A server's schema of arguments as a tool may carry it.

Whoever wrote it may be careless or hostile: patterns that take forever to match, definitions that unfold to gigabytes,
references to elsewhere, hidden text. What only narrows is left to the server, which checks its arguments anyhow.
"""

from collections.abc import Mapping

import msgspec

from trivet_mcp.visible import has_hidden, one_line, visible
from trivet_sdk import Json
from trivet_sdk.fitting import misfits

LARGEST = 100_000
"""Bytes of a schema as JSON."""
DEEPEST = 40
WIDEST = 20_000
"""Schemas inside one, definitions put in place."""

_LEFT_OUT = frozenset({"$schema", "$id", "$comment", "$anchor", "title", "icons", "patternProperties"})
_OF_SCHEMAS = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
_DATA = frozenset({"enum", "const", "default", "examples", "required"})


class Unusable(Exception):
    """Why a tool cannot be offered; reads on after its name."""


def parameters_of(schema: object) -> dict[str, Json]:
    """Raises Unusable."""
    if not isinstance(schema, Mapping):
        raise Unusable("has no schema for its arguments")
    if len(msgspec.json.encode(schema)) > LARGEST:
        raise Unusable(f"has a schema of more than {LARGEST:,} bytes")
    cleaned = _cleaned(schema, 0)
    if cleaned.setdefault("type", "object") != "object":
        raise Unusable("does not take an object as its arguments")
    if _breadth(cleaned, cleaned.get("$defs", {}), {}) > WIDEST:
        raise Unusable(f"has a schema that unfolds to more than {WIDEST:,} parts")
    properties: dict[str, Json] = {
        name: inner if isinstance(inner, dict) else {} for name, inner in cleaned.get("properties", {}).items()
    }
    required = cleaned.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise Unusable("requires what are no names of arguments")
    for name in required:
        properties.setdefault(name, {})
    for inner in properties.values():
        if "default" in inner and misfits({**inner, "$defs": cleaned.get("$defs", {})}, inner["default"]):
            del inner["default"]
    return {**cleaned, "properties": properties}


def _cleaned(schema: Mapping[str, Json], depth: int) -> dict[str, Json]:
    if depth > DEEPEST:
        raise Unusable(f"has a schema of more than {DEEPEST} levels")
    cleaned: dict[str, Json] = {}
    for key, value in schema.items():
        if has_hidden(key):
            raise Unusable("hides characters in its schema")
        if key in _LEFT_OUT:
            continue
        if key == "description":
            cleaned[key] = visible(str(value), 1000)
        elif key == "$ref":
            if isinstance(value, str) and value.startswith(("#/$defs/", "#/definitions/")):
                cleaned[key] = value.replace("#/definitions/", "#/$defs/")
        elif key == "pattern":
            continue
        elif key in _DATA:
            if has_hidden(msgspec.json.encode(value).decode()):
                raise Unusable("hides characters in its schema")
            cleaned[key] = value
        elif key in _OF_SCHEMAS:
            if not isinstance(value, Mapping) or any(has_hidden(name) for name in value):
                raise Unusable("has a schema that cannot be read")
            inner = {name: _inside(each, depth) for name, each in value.items()}
            cleaned["$defs" if key == "definitions" else key] = inner
        else:
            cleaned[key] = _inside(value, depth)
    if isinstance(pattern := schema.get("pattern"), str):
        cleaned["description"] = f"{cleaned.get('description', '')} (pattern: {one_line(pattern)})".strip()
    return cleaned


def _inside(value: Json, depth: int) -> Json:
    if isinstance(value, Mapping):
        return _cleaned(value, depth + 1)
    if isinstance(value, list):
        return [_inside(each, depth + 1) for each in value]
    if isinstance(value, str) and has_hidden(value):
        raise Unusable("hides characters in its schema")
    return value


def _breadth(value: Json, definitions: Mapping[str, Json], known: dict[str, int]) -> int:
    """How many schemas there are once every definition stands in place of its references; a circle counts once."""
    if isinstance(value, list):
        return sum(_breadth(each, definitions, known) for each in value)
    if not isinstance(value, Mapping):
        return 0
    total = 1
    for key, inner in value.items():
        if key == "$ref" and isinstance(inner, str):
            name = inner.removeprefix("#/$defs/")
            if name not in known:
                known[name] = 1  # being counted: a circle ends here
                known[name] = _breadth(definitions.get(name), definitions, known)
            total += known[name]
        elif key not in _DATA and key != "$defs":
            total += _breadth(inner, definitions, known)
    return total
