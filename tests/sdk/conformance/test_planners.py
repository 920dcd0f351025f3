"""Planners against their contract."""

import anyio
import pytest

from trivet_sdk import (
    Goal,
    ModelUnavailable,
    Patch,
    Plan,
    Planned,
    PlannerAbstained,
    PlanRequest,
    Services,
    Step,
    Transcript,
)
from trivet_sdk.conformance import check_planner, plan_request
from trivet_sdk.testing import ScriptedPlanner, StandaloneServices

SERVICES = StandaloneServices()
S1 = Step(id="s1", tool="answer", arguments={"text": "hi"})
S2 = Step(id="s2", tool="answer", arguments={"text": "{{s1}}"})
UNDERWAY = Transcript(
    run="r", goal=Goal(text="greet"), plan=Plan(steps=(S1, S2), revision=2), states={"s1": "succeeded", "s2": "pending"},
    turns=(Planned(revision=1, steps=(S1, S2)),),
)  # fmt: skip


@pytest.mark.parametrize("line", [[S1, S2], PlannerAbstained("no"), ModelUnavailable("m", "is off")])
async def test_planners_that_keep_their_contract(line: object) -> None:
    assert await check_planner(ScriptedPlanner(line, repeats=True), SERVICES) == ()  # type: ignore[arg-type]


async def test_a_patch_for_a_plan_under_way() -> None:
    patch = Patch(
        revision=2, add=(Step(id="s3", tool="ask", arguments={"question": "?"}),), replace=(S2,), cancel=("s2",)
    )
    request = plan_request("greet", transcript=UNDERWAY)
    assert await check_planner(ScriptedPlanner(patch), SERVICES, request) == ()


@pytest.mark.parametrize(
    ("proposal", "sentences"),
    [
        (Plan(steps=()), ["proposes a plan without steps"]),
        (Patch(revision=1, add=(S1,)), ["proposes a patch where there is no plan yet"]),
        (Plan(steps=(S1, S1)), ["uses the step id 's1' a second time"]),
        (
            Plan(steps=(Step(id="s1", tool="gone"), Step(id="s2", tool="answer", arguments={"txt": "{{s9}}"}))),
            [
                "uses 'gone' in 's1', which is none of the tools it was offered",
                "writes arguments in 's2' that do not fit 'answer': 'text' is missing",
                "writes arguments in 's2' that do not fit 'answer': there is no 'txt'; there are: text",
                "refers in 's2' to 's9', which is no step",
            ],
        ),
        (
            Plan(steps=(Step(id="s1", tool="answer", arguments={"text": "{{s2}}"}), S2)),
            ["lets steps wait for each other in a circle: s1, s2"],
        ),
        (KeyError("x"), ["raises KeyError for 'Say hello.': 'x'. If it cannot plan, let it raise PlannerAbstained"]),
    ],
)
async def test_each_fault_of_a_plan_is_a_sentence(proposal: object, sentences: list[str]) -> None:
    planner = ScriptedPlanner(lambda request: proposal)  # type: ignore[arg-type,return-value]
    if isinstance(proposal, Exception):
        planner = ScriptedPlanner(proposal)
    found = await check_planner(planner, SERVICES, name="plan")
    assert found == tuple(f"planner 'plan' {sentence}" for sentence in sentences)


@pytest.mark.parametrize(
    ("proposal", "sentences"),
    [
        (Plan(steps=(Step(id="s3", tool="ask", arguments={"question": "?"}),)), []),
        (Plan(steps=(S2,)), ["uses the step id 's2' a second time"]),
        (Patch(revision=1, add=(S2,), replace=(S1,), cancel=("s8",)), [
            "patches revision 1, but the plan's is 2",
            "uses the step id 's2' a second time",
            "replaces 's1', which is not a pending step",
            "cancels 's8', which is no step",
        ]),
    ],
)  # fmt: skip
async def test_each_fault_of_a_patch_is_a_sentence(proposal: Plan | Patch, sentences: list[str]) -> None:
    found = await check_planner(
        ScriptedPlanner(proposal), SERVICES, plan_request("greet", transcript=UNDERWAY), name="plan"
    )
    assert found == tuple(f"planner 'plan' {sentence}" for sentence in sentences)


async def test_a_planner_that_never_answers_and_one_that_is_none() -> None:
    class Slow:
        async def plan(self, request: PlanRequest, services: Services) -> Plan:
            await anyio.sleep_forever()
            return Plan(steps=())

    assert await check_planner(Slow(), SERVICES, timeout=0.05) == (
        "planner 'Slow' did not plan 'Say hello.' within 0.05 seconds",
    )
    assert await check_planner(3, SERVICES) == (
        "planner 'int' has no `plan`; it needs `async def plan(self, request, services)`",
    )


async def test_a_plan_that_nobody_can_await() -> None:
    class Sync:
        def plan(self, request: PlanRequest, services: object) -> Plan:
            return Plan(steps=())

    assert await check_planner(Sync(), SERVICES, name="sync") == (
        "planner 'sync' has a `plan` that is no `async def`; the host awaits it",
    )
