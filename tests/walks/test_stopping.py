"""A run that is told to stop has stopped within a second, whatever is at work in it."""

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.kernel.workshop import Workshop
from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, household, of_kind, settings_for, step
from trivet.app import Host, RunOptions, RunOutcome, open_desk, open_host
from trivet.kernel.survey import PluginRecord
from trivet.runs import apart
from trivet_sdk import (
    Budget,
    Contributions,
    Delta,
    GenerateRequest,
    Patch,
    Plan,
    PlanRequest,
    Services,
    ToolContext,
    Verdict,
    tool,
)
from trivet_sdk.events import ModelCalled, RunFinished, ToolFailed
from trivet_sdk.message import user
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.flaky(reruns=3),  # a shared machine may stand still for a second; what is too slow is so each time
]

SOON = 1.0
"""Seconds."""
LONG = 8.0
"""Seconds for which what ignores its cancellation goes on, unless the test is over."""


async def stopped(host: Host, run: str, begun: anyio.Event | Callable[[], bool]) -> tuple[RunOutcome, float]:
    """How the run ended that was stopped once it had begun, and after how many seconds."""
    found: list[RunOutcome] = []
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:

            async def pursue() -> None:
                found.append(await host.pursue(run))
                took.append(time.monotonic())

            took: list[float] = []
            tasks.start_soon(pursue)
            if isinstance(begun, anyio.Event):
                await begun.wait()
            else:
                while not begun():  # noqa: ASYNC110  # another process begins
                    await anyio.sleep(0.01)
            asked = time.monotonic()
            await host.cancel(run)
    return found[0], took[0] - asked


class Stubborn:
    """What goes on whatever it is told: `begun` is set when `count` of it are at work."""

    def __init__(self, count: int = 1) -> None:
        self.begun = anyio.Event()
        self.end = threading.Event()
        self._left = count

    def begin(self) -> None:
        self._left -= 1
        if not self._left:
            self.begun.set()

    async def swallow(self) -> None:
        self.begin()
        until = time.monotonic() + LONG
        while time.monotonic() < until and not self.end.is_set():
            try:
                await anyio.sleep(0.05)
            except BaseException:
                continue


@pytest.fixture
def loop_of_abandoned() -> Iterator[None]:
    yield
    assert not apart.abandoned


@pytest.mark.parametrize(
    "kind", ["coroutine", "thread", "planner", "reflector", "guest", "model", "think", "sub-goal", "parallel"]
)
@pytest.mark.parametrize("by", ["host", "another host"])
async def test_what_ignores_it_in_the_host_is_left_behind(tmp_path: Path, kind: str, by: str) -> None:
    stubborn = Stubborn(8 if kind == "parallel" else 1)

    @tool(effect="effectful")
    async def swallow() -> str:
        """Swallow every cancellation."""
        await stubborn.swallow()
        return "never"

    @tool(effect="effectful")
    def block(ctx: ToolContext) -> str:
        """Block a thread."""
        stubborn.begin()
        stubborn.end.wait(LONG)
        return "never"

    class Endless(ScriptedModel):
        async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
            await stubborn.swallow()
            yield Delta(text="never", finish="stop")

    class Planner:
        async def plan(self, request: PlanRequest, services: Services) -> Plan:
            match kind:
                case "planner":
                    await stubborn.swallow()
                case "guest":  # of the planner
                    await services.call("work.look", {})
                case "model":
                    async for _ in services.model().generate(GenerateRequest(messages=(user("go on"),))):
                        pass
                case "think":
                    return Plan(steps=(step("s1", "think", instruction="about it"),))
                case "reflector":
                    return Plan(steps=(step("s1", "answer", text="done"),))
                case "sub-goal" if request.goal.text != "inner":
                    return Plan(steps=(step("s1", "pursue", goal="inner"),))
                case "parallel":
                    return Plan(steps=tuple(step(f"s{n}", "swallow" if n % 2 else "block") for n in range(8)))
            return Plan(steps=(step("s1", "block" if kind == "thread" else "swallow"),))

    class Reflector(ScriptedReflector):
        async def judge(self, transcript: Any, services: Services) -> Verdict:
            await stubborn.swallow()
            raise AssertionError("never")

    @tool(effect="pure")
    async def look() -> str:
        """Look it up."""
        await stubborn.swallow()
        return "never"

    home = tmp_path / "home"
    try:
        async with (
            household(home, Planner(), Reflector(), tools=(swallow, block, look), model=Endless()) as host,
            open_desk(settings_for(home)) as desk,
        ):
            run = await host.submit(goal(tmp_path), RunOptions(approve="always"))
            if by == "another host":
                host.cancel = desk.cancel  # type: ignore[assignment]
            outcome, took = await stopped(host, run, stubborn.begun)
            records = await host.records(run)
            stubborn.end.set()
            with anyio.fail_after(5):
                while apart.abandoned:  # noqa: ASYNC110
                    await anyio.sleep(0.01)
            assert (outcome.status, outcome.reason) == ("cancelled", "cancelled by the user")
            assert took < SOON
            assert isinstance(records[-1].event, RunFinished)
            assert await host.records(run) == records  # what was left behind has nothing to add
            if kind in ("coroutine", "thread"):
                (failed,) = of_kind(records, ToolFailed)
                assert (failed.outcome, failed.error) == (
                    "unknown",
                    "it was stopped; whether it took effect is not known",
                )
    finally:
        stubborn.end.set()


