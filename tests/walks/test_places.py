"""Places at the executor: how many calls are at work at once, and whose turn it is."""

import asyncio
import itertools
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest

from tests.walks.household import (
    ScriptedPlanner,
    ScriptedReflector,
    goal,
    household,
    of_kind,
    settings_for,
    step,
    topics,
)
from trivet.app import open_host
from trivet.settings import HostSettings
from trivet_sdk import (
    Accept,
    Contributions,
    Goal,
    Invocation,
    Plan,
    PlanRequest,
    Services,
    Tool,
    ToolContext,
    ToolError,
    ToolResult,
    result,
    tool,
)
from trivet_sdk.events import StepStarted, ToolCalled, ToolFailed, ToolReturned
from trivet_sdk.testing import EmbeddedPlugin

pytestmark = pytest.mark.anyio


class ByGoal:
    """Plans what is written down for the goal's text."""

    def __init__(self, **plans: list[Any]) -> None:
        self.plans = plans

    async def plan(self, request: PlanRequest, services: Services) -> Plan:
        return Plan(steps=tuple(self.plans[request.goal.text]))


class Crossing:
    """Calls that stay until they are let go; who is inside, and how many there were at most."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.entered: list[str] = []
        self.most = 0
        self.news = anyio.Event()
        self.opened = anyio.Event()

    async def cross(self, who: str) -> ToolResult:
        self.inside.append(who)
        self.entered.append(who)
        self.most = max(self.most, len(self.inside))
        self.news.set()
        try:
            await self.opened.wait()
        finally:
            self.inside.remove(who)
        return result("across")

    async def until(self, many: int) -> None:
        while len(self.inside) < many:
            self.news = anyio.Event()
            await self.news.wait()


def crossing(resources: tuple[str, ...] = ()) -> tuple[Crossing, Tool]:
    bridge = Crossing()

    @tool(name="cross", effect="pure", resources=resources)
    async def cross(who: str) -> ToolResult:
        """Cross the bridge."""
        return await bridge.cross(who)

    return bridge, cross


def crossings(many: int, who: str = "s") -> list[Any]:
    steps = [step(f"s{n}", "cross", who=f"{who}{n}") for n in range(1, many + 1)]
    return [*steps, step("last", "answer", text="done", needs=tuple(each.id for each in steps))]


async def settled() -> None:
    """Everything that can go on has gone on."""
    for _ in range(200):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("host", "resources", "most"),
    [
        ({}, {}, 1),
        ({}, {"brücke": 3}, 3),
        ({"parallel": 2}, {"brücke": 3}, 2),
        ({"parallel_per_run": 2}, {"brücke": 3}, 2),
    ],
)
async def test_settings_say_how_many_calls_are_at_work(
    tmp_path: Path, host: dict[str, Any], resources: dict[str, int], most: int
) -> None:
    bridge, cross = crossing(("brücke",))
    settings = msgspec.structs.replace(settings_for(tmp_path / "home"), host=HostSettings(**host), resources=resources)
    plugin = EmbeddedPlugin(
        "work",
        Contributions(
            tools=(cross,),
            planners={"scripted": ScriptedPlanner(crossings(8))},
            reflectors={"scripted": ScriptedReflector()},
        ),
    )
    with anyio.fail_after(10):
        async with open_host(settings, (plugin,)) as opened, anyio.create_task_group() as tasks:
            tasks.start_soon(opened.run, goal(tmp_path))
            await bridge.until(most)
            await settled()
            assert len(bridge.inside) == most
            bridge.opened.set()
    assert (len(bridge.entered), bridge.most) == (8, most)


async def test_a_run_of_many_steps_does_not_keep_another_waiting(tmp_path: Path) -> None:
    bridge, cross = crossing(("bridge",))
    planner = ByGoal(many=crossings(199, "many"), one=crossings(1, "one"))
    with anyio.fail_after(30):
        async with (
            household(tmp_path / "home", planner, tools=(cross,), settings={"max_steps": None}) as host,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(host.run, Goal(text="many", workspace=str(tmp_path)))
            await bridge.until(1)
            await settled()
            one = await host.submit(Goal(text="one", workspace=str(tmp_path)))
            tasks.start_soon(host.pursue, one)
            async for record in host.watch(one):
                if isinstance(record.event, StepStarted):
                    break
            await settled()
            bridge.opened.set()
    assert bridge.most == 1
    assert bridge.entered.index("one1") == 2  # `many2` had asked before it, and then it was its turn
    assert [who for who in bridge.entered if who != "one1"] == [f"many{n}" for n in range(1, 200)]


async def test_steps_that_need_two_resources_in_either_order_end(tmp_path: Path) -> None:
    at_work: set[str] = set()

    def occupying(name: str, *resources: str) -> Tool:
        @tool(name=name, effect="pure", resources=resources)
        async def occupy() -> str:
            """Occupy them."""
            assert at_work.isdisjoint(resources)
            at_work.update(resources)
            await anyio.lowlevel.checkpoint()
            at_work.difference_update(resources)
            return "ok"

        return occupy

    tools = (occupying("ab", "a", "b"), occupying("ba", "b", "a"), occupying("a", "a"), occupying("b", "b"))
    steps = [step(f"s{n}", name) for n, name in zip(range(40), itertools.cycle(("ab", "ba", "a", "b")), strict=False)]
    last = step("last", "answer", text="done", needs=tuple(each.id for each in steps))
    async with household(tmp_path / "home", ScriptedPlanner([*steps, last]), tools=tools) as host:
        with anyio.fail_after(10):
            assert (await host.run(goal(tmp_path))).answer == "done"


async def test_nothing_is_journaled_as_begun_that_still_waits(tmp_path: Path) -> None:
    bridge, cross = crossing(("bridge",))
    with anyio.fail_after(10):
        async with household(tmp_path / "home", ScriptedPlanner(crossings(3)), tools=(cross,)) as host:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(host.run, goal(tmp_path))
                await bridge.until(1)
                await settled()
                (run,) = await host.runs()
                assert [event.step for event in of_kind(await host.records(run.id), ToolCalled)] == ["s1"]
                bridge.opened.set()


async def test_a_cancelled_run_leaves_its_places(tmp_path: Path) -> None:
    bridge, cross = crossing(("bridge",))
    planner = ByGoal(first=crossings(5, "first"), second=crossings(1, "second"))
    with anyio.fail_after(10):
        async with household(tmp_path / "home", planner, tools=(cross,)) as host:
            first = await host.submit(Goal(text="first", workspace=str(tmp_path)))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(host.pursue, first)
                await bridge.until(1)
                await host.cancel(first)
            bridge.opened.set()
            assert (await host.run(Goal(text="second", workspace=str(tmp_path)))).answer == "done"
            assert bridge.entered == ["first1", "second1"]
            assert "tool.called" not in topics(await host.records(first, after=9))[2:]


async def test_results_are_journaled_in_the_order_in_which_they_come(tmp_path: Path) -> None:
    ends = {n: anyio.Event() for n in range(1, 6)}
    begun = {n: anyio.Event() for n in ends}

    @tool(effect="pure")
    async def wait(n: int) -> str:
        """Wait to be told."""
        begun[n].set()
        await ends[n].wait()
        return "ok"

    steps = [step(f"s{n}", "wait", n=n) for n in ends]
    planner = ScriptedPlanner([*steps, step("last", "answer", text="ok", needs=tuple(each.id for each in steps))])
    with anyio.fail_after(10):
        async with household(tmp_path / "home", planner, tools=(wait,)) as host, anyio.create_task_group() as tasks:
            tasks.start_soon(host.run, goal(tmp_path))
            for n in ends:
                await begun[n].wait()
            (run,) = await host.runs()
            order = [3, 5, 1, 4, 2]
            async with anyio.create_task_group() as watching:
                watcher = host.watch(run.id)

                async def follow() -> None:
                    for n in order:
                        ends[n].set()
                        async for record in watcher:
                            if isinstance(record.event, ToolReturned):
                                assert record.event.step == f"s{n}"
                                break

                watching.start_soon(follow)
    async with household(tmp_path / "home", planner, tools=(wait,)) as host:
        records = await host.records(run.id)
        assert [event.step for event in of_kind(records, ToolCalled)][:5] == [each.id for each in steps]
        assert [event.step for event in of_kind(records, ToolReturned)][:5] == [f"s{n}" for n in order]


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        BaseExceptionGroup("all at once", [KeyboardInterrupt(), SystemExit(1)]),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("is_blocking", [False, True], ids=["coroutine", "blocking"])
async def test_whatever_a_tool_raises_its_neighbours_go_on(
    tmp_path: Path, error: BaseException, is_blocking: bool
) -> None:
    bridge, cross = crossing()

    @tool(name="fall", effect="pure")
    async def fall() -> str:
        """Fall off the bridge."""
        raise error

    @tool(name="fall", effect="pure")
    def fall_hard() -> str:
        """Fall off the bridge."""
        raise error

    steps = [*crossings(3)[:3], step("fall", "fall"), step("last", "answer", text="{{s1}} {{s2}} {{s3}}")]
    reflector = ScriptedReflector(after={"fall": [Accept()]})
    tools = (cross, fall_hard if is_blocking else fall)
    failed = anyio.Event()
    with anyio.fail_after(10):
        async with household(tmp_path / "home", ScriptedPlanner(steps), reflector, tools=tools) as host:
            run = await host.submit(goal(tmp_path))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(host.pursue, run)
                await bridge.until(3)
                async for record in host.watch(run):
                    if isinstance(record.event, ToolFailed):
                        failed.set()
                        break
                assert bridge.inside == ["s1", "s2", "s3"]
                bridge.opened.set()
            fold = await host.runner.fold(run)
            assert {id: fold.states[id] for id in ("s1", "s2", "s3", "fall")} == {
                "s1": "succeeded", "s2": "succeeded", "s3": "succeeded", "fall": "failed",
            }  # fmt: skip
    assert failed.is_set()


class Unhelpful:
    """An executor that has no place to give, or breaks over it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def place(self, invocation: Invocation) -> AbstractAsyncContextManager[None]:
        raise self.error

    async def execute(self, invocation: Invocation, tool: Tool, ctx: ToolContext) -> ToolResult:
        raise AssertionError("nobody has a place")


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ToolError("the cluster cannot be reached. Start it."), "failed", "the cluster cannot be reached. Start it."),
        (KeyError("gpu"), "failed", "the executor broke in 'place': KeyError: 'gpu'"),
    ],
)
async def test_an_executor_without_a_place_is_told_of(tmp_path: Path, error: Exception, status: str, told: str) -> None:
    bridge, cross = crossing()
    contributions = Contributions(
        tools=(cross,),
        planners={"scripted": ScriptedPlanner([step("s1", "cross", who="a")])},
        reflectors={"scripted": ScriptedReflector(after={"s1": [Accept()]})},
        executors={"cluster": Unhelpful(error)},
    )
    settings = settings_for(tmp_path / "home", roles={"executor": "cluster"})
    async with open_host(settings, (EmbeddedPlugin("work", contributions),)) as host:
        with anyio.fail_after(10):
            outcome = await host.run(goal(tmp_path))
        assert outcome.status == status
        assert told in [event.error for event in of_kind(await host.records(outcome.run), ToolFailed)]
        with pytest.raises(ToolError) as raised:
            await host.call_tool("work.cross", {"who": "b"}, workspace=tmp_path)
        assert str(raised.value) == told
    assert bridge.entered == []


