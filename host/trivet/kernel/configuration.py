"""A plugin's configuration against the JSON Schema that its manifest names: defaults filled in, mistakes named.

Understands what configuration needs: `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`,
`const`, `default`, `minimum`, `maximum`, `minLength`, `pattern`. Other keywords do not constrain.
"""

import re
from collections.abc import Mapping
from typing import Any

from trivet.errors import nearest

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def configured(schema: Mapping[str, Any], given: Any, at: str = "") -> tuple[Any, list[str]]:
    """The value with defaults, and a sentence for each mistake. `at` is the dotted place, for the sentences."""
    where = f"'{at}'" if at else "the configuration"
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if kinds and not any(_is(given, kind) for kind in kinds):
        return given, [f"{where} must be {' or '.join(kinds)}, not {given!r}"]
    if "enum" in schema and given not in schema["enum"]:
        return given, [f"{where} must be one of {', '.join(map(str, schema['enum']))}, not {given!r}"]
    if "const" in schema and given != schema["const"]:
        return given, [f"{where} must be {schema['const']!r}, not {given!r}"]
    if isinstance(given, Mapping):
        return _object(schema, given, at)
    if isinstance(given, list) and isinstance(schema.get("items"), Mapping):
        pairs = [configured(schema["items"], item, f"{at}[{index}]") for index, item in enumerate(given)]
        return [value for value, _ in pairs], [mistake for _, mistakes in pairs for mistake in mistakes]
    return given, _bounds(schema, given, where)


def _object(schema: Mapping[str, Any], given: Mapping[str, Any], at: str) -> tuple[Any, list[str]]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    value: dict[str, Any] = {}
    mistakes: list[str] = []
    for name, inner in properties.items():
        place = f"{at}.{name}" if at else name
        if name in given:
            value[name], found = configured(inner, given[name], place)
            mistakes += found
        elif "default" in inner:
            value[name] = inner["default"]
        elif name in schema.get("required", ()):
            mistakes.append(f"'{place}' is missing")
        elif inner.get("type") == "object" and "properties" in inner:
            filled, found = _object(inner, {}, place)
            if not found:
                value[name] = filled
    others = schema.get("additionalProperties", True)
    for name in given.keys() - properties.keys():
        place = f"{at}.{name}" if at else name
        if others is False:
            mistakes.append(f"'{place}' is not known.{nearest(name, properties)}")
        elif isinstance(others, Mapping):
            value[name], found = configured(others, given[name], place)
            mistakes += found
        else:
            value[name] = given[name]
    return value, mistakes


def _bounds(schema: Mapping[str, Any], given: Any, where: str) -> list[str]:
    if isinstance(given, int | float) and not isinstance(given, bool):
        if "minimum" in schema and given < schema["minimum"]:
            return [f"{where} must be at least {schema['minimum']}, not {given}"]
        if "maximum" in schema and given > schema["maximum"]:
            return [f"{where} must be at most {schema['maximum']}, not {given}"]
    if isinstance(given, str):
        if len(given) < schema.get("minLength", 0):
            return [f"{where} must not be empty"]
        if "pattern" in schema and not re.search(schema["pattern"], given):
            return [f"{where} must match {schema['pattern']}, not {given!r}"]
    return []


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))
