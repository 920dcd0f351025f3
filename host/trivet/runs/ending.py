"""How a run comes to rest: finished, exhausted, or waiting, with everything that was at work brought to its end."""

from typing import Literal

import anyio

from trivet.runs.found import with_found
from trivet.runs.log import RunLog
from trivet.runs.options import RunOutcome
from trivet_sdk.events import BudgetSpent, RunFinished, RunWaiting, ToolFailed

GIVEN_UP = "The sub-goal was given up together with its run."


class Ending:
    """`finish`, `fail`, `exhaust` and `wait` record the run's rest durably, give up its lease, and return the outcome."""

    def __init__(self, log: RunLog) -> None:
        self._log = log
        self.inherited: list[str] = []
        """What sub-goals had found that were cut short together with this run."""
        self.small_models: dict[str, None] = {}
        """Models that served, and are so small that the user should know."""

    async def finish(
        self, status: Literal["succeeded", "failed", "cancelled", "exhausted"], answer: str, reason: str = ""
    ) -> RunOutcome:
        await self._settle()
        fold = self._log.fold
        notes = fold.notes
        if status == "succeeded" and self.small_models and not notes:
            names = ", ".join(self.small_models)
            notes = (f"A small local model ({names}) made this answer: check what matters.",)
        finished = RunFinished(
            status=status,
            answer=answer,
            reason=reason,
            artifacts=fold.transcript.artifacts,
            usage=fold.usage(self._log.now()),
            note=" ".join(notes),
        )
        with anyio.CancelScope(shield=True):
            self._log.journal.release(self._log.run)
            await self._log.write(finished, durable=True)
        return self.outcome(fold.finished or finished)

    async def fail(self, reason: str) -> RunOutcome:
        """The honest sentence, with what was found."""
        return await self.finish("failed", self.with_found(reason), reason)

    def with_found(self, sentence: str) -> str:
        return with_found(sentence, self._log.fold.transcript, self.inherited)

    async def exhaust(self, bound: str) -> RunOutcome:
        """`bound` says in words which bound was reached."""
        fold = self._log.fold
        await self._log.write(BudgetSpent(usage=fold.usage(self._log.now()), exhausted=bound))
        return await self.finish("exhausted", self.with_found(f"{bound} before the goal was reached"), bound)

    async def wait(self, reason: str) -> RunOutcome:
        """Leave the run to be taken up again."""
        with anyio.CancelScope(shield=True):
            self._log.journal.release(self._log.run)
            await self._log.write(RunWaiting(reason=reason), durable=True)
        transcript = self._log.fold.transcript
        return RunOutcome(
            run=self._log.run, status="waiting", reason=reason, usage=transcript.usage, artifacts=transcript.artifacts
        )

    def outcome(self, finished: RunFinished) -> RunOutcome:
        return RunOutcome(
            run=self._log.run,
            status=finished.status,
            answer=finished.answer,
            reason=finished.reason,
            artifacts=finished.artifacts,
            usage=finished.usage,
            note=finished.note,
            is_tainted=self._log.fold.is_tainted,
        )

    async def _settle(self) -> None:
        """Give every step that was cut short its end, so that none seems to run for ever."""
        fold = self._log.fold
        for id, step in list(fold.unfinished.items()):
            if fold.states[id] != "running":
                continue
            intent = fold.intents.get(id)
            is_lost = intent is not None and not intent.has_ended and intent.effect == "effectful"
            await self._log.write(
                ToolFailed(
                    step=id,
                    tool=step.tool,
                    error="it was stopped" + ("; whether it took effect is not known" if is_lost else ""),
                    key=intent.key if intent is not None else "",
                    outcome="unknown" if is_lost else "cancelled",
                )
            )
