"""The table of states, and that every step through it is told."""

from pathlib import Path
from typing import get_args

import anyio
import pytest

from tests.host.kernel.test_kernel import Plugin, raises_at_start, settings_in
from trivet.kernel import open_kernel
from trivet.kernel.lifecycle import TRANSITIONS, State
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