async def test_no_plugin_can_be_the_local_executor(tmp_path: Path) -> None:
    bridge, cross = crossing()
    bridge.opened.set()
    contributions = Contributions(
        tools=(cross,),
        planners={"scripted": ScriptedPlanner(crossings(1))},
        reflectors={"scripted": ScriptedReflector()},
        executors={"local": Unhelpful(KeyError("mine"))},
    )
    async with open_host(settings_for(tmp_path / "home"), (EmbeddedPlugin("work", contributions),)) as host:
        with anyio.fail_after(10):
            assert (await host.run(goal(tmp_path))).answer == "done"
        (work,) = (record for record in host.plugins() if record.id == "work")
        assert "executor 'local' is refused: plugin 'trivet' provides one of this name" in work.reason


async def test_steps_that_wait_for_a_place_are_in_nobodys_way(tmp_path: Path) -> None:
    bridge, cross = crossing(("brücke",))
    walked = anyio.Event()

    @tool(effect="pure")
    async def walk() -> ToolResult:
        """Walk beside the bridge."""
        walked.set()
        return result("walked")

    planner = ScriptedPlanner([*(step(f"s{n}", "cross", who=f"s{n}") for n in range(1, 41)), step("w", "walk")])
    async with household(tmp_path / "home", planner, tools=(cross, walk)) as host:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(host.run, goal(tmp_path))
                await walked.wait()
                assert len(bridge.inside) == 1
                group.cancel_scope.cancel()
