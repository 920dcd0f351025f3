"""Questions to a file that is one record, such as settings: which of its entries is meant, told by sense."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import FileCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.words.cues import is_question
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans

NEAR = 0.3
"""Similarity that the entry's name must have to the goal …"""
AHEAD = 0.08
"""… and by how much it must be nearer than any other."""


async def looked_up(goal: Spans, named: Sequence[FileCard], similarity: Similarity) -> Reading | None:
    """The one entry that the goal asks for; None if it names no such file, or could mean two of its entries."""
    if len(named) != 1 or named[0].rows != 1 or len(named[0].columns) < 2 or not similarity.has_sense:
        return None
    if not is_question(goal.goal) and "?" not in goal.goal:
        return None
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, " ")
    names = [column.name for column in named[0].columns]
    nearness = await similarity.between(text, [re.sub(r"\s+", " ", spaced(name)) for name in names])
    ranked = sorted(zip(nearness, names, strict=True), reverse=True)
    if ranked[0][0] < NEAR or ranked[0][0] - ranked[1][0] < AHEAD:
        return None
    return Reading(path=named[0].path, columns=(ranked[0][1],))
