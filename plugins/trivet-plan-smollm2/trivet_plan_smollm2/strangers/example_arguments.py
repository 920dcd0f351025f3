"""The arguments of a tool, read off a goal: dates and numbers, quotations, and what the tool's examples do not have."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from trivet_plan_smollm2.strangers.example_places import Sample, samples_of
from trivet_plan_smollm2.strangers.example_texts import readings
from trivet_plan_smollm2.strangers.typed_arguments import typed
from trivet_plan_smollm2.words.mentions import Mention, mentions_in
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec


class Filled(msgspec.Struct, frozen=True):
    """One way to fill a tool's arguments from a goal."""

    arguments: dict[str, Any]
    lacks: tuple[str, ...]
    """Required ones that are missing, and those for which the goal points at something said before."""
    places: Mapping[str, Mention] = {}
    """Where the goal has them."""
    score: float = 0.0
    """What speaks for the texts among them; higher is better, and 0 where there are none."""


def ways_to_fill(tool: ToolSpec, goal: Spans, samples: tuple[Sample, ...] | None = None) -> list[Filled]:
    """The likeliest first; empty where dates of the goal have no place."""
    mentions = mentions_in(goal)
    read = typed(tool, goal, mentions)
    if read is None:
        return []
    found = []
    for told in readings(tool, read.rest, mentions, samples_of(tool) if samples is None else samples):
        arguments = {**read.arguments, **{name: span.text.strip(" '\"’") for name, span in told.places.items()}}
        lacks = [name for name in tool.parameters.get("required", ()) if name not in arguments]
        found.append(
            Filled(arguments, tuple(dict.fromkeys([*lacks, *read.points])), {**read.places, **told.places}, told.score)
        )
    return found


def arguments_of(tool: ToolSpec, goal: Spans) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """The arguments, and which required ones are missing; None where numbers or dates of the goal have no place."""
    ways = ways_to_fill(tool, goal)
    return (ways[0].arguments, ways[0].lacks) if ways else None


def as_in(sample: Sample, goal: Spans, way: Filled) -> str:
    """The goal with the example's own values in the places of its arguments, and of what it points at: what is left to compare
    is how it is said."""
    text = goal.goal
    values = {place.argument: place.text for place in sample.places}
    for name, place in sorted(way.places.items(), key=lambda item: -item[1].start):
        if name in values:
            text = text[: place.start] + values[name] + text[place.end :]
    for name in way.lacks:
        if name in values:
            text = _POINTING.sub(values[name].replace("\\", ""), text, count=1)
    return text


_POINTING = re.compile(r"\b(?:it|them|him|her|(?:that|this|the same)(?: \w+)?)\b", re.IGNORECASE)
