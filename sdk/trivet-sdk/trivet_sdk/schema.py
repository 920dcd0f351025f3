"""JSON Schema as plain data: definitions put in place, references to other steps allowed."""

from collections.abc import Callable, Iterator, Mapping

from .plan import Json

_PLAIN = frozenset({"default", "enum", "const", "examples", "required", "dependentRequired"})
"""Keywords whose value is data, not a schema."""
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
"""Keywords whose value is an object of schemas by name."""

_UNKNOWN_TO_ENGINES = frozenset(
    "uniqueItems propertyNames not if then else dependentRequired dependentSchemas patternProperties contains x-of "
    "contentEncoding contentMediaType minProperties maxProperties discriminator examples default".split()
)
_FORMATS_OF_ENGINES = frozenset("date date-time time duration email hostname ipv4 ipv6 uri uuid".split())

REF: dict[str, Json] = {
    "type": "object",
    "properties": {"$ref": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*#"}},
    "required": ["$ref"],
    "additionalProperties": False,
}
"""The schema of a reference to an earlier step's result."""


def inline(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The schema with every `$ref` replaced by its definition, titles left out; only recursive types stay in `$defs`.

    Definitions may stand at any depth, as they do when schemas were put into one another.
    """
    definitions: dict[str, Json] = {}
    for inner in schemas(schema):
        definitions.update(inner.get("$defs", {}))
    kept: dict[str, Json] = {}

    def place(schema: Json) -> Json:
        if not isinstance(schema, dict):
            return schema
        name = _definition(schema)
        if name not in definitions:
            return {k: v for k, v in mapped(schema, place).items() if k not in ("title", "$defs")}
        if _is_recursive(definitions, name):
            if name not in kept:
                kept[name] = {}  # in the making: a reference to itself must not start over
                kept[name] = place(definitions[name])
            return {key: value for key, value in schema.items() if key not in ("title", "$defs")}
        return {
            **place(definitions[name]),
            **{key: value for key, value in schema.items() if key not in ("$ref", "$defs")},
        }

    flat: dict[str, Json] = place(dict(schema))
    return {**flat, "$defs": kept} if kept else flat


def with_refs(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The schema of arguments in a plan: a reference may stand in place of any value inside."""

    def either(inner: Json) -> Json:
        if not isinstance(inner, dict) or not inner or "$ref" in inner:
            return inner  # anything fits already; or the definition it names allows a reference
        relaxed = mapped(inner, either)
        beside = {key: relaxed.pop(key) for key in ("description", "default") if key in relaxed}
        options = relaxed["anyOf"] if set(relaxed) == {"anyOf"} else [relaxed]
        return {"anyOf": [*options, REF], **beside}

    return mapped(schema, either)


def for_grammar(schema: Mapping[str, Json]) -> dict[str, Json]:
    """The schema as constrained decoding takes it, looser where engines know no better; a call checks the rest.

    llguidance refuses `uniqueItems`, `propertyNames`, `not`, `if` and formats it does not know, rather than ignore them.
    """

    def loosened(inner: Json) -> Json:
        if not isinstance(inner, dict):
            return inner
        known = {key: value for key, value in inner.items() if key not in _UNKNOWN_TO_ENGINES}
        if known.get("format") not in _FORMATS_OF_ENGINES:
            known.pop("format", None)
        return mapped(known, loosened)

    return dict(loosened(dict(schema)))


def prefixed(schema: Mapping[str, Json], prefix: str) -> dict[str, Json]:
    """The schema with the names in `$defs` made its own, so that it can be put beside others."""

    def renamed(inner: Json) -> Json:
        if not isinstance(inner, dict):
            return inner
        changed = mapped(inner, renamed)
        if isinstance(changed.get("$ref"), str):
            changed["$ref"] = f"#/$defs/{prefix}{_definition(changed)}"
        if "$defs" in changed:
            changed["$defs"] = {f"{prefix}{name}": definition for name, definition in changed["$defs"].items()}
        return changed

    return dict(renamed(dict(schema)))


def mapped(schema: Mapping[str, Json], change: Callable[[Json], Json]) -> dict[str, Json]:
    """The schema with `change` applied to each schema directly inside it."""
    changed: dict[str, Json] = {}
    for key, value in schema.items():
        if key in _PLAIN:
            changed[key] = value
        elif key in _NAMED and isinstance(value, dict):
            changed[key] = {name: change(inner) for name, inner in value.items()}
        elif isinstance(value, dict):
            changed[key] = change(value)
        elif isinstance(value, list):
            changed[key] = [change(inner) if isinstance(inner, dict) else inner for inner in value]
        else:
            changed[key] = value
    return changed


def schemas(schema: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """This schema and all inside it."""
    yield schema
    for key, value in schema.items():
        inside = (
            value.values()
            if key in _NAMED and isinstance(value, dict)
            else value
            if isinstance(value, list)
            else [value]
        )
        for inner in inside if key not in _PLAIN else ():
            if isinstance(inner, dict):
                yield from schemas(inner)


def _definition(schema: Mapping[str, Json]) -> str:
    return str(schema.get("$ref", "")).removeprefix("#/$defs/")


def _is_recursive(definitions: Mapping[str, Json], name: str) -> bool:
    seen: set[str] = set()
    todo = [name]
    while todo:
        for inner in schemas(definitions[todo.pop()]):
            other = _definition(inner)
            if other == name:
                return True
            if other in definitions and other not in seen:
                seen.add(other)
                todo.append(other)
    return False
