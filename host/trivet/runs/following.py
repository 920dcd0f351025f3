"""What a verdict brings about: the planner is asked, a step is done again, the user is asked, or the run ends."""

from typing import assert_never

from trivet.runs.asking import Asking, Unanswered
from trivet.runs.ending import Ending
from trivet.runs.escalation import Escalation
from trivet.runs.execution import Execution
from trivet.runs.failures import CannotGoOn, PlannerStuck, ReplansOver
from trivet.runs.family import Family
from trivet.runs.log import RunLog
from trivet.runs.options import RunOutcome
from trivet.runs.planning import Planning
from trivet_sdk.errors import PlannerAbstained
from trivet_sdk.events import VerdictIssued
from trivet_sdk.plan import Step
from trivet_sdk.verdict import Accept, Ask, Finish, GiveUp, Replan, Retry, Verdict

STALLED = 3
"""Times that the planner may be asked to go on without anything having happened in between."""


class Following:
    def __init__(
        self,
        log: RunLog,
        planning: Planning,
        execution: Execution,
        asking: Asking,
        ending: Ending,
        family: Family,
        escalation: Escalation,
    ) -> None:
        self._log = log
        self._fold = log.fold
        self._planning = planning
        self._execution = execution
        self._asking = asking
        self._ending = ending
        self._family = family
        self._escalation = escalation
        self._moves = -1
        self._stalled = 0
        self._abstained: PlannerAbstained | None = None

    async def follow(self, verdict: Verdict) -> RunOutcome | None:
        """None if the run goes on. Raises BoundReached, CannotGoOn and what a broken planner raises."""
        match verdict:
            case Accept(reason):
                await self._replan(reason or "go on", is_next=True)
            case Retry(step, reason):
                await self._retry(step, reason)
            case Replan(reason, is_next):
                await self._replan(reason, is_next=is_next)
            case Ask(question):
                if (said := self._fold.said.get(question)) is not None:
                    known = Replan(f"the user was asked this before ({question}) and answered: {said}")
                    await self._log.write(VerdictIssued(verdict=known, by="host"))
                    return None
                try:
                    await self._asking.question(question, None)
                except Unanswered:
                    return await self._ending.wait(question)
                self._abstained, self._stalled = None, 0  # what the user said may open a way
            case Finish(answer):
                return await self._ending.finish("succeeded", answer or self._fold.transcript.answer or "Done.")
            case GiveUp(reason) if self._fold.pending_by != "user" and await self.escalated(reason):
                return None
            case GiveUp(reason, found):
                answer = f"{reason}\n{found}" if found else self._ending.with_found(reason)
                return await self._ending.finish("failed", answer, reason)
            case _:
                assert_never(verdict)
        return None

    async def escalated(self, why: str) -> bool:
        """Hand the run over to the larger planner, which is held nothing against; False if there is none left to ask."""
        if not await self._escalation.begin(why):
            return False
        self._abstained, self._stalled = None, 0
        return True

    async def _replan(self, reason: str, *, is_next: bool) -> None:
        if not is_next and (bound := self._family.replans_over()):
            raise ReplansOver(bound)
        if is_next:
            moves = self._fold.moves
            self._stalled = self._stalled + 1 if moves == self._moves else 1
            self._moves = moves
            if self._stalled > STALLED:
                raise PlannerStuck("the planner was asked to go on several times, and nothing came of it")
        if self._abstained is not None:
            raise CannotGoOn(str(self._abstained))
        try:
            await self._planning.plan(reason)
        except PlannerAbstained as abstained:
            if self._escalation.is_left:
                raise
            # What is left of the plan still runs, and the reflector has the last word on what came of it.
            self._abstained = abstained

    async def _retry(self, id: str, reason: str) -> None:
        """A verdict on the whole run wants one step done again."""
        step = self._fold.steps.get(id)
        attempts = self._fold.attempts.get(id, 0)
        if step is None or attempts > self._fold.budget.max_retries or self._is_done_for_good(step):
            told = reason if step is not None else f"there is no step {id} to repeat. {reason}"
            await self._log.write(
                VerdictIssued(verdict=Replan(f"{told} (step {id} was tried {attempts} times)"), by="host")
            )
            return
        await self._execution.again(step)

    def _is_done_for_good(self, step: Step) -> bool:
        intent = self._fold.intents.get(step.id)
        return self._fold.states[step.id] == "succeeded" and intent is not None and intent.effect == "effectful"
