"""The planner: look at the workspace, shortlist tools and files, let the small model write under a grammar, and decline
what it would only guess.
"""

from collections.abc import Sequence
from functools import partial

from trivet_plan_smollm2.answering import NoAnswer, best_passages, compose
from trivet_plan_smollm2.asking import asking_all, pointed_at
from trivet_plan_smollm2.clerk import Clerk, card_of
from trivet_plan_smollm2.deciding import decided
from trivet_plan_smollm2.earlier import last_path
from trivet_plan_smollm2.fetched import address, fetching, read_fetched, visits
from trivet_plan_smollm2.follow_up import followed
from trivet_plan_smollm2.found import is_answer
from trivet_plan_smollm2.grounding import (
    Ground,
    is_about_table,
    is_elsewhere,
    likely,
    list_workspace,
    look,
    mentioned,
    name_score,
    new_paths,
    search,
)
from trivet_plan_smollm2.limits import Limits
from trivet_plan_smollm2.model.candidates import Writer, reckons
from trivet_plan_smollm2.model.suiting import cards_of, suitable
from trivet_plan_smollm2.notes import LARGER, NOTE, PLAIN, QUERIED
from trivet_plan_smollm2.numbering import numbered
from trivet_plan_smollm2.passages import sentences
from trivet_plan_smollm2.pointed import in_named_file
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.queries.planning import by_query
from trivet_plan_smollm2.requests.brevity import matter
from trivet_plan_smollm2.requests.event_days import of_events
from trivet_plan_smollm2.requests.of_texts import of_texts
from trivet_plan_smollm2.requests.several import several_questions
from trivet_plan_smollm2.requests.text_figures import figure_in_text
from trivet_plan_smollm2.saving import Unsaved, saved
from trivet_plan_smollm2.shortlist import shortlist
from trivet_plan_smollm2.shortness import cut_to_size, fitted, of_whole_text
from trivet_plan_smollm2.strangers.example_calls import is_candidate, is_strangers, routed
from trivet_plan_smollm2.strangers.plain_calls import plain_call
from trivet_plan_smollm2.strangers.steps import Parts, called, has_several, next_call
from trivet_plan_smollm2.tables.settings_units import told_in_unit
from trivet_plan_smollm2.tables.times_setting import times_setting
from trivet_plan_smollm2.tables.whereabouts import whereabouts
from trivet_plan_smollm2.words.courtesies import courtesy
from trivet_plan_smollm2.words.cues import is_sought
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_plan_smollm2.words.unit_words import then_converted, unit_said, unit_wanted
from trivet_sdk import (
    Answered,
    ModelError,
    Patch,
    Plan,
    PlannerAbstained,
    PlanRequest,
    PluginError,
    Services,
    Step,
    WeightsMissing,
)

