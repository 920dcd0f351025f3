"""The tools that every run has: `answer`, `ask`, `think` and `pursue`."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from trivet.runs.apart import apart
from trivet.runs.asking import Asking, Unanswered
from trivet.runs.options import RunOutcome
from trivet.runs.references import written
from trivet_sdk.context import Services
from trivet_sdk.errors import ToolError
from trivet_sdk.message import user
from trivet_sdk.model import GenerateRequest, collect
from trivet_sdk.plan import Json, Step
from trivet_sdk.tool import TextPart, ToolResult, ToolSpec, result


def _spec(
    name: str, summary: str, properties: dict[str, Any], required: list[str], examples: tuple[str, ...] = ()
) -> ToolSpec:
    parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return ToolSpec(name=name, summary=summary, parameters=parameters, effect="pure", examples=examples)


ANSWER = _spec(
    "answer",
    "Give the user the answer; {{s1#/value}} in the text stands for a value of an earlier step",
    {"text": {"type": "string", "description": "The answer, in the user's language.", "minLength": 1}},
    ["text"],
)
ASK = _spec(
    "ask",
    "Ask the user something that nothing else can tell",
    {"question": {"type": "string", "description": "One question.", "minLength": 1}},
    ["question"],
)
THINK = _spec(
    "think",
    "Let the model read, compare, translate or write something, given earlier results",
    {
        "instruction": {"type": "string", "description": "What to do with the inputs.", "minLength": 1},
        "inputs": {"description": "What to work on: text, values or references."},
    },
    ["instruction"],
)
PURSUE = _spec(
    "pursue",
    "Hand a part of the goal to a run of its own, which plans for itself",
    {"goal": {"type": "string", "description": "The sub-goal, in words.", "minLength": 1}},
    ["goal"],
)
BUILTIN = (ANSWER, ASK, THINK, PURSUE)
FREE = frozenset({"answer", "ask"})
"""They need no step of the budget, so that a run can always end with what it found."""
SPARE = 10
"""Of them, beyond the budget: a planner that only talks comes to an end as well."""

Handler = Callable[[Step, dict[str, Json]], Awaitable[ToolResult]]


class SubGoalFailed(ToolError):
    """`is_untrusted`: what it had found, and tells, holds text from outside."""

    def __init__(self, reason: str, *, is_untrusted: bool) -> None:
        super().__init__(reason)
        self.is_untrusted = is_untrusted


class Builtins:
    """What the built-in tools do in one run. `pursue(step, goal)` makes a run of its own and tells its outcome."""

    def __init__(
        self, asking: Asking, services: Callable[[str], Services], pursue: Callable[[str, str], Awaitable[RunOutcome]]
    ) -> None:
        self._asking = asking
        self._services = services
        self._pursue = pursue

    def handler(self, tool: str) -> Handler | None:
        match tool:
            case "answer":
                return self._answer
            case "ask":
                return self._ask
            case "think":
                return self._think
            case "pursue":
                return self._pursue_goal
        return None

    async def _answer(self, step: Step, arguments: dict[str, Json]) -> ToolResult:
        return result(str(arguments["text"]))

    async def _ask(self, step: Step, arguments: dict[str, Json]) -> ToolResult:
        question = str(arguments["question"])
        if (said := self._asking.said_before(question, step.id)) is not None:
            raise ToolError(f"the user was asked this before, and answered: {said}")
        return result(await self._asking.question(question, step.id))

    async def _think(self, step: Step, arguments: dict[str, Json]) -> ToolResult:
        inputs = written(arguments.get("inputs"))
        prompt = f"{arguments['instruction']}\n\n{inputs}" if inputs else str(arguments["instruction"])
        model = self._services(step.id).model()
        completion = await apart(collect(model.generate(GenerateRequest(messages=(user(prompt),), purpose="think"))))
        text = completion.text.strip()
        if not text:
            raise ToolError(f"the model '{model.name}' had nothing to say to this")
        return ToolResult(parts=(TextPart(text),))

    async def _pursue_goal(self, step: Step, arguments: dict[str, Json]) -> ToolResult:
        outcome = await self._pursue(step.id, str(arguments["goal"]))
        if outcome.status == "waiting":
            raise Unanswered(outcome.reason)
        if outcome.status != "succeeded":
            raise SubGoalFailed(
                f"the sub-goal was not achieved (run {outcome.run}): {outcome.answer}", is_untrusted=outcome.is_tainted
            )
        came = result(outcome.answer, {"run": outcome.run, "answer": outcome.answer}, outcome.artifacts)
        return msgspec.structs.replace(came, is_untrusted=True) if outcome.is_tainted else came
