"""The planner: look at the workspace, shortlist tools and files, let the small model write under a grammar, and decline
what it would only guess.
"""

from collections.abc import Sequence

from trivet_plan_smollm2.answering import NoAnswer, best_passages, compose
from trivet_plan_smollm2.asking import pointed_at, unnamed
from trivet_plan_smollm2.fetched import address, fetching, read_fetched, visits
from trivet_plan_smollm2.first_calls import FirstCalls
from trivet_plan_smollm2.limits import Limits
from trivet_plan_smollm2.notes import LARGER, PLAIN
from trivet_plan_smollm2.numbering import numbered
from trivet_plan_smollm2.passages import sentences
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.brevity import matter
from trivet_plan_smollm2.shortness import cut_to_size, fitted
from trivet_plan_smollm2.strangers.example_calls import is_candidate
from trivet_plan_smollm2.strangers.steps import Parts, called, next_call
from trivet_plan_smollm2.words.courtesies import courtesy
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import (
    Answered,
    Patch,
    Plan,
    PlannerAbstained,
    PlanRequest,
    Services,
    Step,
)


class SmallPlanner:
    """Plans with SmolLM2-135M. One instance serves all runs; it holds nothing of a run."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._similarities: dict[int, Similarity] = {}
        self._parts = Parts()

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        """A first plan, open; then the answer from its results. Raises PlannerAbstained where it would guess."""
        transcript = request.transcript
        if transcript.plan is not None and transcript.plan.steps and not self._answers_question(request):
            return await self._finish(request, services)
        goal_text = request.goal.text
        if replies := [turn.answer for turn in transcript.turns if isinstance(turn, Answered)]:
            goal_text = f"{goal_text} ({'; '.join(replies)})"
        if reply := courtesy(goal_text, request.tools):
            return self._said(reply, request)
        said = read_goal(goal_text)
        if not (transcript.earlier or replies or request.goal.attachments or said.paths) and (
            what := pointed_at(said) or unnamed(said)
        ):
            step = Step(
                id="s1",
                tool="ask",
                arguments={"question": f"What do you mean by '{what}'? Name the file or what is in it."},
            )
            return Plan(steps=(step,))
        fetch = fetching(said, request.tools)
        if said.urls and not any(map(visits, request.tools)):
            raise PlannerAbstained(
                f"No tool that is enabled reads {address(said)}.",
                "`trivet plugins enable web` shows one that does, and enables it.",
            )
        calls, note = ([fetch], PLAIN) if fetch else await self._first(matter(goal_text), request, services)
        calls = await fitted(calls, goal_text, request.tools, services)
        first = len(transcript.plan.steps) + 1 if transcript.plan else 1
        steps = numbered(calls, first)
        if transcript.plan is not None:
            return Patch(revision=transcript.plan.revision, add=steps, is_open=steps[0].tool != "ask", note=note)
        return Plan(steps=steps, is_open=steps[0].tool != "ask", note=note)

    @staticmethod
    def _said(reply: str, request: PlanRequest) -> Plan | Patch:
        before = request.transcript.plan
        step = Step(id=f"s{len(before.steps) + 1 if before else 1}", tool="answer", arguments={"text": reply})
        return Plan(steps=(step,)) if before is None else Patch(revision=before.revision, add=(step,))

    @staticmethod
    def _answers_question(request: PlanRequest) -> bool:
        steps = request.transcript.plan.steps if request.transcript.plan else ()
        return bool(steps) and all(step.tool == "ask" for step in steps)

    async def _finish(self, request: PlanRequest, services: Services) -> Patch:
        transcript, similarity = request.transcript, self._similarity(services)
        assert transcript.plan
        if (read := await self._after_fetch(request, services)) is not None:
            return read
        if (going_on := await self._next_part(request, similarity)) is not None:
            return going_on
        steps = [step for step in transcript.plan.steps if step.tool not in ("ask", "answer")]
        passages, wanted = best_passages(transcript, steps), matter(request.goal.text)
        senses = await similarity.between(wanted, passages)
        said = await similarity.between(wanted, [each for text in passages for each in sentences(text)])
        composed = compose(
            transcript, steps, max(senses, default=0.0), self._limits.passage, sentence=max(said, default=0.0)
        )
        composed = await cut_to_size(request.goal.text, transcript, composed, similarity)
        if isinstance(composed, NoAnswer):
            raise PlannerAbstained(composed.reason)
        id = f"s{len(transcript.plan.steps) + 1}"
        answer = Step(id=id, tool="answer", arguments={"text": composed.text}, needs=tuple(step.id for step in steps))
        return Patch(revision=transcript.plan.revision, add=(answer,))

    async def _after_fetch(self, request: PlanRequest, services: Services) -> Patch | None:
        """What the goal wants of the page that it named, now that the page is there; None if nothing was fetched for it."""
        transcript, plan = request.transcript, request.transcript.plan
        assert plan is not None
        done = called(transcript)
        said = read_goal(request.goal.text)
        fetch = fetching(said, request.tools)
        if fetch is None or len(done) != 1 or done[0].tool != fetch.tool or done[0].id not in transcript.results:
            return None
        value = transcript.results[done[0].id].value
        found = await read_fetched(
            said, value if isinstance(value, dict) else {}, request.tools, services, self._similarity(services)
        )
        if found.calls:
            first = int(done[0].id[1:])
            steps = numbered([Call(tool=fetch.tool), *found.calls], first)[1:]
            return Patch(revision=plan.revision, add=steps, is_open=True, note=PLAIN)
        if not found.answer:
            raise PlannerAbstained(f"What stands at {address(said)} does not tell this, as far as can be read.", LARGER)
        answer = Step(
            id=f"s{len(plan.steps) + 1}",
            tool="answer",
            arguments={"text": found.answer.replace("{{", "{ {")},
            needs=(done[0].id,),
        )
        return Patch(revision=plan.revision, add=(answer,), note=PLAIN)

    async def _next_part(self, request: PlanRequest, similarity: Similarity) -> Patch | None:
        """The next part of a goal of several, now that the results of those before are there."""
        transcript, plan = request.transcript, request.transcript.plan
        assert plan is not None
        done = called(transcript)
        if any(transcript.states.get(step.id) != "succeeded" for step in done):
            return None
        candidates = {tool.name for tool in request.tools if is_candidate(tool)}
        if not {step.tool for step in done} <= candidates:
            return None  # what was read was no part of such a goal
        parts = await self._parts.of(read_goal(request.goal.text), request, similarity)
        if len(parts) <= len(done) or any(part.call.tool != step.tool for part, step in zip(parts, done, strict=False)):
            return None
        call = next_call(parts, transcript, request.tools)
        if call is None:
            lacking = ", ".join(parts[len(done)].lacks)
            raise PlannerAbstained(
                f"The results so far do not tell the {lacking} for '{parts[len(done)].call.tool}'.", LARGER
            )
        step = Step(
            id=f"s{len(plan.steps) + 1}",
            tool=call.tool,
            arguments=call.arguments,
            needs=tuple(step.id for step in done),
        )
        return Patch(revision=plan.revision, add=(step,), is_open=True, note=PLAIN)

    async def _first(self, goal_text: str, request: PlanRequest, services: Services) -> tuple[Sequence[Call], str]:
        similarity = self._similarity(services)
        return await FirstCalls(request, services, similarity, self._parts, self._limits).of(goal_text)

    def _similarity(self, services: Services) -> Similarity:
        embedder = services.embedder()
        return self._similarities.setdefault(id(embedder), Similarity(embedder))
