"""Steps side by side, and steps that fail."""

import asyncio
import threading
import time
from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, household, of_kind, step
from trivet_sdk import Accept, GiveUp, ToolError, ToolResult, result, tool
from trivet_sdk.events import ToolFailed
from trivet_sdk.testing.faults import raising, unspeakable

pytestmark = pytest.mark.anyio
EIGHT = [step(f"s{n}", "meet", n=n) for n in range(1, 9)]
LAST = step("s9", "answer", text="met", needs=tuple(f"s{n}" for n in range(1, 9)))


async def test_async_steps_run_side_by_side(tmp_path: Path) -> None:
    met = 0
    everybody = anyio.Event()

    @tool(effect="pure")
    async def meet(n: int) -> ToolResult:
        """Wait for all eight."""
        nonlocal met
        met += 1
        if met == 8:
            everybody.set()
        await everybody.wait()
        return result("here")

    async with household(tmp_path / "home", ScriptedPlanner([*EIGHT, LAST]), tools=(meet,)) as host:
        with anyio.fail_after(10):
            assert (await host.run(goal(tmp_path))).answer == "met"


async def test_blocking_steps_run_side_by_side_in_threads(tmp_path: Path) -> None:
    barrier = threading.Barrier(8, timeout=10)

    @tool(effect="pure")
    def meet(n: int) -> str:
        """Wait for all eight."""
        barrier.wait()
        return "here"

    async with household(tmp_path / "home", ScriptedPlanner([*EIGHT, LAST]), tools=(meet,)) as host:
        with anyio.fail_after(20):
            assert (await host.run(goal(tmp_path))).answer == "met"


async def test_step_starts_as_soon_as_what_it_waits_for_is_done(tmp_path: Path) -> None:
    follower_ran = anyio.Event()

    @tool(effect="pure")
    async def slow() -> str:
        """Wait until the follower of the quick one has run."""
        await follower_ran.wait()
        return "slow"

    @tool(effect="pure")
    async def quick(last: bool = False) -> str:
        """Be quick."""
        if last:
            follower_ran.set()
        return "quick"

    steps = [step("s1", "slow"), step("s2", "quick"), step("s3", "quick", last=True, needs=("s2",))]
    planner = ScriptedPlanner([*steps, step("s4", "answer", text="{{s1}} {{s3}}")])
    async with household(tmp_path / "home", planner, tools=(slow, quick)) as host:
        with anyio.fail_after(10):
            assert (await host.run(goal(tmp_path))).answer == "slow quick"


async def test_calls_that_share_a_resource_take_turns(tmp_path: Path) -> None:
    at_once = most = 0

    @tool(effect="pure", resources=("gpu",))
    async def compute(n: int) -> str:
        """Occupy the GPU."""
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await anyio.sleep(0.002)
        at_once -= 1
        return "ok"

    steps = [step(f"s{n}", "compute", n=n) for n in range(1, 6)]
    planner = ScriptedPlanner([*steps, step("s6", "answer", text="{{s1}} {{s2}} {{s3}} {{s4}} {{s5}}")])
    async with household(tmp_path / "home", planner, tools=(compute,)) as host:
        assert (await host.run(goal(tmp_path))).answer == "ok ok ok ok ok"
        assert most == 1


async def test_failing_step_takes_its_dependants_along_and_nothing_else(tmp_path: Path) -> None:
    @tool(effect="pure")
    def fine(x: str = "") -> str:
        """Work."""
        return "fine"

    steps = [
        step("s1", "raising"),
        step("s2", "fine", x={"$ref": "s1#"}),
        step("s3", "fine", needs=("s2",)),
        step("s4", "fine"),
        step("s5", "answer", text="{{s4}}"),
    ]
    reflector = ScriptedReflector(after={"s1": [Accept()]})
    failing = raising(ToolError("the file is locked. Close it elsewhere."))
    async with household(tmp_path / "home", ScriptedPlanner(steps), reflector, tools=(failing, fine)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.answer == "fine"
        fold = await host.runner.fold(outcome.run)
        assert fold.states == {"s1": "failed", "s2": "skipped", "s3": "skipped", "s4": "succeeded", "s5": "succeeded"}
        assert fold.errors == {
            "s1": "the file is locked. Close it elsewhere.",
            "s2": "skipped, because step s1 failed",
            "s3": "skipped, because step s2 was skipped",
        }


@pytest.mark.parametrize(
    ("error", "is_async", "told"),
    [
        (ZeroDivisionError("by zero"), True, "the tool broke: ZeroDivisionError: by zero"),
        (ZeroDivisionError("by zero"), False, "the tool broke: ZeroDivisionError: by zero"),
        (SystemExit(3), True, "the tool broke: SystemExit: 3"),
        (SystemExit(3), False, "the tool broke: RuntimeError: SystemExit: 3"),
        (asyncio.CancelledError(), True, "the tool cancelled itself"),
        (StopIteration(), False, "the tool broke: RuntimeError: StopIteration: "),
    ],
)
async def test_exception_in_a_tool_is_a_failed_step(
    tmp_path: Path, error: BaseException, is_async: bool, told: str
) -> None:
    @tool(effect="pure")
    async def break_softly() -> str:
        """Break on the loop."""
        raise error

    @tool(effect="pure")
    def break_hard() -> str:
        """Break in a thread."""
        raise error

    planner = ScriptedPlanner([step("s1", "break_softly" if is_async else "break_hard")])
    reflector = ScriptedReflector(GiveUp(reason="it broke"), after={"s1": [Accept()]})
    async with household(tmp_path / "home", planner, reflector, tools=(break_softly, break_hard)) as host:
        with anyio.fail_after(5):
            outcome = await host.run(goal(tmp_path))
        assert outcome.status == "failed"
        (failed,) = of_kind(await host.records(outcome.run), ToolFailed)
        assert (failed.is_bug, failed.error) == (True, told)


async def test_result_that_is_no_json_is_a_bug_of_the_tool(tmp_path: Path) -> None:
    reflector = ScriptedReflector(GiveUp(reason="it broke"), after={"s1": [Accept()]})
    async with household(
        tmp_path / "home", ScriptedPlanner([step("s1", "unspeakable")]), reflector, tools=(unspeakable(),)
    ) as host:
        outcome = await host.run(goal(tmp_path))
        (failed,) = of_kind(await host.records(outcome.run), ToolFailed)
        assert outcome.status == "failed"
        assert failed.error


@pytest.mark.flaky(reruns=3)  # of wall time on a shared machine
async def test_eight_parallel_tools_take_hardly_longer_than_one(tmp_path: Path) -> None:
    @tool(effect="pure")
    async def meet(n: int) -> str:
        """Take a while."""
        await anyio.sleep(0.2)
        return "here"

    async with household(tmp_path / "home", ScriptedPlanner([*EIGHT, LAST]), tools=(meet,)) as host:
        begun = time.perf_counter()
        await host.run(goal(tmp_path))
        assert time.perf_counter() - begun < 0.8  # one after the other: 1.6
