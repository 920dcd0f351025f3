"""Planner and reflector from a script."""

import pytest

from trivet_sdk import (
    Accept,
    Budget,
    Finish,
    GiveUp,
    Goal,
    Observed,
    Patch,
    Plan,
    Planner,
    PlannerAbstained,
    PlanRequest,
    Reflector,
    Replan,
    Retry,
    Step,
    Transcript,
    result,
)
from trivet_sdk.testing import ScriptedPlanner, ScriptedReflector, StandaloneServices

S1 = Step(id="s1", tool="answer", arguments={"text": "hi"})
FRESH = Transcript(run="r", goal=Goal(text="greet"))
UNDERWAY = Transcript(run="r", goal=Goal(text="greet"), plan=Plan(steps=(), revision=4, is_open=True))


def request(transcript: Transcript) -> PlanRequest:
    return PlanRequest(goal=transcript.goal, tools=(), transcript=transcript, budget_left=Budget())


async def test_steps_become_a_plan_or_a_patch() -> None:
    planner = ScriptedPlanner(
        [S1], [S1], lambda request: Plan(steps=(), note=request.goal.text), PlannerAbstained("no")
    )
    assert isinstance(planner, Planner)
    services = StandaloneServices()
    assert await planner.plan(request(FRESH), services) == Plan(steps=(S1,))
    assert await planner.plan(request(UNDERWAY), services) == Patch(revision=4, add=(S1,))
    assert await planner.plan(request(FRESH), services) == Plan(steps=(), note="greet")
    with pytest.raises(PlannerAbstained):
        await planner.plan(request(FRESH), services)
    assert len(planner.requests) == 4


async def test_a_reflector_without_script_goes_by_what_happened() -> None:
    reflector = ScriptedReflector(after={"s1": [Retry(step="s1")]})
    assert isinstance(reflector, Reflector)
    services = StandaloneServices()
    assert reflector.inspect(S1, None, "busy", FRESH) == Retry(step="s1")
    assert reflector.inspect(S1, None, "busy", FRESH) == Replan(reason="s1 failed: busy")
    assert reflector.inspect(S1, result("hi"), "", FRESH) == Accept()
    assert await reflector.judge(FRESH, services) == GiveUp(reason="the plan is done, and there is no answer")
    assert await reflector.judge(UNDERWAY, services) == Replan(reason="go on", is_next=True)
    answered = FRESH.with_turn(Observed(step=S1, result=result("hi")))
    assert await reflector.judge(answered, services) == Finish(answer="hi")
    assert len(reflector.judged) == 3


async def test_verdicts_can_be_written_beforehand() -> None:
    reflector = ScriptedReflector(GiveUp(reason="enough"))
    assert await reflector.judge(FRESH, StandaloneServices()) == GiveUp(reason="enough")
