"""Every topic that is documented is published by something, and what happened can be heard again."""

import importlib.util
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, ScriptedReflector, goal, household, settings_for, step
from trivet.app import Host, RunOptions, open_host
from trivet.settings import HostSettings
from trivet_sdk import Budget, Contributions, Event, Goal, Retry, ToolContext, ToolError, hookimpl, tool
from trivet_sdk.events import (
    HOST_EVENTS,
    RESERVED,
    RUN_EVENTS,
    TRANSIENT_EVENTS,
    ApprovalRequested,
    PluginHung,
    QuestionAsked,
    RunClosed,
)
from trivet_sdk.testing import EmbeddedPlugin
from trivet_sdk.tool import ToolCall

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


class Ada:
    """Agrees to everything and knows everything."""

    async def approve(self, request: ApprovalRequested) -> bool | None:
        return True

    async def answer(self, question: QuestionAsked) -> str | None:
        return "seven"


@tool(effect="pure")
def dig(ctx: ToolContext) -> str:
    """Dig, and say how far."""
    ctx.progress(1, 2, "digging")
    return "dug"


@tool(effect="effectful")
def send(text: str) -> str:
    """Send a text."""
    return "sent"


@tool(effect="idempotent")
def flaky() -> str:
    """Fail."""
    raise ToolError("the server is busy", is_transient=True)


async def run_and_hear(host: Host, wish: Goal) -> tuple[set[type[Event]], set[type[Event]]]:
    """What is published on the bus, and what a watcher sees, while a person is at hand."""
    watched: set[type[Event]] = set()
    with host.kernel.bus.subscribe() as events:
        run = await host.submit(wish, RunOptions(approve="ask"))

        async def watch(*, task_status: anyio.abc.TaskStatus[None]) -> None:
            async for record in host.watch(run, transient=True):
                watched.add(type(record.event))
                if record.seq == 1:
                    task_status.started()

        async with anyio.create_task_group() as tasks:
            await tasks.start(watch)
            await host.pursue(run, person=Ada())
        events.close()
        return {type(event) async for event in events}, watched


async def test_every_topic_of_a_run_is_published(tmp_path: Path) -> None:
    first = [
        step("s1", "dig"),
        step("s2", "ask", question="How many?", needs=("s1",)),
        step("s3", "think", instruction="Count", needs=("s2",)),
        step("s4", "send", text="{{s3}}"),
        step("s5", "flaky", needs=("s4",)),
    ]
    planner = ScriptedPlanner(first, lambda request: [step("s6", "answer", text="{{s4}}")])
    reflector = ScriptedReflector(after={"s5": [Retry("s5")] * 5})
    tools = (dig, send, flaky)
    with anyio.fail_after(60):
        async with household(
            tmp_path / "home", planner, reflector, tools=tools, model=ScriptedModel("one two")
        ) as host:
            published, watched = await run_and_hear(host, goal(tmp_path))
        waits = ScriptedPlanner([step("s1", "ask", question="How many?"), step("s2", "answer", text="{{s1}}")])
        async with household(tmp_path / "home", waits) as host:
            with host.kernel.bus.subscribe() as events:
                waiting = await host.run(goal(tmp_path))
                await host.answer(waiting.run, "seven")
                await host.pursue(waiting.run)
                await host.rate(waiting.run, 5)
                events.close()
                published |= {type(event) async for event in events}
        digs = ScriptedPlanner([step("s1", "dig"), step("s2", "dig", needs=("s1",))])
        async with household(tmp_path / "home", digs, tools=tools) as host:
            with host.kernel.bus.subscribe("budget.*") as events:
                await host.run(goal(tmp_path), RunOptions(budget=Budget(max_steps=1)))
                events.close()
                published |= {type(event) async for event in events}
            with host.kernel.bus.subscribe("run.*") as events:
                await host.fork(waiting.run)
                events.close()
                published |= {type(event) async for event in events}
    topics = {kind.topic for kind in RUN_EVENTS} - {kind.topic for kind in RESERVED}
    assert topics <= {kind.topic for kind in published}
    assert {kind.topic for kind in watched} >= {kind.topic for kind in TRANSIENT_EVENTS}


class Slow(EmbeddedPlugin):
    @hookimpl
    def veto_tool_call(self, call: ToolCall) -> str | None:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            pass
        return None


