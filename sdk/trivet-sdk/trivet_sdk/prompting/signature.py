"""Tools written compactly, as a model reads them best: `table.select(path: workspace-path, limit: integer = 0)`."""

from collections.abc import Mapping, Sequence

import msgspec

from ..plan import Json
from ..tool import ToolSpec


def render_tools(tools: Sequence[ToolSpec], *, with_descriptions: bool = False) -> str:
    """One tool a line, its signature and summary; the arguments' descriptions below it if wanted."""
    lines: list[str] = []
    for tool in tools:
        lines.append(f"{signature(tool)} - {tool.summary}")
        if with_descriptions:
            lines.extend(
                f"    {name}: {schema['description']}"
                for name, schema in tool.parameters.get("properties", {}).items()
                if isinstance(schema, dict) and schema.get("description")
            )
    return "\n".join(lines)


def signature(tool: ToolSpec) -> str:
    """The call as one would write it in Python, types by their format if they have one."""
    required = tool.parameters.get("required", ())
    definitions = tool.parameters.get("$defs", {})
    arguments: list[str] = []
    for name, schema in tool.parameters.get("properties", {}).items():
        argument = f"{name}: {type_name(schema, definitions)}"
        if name not in required:
            argument += f" = {_json(schema.get('default'))}" if "default" in schema else " = …"
        arguments.append(argument)
    return f"{tool.name}({', '.join(arguments)})"


def type_name(schema: Json, definitions: Mapping[str, Json] | None = None, inside: tuple[str, ...] = ()) -> str:
    """A schema as a short type: `list[{column: column, op: "="|"<"}]`."""
    definitions = definitions or {}
    if not isinstance(schema, dict) or not schema:
        return "any"
    if name := str(schema.get("$ref", "")).removeprefix("#/$defs/"):
        if name in inside or name not in definitions:
            return name
        return type_name(definitions[name], definitions, (*inside, name))
    if "enum" in schema:
        return "|".join(_json(option) for option in schema["enum"])
    if "const" in schema:
        return _json(schema["const"])
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return "|".join(dict.fromkeys(type_name(option, definitions, inside) for option in options))
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return "|".join(kind)
    if kind == "array":
        return f"list[{type_name(schema.get('items'), definitions, inside)}]"
    if kind == "object":
        return _object(schema, definitions, inside)
    return str(schema.get("format") or {"string": "text"}.get(kind, kind))


def _object(schema: Mapping[str, Json], definitions: Mapping[str, Json], inside: tuple[str, ...]) -> str:
    properties = schema.get("properties")
    if properties:
        required = schema.get("required", ())
        fields = (
            f"{name}{'' if name in required else '?'}: {type_name(inner, definitions, inside)}"
            for name, inner in properties.items()
        )
        return "{" + ", ".join(fields) + "}"
    further = schema.get("additionalProperties")
    return f"{{text: {type_name(further, definitions, inside)}}}" if isinstance(further, dict) else "object"


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
