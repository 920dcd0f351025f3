"""Asking the planner: its proposal is validated, and one that cannot run goes back with the reasons."""

from collections.abc import Callable

from trivet.runs.apart import apart
from trivet.runs.catalogue import Catalogue
from trivet.runs.escalation import Escalation
from trivet.runs.failures import BoundReached, CannotGoOn, PlannerStuck, PluginBroke
from trivet.runs.foreign import cause_of, checked, told, trace
from trivet.runs.log import RunLog
from trivet.runs.validation import Situation, accepted_patch, accepted_plan
from trivet_sdk.context import Services
from trivet_sdk.contributions import Planner, PlanRequest
from trivet_sdk.errors import InvalidPlan, PlannerAbstained, TrivetError
from trivet_sdk.events import PlanAccepted, PlanPatched, PlanProposed, ToolFailed
from trivet_sdk.goal import Budget
from trivet_sdk.plan import Patch, Plan

ATTEMPTS = 3
"""Proposals in a row that may turn out unable to run."""


class Planning:
    def __init__(
        self,
        log: RunLog,
        planner: Planner,
        escalation: Escalation,
        tools: Catalogue,
        services: Callable[[], Services],
        left: Callable[[], Budget],
    ) -> None:
        self._log = log
        self._planner = planner
        self._escalation = escalation
        self._tools = tools
        self._services = services
        self._left = left

    async def plan(self, reason: str) -> None:
        """Obtain a plan, or a patch to the one there is, and record it.

        Raises PlannerAbstained, PlannerStuck if no proposal can run, CannotGoOn if the planner could not work, PluginBroke
        if it broke.
        """
        reasons: tuple[str, ...] = ()
        for _ in range(ATTEMPTS):
            proposal = await self._proposal("; ".join(reasons) or reason)
            try:
                await self._accept(proposal)
                return
            except InvalidPlan as invalid:
                reasons = invalid.reasons
                await self._log.write(_proposed(proposal, reasons))
        raise PlannerStuck(f"the planner found no plan that can run: {'; '.join(reasons)}")

    async def _proposal(self, reason: str) -> Plan | Patch:
        request = PlanRequest(
            goal=self._log.fold.goal,
            tools=self._tools.specs,
            transcript=self._log.fold.transcript,
            budget_left=self._left(),
            reason=reason,
        )
        larger = self._escalation.larger
        planner = self._planner if larger is None else larger.planner
        try:
            proposal = await apart(planner.plan(request, self._services()))
        except BaseException as error:  # foreign code, perhaps from within a task group of its own
            raise await self._failure(cause_of(error)) from error
        try:
            return _whole(proposal)
        except TypeError as oddity:
            raise await self._failure(oddity) from oddity

    async def _failure(self, cause: BaseException) -> Exception:
        """What a planner's exception means to the run."""
        match cause:
            case PlannerAbstained() if self._escalation.is_left:
                return cause  # the verdict that hands the run over tells it, in one event
            case PlannerAbstained():
                await self._log.write(PlanProposed(rejected=(told(cause),)))
                return cause
            case BoundReached() | CannotGoOn() | PluginBroke():
                return cause
            case TrivetError() if self._escalation.larger is not None:
                why = self._log.fold.escalated
                return CannotGoOn(f"{why} The larger model could not help: {told(cause)}")
            case TrivetError():
                return CannotGoOn(told(cause))
        broke = PluginBroke("planner", "plan", cause)
        await self._log.write(ToolFailed(tool="planner", error=str(broke), is_bug=True, traceback=trace(cause)))
        return broke

    async def _accept(self, proposal: Plan | Patch) -> None:
        fold = self._log.fold
        if fold.plan is None:
            if isinstance(proposal, Patch):
                raise InvalidPlan(["there is no plan yet that a patch could change; propose a whole plan"])
            plan = accepted_plan(proposal, self._tools)
            await self._log.write(_proposed(proposal))
            await self._log.write(PlanAccepted(plan=plan))
            return
        situation = Situation(fold.plan, fold.states, fold.results, fold.unfinished)
        patch = accepted_patch(proposal, situation, self._tools)
        await self._log.write(_proposed(proposal))
        await self._log.write(PlanPatched(patch=patch, revision=fold.plan.revision + 1))


def _whole(proposal: object) -> Plan | Patch:
    """Raises TypeError with what a planner written without a type checker got wrong."""
    for kind in (Plan, Patch):
        if isinstance(proposal, kind):
            whole: Plan | Patch = checked(proposal, kind)
            return whole
    raise TypeError(f"it returned {type(proposal).__name__} instead of a plan")


def _proposed(proposal: Plan | Patch, rejected: tuple[str, ...] = ()) -> PlanProposed:
    if isinstance(proposal, Plan):
        return PlanProposed(plan=proposal, rejected=rejected)
    return PlanProposed(patch=proposal, rejected=rejected)
