"""Whether a goal's plan can be carried out in its context: tools, arguments, files, columns, references, literals."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "contains", "in")
BUILT_IN = ("ask", "none")
TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,), "object": (dict,)}  # fmt: skip
FREE = {"ask": {"question"}, "none": set[str]()}


def faults(group: dict[str, Any]) -> list[str]:
    """One sentence for each fault of the group's goals; empty when all are sound."""
    return [f"{goal['goal']!r}: {fault}" for goal in group["goals"] for fault in plan_faults(goal, group)]


def plan_faults(goal: dict[str, Any], group: dict[str, Any]) -> Iterator[str]:
    tools = {tool["name"]: tool for tool in group["tools"]}
    files = {card["path"]: card for card in group["files"]}
    if not goal["plan"]:
        yield "the plan is empty"
    for number, call in enumerate(goal["plan"], 1):
        name, arguments = call["tool"], call["arguments"]
        if name in BUILT_IN:
            if set(arguments) != FREE[name]:
                yield f"{name} has the arguments {sorted(arguments)}"
            continue
        if name not in tools:
            yield f"the tool {name} is not offered"
            continue
        schema = tools[name]["parameters"]
        for missing in set(schema.get("required", ())) - set(arguments):
            yield f"{name} lacks {missing}"
        for key, value in arguments.items():
            if key not in schema["properties"]:
                yield f"{name} has no argument {key}"
                continue
            yield from _value_faults(
                name, key, value, schema["properties"][key], arguments, files, goal["goal"], number
            )
        if isinstance(arguments.get("where"), list):
            yield from _where_faults(arguments, files, goal["goal"], number)


def _value_faults(
    tool: str,
    key: str,
    value: Any,
    schema: dict[str, Any],
    arguments: dict[str, Any],
    files: dict[str, Any],
    text: str,
    number: int,
) -> Iterator[str]:
    if isinstance(value, dict) and "$ref" in value:
        yield from _reference_faults(value, number)
        return
    expected: tuple[type, ...] = TYPES[schema.get("type", "string")]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        yield f"{tool}.{key} is {value!r}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{tool}.{key} is {value!r}, not one of {schema['enum']}"
    text_value = value if isinstance(value, str) else ""
    match schema.get("format"):
        case "workspace-path" if text_value not in files:
            yield f"the file {text_value} is not there"
        case "new-path" if text_value.lower() not in text.lower() and text_value.rpartition(".")[0] not in {
            p.rpartition(".")[0] for p in files
        }:
            yield f"the goal does not name {text_value}"
        case "column" if not _is_column(text_value, arguments, files):
            yield f"{tool}.{key}: no column {text_value}"
        case "span" if text_value.lower() not in text.lower():
            yield f"{text_value!r} is no stretch of the goal"
        case "date":
            date.fromisoformat(text_value)
    for item in value if isinstance(value, list) and key == "columns" else ():
        if not _is_column(item, arguments, files):
            yield f"{tool}.{key}: no column {item}"
    if key == "text" and tool == "files.write" and not text_value.startswith("{{s") and text_value not in text:
        yield f"the text {value!r} is not in the goal"
    if tool == "table.compare" and key in ("first", "second") and not _is_said(text_value, text):
        yield f"{value!r} is not in the goal"
    if key == "values" and isinstance(value, dict):
        for item in value.values():
            yield from _reference_faults(item, number)


def _is_column(name: str, arguments: dict[str, Any], files: dict[str, Any]) -> bool:
    paths = [
        arguments.get("path"),
        arguments.get("other"),
        arguments.get("file"),
        *(v for v in arguments.values() if isinstance(v, str)),
    ]
    return any(name == column["name"] for path in paths if path in files for column in files[path]["columns"])


def _reference_faults(value: Any, number: int) -> Iterator[str]:
    match = re.fullmatch(r"s(\d+)#/(\S.*)", value.get("$ref", "")) if isinstance(value, dict) else None
    if not match or int(match[1]) >= number:
        yield f"{value!r} refers to no earlier step"


def _where_faults(arguments: dict[str, Any], files: dict[str, Any], text: str, number: int) -> Iterator[str]:
    columns = {column["name"]: column for column in files.get(arguments["path"], {"columns": []})["columns"]}
    for condition in arguments["where"]:
        if set(condition) != {"column", "op", "value"} or condition["op"] not in OPERATORS:
            yield f"{condition} is no condition"
            continue
        column, value = columns.get(condition["column"]), condition["value"]
        if column is None:
            yield f"no column {condition['column']}"
        elif isinstance(value, dict):
            yield from _reference_faults(value, number)
        elif value not in column.get("examples", ()) and not _is_said(value, text):
            yield f"{value!r} is neither in the goal nor an example of {condition['column']}"


NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve".split()
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def _is_said(value: Any, text: str) -> bool:
    plain = text.lower()
    if isinstance(value, bool):
        return True
    if isinstance(value, (int, float)):
        written = f"{value:g}"
        return (
            written in plain
            or str(value) in plain.replace(",", "")
            or (isinstance(value, int) and 0 <= value <= 12 and NUMERALS[value] in plain)
        )
    if value.lower() in plain or " ".join(reversed(value.lower().split(", "))) in plain:
        return True
    match = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", value)
    return (
        match is not None and match[1] in plain and (MONTHS[int(match[2]) - 1] in plain or str(int(match[2])) in plain)
    )
