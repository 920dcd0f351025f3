"""Goals of several parts that other people's tools carry out, one part after the other: each is routed by itself, and what it
lacks is taken from the parts before, once their results are there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.strangers.example_calls import Routed, is_candidate, routed, with_results
from trivet_plan_smollm2.words.carriers import carriers_of, covered
from trivet_plan_smollm2.words.clauses import clauses_of, halves_of, is_wish, verbs_of
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import PlanRequest, Step, ToolSpec, Transcript

REMEMBERED = 64
NEAR = 0.4
"""Similarity to an example that each part must have."""
_POINTS = re.compile(r"\b(?:its|his|her|their)\b", re.IGNORECASE)
OWN = 0.75
"""Nearness of a part that is a goal by itself although no verb begins it."""
ALIKE = 0.1
"""How much less near two parts of one kind may be than the goal as a whole."""


async def parts_of(goal: Spans, request: PlanRequest, similarity: Similarity) -> list[Routed]:
    """Empty unless the goal has several parts, and each has a tool; the first must lack nothing."""
    tools = [tool for tool in request.tools if is_candidate(tool)]
    clauses = clauses_of(goal, verbs_of(tools), ())
    if 1 < len(clauses) < 5 and (parts := await _routed_all(clauses, tools, similarity)):
        return parts
    return await _coordinated(goal, tools, similarity) if len(clauses) == 1 else []


def has_several(goal: Spans, request: PlanRequest) -> bool:
    """Whether it plainly wishes for several things, each with a verb or a question of its own."""
    verbs = verbs_of([tool for tool in request.tools if is_candidate(tool)])
    return sum(is_wish(clause.goal, verbs) for clause in clauses_of(goal, verbs, ())) > 1


async def _routed_all(clauses: Sequence[Spans], tools: Sequence[ToolSpec], similarity: Similarity) -> list[Routed]:
    """Empty unless each has a tool; the first must lack nothing."""
    parts: list[Routed] = []
    for clause in clauses:
        part = await routed(clause, tools, similarity, may_lack=bool(parts))
        if part is None or part.nearness < NEAR:
            return []
        parts.append(part)
    return parts


async def _coordinated(goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity) -> list[Routed]:
    """`goulash for 3 and soup for 5`: two goals with no verb of its own in the second."""
    halves = [*halves_of(goal)]
    alone = await routed(goal, tools, similarity) if halves else None  # embeds every example of every tool
    for one, other in halves:
        parts = await _routed_all((one, other), tools, similarity)
        if (
            len(parts) == 2
            and (not parts[1].lacks or _POINTS.search(other.goal))
            and (_is_same(*parts) or _is_own(parts, tools))
            and min(part.nearness for part in parts) > (alone.nearness if alone else 0.0) - ALIKE
        ):
            return parts
    return []


def _is_same(one: Routed, other: Routed) -> bool:
    first, second = one.call.arguments, other.call.arguments
    return one.call.tool == other.call.tool and first.keys() == second.keys() and first != second


def _is_own(parts: Sequence[Routed], tools: Sequence[ToolSpec]) -> bool:
    """Whether each is plainly a goal by itself: `show the last reading and our prices`."""
    known = {tool.name: tool for tool in tools}
    return all(part.nearness >= OWN and covered(part.said, carriers_of(known[part.call.tool])) > 0.5 for part in parts)


class Parts:
    """The parts of the newest goals, each worked out once: a goal is asked about again whenever a step has come back."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[Routed]] = {}

    async def of(self, goal: Spans, request: PlanRequest, similarity: Similarity) -> list[Routed]:
        """As `parts_of`."""
        key = (request.transcript.run, goal.goal)
        if key not in self._known:
            self._known[key] = await parts_of(goal, request, similarity)
            while len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return self._known[key]


def next_call(parts: Sequence[Routed], transcript: Transcript, tools: Sequence[ToolSpec]) -> Call | None:
    """The call of the next part, or None if there is none left, or if it lacks what nothing before has."""
    done = called(transcript)
    if len(done) >= len(parts):
        return None
    part = parts[len(done)]
    tool = next(tool for tool in tools if tool.name == part.call.tool)
    known: dict[str, Any] = {}
    for step in done:
        known.update(step.arguments)
        known.update(_values(transcript, step))
    given = {name for step in done for name in step.arguments}
    return with_results(part.call, part.lacks, known, given, tool, part.said)


def called(transcript: Transcript) -> list[Step]:
    steps = transcript.plan.steps if transcript.plan else ()
    return [step for step in steps if step.tool not in ("ask", "answer")]


def _values(transcript: Transcript, step: Step) -> Mapping[str, Any]:
    result = transcript.results.get(step.id)
    value = result.value if result is not None else None
    if not isinstance(value, dict):
        return {}
    found = {key: inner for key, inner in value.items() if not isinstance(inner, (dict, list))}
    for inner in value.values():  # of one record, its fields are meant; of several, nobody knows which
        record = inner[0] if isinstance(inner, list) and len(inner) == 1 else inner
        if isinstance(record, dict):
            found = {**record, **found}
    for key, inner in value.items():
        if isinstance(inner, list) and len(inner) == 1 and not isinstance(inner[0], (dict, list)):
            found.setdefault(key, inner[0])
    return found
