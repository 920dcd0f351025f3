"""Which few tools the model gets to see: nearest neighbours over the manifests' example goals.

A tool that was never trained on is found as well as any other, because only its examples and its summary count.
"""

from collections.abc import Sequence

import msgspec

from trivet_sdk import ToolSpec

from .grounding import mentioned, new_paths
from .similarity import Similarity
from .spans import Spans

SHOWN = 5
BUILT_IN = frozenset({"answer", "ask", "think", "pursue"})
WITH_RECOGNISER = 0.08
"""Added when the goal holds what a tool's arguments need: a file, a path to write, a date, numbers."""


class Shortlist(msgspec.Struct, frozen=True):
    tools: tuple[ToolSpec, ...]
    """Best first."""
    scores: tuple[float, ...]

    @property
    def best(self) -> float:
        return self.scores[0] if self.scores else 0.0


async def shortlist(goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity, listing: Sequence[str]) -> Shortlist:
    """Rank by the nearest example, with a small bonus for arguments that the goal visibly brings along."""
    candidates = [tool for tool in tools if tool.name not in BUILT_IN]
    texts = [(tool, text) for tool in candidates for text in sayings(tool)]
    nearness = await similarity.between(masked(goal), [text for _, text in texts])
    best: dict[str, float] = {}
    for (tool, _), near in zip(texts, nearness, strict=True):
        best[tool.name] = max(best.get(tool.name, -1.0), near)
    found = kinds_in(goal, listing)
    for tool in candidates:
        best[tool.name] += WITH_RECOGNISER * len(found & needs(tool)) - WITH_RECOGNISER * len(needs(tool) - found)
    ranked = sorted(candidates, key=lambda tool: -best[tool.name])
    chosen = ranked[:SHOWN]
    if "new-path" in found and not any("new-path" in needs(tool) for tool in chosen):
        chosen += [tool for tool in ranked if "new-path" in needs(tool)][:2]
    return Shortlist(tuple(chosen), tuple(best[tool.name] for tool in chosen))


def sayings(tool: ToolSpec) -> tuple[str, ...]:
    return (*tool.examples, tool.summary)


def masked(goal: Spans) -> str:
    """The goal with paths and quotations shortened to what they are, so that names do not draw the search astray."""
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, path.rpartition("/")[2])
    return text


def kinds_in(goal: Spans, listing: Sequence[str]) -> set[str]:
    found = set()
    if mentioned(goal, listing):
        found.add("workspace-path")
    if new_paths(goal, listing):
        found.add("new-path")
    if goal.dates:
        found.add("date")
    if len(goal.numbers) >= 2:
        found.add("expression")
    return found


def needs(tool: ToolSpec) -> set[str]:
    """Formats of the required arguments that a goal can visibly bring along."""
    properties = tool.parameters.get("properties", {})
    formats = {properties[name].get("format") for name in tool.parameters.get("required", ()) if name in properties}
    return {kind for kind in formats if kind in ("new-path", "date", "expression")}