async def test_planner_that_was_left_behind_asks_no_model_any_more(tmp_path: Path) -> None:
    stubborn = Stubborn()
    after: list[str] = []

    class Planner:
        async def plan(self, request: PlanRequest, services: Services) -> Plan:
            await stubborn.swallow()
            try:
                async for _ in services.model().generate(GenerateRequest(messages=(user("go on"),))):
                    pass
            except Exception as error:
                after.append(str(error))
            try:
                await services.call("work.look", {})
            except Exception as error:
                after.append(str(error))
            raise AssertionError("never")

    @tool(effect="pure")
    async def look() -> str:
        """Look it up."""
        after.append("looked")
        return "seen"

    async with household(tmp_path / "home", Planner(), tools=(look,)) as host:
        run = await host.submit(goal(tmp_path))
        with anyio.move_on_after(30) as work:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(host.pursue, run)  # and is interrupted, not ended
                await stubborn.begun.wait()
                tasks.cancel_scope.cancel()
        assert not work.cancelled_caught
        records = await host.records(run)
        assert records[-1].event.topic == "run.waiting"
        stubborn.end.set()
        with anyio.fail_after(5):
            while apart.abandoned:  # noqa: ASYNC110
                await anyio.sleep(0.01)
        assert after == ["the run is over", "the run is over"]
        assert await host.records(run) == records
        assert not of_kind(records, ModelCalled)


STUBBORN = """
import signal, time
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from trivet_sdk import Contributions, ToolContext, hookimpl, tool


@tool(effect="idempotent")
def count(ctx: ToolContext, folder: str) -> str:
    '''Count for ever, and look at nothing.'''
    number = 0
    while True:
        number += 1
        Path(folder, "number").write_text(f"{number} {time.time()}")


@tool(effect="idempotent")
async def spin(ctx: ToolContext, folder: str) -> str:
    '''Let nothing else go on, and look at nothing.'''
    while True:
        Path(folder, "number").write_text(str(time.time()))


@tool(effect="idempotent")
async def swallow(ctx: ToolContext, folder: str) -> str:
    '''Swallow every cancellation.'''
    while True:
        try:
            await anyio.sleep(0.02)
        except BaseException:
            continue
        finally:
            Path(folder, "number").write_text(str(time.time()))


@hookimpl
@asynccontextmanager
async def activate(context):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield Contributions(tools=(count, spin, swallow))
"""
TOOLS = ("count", "spin", "swallow")


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    workshop = Workshop(tmp_path / "site", tmp_path / "home")
    monkeypatch.syspath_prepend(str(workshop.site.folder))
    manifest = "".join(
        f'[[contributes.tools]]\nname = "{name}"\nsummary = "{name}"\neffect = "idempotent"\n' for name in TOOLS
    )
    workshop.add("alpha", STUBBORN, manifest=manifest, isolation="process")
    yield workshop
    workshop.forget()


def minds(*plans: list[Any]) -> EmbeddedPlugin:
    return EmbeddedPlugin(
        "minds",
        Contributions(
            planners={"scripted": ScriptedPlanner(*plans)},
            reflectors={"scripted": ScriptedReflector()},
            models={"scripted": ScriptedModel()},
        ),
    )


ROLES = {
    **{f"roles.{role}": "scripted" for role in ("planner", "reflector", "model")},
    "models.scripted.backend": "scripted",
}


def alpha(host: Host) -> PluginRecord:
    return next(record for record in host.plugins() if record.id == "alpha")


@pytest.mark.parametrize("name", ["count", "spin", "swallow"])
async def test_worker_of_a_tool_that_ignores_it_is_killed(workshop: Workshop, tmp_path: Path, name: str) -> None:
    plan = [step("s1", f"alpha.{name}", folder=str(tmp_path))]
    async with open_host(workshop.settings(ROLES), plugins=(minds(plan),)) as host:
        run = await host.submit(goal(tmp_path))
        outcome, took = await stopped(host, run, (tmp_path / "number").exists)
        ended = time.time()
        assert outcome.status == "cancelled"
        assert took < SOON
        with anyio.fail_after(5):
            while alpha(host).state == "running":  # noqa: ASYNC110
                await anyio.sleep(0.01)
        last = (tmp_path / "number").stat().st_mtime
        assert last - (ended - took) < SOON
        assert alpha(host).reason == (
            f"did not stop 'alpha.{name}' within 0.8 seconds of being cancelled, and was ended"
        )
        await anyio.sleep(0.1)
        assert (tmp_path / "number").stat().st_mtime == last


async def test_one_that_never_waits_lets_others_have_their_turn(tmp_path: Path) -> None:
    """Its planner, tool and reflector answer at once, and nothing of it needs to be on disk."""
    calls = 0

    @tool(effect="pure")
    async def count(number: int) -> str:
        """Count."""
        nonlocal calls
        calls += 1
        if calls == 3:
            begun.set()
        return str(number)

    class Endless:
        async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
            plan = request.transcript.plan
            if plan is None:
                return Plan(steps=(step("s1", "count", number=1),), is_open=True)
            number = len(plan.steps) + 1
            return Patch(revision=plan.revision, add=(step(f"s{number}", "count", number=number),), is_open=True)

    begun = anyio.Event()
    async with household(tmp_path / "home", Endless(), tools=(count,)) as host:
        budget = Budget(max_steps=1000, max_replans=1000)
        run = await host.submit(goal(tmp_path), RunOptions(budget=budget))
        outcome, seconds = await stopped(host, run, begun)
    assert outcome.status == "cancelled"
    assert seconds < SOON
