"""The calls of a goal's first plan: heard off its words, found in the workspace, asked of a larger model, or written by the small
one, in this order."""

import re
from collections.abc import Sequence
from functools import partial

import msgspec

from trivet_plan_smollm2.asking import asking_all
from trivet_plan_smollm2.clerk import Clerk, card_of
from trivet_plan_smollm2.deciding import decided
from trivet_plan_smollm2.earlier import last_path
from trivet_plan_smollm2.follow_up import followed
from trivet_plan_smollm2.found import is_answer
from trivet_plan_smollm2.grounding import (
    Ground,
    Search,
    is_about_table,
    is_elsewhere,
    is_of_all,
    likely,
    list_workspace,
    look,
    mentioned,
    name_score,
    new_paths,
    search,
)
from trivet_plan_smollm2.larger import ROLE, Larger
from trivet_plan_smollm2.limits import Limits
from trivet_plan_smollm2.model.candidates import Writer, reckons
from trivet_plan_smollm2.model.suiting import cards_of, suitable
from trivet_plan_smollm2.notes import LARGER, NOTE, PLAIN, QUERIED, TOLD
from trivet_plan_smollm2.outcome import is_in_vain
from trivet_plan_smollm2.pointed import in_named_file
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.event_days import of_events
from trivet_plan_smollm2.requests.of_texts import of_texts
from trivet_plan_smollm2.requests.several import several_questions
from trivet_plan_smollm2.requests.text_figures import figure_in_text
from trivet_plan_smollm2.saving import Unsaved, saved
from trivet_plan_smollm2.shortlist import Shortlist, shortlist
from trivet_plan_smollm2.shortness import of_whole_text
from trivet_plan_smollm2.strangers.example_calls import is_strangers, routed
from trivet_plan_smollm2.strangers.plain_calls import plain_call
from trivet_plan_smollm2.strangers.steps import Parts, has_several
from trivet_plan_smollm2.tables.settings_units import told_in_unit
from trivet_plan_smollm2.tables.times_setting import times_setting
from trivet_plan_smollm2.tables.whereabouts import whereabouts
from trivet_plan_smollm2.words.cues import is_sought
from trivet_plan_smollm2.words.similarity import Similarity
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_plan_smollm2.words.unit_words import then_converted, unit_said, unit_wanted
from trivet_sdk import PlannerAbstained, PlanRequest, Services

SURE = 0.8
"""Nearness of a tool's example from which on no table is looked at first."""
_ROWS = frozenset({"where", "columns", "function", "group_by", "sort_by", "query", "expression"})
"""Arguments of calls that choose rows or reckon with them, of which a larger model has found no right ones."""
BESIDE_TABLES = 0.1
"""How much nearer a tool's example must be where the goal has a word of some table as well."""

Calls = tuple[Sequence[Call], str]
"""The calls, and how they were come by, for the user to know."""


class View(msgspec.Struct, frozen=True):
    """The goal beside the workspace."""

    text: str
    goal: Spans
    ground: Ground
    named: Sequence[FileCard]
    """Files that the goal names, or the one of which it speaks."""
    spoken: Sequence[FileCard]
    is_of_a_file: bool
    has_strangers: bool
    """Tools that the planner does not know may be meant."""

    @property
    def is_of_named_table(self) -> bool:
        return any(card.columns for card in self.named)


