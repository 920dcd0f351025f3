"""Where the values of a plan come from: the goal, the listing, or an earlier step; anything else is invented."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema  # type: ignore[import-untyped]

from trivet_plan_smollm2.model.grammar import QUESTIONS
from trivet_plan_smollm2.words.spans import Spans, read_goal

REFERENCE = re.compile(r"\{\{s(\d+)(?:#/value)?\}\}")


def unfounded(goal: Mapping[str, Any], group: Mapping[str, Any]) -> list[str]:
    """One sentence for each fault of the goal's plan: what its tools' schemas refuse, and values without evidence."""
    tools = {tool["name"]: tool["parameters"] for tool in group["tools"]}
    paths = [card["path"] for card in group["files"]]
    spans = read_goal(goal["goal"], paths)
    found: list[str] = []
    for number, step in enumerate(goal["plan"], 1):
        name, arguments = step["tool"], step["arguments"]
        if name == "none" and not arguments:
            continue
        if name == "ask" and arguments.get("question") in QUESTIONS:
            continue
        if name not in tools:
            found.append(f"the tool {name} is not offered")
            continue
        found += _refused(name, arguments, tools[name])
        for key, value in arguments.items():
            schema = tools[name]["properties"].get(key, {})
            if key in goal.get("implied", ()) and ("enum" in schema or isinstance(value, bool)):
                continue
            found += [f"{name}.{key}: {fault}" for fault in _without_evidence(value, schema, spans, paths, number)]
    return found


def _refused(name: str, arguments: Mapping[str, Any], parameters: dict[str, Any]) -> Iterator[str]:
    """What the schema does not allow, references aside, whose values nobody knows yet."""
    properties = {
        key: {} if isinstance(arguments.get(key), dict) and "$ref" in arguments[key] else schema
        for key, schema in parameters["properties"].items()
    }
    schema = {**parameters, "properties": properties, "additionalProperties": False}
    for error in jsonschema.Draft202012Validator(schema).iter_errors(arguments):
        yield f"{name}: {error.message}"


def _without_evidence(
    value: Any, schema: Mapping[str, Any], goal: Spans, paths: list[str], number: int
) -> Iterator[str]:
    match value:
        case {"$ref": str(pointer)}:
            step = re.fullmatch(r"s(\d+)#/value", pointer)
            if step is None or int(step[1]) >= number:
                yield f"{pointer} is no earlier result"
        case dict():
            for inner in value.values():
                yield from _without_evidence(inner, {}, goal, paths, number)
        case bool():
            yield f"nobody said {value}"
        case int() | float():
            if float(value) not in goal.numbers:
                yield f"the goal has no number {value}"
        case str() if match := REFERENCE.fullmatch(value):
            if int(match[1]) >= number:
                yield f"{value} is no earlier result"
        case str() if schema.get("format") == "date":
            if value not in goal.dates:
                yield f"the goal has no date {value}"
        case _:
            if str(value).lower() not in goal.goal.lower() and value not in paths:
                yield f"'{value}' is not in the goal"
