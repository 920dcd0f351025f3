"""Does a value fit a JSON Schema? Answered in sentences that a person or a model can act on.

Usually as lenient as a tool's call is (see `Parameters.read`): "5" fits an integer, 5 a text, and null stands for a default.
Strictly, as settings are read, it says what any validator of draft 2020-12 says. Keywords beyond `KEYWORDS` do not
constrain; `unchecked` finds them.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from .plan import Json, refs_in
from .schema import schemas

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "null": (type(None),), "object": (Mapping,), "array": (list, tuple),
}  # fmt: skip
_NAMES = {
    "string": "a text", "boolean": "true or false", "null": "null", "object": "an object", "array": "a list",
    "number": "a number", "integer": "a whole number",
}  # fmt: skip


KEYWORDS = frozenset(
    "type enum const properties required additionalProperties patternProperties propertyNames minProperties maxProperties "
    "dependentRequired items prefixItems minItems maxItems uniqueItems minLength maxLength pattern minimum maximum "
    "exclusiveMinimum exclusiveMaximum multipleOf allOf anyOf oneOf not if then else $ref $defs".split()
)
"""All that constrains a value here."""
_ANNOTATIONS = frozenset(
    "title description default examples deprecated readOnly writeOnly format contentEncoding contentMediaType "
    "$schema $id $comment".split()
)


class Misfit(msgspec.Struct, frozen=True):
    """One place where a value does not fit."""

    path: str
    """Like `$.where[0].op`."""
    reason: str

    def __str__(self) -> str:
        return self.reason if self.path == "$" else f"{self.path}: {self.reason}"


def misfits(
    schema: Mapping[str, Json], value: Json, *, may_refer: bool = False, strict: bool = False
) -> tuple[Misfit, ...]:
    """Every place where `value` does not fit. With `may_refer`, references to results of other steps fit anywhere."""
    return tuple(_Fitting(schema.get("$defs", {}), may_refer, strict).of(schema, value, "$"))


def unchecked(schema: Mapping[str, Json]) -> frozenset[str]:
    """Keywords of the schema that would constrain a value and are not looked at; those of one's own begin with `x-`."""
    known = KEYWORDS | _ANNOTATIONS
    return frozenset(key for inner in schemas(schema) for key in inner if key not in known and not key.startswith("x-"))


_COMBINING = frozenset({"allOf", "anyOf", "oneOf", "not", "if"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})