ROLE = "plan-smollm2"
"""The role under which settings may give the planner SmolLM2-135M while another model serves everything else."""
QUERY_ROLE = "plan-sql"
"""The role of a larger model that writes questions about tables as SQL."""
SURE = 0.8
"""Nearness of a tool's example from which on no table is looked at first."""
BESIDE_TABLES = 0.1
"""How much nearer a tool's example must be where the goal has a word of some table as well."""


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
        if not (transcript.earlier or replies or request.goal.attachments or said.paths) and (what := pointed_at(said)):
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
        calls, note = ([fetch], PLAIN) if fetch else await self._write(matter(goal_text), request, services)
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

    async def _write(self, goal_text: str, request: PlanRequest, services: Services) -> tuple[Sequence[Call], str]:
        """The calls, and how they were come by, for the user to know."""
        similarity = self._similarity(services)
        listing = await list_workspace(request.tools, services)
        paths = [entry["path"] for entry in listing]
        goal = read_goal(goal_text, paths)
        ground = await look(goal, request.tools, services, listing)
        named = [ground.cards[path] for path in mentioned(goal, paths) if path in ground.cards]
        written = new_paths(goal, paths)
        spoken = [card for path, card in ground.cards.items() if path not in written and name_score(goal, path) >= 1]
        if not named and len(spoken) == 1:
            named = spoken
        clerk = Clerk(request.tools, ground)
        earlier = request.transcript.earlier
        if earlier and (going_on := _going_on(goal, request, ground)):
            return going_on
        is_of_a_file = bool(mentioned(goal, paths) or written)
        has_strangers = not is_of_a_file and any(map(is_strangers, request.tools))
        call, nearness = await self._by_examples(goal, request, similarity) if has_strangers else (None, 0.0)
        if call is not None and nearness >= SURE:
            return [call], PLAIN
        if (event := await of_events(goal, [*ground.cards.values()], request.tools, services)) is not None:
            return [event[0]], f"{PLAIN}; {event[1]}"
        setting = await told_in_unit(goal, ground, request.tools, services)
        setting = setting or await whereabouts(goal, ground, request.tools, services)
        if setting := setting or await times_setting(goal, ground, request.tools, services, clerk.heard):
            return setting, PLAIN
        if told := await of_texts(goal, goal_text, named, ground, request.tools, services):
            return told
        if plain := clerk.heard(goal, named):
            return plain, PLAIN  # before anything is embedded: what is this plain costs no second
        if not (has_strangers or named) and (plain := clerk.heard_somewhere(goal)):
            return plain, PLAIN
        is_of_named_table = any(card.columns for card in named)
        if is_of_named_table and (asked := await self._by_query(goal, named, ground, request, services)):
            return asked, QUERIED  # before anything is embedded, too
        if earlier and not named and not spoken and (path := last_path(earlier)) in ground.cards:
            meant = read_goal(f"{goal_text} ({path})", paths)
            if plain := clerk.heard(meant, [ground.cards[path]]):
                return plain, f"{PLAIN}; {path} was taken to be meant, as before"
        tools = await shortlist(goal, request.tools, similarity, paths)
        if tools.best < self._limits.nearness:
            raise PlannerAbstained(f"None of the {len(request.tools)} installed tools seems to fit this goal.", LARGER)
        is_of_a_table = is_about_table(goal, ground) or any(card.columns for card in spoken)
        if not is_of_a_file:
            if not has_strangers:
                call, nearness = await self._by_examples(goal, request, similarity)
            if call is not None and nearness >= self._limits.example + (BESIDE_TABLES if is_of_a_table else 0.0):
                return [call], PLAIN
        if not (is_of_a_file or named or spoken or is_of_a_table):
            rivals = dict(zip((tool.name for tool in tools.tools), tools.scores, strict=True))
            plainly = await plain_call(
                goal, request, rivals, similarity, lambda: suitable(services.model(ROLE)), self._limits.plain
            )
            if plainly is not None:
                return plainly
        if pointed := await in_named_file(goal, named, request.tools, services, similarity):
            return pointed, PLAIN
        found = await search(goal, request.tools, services)
        if whole := await of_whole_text(request.goal.text, found, request.tools, services):
            return whole, PLAIN
        files = await likely(goal, ground, similarity, found.paths)
        if plain := await clerk.plain(goal, tools, files, similarity):
            return plain, PLAIN
        if probed := await clerk.probed(goal, named or spoken or files, services):
            return probed, PLAIN
        if clerk.rivals:
            return [
                Call(tool="ask", arguments={"question": f"Which file do you mean? {', '.join(clerk.rivals)}"})
            ], PLAIN
        elsewhere, enough = is_elsewhere(goal, ground), self._limits.passage
        judge = partial(is_answer, similarity=similarity, enough=enough)
        if each := await several_questions(goal, ground, request.tools, services, judge):
            return each, PLAIN
        if figure := await figure_in_text(goal, found, elsewhere, similarity, enough, request.tools):
            return figure, PLAIN
        if found.call is not None and await judge(found, goal, elsewhere):
            return [found.call], PLAIN  # nothing that the model could write would find more
        if not is_of_named_table and (asked := await self._by_query(goal, files, ground, request, services)):
            return asked, QUERIED
        model = suitable(services.model(ROLE))
        scores = {tool.name: score for tool, score in zip(tools.tools, tools.scores, strict=True)}
        looking = frozenset(tool.name for tool in request.tools if tool.describes)
        writer = Writer(model, goal, cards_of(tools), files, paths, request.transcript.run, scores, looking)
        try:
            reckoning = frozenset(tool.name for tool in cards_of(tools) if reckons(tool))
            calls = decided(await writer.candidates(), goal.goal, files, self._limits, reckoning, writer.is_read_too)
        except PlannerAbstained:
            is_held = found.coverage >= self._limits.passage and not is_elsewhere(goal, ground)
            if found.call is None or not (is_held and is_sought(goal.goal)):
                raise
            return [found.call], NOTE
        if (wanted := unit_wanted(goal.goal)) is not None and unit_said(goal, wanted.unit):
            calls = then_converted(calls, wanted.unit, goal, [*map(card_of, request.tools)]) or calls
        return [asking_all(call, tools.tools, goal) for call in calls], NOTE

    async def _by_query(
        self, goal: Spans, files: Sequence[FileCard], ground: Ground, request: PlanRequest, services: Services
    ) -> tuple[Call, ...]:
        """What the model of the role `plan-sql` writes, if there is one besides the small one."""
        try:
            model = services.model(QUERY_ROLE)
            if model.name == services.model(ROLE).name:
                return ()
            return await by_query(goal, files, ground, request.tools, model, services, request.transcript.run)
        except (ModelError, PluginError, WeightsMissing):  # it or its backend is not here, or has no room
            return ()

    async def _by_examples(
        self, goal: Spans, request: PlanRequest, similarity: Similarity
    ) -> tuple[Call | None, float]:
        """The first call of a goal whose parts other people's tools can meet, and how near the farthest of their examples is."""
        if parts := await self._parts.of(goal, request, similarity):
            return parts[0].call, min(part.nearness for part in parts)
        if has_several(goal, request):
            return None, 0.0  # one call would be half of what is wanted
        alone = await routed(goal, request.tools, similarity)
        return (alone.call, alone.nearness) if alone is not None else (None, 0.0)

    def _similarity(self, services: Services) -> Similarity:
        embedder = services.embedder()
        return self._similarities.setdefault(id(embedder), Similarity(embedder))


def _going_on(goal: Spans, request: PlanRequest, ground: Ground) -> tuple[Sequence[Call], str] | None:
    """The plan of a goal that means something only after the one before. Raises PlannerAbstained."""
    earlier = request.transcript.earlier
    try:
        if calls := saved(goal, earlier, request.tools):
            return calls, PLAIN
    except Unsaved as unsaved:
        raise PlannerAbstained(str(unsaved)) from None
    if (found := followed(goal, earlier, ground.cards, [*map(card_of, request.tools)])) is None:
        return None
    call, different = found
    return (call,), f"{PLAIN}; read as the goal before, {different}"
