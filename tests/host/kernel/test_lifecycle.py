"""The table of states, and that every step through it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import get_args

import anyio
import anyio.lowlevel
import pytest

from tests.host.kernel.test_kernel import Echo, Plugin, raises_at_start, settings_in
from trivet.kernel import open_kernel
from trivet.kernel.lifecycle import TRANSITIONS, State
from trivet_sdk import Contributions, PluginContext
from trivet_sdk.events import PluginChanged

pytestmark = pytest.mark.anyio


def test_table_covers_every_state_and_leads_everywhere() -> None:
    states: set[State] = set(get_args(State))
    assert set(TRANSITIONS) == states
    reached: set[State] = {"discovered"}
    while more := {after for state in reached for after in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == states


def test_only_a_start_leads_to_running() -> None:
    assert {state for state, after in TRANSITIONS.items() if "running" in after} == {"starting", "degraded"}


async def told(home: Path, plugin: Plugin, changes: int) -> list[PluginChanged]:
    async with open_kernel(settings_in(home), (plugin,), capture=False) as kernel:
        with kernel.bus.subscribe("plugin.*") as events, anyio.fail_after(5):
            await kernel.start("alpha")
            found: list[PluginChanged] = []
            async for event in events:
                assert isinstance(event, PluginChanged)
                found.append(event)
                if len(found) == changes:
                    return found
    raise AssertionError("unreachable")


async def test_each_transition_is_an_event_with_reason_and_duration(tmp_path: Path) -> None:
    well = await told(tmp_path / "a", Plugin("alpha", "say"), 2)
    assert [(each.before, each.after, each.reason) for each in well] == [
        ("resolved", "starting", ""),
        ("starting", "running", ""),
    ]
    assert all(each.seconds > 0 for each in well)
    ill = await told(tmp_path / "b", Plugin("alpha", "say", life=raises_at_start), 2)
    assert (ill[1].before, ill[1].after) == ("starting", "failed")
    assert ill[1].reason == "raised while starting: ValueError: no such index"


async def leaves_a_group_open(context: PluginContext) -> AsyncIterator[Contributions]:
    group = anyio.create_task_group()
    await group.__aenter__()

    async def fail() -> None:
        raise ValueError("in the background")

    group.start_soon(fail)
    yield Contributions(tools=(Echo("say"),))


async def leaves_scopes_crossed(context: PluginContext) -> AsyncIterator[Contributions]:
    outer, inner = anyio.CancelScope(), anyio.CancelScope()
    outer.__enter__()
    inner.__enter__()
    with suppress(RuntimeError):
        outer.__exit__(None, None, None)
    yield Contributions(tools=(Echo("say"),))


def raising(error: BaseException, *, at_end: bool = False) -> Callable[[PluginContext], AsyncIterator[Contributions]]:
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        if not at_end:
            raise error
        yield Contributions(tools=(Echo("say"),))
        raise error

    return life


@pytest.mark.parametrize(
    "life",
    [
        leaves_a_group_open,
        leaves_scopes_crossed,
        raising(KeyboardInterrupt()),
        raising(SystemExit(0)),
        raising(asyncio.CancelledError()),
        raising(BaseException("odd")),
        raising(KeyboardInterrupt(), at_end=True),
        raising(asyncio.CancelledError(), at_end=True),
    ],
)
async def test_disorder_in_one_plugin_touches_no_other(
    tmp_path: Path, life: Callable[[PluginContext], AsyncIterator[Contributions]]
) -> None:
    disorderly, good = Plugin("alpha", "say", life=life), Plugin("beta", "say")
    with anyio.fail_after(20):
        async with open_kernel(settings_in(tmp_path), (disorderly, good), capture=False) as kernel:
            await kernel.start("alpha")
            await anyio.lowlevel.checkpoint()
            await kernel.start("beta")
            assert [each.state for each in kernel.plugins() if each.id == "beta"] == ["running"]
            tool = await kernel.tool("beta.say")
            assert tool.spec.name == "beta.say"
    assert good.trace == ["started", "stopped"]
