"""The tools that every run has: `answer`, `ask`, `think` and `pursue`."""

from typing import Any

from trivet_sdk.tool import ToolSpec


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
NAMES = frozenset(spec.name for spec in BUILTIN)
FREE = frozenset({"answer", "ask"})
"""They need no step of the budget, so that a run can always end with what it found."""


def think_prompt(instruction: str, inputs: str) -> str:
    return f"{instruction}\n\n{inputs}" if inputs else instruction