class FirstCalls:
    """Of one request."""

    def __init__(
        self, request: PlanRequest, services: Services, similarity: Similarity, parts: Parts, limits: Limits
    ) -> None:
        self._request, self._services, self._similarity = request, services, similarity
        self._parts, self._limits = parts, limits
        self._tools = request.tools
        self._larger = Larger(request, services, similarity)
        self._nearest: tuple[Call | None, float] | None = None

    async def of(self, goal_text: str) -> Calls:
        """Raises PlannerAbstained."""
        view = await self._view(goal_text)
        clerk = Clerk(self._tools, view.ground)
        calls, note = await self._heard(view, clerk) or await self._sought(view, clerk)
        if note != PLAIN or (other := await self._larger.contradiction(view.goal, calls, view.ground)) is None:
            return calls, note
        if not other.read:
            return other.calls, QUERIED
        raise PlannerAbstained(
            f"This can be read in two ways, and one comes to {other.read}, the other to {other.finds}.",
            f"Say it in other words. {LARGER}",
        )

    async def _view(self, text: str) -> View:
        listing = await list_workspace(self._tools, self._services)
        paths = [entry["path"] for entry in listing]
        goal = read_goal(text, paths)
        ground = await look(goal, self._tools, self._services, listing)
        named = [ground.cards[path] for path in mentioned(goal, paths) if path in ground.cards]
        written = new_paths(goal, paths)
        spoken = [card for path, card in ground.cards.items() if path not in written and name_score(goal, path) >= 1]
        is_of_a_file = bool(mentioned(goal, paths) or written)
        return View(
            text=text,
            goal=goal,
            ground=ground,
            named=spoken if not named and len(spoken) == 1 else named,
            spoken=spoken,
            is_of_a_file=is_of_a_file,
            has_strangers=not is_of_a_file and any(map(is_strangers, self._tools)),
        )

    async def _heard(self, view: View, clerk: Clerk) -> Calls | None:
        """What is plain before anything is embedded, if no tool is a stranger: it costs no second."""
        goal, ground, named, earlier = view.goal, view.ground, view.named, self._request.transcript.earlier
        if earlier and (going_on := _going_on(goal, self._request, ground)):
            return going_on
        if view.has_strangers:
            call, nearness = await self._by_examples(goal)
            if call is not None and nearness >= SURE:
                return [call], PLAIN
        if (event := await of_events(goal, [*ground.cards.values()], self._tools, self._services)) is not None:
            return [event[0]], f"{PLAIN}; {event[1]}"
        setting = await told_in_unit(goal, ground, self._tools, self._services)
        setting = setting or await whereabouts(goal, ground, self._tools, self._services)
        if setting := setting or await times_setting(goal, ground, self._tools, self._services, clerk.heard):
            return setting, PLAIN
        if told := await of_texts(goal, view.text, named, ground, self._tools, self._services):
            return told
        plain = clerk.heard(goal, named)
        if not (plain or view.has_strangers or named):
            plain = clerk.heard_somewhere(goal)
        if plain and not await is_in_vain(goal.goal, plain, self._tools, self._services):
            return plain, PLAIN
        if view.is_of_named_table and (asked := await self._larger.queried(goal, named, ground)):
            return asked, QUERIED
        if earlier and not named and not view.spoken and (path := last_path(earlier)) in ground.cards:
            meant = read_goal(f"{view.text} ({path})", ground.listing)
            if plain := clerk.heard(meant, [ground.cards[path]]):
                return plain, f"{PLAIN}; {path} was taken to be meant, as before"
        return None

    async def _sought(self, view: View, clerk: Clerk) -> Calls:
        """With a sense of what is near to what, and a search of the workspace."""
        goal, ground, named, similarity = view.goal, view.ground, view.named, self._similarity
        tools = await shortlist(goal, self._tools, similarity, ground.listing)
        if tools.best < self._limits.nearness:
            raise PlannerAbstained(f"None of the {len(self._tools)} installed tools seems to fit this goal.", LARGER)
        if of_a_tool := await self._of_a_tool(view, tools):
            return of_a_tool
        if pointed := await in_named_file(goal, named, self._tools, self._services, similarity):
            return pointed, PLAIN
        found = await search(goal, self._tools, self._services)
        if whole := await of_whole_text(self._request.goal.text, found, self._tools, self._services):
            return whole, PLAIN
        files = await likely(goal, ground, similarity, found.paths)
        plain = await clerk.plain(goal, tools, files, similarity)
        if plain and not await is_in_vain(goal.goal, plain, self._tools, self._services):
            return plain, PLAIN
        if probed := await clerk.probed(goal, named or view.spoken or files, self._services):
            return probed, PLAIN
        if clerk.rivals:
            question = f"Which file do you mean? {', '.join(clerk.rivals)}"
            return [Call(tool="ask", arguments={"question": question})], PLAIN
        elsewhere, enough = is_elsewhere(goal, ground), self._limits.passage
        judge = partial(is_answer, similarity=similarity, enough=enough)
        if each := await several_questions(goal, ground, self._tools, self._services, judge):
            return each, PLAIN
        if figure := await figure_in_text(goal, found, elsewhere, similarity, enough, self._tools):
            return figure, PLAIN
        if found.call is not None and not is_of_all(goal, ground) and await judge(found, goal, elsewhere):
            return [found.call], PLAIN  # nothing that a model could write would find more
        if not view.is_of_named_table and (asked := await self._larger.queried(goal, files, ground)):
            return asked, QUERIED
        told = await self._larger.told(goal, found, ground)
        if told:
            return told, TOLD
        if told is not None and not is_strangers(tools.tools[0]):
            raise PlannerAbstained("Neither the tables nor the texts here seem to tell this.", LARGER)
        return await self._written(view, tools, files, found)

    async def _of_a_tool(self, view: View, tools: Shortlist) -> Calls | None:
        """A call of a tool whose examples, or whose schema, the goal fits."""
        is_of_a_table = is_about_table(view.goal, view.ground) or any(card.columns for card in view.spoken)
        if not view.is_of_a_file:
            call, nearness = await self._by_examples(view.goal)
            if call is not None and nearness >= self._limits.example + (BESIDE_TABLES if is_of_a_table else 0.0):
                return [call], PLAIN
        if view.is_of_a_file or view.named or view.spoken or is_of_a_table:
            return None
        rivals = dict(zip((tool.name for tool in tools.tools), tools.scores, strict=True))
        return await plain_call(
            view.goal,
            self._request,
            rivals,
            self._similarity,
            lambda: suitable(self._services.model(ROLE)),
            self._limits.plain,
        )

    async def _written(self, view: View, tools: Shortlist, files: Sequence[FileCard], found: Search) -> Calls:
        """What the small model writes."""
        goal, ground, request = view.goal, view.ground, self._request
        model = suitable(self._services.model(ROLE))
        scores = {tool.name: score for tool, score in zip(tools.tools, tools.scores, strict=True)}
        looking = frozenset(tool.name for tool in self._tools if tool.describes)
        cards, run = cards_of(tools), request.transcript.run
        writer = Writer(model, goal, cards, files, [*ground.listing], run, scores, looking)
        try:
            reckoning = frozenset(tool.name for tool in cards if reckons(tool))
            calls = decided(await writer.candidates(), goal.goal, files, self._limits, reckoning, writer.is_read_too)
        except PlannerAbstained:
            is_held = found.coverage >= self._limits.passage and not is_elsewhere(goal, ground)
            if found.call is None or not (is_held and is_sought(goal.goal)):
                raise
            return [found.call], NOTE
        if self._larger.is_here and (_counts(goal) or any(_takes_rows(call, ground.listing) for call in calls)):
            raise PlannerAbstained("What the small model would take from the tables here is not sure enough.", LARGER)
        if (wanted := unit_wanted(goal.goal)) is not None and unit_said(goal, wanted.unit):
            calls = then_converted(calls, wanted.unit, goal, [*map(card_of, self._tools)]) or calls
        return [asking_all(call, tools.tools, goal) for call in calls], NOTE

    async def _by_examples(self, goal: Spans) -> tuple[Call | None, float]:
        """The first call of a goal whose parts other people's tools can meet, and how near the farthest of their examples is;
        found once."""
        if self._nearest is None:
            self._nearest = await self._nearest_call(goal)
        return self._nearest

    async def _nearest_call(self, goal: Spans) -> tuple[Call | None, float]:
        if parts := await self._parts.of(goal, self._request, self._similarity):
            return parts[0].call, min(part.nearness for part in parts)
        if has_several(goal, self._request):
            return None, 0.0  # one call would be half of what is wanted
        alone = await routed(goal, self._tools, self._similarity)
        return (alone.call, alone.nearness) if alone is not None else (None, 0.0)


def _counts(goal: Spans) -> bool:
    """Whether a figure of rows is wanted, which the small model has no way to save but all of them: `how often each fault`."""
    return re.search(r"\bhow (?:often|many)\b|\b(?:count|number of)\b|多少|几次", goal.goal, re.IGNORECASE) is not None


def _takes_rows(call: Call, listing: Sequence[str]) -> bool:
    return bool(_ROWS & call.arguments.keys()) and any(value in listing for value in call.arguments.values())


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
