"""Does a value fit a JSON Schema? Answered in sentences that a person or a model can act on.

As lenient as a tool's call is (see `Parameters.read`): "5" fits an integer and 5 a text. It knows the keywords that
`@tool` and MCP servers write (draft 2020-12, without `not`, `if` and `dependent…`); what it does not know, it lets pass.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from .plan import Json, refs_in

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "null": (type(None),), "object": (dict,), "array": (list, tuple),
}  # fmt: skip
_NAMES = {
    "string": "a text", "boolean": "true or false", "null": "null", "object": "an object", "array": "a list",
    "number": "a number", "integer": "a whole number",
}  # fmt: skip


class Misfit(msgspec.Struct, frozen=True):
    """One place where a value does not fit."""

    path: str
    """Like `$.where[0].op`."""
    reason: str

    def __str__(self) -> str:
        return self.reason if self.path == "$" else f"{self.path}: {self.reason}"


def misfits(schema: Mapping[str, Json], value: Json, *, may_refer: bool = False) -> tuple[Misfit, ...]:
    """Every place where `value` does not fit. With `may_refer`, references to results of other steps fit anywhere."""
    return tuple(_misfits(schema, value, "$", schema.get("$defs", {}), may_refer))


def _misfits(
    schema: Json, value: Json, path: str, definitions: Mapping[str, Json], may_refer: bool
) -> Iterator[Misfit]:
    if schema is True or (may_refer and _is_reference(value)):
        return
    if schema is False:
        yield Misfit(path, "nothing may stand here")
        return
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).removeprefix("#/$defs/"))
        if target is not None:
            yield from _misfits(target, value, path, definitions, may_refer)
    for part in schema.get("allOf", ()):
        yield from _misfits(part, value, path, definitions, may_refer)
    for options in (schema.get("anyOf"), schema.get("oneOf")):
        if options:
            yield from _misfits_of_options(options, value, path, definitions, may_refer)
    if "enum" in schema and not any(_is_same(value, option) for option in schema["enum"]):
        yield Misfit(path, f"{_shown(value)} is none of {', '.join(map(_shown, schema['enum']))}")
        return
    if "const" in schema and not _is_same(value, schema["const"]):
        yield Misfit(path, f"must be {_shown(schema['const'])}, not {_shown(value)}")
        return
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if kinds and not any(_has_type(value, kind) for kind in kinds):
        yield Misfit(path, f"expected {' or '.join(_NAMES.get(kind, kind) for kind in kinds)}, got {_shown(value)}")
        return
    if isinstance(value, dict):
        yield from _misfits_of_object(schema, value, path, definitions, may_refer)
    elif isinstance(value, (list, tuple)):
        yield from _misfits_of_array(schema, value, path, definitions, may_refer)
    else:
        yield from _misfits_of_scalar(schema, value, path)


def _misfits_of_options(
    options: Sequence[Json], value: Json, path: str, definitions: Mapping[str, Json], may_refer: bool
) -> Iterator[Misfit]:
    found = [list(_misfits(option, value, path, definitions, may_refer)) for option in options]
    if not all(found):
        return
    deeper = [misfit for misfit in found if misfit[0].path != path]
    if deeper:  # the option of the right type tells best what is wrong inside
        yield from deeper[0]
    else:
        yield Misfit(path, "; or ".join(dict.fromkeys(misfit[0].reason for misfit in found)))


def _misfits_of_object(
    schema: Mapping[str, Json], value: Mapping[str, Json], path: str, definitions: Mapping[str, Json], may_refer: bool
) -> Iterator[Misfit]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Misfit(path, f"'{name}' is missing")
    for name, inner in value.items():
        if name in properties:
            if inner is not None or "default" not in properties[name]:
                yield from _misfits(properties[name], inner, f"{path}.{name}", definitions, may_refer)
        elif (further := schema.get("additionalProperties", True)) is False:
            yield Misfit(path, f"there is no '{name}'; there are: {', '.join(properties) or 'none'}")
        else:
            yield from _misfits(further, inner, f"{path}.{name}", definitions, may_refer)


def _misfits_of_array(
    schema: Mapping[str, Json], value: Sequence[Json], path: str, definitions: Mapping[str, Json], may_refer: bool
) -> Iterator[Misfit]:
    if len(value) < schema.get("minItems", 0):
        yield Misfit(path, f"expected at least {schema['minItems']} items, got {len(value)}")
    if len(value) > schema.get("maxItems", math.inf):
        yield Misfit(path, f"expected at most {schema['maxItems']} items, got {len(value)}")
    first = schema.get("prefixItems", ())
    for index, inner in enumerate(value):
        item = first[index] if index < len(first) else schema.get("items", True)
        yield from _misfits(item, inner, f"{path}[{index}]", definitions, may_refer)


def _misfits_of_scalar(schema: Mapping[str, Json], value: Json, path: str) -> Iterator[Misfit]:
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield Misfit(path, f"expected at least {schema['minLength']} characters, got {_shown(value)}")
        if len(value) > schema.get("maxLength", math.inf):
            yield Misfit(path, f"expected at most {schema['maxLength']} characters, got {len(value)}")
        if "pattern" in schema and not _matches(schema["pattern"], value):
            yield Misfit(path, f"{_shown(value)} does not match {schema['pattern']}")
    number = _number(value)
    if number is None or isinstance(value, bool):
        return
    if number < schema.get("minimum", -math.inf):
        yield Misfit(path, f"must be at least {schema['minimum']}, not {_shown(value)}")
    if number > schema.get("maximum", math.inf):
        yield Misfit(path, f"must be at most {schema['maximum']}, not {_shown(value)}")
    if number <= schema.get("exclusiveMinimum", -math.inf):
        yield Misfit(path, f"must be more than {schema['exclusiveMinimum']}, not {_shown(value)}")
    if number >= schema.get("exclusiveMaximum", math.inf):
        yield Misfit(path, f"must be less than {schema['exclusiveMaximum']}, not {_shown(value)}")


def _has_type(value: Json, kind: str) -> bool:
    if kind in ("number", "integer"):
        number = _number(value)
        return number is not None and (kind == "number" or number == math.floor(number))
    if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return True
    if kind == "boolean" and isinstance(value, str):
        return value.lower() in ("true", "false")
    return isinstance(value, _TYPES.get(kind, (object,)))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # JavaScript's dialect has more than Python's: let it pass
        return True


def _number(value: Json) -> float | None:
    """The number that this is or that this text writes."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _is_same(value: Json, option: Json) -> bool:
    """JSON equality, in which 1 is 1.0 but not true; a number's text is the number, as in a call."""
    if isinstance(value, bool) or isinstance(option, bool):
        return value is option
    return bool(value == option) or (
        isinstance(value, str) and not isinstance(option, str) and _number(value) == option
    )


def _is_reference(value: Json) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"$ref"}
    return isinstance(value, str) and any(refs_in(value))


def _shown(value: Json) -> str:
    text = f"'{value}'" if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."
