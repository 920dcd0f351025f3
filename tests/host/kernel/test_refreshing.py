"""A host that stays up while plugins are installed, changed, configured, restarted, disabled and uninstalled."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from tests.host.kernel.test_supervision import dead, said, state, until
from tests.host.kernel.workshop import SOURCE, TOOLS, Clock, Context, Workshop, eventually
from trivet.errors import CallInterrupted, PluginLeftOut, UnknownTool
from trivet.kernel import Kernel, open_kernel
from trivet.kernel.requests import Requests
from trivet.runs.attempts import carried_out
from trivet_sdk.events import PluginChanged
from trivet_sdk.tool import Tool, ToolResult

pytestmark = pytest.mark.anyio


async def changes(kernel: Kernel, work: Callable[[], Awaitable[None]]) -> list[tuple[str, str, str]]:
    """What plugins went through while this was done."""
    with kernel.bus.subscribe("plugin.changed") as events:
        await work()
        events.close()
        found: list[tuple[str, str, str]] = []
        async for event in events:
            assert isinstance(event, PluginChanged)
            found.append((event.before, event.after, event.reason))
        return found


async def test_changed_files_of_a_worker_are_taken_up_while_it_runs(workshop: Workshop, tmp_path: Path) -> None:
    workshop.add("alpha", isolation="process")
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            await kernel.refresh()
            workshop.rewrite("alpha", "2")
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            assert await changes(kernel, kernel.refresh) == [("running", "running", "its files changed")]
            assert await said(kernel, "alpha", tmp_path) == "2 hi"


@pytest.mark.parametrize("isolation", ["process", "inprocess"])
async def test_changed_settings_are_taken_up_while_it_runs(workshop: Workshop, tmp_path: Path, isolation: str) -> None:
    workshop.add("alpha", isolation=isolation)
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            workshop.set("alpha", "config", {"version": "七"})
            told = await changes(kernel, kernel.refresh)
            assert told == (
                [("running", "running", "its settings changed")]
                if isolation == "process"
                else [
                    ("running", "stopping", "its settings changed"),
                    ("stopping", "stopped", "its settings changed"),
                    ("stopped", "starting", ""),
                    ("starting", "running", ""),
                ]
            )
            assert await said(kernel, "alpha", tmp_path) == "七 hi"
            assert await changes(kernel, kernel.refresh) == []


async def test_plugin_moves_into_a_worker_and_back_while_it_runs(workshop: Workshop, tmp_path: Path) -> None:
    workshop.add("alpha")
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            pids: list[int | None] = []
            for isolation in ("process", "inprocess"):
                assert await said(kernel, "alpha", tmp_path) == "1 hi"
                pids.append(kernel._lives.supervisors["alpha"].life.pid)  # type: ignore[union-attr]
                workshop.set("alpha", "isolation", isolation)
                told = await changes(kernel, kernel.refresh)
                assert told == [("running", "running", f"its isolation is now {isolation}")]
            assert pids[0] is None
            assert pids[1] is not None


async def test_new_life_that_cannot_start_leaves_the_old_one_at_work(workshop: Workshop, tmp_path: Path) -> None:
    workshop.add("alpha", isolation="process")
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            workshop.rewrite("alpha", "2", "raise RuntimeError('half written')")
            await kernel.refresh()
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            assert state(kernel, "alpha") == (
                "degraded",
                "its files changed, but the new one cannot take over: "
                "raised while starting: RuntimeError: half written",
            )
            workshop.rewrite("alpha", "3")
            await kernel.refresh()
            assert await said(kernel, "alpha", tmp_path) == "3 hi"
            assert state(kernel, "alpha") == ("running", "")


async def test_imported_code_that_changed_keeps_running_and_says_once_that_a_restart_is_needed(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.add("alpha")
    stale = "its files changed after this host had imported them; restart the host to use the new ones"
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            workshop.rewrite("alpha", "2")
            assert await changes(kernel, kernel.refresh) == [("running", "running", stale)]
            assert await changes(kernel, kernel.refresh) == []
            assert state(kernel, "alpha") == ("running", stale)
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            workshop.set("alpha", "enabled", False)
            await kernel.refresh()
            workshop.set("alpha", "enabled", True)
            await kernel.refresh()
            assert state(kernel, "alpha") == ("incompatible", stale)


async def test_plugin_is_installed_enabled_disabled_and_uninstalled_in_a_running_host(
    workshop: Workshop, tmp_path: Path
) -> None:
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            root = workshop.add("late", enabled=False)
            await kernel.refresh()
            assert state(kernel, "late") == (
                "disabled",
                "disabled in settings; `trivet plugins enable late` enables it",
            )
            workshop.set("late", "enabled", True)
            await kernel.refresh()
            assert await said(kernel, "late", tmp_path) == "1 hi"
            workshop.set("late", "enabled", False)
            told = await changes(kernel, kernel.refresh)
            assert [(before, after) for before, after, _ in told] == [
                ("running", "stopping"),
                ("stopping", "stopped"),
                ("stopped", "discovered"),
                ("discovered", "disabled"),
            ]
            with pytest.raises(UnknownTool):
                await kernel.tool("late.say")
            workshop.set("late", "enabled", True)
            await kernel.refresh()
            assert await said(kernel, "late", tmp_path) == "1 hi"
            for folder in (root, *workshop.site.folder.glob("late_plugin-*.dist-info")):
                shutil.rmtree(folder)
            await kernel.refresh()
            assert "late" not in [record.id for record in kernel.plugins()]
            assert kernel.tools() == ()


async def test_call_at_work_finishes_on_the_life_it_began_on(workshop: Workshop, tmp_path: Path) -> None:
    workshop.add("alpha", isolation="process")
    (tmp_path / "wait").touch()
    arguments = {"folder": str(tmp_path), "name": "trace"}
    answers: list[str] = []
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            tool = await kernel.tool("alpha.send")

            context = Context(tmp_path)

            async def call() -> None:
                answers.append((await tool.call(arguments, context)).text)

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call)
                await context.begun.wait()
                workshop.rewrite("alpha", "2")
                await kernel.refresh()
                assert await said(kernel, "alpha", tmp_path) == "2 hi"
                assert answers == []
                (tmp_path / "wait").unlink()
            assert answers == ["1 trace"]


@pytest.mark.parametrize(("name", "begun"), [("look", 2), ("send", 1)])
async def test_call_that_outlasts_the_bound_is_cut_short_and_made_again_if_it_is_harmless(
    workshop: Workshop, tmp_path: Path, name: str, begun: int
) -> None:
    workshop.add("alpha", isolation="process")
    (tmp_path / "wait").touch()
    context = Context(tmp_path)
    outcome: list[str] = []

    async def execute(tool: Tool) -> ToolResult:
        result: ToolResult = await tool.call({"folder": str(tmp_path), "name": "trace"}, context)
        return result

    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace(drain=0.05)) as kernel:
            await kernel.start("alpha")
            spec = kernel.find_tool(f"alpha.{name}")

            async def call() -> None:
                try:
                    outcome.append((await carried_out(kernel, spec, context.key, execute)).text)  # type: ignore[arg-type]
                except CallInterrupted as cut:
                    outcome.append(str(cut))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call)
                await context.begun.wait()
                workshop.rewrite("alpha", "2")
                await kernel.refresh()
                if begun == 2:
                    await eventually(lambda: len((tmp_path / "trace").read_text().splitlines()) == 2)
                    (tmp_path / "wait").unlink()
    cut_short = "plugin 'alpha' was stopped while 'alpha.send' was at work."
    assert outcome == (["2 trace"] if begun == 2 else [cut_short])
    assert len((tmp_path / "trace").read_text().splitlines()) == begun


@pytest.mark.parametrize("times", [6, pytest.param(50, marks=pytest.mark.long)])
async def test_worker_upgraded_many_times_under_load_loses_no_call_and_repeats_no_effect(
    workshop: Workshop, tmp_path: Path, times: int
) -> None:
    workshop.add("alpha", isolation="process")
    answers: list[str] = []
    is_over = False

    async def load(kernel: Kernel, number: int) -> None:
        count = 0
        while not is_over:
            name, count = f"trace-{number}-{count}", count + 1
            context = Context(tmp_path)
            spec = kernel.find_tool("alpha.send")

            async def execute(tool: Tool, name: str = name, context: Context = context) -> ToolResult:
                result: ToolResult = await tool.call({"folder": str(tmp_path), "name": name}, context)
                return result

            answer = await carried_out(kernel, spec, context.key, execute)  # type: ignore[arg-type]
            answers.append(answer.text)
            await anyio.lowlevel.checkpoint()

    with anyio.fail_after(240):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            await said(kernel, "alpha", tmp_path)
            async with anyio.create_task_group() as tasks:
                for number in range(4):
                    tasks.start_soon(load, kernel, number)
                for version in range(2, 2 + times):
                    workshop.rewrite("alpha", str(version))
                    await kernel.refresh()
                    assert await said(kernel, "alpha", tmp_path) == f"{version} hi"
                is_over = True
            assert state(kernel, "alpha") == ("running", "")
    traces = sorted(path.name for path in tmp_path.glob("trace-*"))
    assert sorted(answer.split()[1] for answer in answers) == traces
    assert all(len((tmp_path / name).read_text().splitlines()) == 1 for name in traces)
    assert len({answer.split()[0] for answer in answers}) > times // 2


async def test_hosts_notice_by_themselves_what_changed_in_the_home(workshop: Workshop, tmp_path: Path) -> None:
    workshop.add("alpha", isolation="process")
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace(look=0.02)) as kernel:
            await kernel.start("alpha")
            with kernel.bus.subscribe("plugin.changed") as events:
                arriving = aiter(events)
                workshop.set("alpha", "config", {"version": "2"})
                assert (await anext(arriving)).reason == "its settings changed"  # type: ignore[attr-defined]
                Requests(workshop.home).restart("alpha")
                assert (await anext(arriving)).reason == "a restart was asked for"  # type: ignore[attr-defined]
                workshop.set("alpha", "reload", True)
                assert (await anext(arriving)).reason == "its settings changed"  # type: ignore[attr-defined]
                workshop.rewrite("alpha", "3")
                assert (await anext(arriving)).reason == "its files changed"  # type: ignore[attr-defined]
            (workshop.home / "settings.toml").write_text("[plugins")
            await eventually(lambda: kernel.problems)
            assert kernel.problems[0].startswith(
                f"the settings that hold are the last ones that could be read: {workshop.home / 'settings.toml'}: "
                "this is no TOML"
            )
            assert await said(kernel, "alpha", tmp_path) == "2 hi"


async def test_restart_brings_back_what_failed_for_good(workshop: Workshop, tmp_path: Path) -> None:
    refusing = SOURCE.replace(
        "async def life(context):\n",
        f"async def life(context):\n    if not Path({str(tmp_path / 'ready')!r}).exists(): context.secret('X')\n",
    )
    workshop.add("alpha", refusing, isolation="process")
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            with pytest.raises(PluginLeftOut) as caught:
                await kernel._lives.running("alpha")
            assert str(caught.value) == (
                "plugin 'alpha' cannot be used: asks for the secret 'X', which its manifest does not name"
            )
            (tmp_path / "ready").touch()
            await kernel.refresh(restart=["alpha"])
            assert await said(kernel, "alpha", tmp_path) == "1 hi"
            await dead(kernel, "alpha", tmp_path)
            await until(kernel, "alpha", "running")


async def test_reloaded_plugin_lives_in_a_worker_though_its_manifest_says_otherwise(
    workshop: Workshop, tmp_path: Path
) -> None:
    workshop.add("alpha", manifest=TOOLS, reload=True)
    with anyio.fail_after(60):
        async with open_kernel(workshop.settings(), pace=Clock().pace()) as kernel:
            await kernel.start("alpha")
            assert kernel._lives.supervisors["alpha"].life.pid is not None  # type: ignore[union-attr]
