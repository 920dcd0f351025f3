"""The reflector."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from trivet_critic.inspection import inspected
from trivet_critic.judgement import judged, once
from trivet_critic.opinion import NOT_YET, Opinion, opinion_of
from trivet_sdk import (
    Finish,
    GiveUp,
    Judged,
    Model,
    ModelError,
    Replan,
    Services,
    Step,
    ToolResult,
    Transcript,
    Verdict,
    WeightsMissing,
)

COST = 3000
"""Tokens that an opinion may need; with fewer left it is done without."""

PATIENCE = 2
"""Times that the model may send the planner back."""


class Rigour(msgspec.Struct, frozen=True, kw_only=True):
    """What each means is said in `config.schema.json`."""

    judge_model: Literal["auto", "always", "never"] = "auto"
    role: str = "judge"
    repeats: int = 3


def rigour_of(settings: Mapping[str, Any]) -> Rigour:
    return msgspec.convert(dict(settings), Rigour)


class Critic:
    """Fulfils `trivet_sdk.Reflector`; holds nothing of a run."""

    def __init__(self, rigour: Rigour = Rigour()) -> None:  # noqa: B008 - frozen
        self._rigour = rigour

    def inspect(self, step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> Verdict:
        return inspected(step, result, error, transcript, self._rigour.repeats)

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        """Without a model first; only an answer that nothing speaks against is worth asking one."""
        verdict = judged(transcript)
        if not isinstance(verdict, Finish):
            return verdict
        model = self._model(transcript, services)
        if model is None:
            return verdict
        try:
            opinion = await opinion_of(model, transcript, verdict.answer)
        except ModelError as error:
            return GiveUp(f"The answer could not be judged: {error}", verdict.answer)
        return concluded(opinion, verdict.answer, transcript)

    def _model(self, transcript: Transcript, services: Services) -> Model | None:
        """The model that has the last word, if any."""
        left = transcript.budget.max_tokens
        if self._rigour.judge_model == "never" or (left is not None and left - transcript.usage.tokens < COST):
            return None
        try:
            model = services.model(self._rigour.role)
        except (ModelError, WeightsMissing):
            if self._rigour.judge_model == "always":
                raise
            return None  # a run that needs no model is not failed for the lack of one
        return None if model.is_small and self._rigour.judge_model == "auto" else model


def concluded(opinion: Opinion | None, answer: str, transcript: Transcript) -> Verdict:
    if opinion is None:
        return GiveUp(
            "The model's judgement could not be read or contradicted itself, so the goal does not count as achieved.",
            answer,
        )
    if opinion.verdict == "achieved":
        return Finish(answer, opinion.reason)
    if opinion.verdict == "impossible":
        return GiveUp(opinion.reason, answer)
    disappointed = [turn.verdict for turn in transcript.turns if isinstance(turn, Judged)]
    if sum(isinstance(verdict, Replan) and verdict.reason.startswith(NOT_YET) for verdict in disappointed) >= PATIENCE:
        return GiveUp(opinion.reason, answer)
    return once(Replan(f"{NOT_YET} {opinion.reason}"), transcript, answer)
