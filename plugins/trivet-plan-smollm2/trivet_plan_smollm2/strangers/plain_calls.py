"""A call of a tool with a plain schema: arguments that the goal leaves no doubt about are read, the model chooses the rest."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.evidence import numbers_in, strings_in
from trivet_plan_smollm2.grounding import is_search
from trivet_plan_smollm2.notes import NOTE, PLAIN
from trivet_plan_smollm2.prompt import Call, ToolCard, context, read_plan
from trivet_plan_smollm2.schemas import Schema, Unavailable
from trivet_plan_smollm2.shortlist import BUILT_IN
from trivet_plan_smollm2.strangers.filling import filled, is_plain
from trivet_plan_smollm2.words.mentions import mentions_in
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import GenerateRequest, Model, PlanRequest, ToolSpec, collect
from trivet_sdk.message import system, user

ADAPTER = "plan-smollm2"
COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
LONGEST = 200
"""Tokens of one call at most."""


class Plain(msgspec.Struct, frozen=True):
    """A tool that the goal has all required arguments for."""

    tool: ToolSpec
    arguments: Schema
    nearness: float
    """Of its name and summary to the goal, -1 to 1."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to choose."""
        return _is_settled(self.arguments)

    @property
    def settled(self) -> Call:
        return Call(tool=self.tool.name, arguments=_only(self.arguments))


async def plain_call(
    goal: Spans,
    request: PlanRequest,
    rivals: Mapping[str, float],
    similarity: Similarity,
    model: Callable[[], Model],
    limit: float,
) -> tuple[Sequence[Call], str] | None:
    """The call of the nearest such tool and how it was come by, if no other tool is nearer to the goal and if all that the goal
    says in digits and quotation marks has its place. `rivals`: nearness of the tools that were shortlisted, by name."""
    found = await plain_tools(goal, request.tools, similarity)
    if not found or found[0].nearness < limit:
        return None
    mine = {each.tool.name for each in found}
    if max((near for name, near in rivals.items() if name not in mine), default=-1.0) > found[0].nearness:
        return None
    best = found[0]
    call = best.settled if best.is_settled else await written(best, goal, model(), request.transcript.run)
    if call is None or left_out(call, goal):
        return None
    return (call,), PLAIN if best.is_settled else NOTE


async def plain_tools(goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity) -> list[Plain]:
    """Those of the tools that can be called so, the nearest first."""
    mentions = mentions_in(goal)
    found: list[tuple[ToolSpec, Schema]] = []
    for tool in tools:
        if not is_plain(tool.parameters) or is_search(tool) or tool.describes or tool.name in BUILT_IN:
            continue
        try:
            found.append((tool, filled(tool.parameters, mentions)))
        except Unavailable:
            continue
    texts = [(number, text) for number, (tool, _) in enumerate(found) for text in (told(tool), *tool.examples)]
    nearness = [-1.0] * len(found)
    for (number, _), near in zip(texts, await similarity.between(goal.goal, [text for _, text in texts]), strict=True):
        nearness[number] = max(nearness[number], near)
    plain = [Plain(tool, schema, near) for (tool, schema), near in zip(found, nearness, strict=True)]
    return sorted(plain, key=lambda each: -each.nearness)


def told(tool: ToolSpec) -> str:
    """`geometry area circle: Compute the area of a circle`."""
    return f"{re.sub(r'[._-]+', ' ', re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', tool.name)).lower()}: {tool.summary}"


async def written(plain: Plain, goal: Spans, model: Model, run: str) -> Call | None:
    """The call that the model finds likeliest, among those that the schema leaves; None if it comes to no end."""
    if plain.is_settled:
        return plain.settled
    card = ToolCard(name=plain.tool.name, summary=plain.tool.summary, parameters=plain.tool.parameters)
    schema = json.dumps({**plain.arguments, "x-guidance": COMPACT}, ensure_ascii=False)
    completion = await collect(
        model.generate(
            GenerateRequest(
                messages=(system(context([card], ())), user(goal.goal)),
                grammar=f"start: {json.dumps(plain.tool.name + ' ', ensure_ascii=False)} arguments\narguments: %json {schema}",
                adapter=ADAPTER,
                max_tokens=LONGEST,
                run=run,
                purpose="plan",
            )
        )
    )
    if completion.finish == "length":
        return None
    try:
        calls = read_plan(completion.text)
    except ValueError:
        return None
    return calls[0] if calls else None


def left_out(call: Call, goal: Spans) -> list[str]:
    """What the goal says in quotation marks or digits and the call does not use; a number may be a part of a text."""
    texts = "\n".join(strings_in(call.arguments)).lower()
    numbers = set(numbers_in(call.arguments))
    missing = [f"'{quoted}'" for quoted in goal.quoted if quoted.lower() not in texts]
    for number in mentions_in(goal).numbers:
        is_used = number.value in numbers or number.value / 100 in numbers or f"{number.value:g}" in texts
        if not (number.is_word or is_used):
            missing.append(f"number {number.value:g}")
    return missing


def _is_settled(schema: Mapping[str, Any]) -> bool:
    if "const" in schema:
        return True
    if "enum" in schema:
        return len(schema["enum"]) == 1
    if schema.get("type") == "array":
        return _is_settled(schema["items"])
    return all(_is_settled(inner) for inner in schema.get("properties", {}).values())


def _only(schema: Mapping[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array":
        return [_only(schema["items"])]
    return {name: _only(inner) for name, inner in schema.get("properties", {}).items()}
