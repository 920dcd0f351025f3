"""Three ways of asking for calls: a model that writes freely, the same under a schema of the calls, and a planner."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, assert_never, get_args

from trivet.evaluation.bfcl.functions import strict
from trivet_sdk.context import Services
from trivet_sdk.contributions import Planner, PlanRequest
from trivet_sdk.errors import PlannerAbstained
from trivet_sdk.goal import Budget, Goal
from trivet_sdk.message import system, user
from trivet_sdk.model import GenerateRequest, collect
from trivet_sdk.plan import Plan
from trivet_sdk.tool import ToolSpec
from trivet_sdk.transcript import Transcript

Manner: TypeAlias = Literal["planner", "constrained", "free"]
MANNERS: tuple[Manner, ...] = get_args(Manner)
TOKENS = 256
"""Of one completion at most."""
MOST = 6
"""Calls of one question at most, under the schema; the public ones need four."""
_NO_CALLS = ("ask", "answer", "think", "none")
_TASK = """\
You are given a question and functions. Answer with the calls that the question needs, as JSON:
[{"name": NAME, "arguments": {"NAME": VALUE}}]. Leave out optional arguments that the question does not speak of. If no function
fits, answer []. Write nothing else.

Functions:
"""

Call: TypeAlias = tuple[str, dict[str, Any]]
"""Function and arguments."""


class Unreadable(Exception):
    """What a model wrote is no list of calls; `str()` is what it wrote."""


async def calls_for(
    manner: Manner, question: str, tools: Sequence[ToolSpec], planner: Planner | None, services: Services
) -> list[Call]:
    """The calls that are made of this question. Raises PlannerAbstained, Unreadable, and what a model raises."""
    match manner:
        case "planner":
            assert planner is not None
            return await _planned(planner, question, tools, services)
        case "constrained":
            return await _written(question, tools, services, schema=_schema(tools))
        case "free":
            return await _written(question, tools, services, schema=None)
        case _:
            assert_never(manner)


async def _planned(planner: Planner, question: str, tools: Sequence[ToolSpec], services: Services) -> list[Call]:
    goal = Goal(text=question)
    request = PlanRequest(
        goal=goal, tools=tuple(tools), transcript=Transcript(run="bfcl", goal=goal), budget_left=Budget()
    )
    plan = await planner.plan(request, services)
    steps = plan.steps if isinstance(plan, Plan) else plan.add
    calls = [(step.tool, step.arguments) for step in steps if step.tool not in _NO_CALLS]
    asked = [str(step.arguments.get("question", "")) for step in steps if step.tool == "ask"]
    if not calls and asked:
        raise PlannerAbstained(f"it asks: {asked[0]}")
    return calls


async def _written(
    question: str, tools: Sequence[ToolSpec], services: Services, schema: dict[str, Any] | None
) -> list[Call]:
    listed = "\n".join(
        json.dumps({"name": tool.name, "description": tool.summary, "parameters": tool.parameters}, ensure_ascii=False)
        for tool in tools
    )
    request = GenerateRequest(
        messages=(system(_TASK + listed), user(question)),
        schema=schema,
        temperature=0.0,
        max_tokens=TOKENS,
        purpose="plan",
    )
    text = (await collect(services.model().generate(request))).text
    return read_calls(text)


def read_calls(text: str) -> list[Call]:
    """The first JSON list or object of calls in the text. Raises Unreadable."""
    decoder = json.JSONDecoder()
    for place, letter in enumerate(text):
        if letter not in "[{":
            continue
        try:
            found, _ = decoder.raw_decode(text, place)
        except ValueError:
            continue
        listed = found if isinstance(found, list) else [found]
        if all(_is_call(each) for each in listed):
            return [(each["name"], each["arguments"]) for each in listed]
    raise Unreadable(text)


def _is_call(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("arguments"), Mapping)
    )


def _schema(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    calls = [
        {
            "type": "object",
            "properties": {"name": {"const": tool.name}, "arguments": strict(tool.parameters)},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
    ]
    return {"type": "array", "items": calls[0] if len(calls) == 1 else {"anyOf": calls}, "maxItems": MOST}
