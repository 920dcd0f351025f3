"""A figure that a text of the workspace tells, in another unit: `how long is the crack in mm?`, of `a crack of 30 cm`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.found import is_answer
from trivet_plan_smollm2.grounding import Search
from trivet_plan_smollm2.passages import sentences
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.tables.other_units import wishes
from trivet_plan_smollm2.words.dimensions import are_alike, dimension, is_same
from trivet_plan_smollm2.words.quantities import quantities_in
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import ToolSpec


async def figure_in_text(
    goal: Spans, found: Search, is_elsewhere: bool, similarity: Similarity, enough: float, tools: Sequence[ToolSpec]
) -> tuple[Call, ...]:
    """The search that found the passage, and the conversion of the one figure of its nearest sentence that can be told in the
    unit that is wished; none if the passage is no answer, or has no such figure, or two."""
    said = [*wishes(goal.goal)]
    if found.call is None or len(said) != 1:
        return ()
    wish = said[0]
    before = re.sub(r"\bhow (?:many|much)\s*$", "what ", goal.goal[: wish.start], flags=re.IGNORECASE)
    rest = read_goal(f"{before}{goal.goal[wish.end :]}")
    if not await is_answer(found, rest, is_elsewhere, similarity, enough):
        return ()
    told = sentences(str(found.best.get("text", "")))
    near = await similarity.between(rest.goal, told)
    nearest = told[max(range(len(told)), key=lambda place: near[place])] if told else ""
    alike = [each for each in quantities_in(nearest) if are_alike(each.said, wish.unit)]
    if len(alike) != 1 or is_same(alike[0].said, wish.unit) or dimension(alike[0].said) != alike[0].dimension:
        return ()
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        numbers = [key for key, schema in properties.items() if schema.get("type") in ("number", "integer")]
        units = [key for key, schema in properties.items() if schema.get("format") == "unit"]
        if len(numbers) == 1 and len(units) == 2:
            arguments = {numbers[0]: float(alike[0].value), units[0]: alike[0].said, units[1]: wish.unit}
            return found.call, Call(tool=tool.name, arguments=arguments)
    return ()
