"""Plans that the model would write for a goal, the most credible first."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.evidence import invented, strings_in, unused, uses_rows
from trivet_plan_smollm2.grounding import mentioned, name_score, new_paths
from trivet_plan_smollm2.model.grammar import Grammar
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard, context, read_plan
from trivet_plan_smollm2.schemas import Unavailable
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.cues import is_question
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk
from trivet_plan_smollm2.words.unit_words import then_converted, unit_wanted
from trivet_sdk import GenerateRequest, Model, collect
from trivet_sdk.message import system, user

ADAPTER = "plan-smollm2"
GAP = 0.25
"""How much nearer another tool's examples must be before the model's own choice is held against it."""
PULL = 6.0
"""Nats that a whole point of nearness is worth, then."""
BARE = 0.35
BARE_FOR_QUESTIONS = 0.65
"""Nearness that a call needs if it takes nothing from the goal but a file; more where the goal asks for something."""
LEFT_OVER = 2
"""Characters of a Chinese goal that may be left when everything is read that a table can tell."""
LEFT_WORDS = 1
"""Words of an English goal that may be left, then: one may be another name for a column, but not two."""
LONGEST = 220
"""Tokens of one plan at most."""

_FIGURES = {"date", "unit", "expression"}


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    calls: tuple[Call, ...]
    score: float
    """Sum of the log-likelihoods of the tokens that the grammar left open, in nats."""
    faults: tuple[str, ...] = ()
    """What the goal says and the plan does not use, and what the plan invents."""

    @property
    def is_credible(self) -> bool:
        return not self.faults


class Writer:
    """Asks the model for plans over one context; the prompt's prefix stays in the backend's cache."""

    def __init__(
        self,
        model: Model,
        goal: Spans,
        tools: Sequence[ToolCard],
        files: Sequence[FileCard],
        listing: Sequence[str],
        run: str,
        nearness: Mapping[str, float] | None = None,
        looking: frozenset[str] = frozenset(),
    ) -> None:
        """`looking`: the tools that only tell what is there."""
        self.looking = looking
        self.nearness = {} if nearness is None or has_cjk(goal.goal) else nearness
        """Of the tools' examples to the goal; the embedder knows English."""
        self.model, self.goal, self.tools, self.files, self.listing, self.run = model, goal, tools, files, listing, run
        self.grammar = Grammar(goal, tools, files, listing)
        self.named = {name for path in mentioned(goal, listing) for name in (path, path.rpartition("/")[2])}
        """What the goal calls its files."""
        self.readings = {card.path: reading for card in files if (reading := reading_of(goal, card)) is not None}

    async def write(self, first: str | None = None) -> Candidate | None:
        """The likeliest plan, its first call's tool given or free; None if nothing can be called or read."""
        try:
            grammar = self.grammar.lark(first=first)
        except Unavailable:
            return None
        completion = await collect(
            self.model.generate(
                GenerateRequest(
                    messages=(system(context(self.tools, self.files)), user(self.goal.goal)),
                    grammar=grammar,
                    adapter=ADAPTER,
                    logprobs=True,
                    max_tokens=LONGEST,
                    run=self.run,
                    purpose="plan",
                )
            )
        )
        if completion.finish == "length":
            return None
        try:
            calls = read_plan(completion.text)
        except ValueError:
            return None
        if not calls:
            return None
        calls = self.chained(calls)
        score = sum(token.logprob for token in completion.logprobs if not token.is_forced)
        faults = (
            unused(self.goal, calls, self.files, self.listing)
            + invented(self.goal, calls)
            + self.bare(calls)
            + self.senseless(calls)
            + self.contradicted(calls)
            + self.unheard_options(calls)
        )
        if calls and calls[0].tool in ("none", "ask"):
            faults = []
        return Candidate(calls=calls, score=score, faults=tuple(faults))

    def chained(self, calls: tuple[Call, ...]) -> tuple[Call, ...]:
        """A sum whose result the next call converts, where the model wrote some number instead of the result."""
        wanted = unit_wanted(self.goal.goal)
        if wanted is None or len(calls) != 2 or "expression" not in calls[0].arguments:
            return calls
        return then_converted(calls[:1], wanted.unit, self.goal, self.tools) or calls

    def bare(self, calls: Sequence[Call]) -> list[str]:
        """Calls that take at most a file from the goal, or only look, of a tool whose examples are far from it."""
        return [
            f"the words of the goal, for {call.tool} alone,"
            for call in calls
            if self.nearness.get(call.tool, self.unsaid(call))
            < (BARE_FOR_QUESTIONS if is_question(self.goal.goal) else BARE)
            and (
                call.tool in self.looking
                or all(
                    name == "path" or isinstance(value, (int, bool)) or (isinstance(value, str) and value in self.named)
                    for name, value in call.arguments.items()
                )
            )
        ]

    def unsaid(self, call: Call) -> float:
        """In place of a nearness, for goals that the embedder does not know: nothing, where the call's file is not spoken of."""
        path = call.arguments.get("path")
        is_meant = not isinstance(path, str) or name_score(self.goal, path) >= 1
        return 1.0 if is_meant or not has_cjk(self.goal.goal) else 0.0

    def senseless(self, calls: Sequence[Call]) -> list[str]:
        """Searches for a goal that holds no words to search for, and searches in a table for what is to be reckoned."""
        tables = {card.path for card in self.files if card.columns or card.kind == "table"}
        if any("query" in call.arguments and call.arguments.get("path") in tables for call in calls):
            return ["a search in a table"]
        has_words = any(any(char.isalpha() for char in word) for word in stem_words(self.goal.goal))
        return (
            []
            if has_words
            else [f"the numbers of the goal in {call.tool}" for call in calls if "query" in call.arguments]
        )

    def contradicted(self, calls: Sequence[Call]) -> list[str]:
        """What the goal plainly says of the call's own table, and the call does not do."""
        found: list[str] = []
        for call in calls:
            reading = self.readings.get(str(call.arguments.get("path", "")))
            if reading is None or "query" in call.arguments:
                continue
            if has_cjk(self.goal.goal) and len("".join(reading.unexplained)) > LEFT_OVER:
                found.append(f"the words '{''.join(reading.unexplained)}'")
            used = "\n".join(text for other in calls for text in strings_in(other.arguments)).lower()
            left = [word for word in reading.unexplained if word.lower() not in used and word != reading.noun]
            if len(left) > LEFT_WORDS and uses_rows([call]):
                found.append(f"the words {', '.join(repr(word) for word in left[:3])}")
            tested = {test.get("column") for other in calls for test in other.arguments.get("where") or ()}
            told_apart = {other.arguments.get("by") for other in calls}
            found += [
                f"the condition on {test['column']}"
                for test in reading.where
                if test["column"] not in tested | told_apart | {call.arguments.get("group_by")}
            ]
            if reading.group_by and "function" in call.arguments and not {"group_by", "by"} & call.arguments.keys():
                found.append(f"the groups by {reading.group_by}")
        return found

    def unheard_options(self, calls: Sequence[Call]) -> list[str]:
        """Words of the goal that are one of an argument's few values, where the call has another or none."""
        words = set(re.findall(r"[\w-]+", self.goal.goal.lower()))
        properties = {tool.name: tool.parameters.get("properties", {}) for tool in self.tools}
        found: list[str] = []
        for call in calls:
            for name, schema in properties.get(call.tool, {}).items():
                options = [value for value in schema.get("enum", ()) if isinstance(value, str)]
                said = [value for value in options if value.lower() in words]
                if len(said) == 1 and call.arguments.get(name, schema.get("default")) != said[0]:
                    found.append(f"'{said[0]}'")
        return found

    def is_read_too(self, candidate: Candidate) -> bool:
        """Whether a reader of words makes the very same calls of this table, but for words that he could not place."""
        reading = self.readings.get(str(candidate.calls[0].arguments.get("path", "")))
        if reading is None or reading.beyond:
            return False
        calls = rendered(reading, self.tools, new_paths(self.goal, self.listing))
        return [_told(call) for call in calls] == [_told(call) for call in candidate.calls]

    async def candidates(self) -> list[Candidate]:
        """The free plan; where it leaves something of the goal unused, also one plan for each other first tool, and
        where another tool's examples are much nearer, one for that.

        Sorted by faults, then by likelihood and nearness.
        """
        free = await self.write()
        found = [free] if free else []
        tried = free.calls[0].tool if free and free.calls else ""
        others = [tool.name for tool in self.tools if tool.name != tried]
        if free and free.is_credible:
            nearest = max(others, key=lambda name: self.nearness.get(name, 0.0), default="")
            gap = self.nearness.get(nearest, 0.0) - self.nearness.get(tried, 1.0)
            others = [nearest] if gap > GAP else []
        for name in others:
            if other := await self.write(name):
                found.append(other)
        return sorted(found, key=lambda candidate: (len(candidate.faults), -self.credit(candidate)))

    def credit(self, candidate: Candidate) -> float:
        return candidate.score + PULL * self.nearness.get(candidate.calls[0].tool, 0.0)


def reckons(tool: ToolCard) -> bool:
    """Whether the tool works out figures, days or rows: what the model writes for it is not to be believed (decision 071)."""
    properties = tool.parameters.get("properties", {})
    if {"path", "paths"} & properties.keys() and {"function", "where", "on", "paths"} & properties.keys():
        return True
    required = [properties[name] for name in tool.parameters.get("required", ()) if name in properties]
    formats = {each.get("format") for each in required}
    are_figures = all(
        each.get("format") in _FIGURES or each.get("type") in ("number", "integer") or "enum" in each
        for each in required
    )
    return are_figures and bool(_FIGURES & formats)


def _told(call: Call) -> tuple[str, dict[str, Any]]:
    """A call without what its tool does anyway, conditions in one order."""
    arguments = {name: value for name, value in call.arguments.items() if value not in (None, "", 0, [], ())}
    if "group_by" not in arguments and "sort_by" not in arguments:
        arguments.pop("descending", None)
    if isinstance(tests := arguments.get("where"), (list, tuple)):
        arguments["where"] = sorted(repr(sorted(test.items())) for test in tests)
    return call.tool, arguments
