"""Which few tools the model gets to see: those that the goal brings arguments for, the nearest first.

Nearness is that of the goal and the manifests' example goals, so a tool that was never trained on is found as well as
any other.
"""

from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.grounding import is_search, new_paths
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

SHOWN = 7
BUILT_IN = frozenset({"answer", "ask", "think", "pursue"})
WITH_NEW_PATH = 0.15
"""Added to tools that write where the goal names a file that is not there yet."""
FILLABLE = frozenset({None, "span", "unit", "column", "workspace-path", "workspace-folder"})
"""Formats of texts that can be filled without a sign of them in the goal."""


class Shortlist(msgspec.Struct, frozen=True):
    tools: tuple[ToolSpec, ...]
    """Best first."""
    scores: tuple[float, ...]

    @property
    def best(self) -> float:
        return max(self.scores, default=0.0)


async def shortlist(
    goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity, listing: Sequence[str]
) -> Shortlist:
    """The tools to show. A search over the workspace is always among them: a question may be about anything written down."""
    candidates = [tool for tool in tools if tool.name not in BUILT_IN and is_possible(tool, goal, listing)]
    texts = [(tool, text) for tool in candidates for text in (*tool.examples, tool.summary)]
    nearness = await similarity.between(masked(goal), [text for _, text in texts])
    scores: dict[str, float] = {}
    for (tool, _), near in zip(texts, nearness, strict=True):
        scores[tool.name] = max(scores.get(tool.name, -1.0), near)
    for tool in candidates:
        if "new-path" in required_formats(tool):
            scores[tool.name] += WITH_NEW_PATH
    ranked = sorted(candidates, key=lambda tool: -scores[tool.name])
    chosen = ranked[:SHOWN]
    if not any(is_search(tool) for tool in chosen):
        chosen += [tool for tool in ranked if is_search(tool)][:1]
    return Shortlist(tuple(chosen), tuple(scores[tool.name] for tool in chosen))


def is_possible(tool: ToolSpec, goal: Spans, listing: Sequence[str]) -> bool:
    """Whether the goal and the workspace hold values for all required arguments."""
    formats = required_formats(tool)
    if "new-path" in formats and not new_paths(goal, listing):
        return False
    if "workspace-path" in formats and not listing:
        return False
    if formats.count("date") > len(goal.dates) or (formats.count("number") and not goal.numbers):
        return False
    if "expression" in formats and not goal.digits:
        return False
    known = FILLABLE | {"new-path", "date", "number", "expression", "other"}
    return all(format in known for format in formats)


def required_formats(tool: ToolSpec) -> list[str | None]:
    """What each required argument is: its format, `number`, or `other` for what is no text."""
    properties = tool.parameters.get("properties", {})
    found: list[str | None] = []
    for name in tool.parameters.get("required", ()):
        schema = properties.get(name, {})
        real = next((option for option in schema.get("anyOf", ()) if "format" in option), schema)
        kind = real.get("type")
        if kind in ("number", "integer"):
            found.append("number")
        else:
            found.append(real.get("format") if kind == "string" else "other")
    return found


def masked(goal: Spans) -> str:
    """The goal with folders left out of its paths, so that names do not draw the search astray."""
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, path.rpartition("/")[2])
    return text
