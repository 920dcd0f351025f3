"""A tool's JSON Schema of arguments, as a person reads it: pure."""

import json
from collections.abc import Mapping
from typing import Any

from trivet_sdk.plan import Json

_PLAIN: dict[str, Json] = {"string": "…", "integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}


def argument_rows(schema: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Name, type, `needed` or the default, meaning."""
    needed = schema.get("required", ())
    rows = []
    for name, inner in schema.get("properties", {}).items():
        whether = "needed" if name in needed else f"default {_json(inner['default'])}" if "default" in inner else ""
        rows.append((name, in_words(inner), whether, " ".join(str(inner.get("description", "")).split())))
    return rows


def example(schema: Mapping[str, Any]) -> str:
    """Arguments of the right form, those that are needed only, as JSON."""
    needed = schema.get("required", ())
    values = {name: _value(name, inner) for name, inner in schema.get("properties", {}).items() if name in needed}
    return _json(values)


def in_words(schema: Any) -> str:
    """`text`, `whole number`, `list of text`, `days, weeks or months`."""
    if not isinstance(schema, Mapping):
        return "anything"
    if "enum" in schema:
        return " or ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(in_words(each) for each in options))
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(in_words({**schema, "type": each}) for each in kind)
    if kind == "array":
        return f"list of {in_words(schema['items'])}" if "items" in schema else "list"
    if kind == "object" and (properties := schema.get("properties")):
        return f"{{{', '.join(properties)}}}"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "nothing"}
    return str(schema.get("format", "")).replace("-", " ") or words.get(str(kind), str(kind))


def _value(name: str, schema: Any) -> Json:
    if not isinstance(schema, Mapping):
        return None
    for known in ("default", "const"):
        if known in schema:
            value: Json = schema[known]
            return value
    if choices := schema.get("enum") or schema.get("examples"):
        first: Json = choices[0]
        return first
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return _value(name, options[0])
    kind = schema.get("type")
    if kind == "array" and "items" in schema:
        return [_value(name, schema["items"])]
    if kind == "object" and "properties" in schema:
        needed = schema.get("required", ())
        return {key: _value(key, inner) for key, inner in schema["properties"].items() if key in needed}
    formats = {"workspace-path": "a.csv", "workspace-folder": ".", "new-path": "new.csv", "date": "2025-01-31"}
    return formats.get(str(schema.get("format")), _PLAIN.get(str(kind)))


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
