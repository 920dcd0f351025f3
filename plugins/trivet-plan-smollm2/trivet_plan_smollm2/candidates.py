"""Plans that the model would write for a goal, the most credible first."""

from collections.abc import Sequence

import msgspec

from trivet_sdk import GenerateRequest, Model, collect
from trivet_sdk.message import system, user

from .evidence import invented, unused
from .grammar import Grammar, Unavailable
from .prompt import Call, FileCard, ToolCard, context, read_plan
from .spans import Spans

ADAPTER = "plan-smollm2"
LONGEST = 220
"""Tokens of one plan at most."""


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
    ) -> None:
        self.model, self.goal, self.tools, self.files, self.listing, self.run = model, goal, tools, files, listing, run
        self.grammar = Grammar(goal, tools, files, listing)

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
        score = sum(token.logprob for token in completion.logprobs if not token.is_forced)
        faults = unused(self.goal, calls, self.files, self.listing) + invented(self.goal, calls)
        if calls and calls[0].tool in ("none", "ask"):
            faults = []
        return Candidate(calls=calls, score=score, faults=tuple(faults))

    async def candidates(self) -> list[Candidate]:
        """The free plan; where it leaves something of the goal unused, also one plan for each other first tool.

        Sorted by faults, then by likelihood.
        """
        free = await self.write()
        found = [free] if free else []
        if not (free and free.is_credible):
            tried = free.calls[0].tool if free and free.calls else None
            for tool in self.tools:
                if tool.name != tried:
                    other = await self.write(tool.name)
                    if other:
                        found.append(other)
        return sorted(found, key=lambda candidate: (len(candidate.faults), -candidate.score))
