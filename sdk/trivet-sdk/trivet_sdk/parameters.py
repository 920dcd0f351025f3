"""From a function's signature to JSON Schema, and from arguments that a model wrote to arguments it can be called with.

msgspec does the work: nested Structs, dataclasses, enums, Literal, unions, Optional, defaults, lists, dicts, dates. A
parameter whose type mentions a pydantic model goes through pydantic, which is never imported here: whoever has made a
model has imported it already.
"""

import copy
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

import msgspec

from .errors import InvalidArguments, InvalidTool
from .fitting import misfits
from .plan import Json
from .schema import inline
from .tool import ToolContext

_MISFIT = re.compile(r"(?P<reason>.*?)(?: - at `(?P<path>\$[^`]*)`)?$", re.DOTALL)
_EXPECTED_TEXT = re.compile(r"Expected `[^`]*\bstr\b[^`]*`, got `(int|float)`$")
_INDEX = re.compile(r"\.(\w+)|\[(\d+)\]")


class Parameters:
    """The arguments of one function: their schema, and their way from JSON into keyword arguments."""

    def __init__(self, function: Callable[..., Any], descriptions: Mapping[str, str] | None = None) -> None:
        """Raises InvalidTool for anything that JSON cannot carry or a planner cannot fill in."""
        self.function = getattr(function, "__qualname__", repr(function))
        self.context = ""
        """Name of the parameter that takes the ToolContext, if there is one."""
        self._foreign: dict[str, Any] = {}
        """Parameters that pydantic checks: its adapters."""
        self._without_none: frozenset[str] = frozenset()
        hints = self._hints(function)
        fields: list[tuple[str, Any, Any]] = []
        self._parameters = {}
        for parameter in inspect.signature(function).parameters.values():
            annotation = self._annotation(parameter, hints)
            if annotation is ToolContext:
                self.context = parameter.name
                continue
            self._parameters[parameter.name] = parameter
            adapter = _pydantic_adapter(annotation)
            if adapter is not None:
                self._foreign[parameter.name] = adapter
                annotation = Any
            fields.append((parameter.name, annotation, _field(parameter)))
        self._struct = msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)
        properties = {name: self._property(name, annotation) for name, annotation, _ in fields}
        for name, text in (descriptions or {}).items():
            if name in properties:
                properties[name] = {**properties[name], "description": properties[name].get("description", text)}
        self._without_none = frozenset(
            name for name, parameter in self._parameters.items()
            if parameter.default is not parameter.empty and not _takes_none(properties[name])
        )  # fmt: skip
        self.schema: dict[str, Json] = inline({
            "type": "object",
            "properties": properties,
            "required": [name for name, p in self._parameters.items() if p.default is p.empty],
            "additionalProperties": False,
        })  # fmt: skip

    def read(self, arguments: Mapping[str, Json], tool: str) -> dict[str, Any]:
        """Keyword arguments for the function, defaults filled in. Raises InvalidArguments, naming `tool`.

        What small models get wrong is put right where nothing can be lost: "5" or 5.0 for an integer, 5 for a text,
        null for an argument that has a default.
        """
        given = {k: v for k, v in arguments.items() if not (v is None and k in self._without_none)}
        converted = self._converted(given, tool)
        values = {name: getattr(converted, name) for name in self._parameters}
        for name, adapter in self._foreign.items():
            if name in given:
                values[name] = _validated(adapter, given[name], name, tool)
        return values

    def _converted(self, given: dict[str, Json], tool: str) -> Any:
        for attempt in range(100):  # each attempt mends one place, so that this ends
            try:
                return msgspec.convert(given, self._struct, strict=attempt == 0)
            except msgspec.ValidationError as error:
                match = _MISFIT.match(str(error))
                assert match is not None, "the pattern matches any text"
                reason, path = match["reason"], match["path"] or "$"
                if attempt == 0:
                    continue
                if not _EXPECTED_TEXT.match(reason) or "..." in path:
                    raise self._refusal(given, tool, reason, path) from None
                given = _with_text_at(given, path)
        raise InvalidArguments(tool, "too many of the values are numbers where texts are expected")

    def _refusal(self, given: Mapping[str, Json], tool: str, reason: str, path: str) -> InvalidArguments:
        """In words of the schema where it sees the same misfit: msgspec does not name what an enum allows."""
        for misfit in misfits(self.schema, given):
            if misfit.path == path:
                return InvalidArguments(tool, misfit.reason, path)
        return InvalidArguments(tool, reason, path)

    def _hints(self, function: Callable[..., Any]) -> dict[str, Any]:
        try:
            return get_type_hints(function, include_extras=True)
        except NameError as error:
            raise InvalidTool(
                self.function,
                f"its annotations use '{error.name}', which is not known at run time. "
                "Import it at the top of the module, outside `if TYPE_CHECKING`.",
            ) from None

    def _annotation(self, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Any:
        name = parameter.name
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
            raise InvalidTool(self.function, f"'{stars}{name}' has no schema. Name each argument, or take a dict.")
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise InvalidTool(self.function, f"argument '{name}' is positional-only. Remove the '/'.")
        if name not in hints:
            if name == "self":
                raise InvalidTool(self.function, "it is a method. Decorate the bound method: `tool(instance.method)`.")
            raise InvalidTool(self.function, f"argument '{name}' has no type annotation.")
        return hints[name]

    def _property(self, name: str, annotation: Any) -> dict[str, Json]:
        if name in self._foreign:
            schema: dict[str, Json] = self._foreign[name].json_schema()
        else:
            try:
                schema = msgspec.json.schema(annotation)
            except TypeError as error:
                detail = str(error).strip().splitlines()[-1]
                raise InvalidTool(
                    self.function, f"argument '{name}' has a type that JSON cannot carry: {detail}."
                ) from None
        default = self._parameters[name].default
        if default is inspect.Parameter.empty:
            return schema
        try:
            plain = msgspec.json.decode(msgspec.json.encode(default))
        except TypeError:
            plain = default.model_dump(mode="json") if hasattr(default, "model_dump") else None
        return {**schema, "default": plain}


def _takes_none(schema: Mapping[str, Json]) -> bool:
    return (
        not any(key in schema for key in ("type", "anyOf", "enum", "const", "$ref"))
        or schema.get("type") == "null"
        or None in schema.get("enum", ())
        or any(_takes_none(option) for option in schema.get("anyOf", ()))
    )


def _field(parameter: inspect.Parameter) -> Any:
    if parameter.default is parameter.empty:
        return msgspec.field()
    return msgspec.field(default_factory=lambda: copy.deepcopy(parameter.default))


def _with_text_at(arguments: dict[str, Json], path: str) -> dict[str, Json]:
    """A copy in which the number at `path` (like `$.where[0].value`) is written as text."""
    mended = copy.deepcopy(arguments)
    place: Any = mended
    *outer, last = [int(index) if index else name for name, index in _INDEX.findall(path)]
    for key in outer:
        place = place[key]
    place[last] = msgspec.json.encode(place[last]).decode()
    return mended


def _pydantic_adapter(annotation: Any) -> Any:
    """pydantic's adapter for a type that mentions one of its models, else None."""
    pydantic = sys.modules.get("pydantic")
    if pydantic is None or not _mentions(annotation, pydantic.BaseModel):
        return None
    return pydantic.TypeAdapter(annotation)


def _mentions(annotation: Any, base: type) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, base):
        return True
    return any(_mentions(inner, base) for inner in get_args(annotation))


def _validated(adapter: Any, value: Json, name: str, tool: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValueError as error:  # pydantic's ValidationError is one
        first = error.errors()[0]  # type: ignore[attr-defined]
        path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"])
        raise InvalidArguments(tool, first["msg"], f"$.{name}{path}") from None
