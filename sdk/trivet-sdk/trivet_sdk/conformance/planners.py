"""Does a planner keep its contract?"""

import inspect

import anyio

from ..context import Services
from ..contributions import Planner, PlanRequest
from ..errors import InvalidPlan, ModelError, PlannerAbstained, WeightsMissing
from ..goal import Budget, Goal
from ..plan import Patch, Plan
from ..tool import ToolSpec
from ..transcript import Transcript
from .plans import plan_faults

ANSWER = ToolSpec(
    name="answer",
    summary="Tell the user the answer.",
    effect="pure",
    parameters={
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
        "additionalProperties": False,
    },
)
ASK = ToolSpec(
    name="ask",
    summary="Ask the user.",
    effect="pure",
    parameters={
        "type": "object",
        "properties": {"question": {"type": "string"}},
        "required": ["question"],
        "additionalProperties": False,
    },
)


def plan_request(text: str, *tools: ToolSpec, transcript: Transcript | None = None) -> PlanRequest:
    """A request as the host makes it, with the built-in `answer` and `ask` beside `tools`."""
    goal = Goal(text=text)
    transcript = transcript or Transcript(run="check", goal=goal)
    return PlanRequest(goal=goal, tools=(ANSWER, ASK, *tools), transcript=transcript, budget_left=Budget())


async def check_planner(
    planner: object, services: Services, *requests: PlanRequest, name: str = "", timeout: float = 60.0
) -> tuple[str, ...]:
    """A sentence for each way in which the planner breaks the contract on these requests; none if it keeps it.

    To abstain or to say that the model fails keeps the contract; so does a plan that turns out useless. Every request is
    made of the same planner, the first two at the same time if there are two.
    """
    called = f"planner '{name or type(planner).__name__}'"
    if not isinstance(planner, Planner):
        return (f"{called} has no `plan`; it needs `async def plan(self, request, services)`",)
    requests = requests or (plan_request("Say hello."),)
    found: list[str] = []

    async def ask(request: PlanRequest) -> None:
        found.extend([f"{called} {fault}" for fault in await _faults(planner, services, request, timeout)])

    async with anyio.create_task_group() as tasks:
        for request in requests[:2]:
            tasks.start_soon(ask, request)
    for request in requests[2:]:
        await ask(request)
    return tuple(dict.fromkeys(found))


async def _faults(planner: Planner, services: Services, request: PlanRequest, timeout: float) -> list[str]:
    goal = request.goal.text
    try:
        with anyio.fail_after(timeout):
            planning: object = planner.plan(request, services)
            if not inspect.isawaitable(planning):
                return ["has a `plan` that is no `async def`; the host awaits it"]
            proposal: object = await planning
    except (PlannerAbstained, ModelError, InvalidPlan, WeightsMissing):
        return []
    except TimeoutError:
        return [f"did not plan {goal!r} within {timeout:g} seconds"]
    except Exception as error:  # the planner's own code: whatever it raises is what is reported
        return [
            f"raises {type(error).__name__} for {goal!r}: {error}. If it cannot plan, let it raise PlannerAbstained"
        ]
    if not isinstance(proposal, (Plan, Patch)):
        return [f"returns a {type(proposal).__name__} for {goal!r} instead of a Plan or a Patch"]
    return list(plan_faults(proposal, {tool.name: tool for tool in request.tools}, request.transcript))
