"""A plugin in the host's process that does not return is named: which, in what, and where it is."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest

from tests.host.kernel.test_kernel import Echo, Plugin, settings_in
from tests.host.kernel.workshop import SOURCE, Clock, Context, Workshop
from trivet.kernel import Kernel, open_kernel
from trivet.kernel.watchdog import Entered, within
from trivet.settings import Settings
from trivet_sdk import Contributions, PluginContext, ToolCall, hookimpl, result
from trivet_sdk.events import PluginHung
from trivet_sdk.tool import ToolContext

pytestmark = pytest.mark.anyio


def watched(settings: Settings) -> Settings:
    """Named after a fifth of a second."""
    return msgspec.structs.replace(settings, host=msgspec.structs.replace(settings.host, hang_seconds=0.2))


def stand_still() -> None:
    time.sleep(1.0)


class Stuck(Echo):
    async def call(self, arguments: Any, ctx: ToolContext) -> Any:
        await anyio.lowlevel.checkpoint()
        stand_still()
        return result("at last")


class Hanging(Plugin):
    @hookimpl
    def veto_tool_call(self, call: ToolCall) -> str | None:
        if call.tool == "alpha.say":
            stand_still()
        return None

    async def _usual(self, context: PluginContext) -> AsyncIterator[Contributions]:
        if context.id == "slow":
            stand_still()
        yield Contributions(tools=(Stuck("say"),))


async def hung(kernel: Kernel, work: Any) -> PluginHung:
    with kernel.bus.subscribe("plugin.hung") as events, anyio.fail_after(20):
        await work()
        event = await anext(aiter(events))
        assert isinstance(event, PluginHung)
        assert event.seconds >= 0.2
        assert "in stand_still\n    time.sleep(1.0)" in event.stack
        return event


async def test_tool_hook_and_start_that_block_the_loop_are_named_with_their_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugins = (Hanging("alpha", "say"), Hanging("slow", "say"))
    async with open_kernel(watched(settings_in(tmp_path)), plugins, capture=False) as kernel:
        await kernel.start("alpha")
        tool = await kernel.tool("alpha.say")
        event = await hung(kernel, lambda: tool.call({}, Context(tmp_path)))
        assert (event.plugin, event.doing) == ("alpha", "tool 'alpha.say'")
        call = ToolCall(run="r", step="s1", tool="alpha.say", arguments={}, key="r/s1/1", effect="pure")
        event = await hung(kernel, lambda: kernel.veto(call))
        assert (event.plugin, event.doing) == ("alpha", "hook 'veto_tool_call'")
        event = await hung(kernel, lambda: kernel.start("slow"))
        assert (event.plugin, event.doing) == ("slow", "hook 'activate'")
    log = capsys.readouterr().err
    assert "nothing else can run: plugin 'alpha' has not returned" in log
    assert "stand_still" in log


async def test_task_that_a_plugin_started_itself_is_named_by_its_module(workshop: Workshop, tmp_path: Path) -> None:
    source = SOURCE.replace("        await broken.wait()\n", "        await broken.wait()\n        stand_still()\n")
    workshop.add("alpha", source + "\n\ndef stand_still():\n    import time\n    time.sleep(1.0)\n")
    async with open_kernel(watched(workshop.settings()), pace=Clock(hold=True).pace()) as kernel:
        die = await kernel.tool("alpha.die")
        event = await hung(kernel, lambda: die.call({"signal": 0}, Context(tmp_path)))
        assert (event.plugin, event.doing) == ("alpha", "a task of its own, in stand_still")


@pytest.mark.flaky(reruns=3)  # of wall time on a shared machine
async def test_waiting_is_no_hang(tmp_path: Path) -> None:
    async with open_kernel(watched(settings_in(tmp_path)), (Plugin("alpha", "say"),)) as kernel:
        with kernel.bus.subscribe("plugin.hung") as events:
            await anyio.sleep(1.0)
            assert events.pending == 0


@pytest.mark.flaky(reruns=3)  # of wall time on a shared machine
async def test_naming_what_is_entered_costs_less_than_a_microsecond() -> None:
    """Against the bare call, in CPU time, best of several rounds."""
    entered = Entered("alpha", "a test")

    def nothing() -> None:
        pass

    def seconds(bare: bool) -> float:
        begun = time.process_time()
        if bare:
            for _ in range(100_000):
                nothing()
        else:
            for _ in range(100_000):
                within(entered, nothing)
        return (time.process_time() - begun) / 100_000

    assert min(seconds(False) - seconds(True) for _ in range(7)) < 1e-6