async def test_what_plugins_do_is_published(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(settings_for(tmp_path / "home"), host=HostSettings(hang_seconds=0.1))
    with anyio.fail_after(60):
        async with open_host(settings, (Slow("slow", Contributions(tools=(dig,))),)) as host:
            with host.kernel.bus.subscribe("plugin.*", since=0) as events:
                await host.call_tool("slow.dig", {})
                heard: set[type[Event]] = set()
                async for event in events:
                    heard.add(type(event))
                    if isinstance(event, PluginHung):
                        break
    assert heard == set(HOST_EVENTS) - {RunClosed}


async def test_end_of_a_run_is_published_with_its_id_and_a_wait_is_no_end(tmp_path: Path) -> None:
    asks = ScriptedPlanner([step("s1", "ask", question="Which one?"), step("s2", "answer", ("s1",), text="That one")])
    async with household(tmp_path / "home", asks) as host:
        with host.kernel.bus.subscribe("run.closed") as events:
            waiting = await host.run(goal(tmp_path))
            assert (waiting.status, events.pending) == ("waiting", 0)
            other = await host.run(goal(tmp_path))  # nothing is planned for this one
            await host.answer(waiting.run, "seven")
            await host.pursue(waiting.run)
            events.close()
            heard = [event async for event in events]

    assert heard == [
        RunClosed(run=other.run, status="failed"),
        RunClosed(run=waiting.run, status="succeeded"),
    ]


async def test_end_of_a_waiting_run_by_another_process_is_published_here_once(tmp_path: Path) -> None:
    asks = ScriptedPlanner(*([step("s1", "ask", question="Which one?")] for _ in range(3)))
    async with household(tmp_path / "home", asks) as host:
        with host.kernel.bus.subscribe("run.closed") as events, anyio.fail_after(60):
            gone, cancelled_here, left = [(await host.run(goal(tmp_path))).run for _ in range(3)]
            await host.cancel(cancelled_here)
            home = {**os.environ, "TRIVET_HOME": str(tmp_path / "home")}
            await anyio.run_process([sys.executable, "-m", "trivet", "runs", "cancel", gone], env=home)
            stream = aiter(events)
            heard = [await anext(stream) for _ in range(2)]
            await host.cancel(left)
            heard.append(await anext(stream))
            await host.runner._elsewhere.look()
            assert events.pending == 0

    assert heard == [RunClosed(run=run, status="cancelled") for run in (cancelled_here, gone, left)]


@pytest.mark.parametrize("kind", RESERVED, ids=lambda kind: kind.topic)
def test_reserved_topic_is_sent_by_nobody(kind: type[Event]) -> None:
    """Whoever builds what sends it takes it off the list."""
    sources = [*ROOT.glob("host/trivet/**/*.py"), *ROOT.glob("plugins/*/trivet_*/**/*.py")]
    assert [path for path in sources if f"{kind.__name__}(" in path.read_text(encoding="utf-8")] == []


def test_page_of_events_is_made_from_the_classes() -> None:
    spec = importlib.util.spec_from_file_location("make_events", ROOT / "docs" / "reference" / "make_events.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run: python docs/reference/make_events.py"


async def test_what_happened_in_the_home_is_told_from_any_cursor_on(tmp_path: Path) -> None:
    async def until_finished(events: AsyncIterator[tuple[int, Any]], count: int) -> list[tuple[int, str, str]]:
        found: list[tuple[int, str, str]] = []
        async for cursor, record in events:
            found.append((cursor, record.run, record.event.topic))
            if sum(topic == "run.finished" for _, _, topic in found) == count:
                break
        return found

    planner = ScriptedPlanner([step("s1", "answer", text="done")], repeats=True)
    with anyio.fail_after(60):
        async with household(tmp_path / "home", planner) as host:
            first, second = [(await host.run(goal(tmp_path))).run for _ in range(2)]
        async with household(tmp_path / "home", planner) as host:
            every = await until_finished(host.events(), 2)
            assert [run for _, run, topic in every if topic == "run.finished"] == [first, second]
            cursor = next(cursor for cursor, run, topic in every if topic == "run.finished")
            assert {run for _, run, _ in await until_finished(host.events("run.*@1", since=cursor), 1)} == {second}
            later: list[tuple[int, str, str]] = []

            async def listen() -> None:
                later.extend(await until_finished(host.events("run.finished", since=every[-1][0]), 1))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(listen)
                third = (await host.run(goal(tmp_path))).run
            assert [run for _, run, _ in later] == [third]