class _Fitting:
    def __init__(self, definitions: Mapping[str, Json], may_refer: bool, strict: bool) -> None:
        self.definitions = definitions
        self.may_refer = may_refer
        self.strict = strict

    def fits(self, schema: Json, value: Json) -> bool:
        return next(self.of(schema, value, "$"), None) is None

    def of(self, schema: Json, value: Json, path: str) -> Iterator[Misfit]:
        if schema is True or (self.may_refer and _is_reference(value)):
            return
        if schema is False:
            yield Misfit(path, "nothing may stand here")
            return
        if "$ref" in schema:
            target = self.definitions.get(str(schema["$ref"]).removeprefix("#/$defs/"))
            if target is not None:
                yield from self.of(target, value, path)
        if not _COMBINING.isdisjoint(schema):
            yield from self._of_combinations(schema, value, path)
        if "enum" in schema and not any(self._is_same(value, option) for option in schema["enum"]):
            yield Misfit(path, f"{_shown(value)} is none of {', '.join(map(_shown, schema['enum']))}")
            return
        if "const" in schema and not self._is_same(value, schema["const"]):
            yield Misfit(path, f"must be {_shown(schema['const'])}, not {_shown(value)}")
            return
        kinds = schema.get("type", ())
        kinds = (kinds,) if isinstance(kinds, str) else kinds
        if kinds and not any(self._has_type(value, kind) for kind in kinds):
            yield Misfit(path, f"expected {' or '.join(_NAMES.get(kind, kind) for kind in kinds)}, got {_shown(value)}")
            return
        if isinstance(value, Mapping):
            yield from self._of_object(schema, value, path)
        elif isinstance(value, (list, tuple)):
            yield from self._of_array(schema, value, path)
        else:
            yield from self._of_scalar(schema, value, path)

    def _of_combinations(self, schema: Mapping[str, Json], value: Json, path: str) -> Iterator[Misfit]:
        for part in schema.get("allOf", ()):
            yield from self.of(part, value, path)
        for options in (schema.get("anyOf"), schema.get("oneOf")):
            if options:
                yield from self._of_options(options, value, path)
        if self.strict and sum(self.fits(option, value) for option in schema.get("oneOf", ())) > 1:
            yield Misfit(path, f"{_shown(value)} fits more than one of the forms that exclude each other")
        if "not" in schema and self.fits(schema["not"], value):
            yield Misfit(path, f"{_shown(value)} is what may not stand here")
        if "if" in schema:
            branch = "then" if self.fits(schema["if"], value) else "else"
            yield from self.of(schema.get(branch, True), value, path)

    def _of_options(self, options: Sequence[Json], value: Json, path: str) -> Iterator[Misfit]:
        found = [list(self.of(option, value, path)) for option in options]
        if not all(found):
            return
        deeper = [misfit for misfit in found if misfit[0].path != path]
        if deeper:  # the option of the right type tells best what is wrong inside
            yield from deeper[0]
        else:
            yield Misfit(path, "; or ".join(dict.fromkeys(misfit[0].reason for misfit in found)))

    def _of_object(self, schema: Mapping[str, Json], value: Mapping[str, Json], path: str) -> Iterator[Misfit]:
        properties = schema.get("properties", {})
        needed = [*schema.get("required", ())]
        for name, others in schema.get("dependentRequired", {}).items():
            needed += others if name in value else ()
        for name in dict.fromkeys(needed):
            if name not in value:
                yield Misfit(path, f"'{name}' is missing")
        if len(value) < schema.get("minProperties", 0):
            yield Misfit(path, f"expected at least {schema['minProperties']} entries, got {len(value)}")
        if len(value) > schema.get("maxProperties", math.inf):
            yield Misfit(path, f"expected at most {schema['maxProperties']} entries, got {len(value)}")
        for name, inner in value.items():
            place = f"{path}.{name}"
            if "propertyNames" in schema and not self.fits(schema["propertyNames"], name):
                yield Misfit(path, f"'{name}' is no name that may stand here")
            patterns = [
                each for pattern, each in schema.get("patternProperties", {}).items() if _matches(pattern, name)
            ]
            for pattern in patterns:
                yield from self.of(pattern, inner, place)
            if name in properties:
                if self.strict or inner is not None or "default" not in properties[name]:
                    yield from self.of(properties[name], inner, place)
            elif patterns:
                continue
            elif (further := schema.get("additionalProperties", True)) is False:
                yield Misfit(path, f"there is no '{name}'; there are: {', '.join(properties) or 'none'}")
            else:
                yield from self.of(further, inner, place)

    def _of_array(self, schema: Mapping[str, Json], value: Sequence[Json], path: str) -> Iterator[Misfit]:
        if len(value) < schema.get("minItems", 0):
            yield Misfit(path, f"expected at least {schema['minItems']} items, got {len(value)}")
        if len(value) > schema.get("maxItems", math.inf):
            yield Misfit(path, f"expected at most {schema['maxItems']} items, got {len(value)}")
        if schema.get("uniqueItems") and (twice := _repeated(value)):
            yield Misfit(path, f"{_shown(twice[0])} stands there more than once")
        first = schema.get("prefixItems", ())
        for index, inner in enumerate(value):
            item = first[index] if index < len(first) else schema.get("items", True)
            yield from self.of(item, inner, f"{path}[{index}]")

    def _of_scalar(self, schema: Mapping[str, Json], value: Json, path: str) -> Iterator[Misfit]:
        if isinstance(value, str):
            if len(value) < schema.get("minLength", 0):
                yield Misfit(path, f"expected at least {schema['minLength']} characters, got {_shown(value)}")
            if len(value) > schema.get("maxLength", math.inf):
                yield Misfit(path, f"expected at most {schema['maxLength']} characters, got {len(value)}")
            if "pattern" in schema and not _matches(schema["pattern"], value):
                yield Misfit(path, f"{_shown(value)} does not match {schema['pattern']}")
        if _BOUNDS.isdisjoint(schema):
            return
        number = self._number(value)
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
        if "multipleOf" in schema and number % schema["multipleOf"]:
            yield Misfit(path, f"must be a multiple of {schema['multipleOf']}, not {_shown(value)}")

    def _has_type(self, value: Json, kind: str) -> bool:
        if kind in ("number", "integer"):
            number = self._number(value)
            return number is not None and (kind == "number" or number == math.floor(number))
        if not self.strict:
            if kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
                return True
            if kind == "boolean" and isinstance(value, str):
                return value.lower() in ("true", "false")
        return isinstance(value, _TYPES.get(kind, (object,)))

    def _number(self, value: Json) -> float | None:
        """The number that this is or, unless strictly, that this text writes."""
        if isinstance(value, bool) or (self.strict and isinstance(value, str)):
            return None
        try:
            number = float(value) if isinstance(value, (int, float, str)) else math.nan
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None

    def _is_same(self, value: Json, option: Json) -> bool:
        """JSON equality, in which 1 is 1.0 but not true; a number's text is the number, as in a call."""
        if _equal(value, option):
            return True
        is_written = isinstance(value, str) and not isinstance(option, str | bool)
        return is_written and not self.strict and self._number(value) == option


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:  # JavaScript's dialect has more than Python's: let it pass
        return True


def _equal(value: Json, option: Json) -> bool:
    if isinstance(value, bool) or isinstance(option, bool):
        return value is option
    if isinstance(value, list | tuple) and isinstance(option, list | tuple):
        return len(value) == len(option) and all(map(_equal, value, option))
    if isinstance(value, Mapping) and isinstance(option, Mapping):
        return value.keys() == option.keys() and all(_equal(value[key], option[key]) for key in value)
    return bool(value == option)


def _repeated(values: Sequence[Json]) -> list[Json]:
    return [value for index, value in enumerate(values) if any(_equal(value, other) for other in values[:index])]


def _is_reference(value: Json) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"$ref"}
    return isinstance(value, str) and any(refs_in(value))


def _shown(value: Json) -> str:
    text = f"'{value}'" if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."
