"""Requests about one text of the workspace for which it is looked at before anything is planned."""

from collections.abc import Sequence

from trivet_plan_smollm2.grounding import Ground
from trivet_plan_smollm2.notes import PLAIN
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.altered_copy import altered_copy
from trivet_plan_smollm2.requests.appending import appended
from trivet_plan_smollm2.requests.occurring import occurring
from trivet_plan_smollm2.requests.quoting import quoted
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import Services, ToolSpec


async def of_texts(
    goal: Spans, said: str, named: Sequence[FileCard], ground: Ground, tools: Sequence[ToolSpec], services: Services
) -> tuple[tuple[Call, ...], str] | None:
    """The calls and the note of a plan; None for all other goals. `said`: the goal as it was typed."""
    there = [path for path in ground.listing if any(path == name or path.endswith(f"/{name}") for name in goal.paths)]
    if calls := await appended(said, there, tools, services):
        return calls, PLAIN
    if calls := await altered_copy(goal, ground.listing, tools, services):
        return calls, PLAIN
    if calls := await quoted(said, ground.cards, tools, services):
        return calls, PLAIN
    if (counted := await occurring(goal, named, tools, services)) is not None:
        return (counted[0],), f"{PLAIN}; {counted[1]}"
    return None
