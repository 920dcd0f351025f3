"""Workers that crash, hang, hoard, multiply, flood and lie: the host goes on, says what happened, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.workers import menagerie, wrecker
from tests.host.workers.house import alive, descendants, kernel_of, processes_of_a_worker, until, worker_of
from trivet.kernel import Kernel, PluginRecord
from trivet_sdk import GenerateRequest, ModelUnavailable, PluginError, ToolError
from trivet_sdk.message import user
from trivet_sdk.testing import call

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform != "linux", reason="counts processes through /proc")]
ROOT = Path(__file__).parents[2]
BOUND = 60.0
ALONE = {"host.worker_sandbox": "off"}


@pytest.fixture
async def kernel(tmp_path: Path) -> AsyncIterator[Kernel]:
    """Both plugins, each in a worker of its own."""
    async with kernel_of(tmp_path, wrecker, menagerie, more={"plugins.wrecker.memory": "600MB"}) as kernel:
        yield kernel


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Kernel]:
    """Workers without a sandbox."""
    async with kernel_of(tmp_path, wrecker, more=ALONE) as kernel:
        yield kernel


async def ended(kernel: Kernel) -> PluginRecord:
    """The wrecker's record, once it is seen to have ended; and the other plugin answers as ever."""
    await until(lambda: record_of(kernel).state == "failed")
    assert (await call(await kernel.tool("menagerie.say"), {"text": "here"})).text == "here"
    return record_of(kernel)


def record_of(kernel: Kernel) -> PluginRecord:
    return next(each for each in kernel.plugins() if each.id == "wrecker")


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("segfault", {}, "crashed (signal 11)"),
        ("kill_itself", {}, "crashed (signal 9)"),
        ("leave", {"code": 3}, "crashed (exit code 3)"),
        ("leave", {"code": 0}, "ended by itself"),
        ("forge", {}, "sent frame 77 where frame {due} was due, and was ended"),
        ("replay", {}, "sent frame 0 where frame {due} was due, and was ended"),
        ("oversize", {}, "sent a frame of 2147.5 MB, more than the 16.8 MB allowed, and was ended"),
        ("truncate", {}, "stopped in the middle of a frame, and was ended"),
    ],
)
async def test_worker_that_breaks_ends_alone_and_says_why(
    kernel: Kernel, tool: str, arguments: dict[str, Any], reason: str
) -> None:
    with anyio.fail_after(BOUND):
        with pytest.raises(ToolError) as caught:
            await call(await kernel.tool(tool), arguments)
        assert caught.value.is_transient
        record = await ended(kernel)
        due = str(caught.value).partition("where frame ")[2].partition(" ")[0]
        assert record.reason == reason.format(due=due)
        assert str(caught.value) == f"plugin 'wrecker' {record.reason} while 'wrecker.{tool}' was at work."
        assert len(descendants()) == processes_of_a_worker()  # the other plugin's


async def test_endless_loop_in_the_workers_event_loop_is_noticed_by_its_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet.kernel.workers.bounds.SILENCE", 2.0)
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, wrecker) as kernel:
            with pytest.raises(ToolError) as caught:
                await call(await kernel.tool("loop"), {}, timeout=50)
            assert str(caught.value) == (
                "plugin 'wrecker' said nothing for 2 seconds, and was ended while 'wrecker.loop' was at work."
            )
            await until(lambda: record_of(kernel).state == "failed")
            assert record_of(kernel).reason == "said nothing for 2 seconds, and was ended"


async def test_worker_that_stands_still_is_noticed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivet.kernel.workers.bounds.SILENCE", 2.0)
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, wrecker) as kernel:
            await kernel.start("wrecker")
            os.kill(worker_of(kernel, "wrecker"), signal.SIGSTOP)
            await until(lambda: record_of(kernel).state == "failed")
            assert record_of(kernel).reason == "said nothing for 2 seconds, and was ended"


async def test_endless_loop_in_a_thread_leaves_the_worker_answering_and_ends_it_once_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet.kernel.workers.bounds.TOOL_PATIENCE", 0.3)
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, wrecker, menagerie) as kernel:
            spin = await kernel.tool("spin")
            say = await kernel.tool("wrecker.say")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call, spin, {})
                assert (await call(say, {"text": "beside it"})).text == "beside it"
                tasks.cancel_scope.cancel()
            assert (await ended(kernel)).reason == (
                "did not stop 'wrecker.spin' within 0.3 seconds of being cancelled, and was ended"
            )


async def test_memory_has_a_bound_and_the_worker_survives_running_into_it(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        with pytest.raises(MemoryError):
            await call(await kernel.tool("hoard"), {})
        assert (await call(await kernel.tool("wrecker.say"), {"text": "still here"})).text == "still here"


@pytest.mark.parametrize("tool", ["bomb", "scatter"])
async def test_children_in_sessions_of_their_own_end_with_their_worker(kernel: Kernel, tool: str) -> None:
    with anyio.fail_after(BOUND):
        bomb = await kernel.tool(tool)
        before = descendants()
        if tool == "scatter":
            await call(bomb, {"children": 20})
            assert len(descendants()) == len(before) + 20
            os.kill(worker_of(kernel, "wrecker"), signal.SIGKILL)
            assert (await ended(kernel)).reason == "crashed (signal 9)"
        else:
            with pytest.raises(ToolError):
                await call(bomb, {"children": 20})
            await ended(kernel)
        await until(lambda: len(descendants()) == processes_of_a_worker())


async def test_flood_of_output_holds_nobody_up(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call, await kernel.tool("flood"), {"lines": 20_000})
            for _ in range(50):
                assert (await call(await kernel.tool("menagerie.say"), {"text": "x"})).text == "x"
        assert (await call(await kernel.tool("wrecker.say"), {"text": "done"})).text == "done"


async def test_slow_reader_of_a_model_holds_up_neither_calls_nor_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet.kernel.workers.bounds.SILENCE", 4.0)
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, wrecker) as kernel:
            model = await kernel.model("endless")
            deltas: Any = model.generate(GenerateRequest(messages=(user("x"),)))
            await anext(deltas)
            say = await kernel.tool("wrecker.say")
            begun = anyio.current_time()
            while anyio.current_time() < begun + 5:  # longer than the silence that would end it
                assert (await call(say, {"text": "x"})).text == "x"
            assert (await anext(deltas)).text == "x" * 1000
            await deltas.aclose()


async def test_model_whose_worker_dies_is_unavailable(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        model = await kernel.model("endless")
        deltas: Any = model.generate(GenerateRequest(messages=(user("x"),)))
        await anext(deltas)
        with pytest.raises(ToolError):
            await call(await kernel.tool("segfault"), {})
        with pytest.raises(ModelUnavailable) as caught:
            async for _ in deltas:
                pass
        assert str(caught.value) == (
            "model 'endless' cannot answer: plugin 'wrecker' crashed (signal 11) while 'model endless' was at work."
        )
        assert await model.measure(()) >= 0  # by the next life, which was waited for


async def test_plugin_that_breaks_down_later_is_named_with_what_it_raised(tmp_path: Path) -> None:
    more = {"plugins.wrecker.config.breaks_down_later": True}
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, wrecker, menagerie, more=more) as kernel:
            await kernel.start("wrecker")
            assert (await ended(kernel)).reason == "broke down: KeyError: 'index'"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
async def test_worker_of_root_gives_up_its_rights_and_reads_nothing_of_its_host(alone: Kernel) -> None:
    await _looks_in_vain(alone)


async def test_worker_in_a_sandbox_reads_nothing_of_its_host(kernel: Kernel) -> None:
    await _looks_in_vain(kernel)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
async def test_worker_of_root_reads_nothing_of_its_host_also_where_there_are_no_namespaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet.kernel.workers.process.entry", lambda: without_namespaces(tmp_path))
    async with kernel_of(tmp_path / "home", wrecker, more=ALONE) as kernel:
        await _looks_in_vain(kernel)


async def _looks_in_vain(kernel: Kernel) -> None:
    paths = [f"/proc/{os.getpid()}/environ", f"/proc/{os.getpid()}/mem"]
    with anyio.fail_after(BOUND):
        arguments = {"paths": paths, "mounts_of_host": os.readlink("/proc/self/ns/mnt")}
        seen = (await call(await kernel.tool("look"), arguments)).value
    assert (seen["uncovered"], seen["opened"]) == (False, [])
    over_files = 0b1011  # CHOWN, DAC_OVERRIDE, FOWNER
    assert {name for name, held in seen["capabilities"].items() if held & ~over_files} == set()
    assert set(seen["capabilities"]) == {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"}


async def test_blobs_that_are_begun_and_never_ended_have_a_bound_and_go_with_their_call(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet.kernel.workers.relaying.LARGEST_BLOB", 1_000_000)
    with anyio.fail_after(BOUND):
        upload = await kernel.tool("upload")
        with pytest.raises(PluginError) as caught:
            await call(upload, {"relay": 0, "uploads": 3, "pieces": 4})
        assert "puts blobs of more than 1000000 bytes at once. Write them to files." in str(caught.value)
        for _ in range(2):  # what the calls before had begun no longer counts
            assert (await call(upload, {"relay": 0, "uploads": 2, "pieces": 4})).text == "begun"
        with pytest.raises(PluginError) as caught:
            await call(upload, {"relay": 999_999, "uploads": 1, "pieces": 1})
        assert "uses what it was lent for a call that has ended" in str(caught.value)


WITHOUT_NAMESPACES = """
import runpy
worker = runpy.run_path({main!r}, run_name="worker")
worker["main"].__globals__["alone"] = lambda kernel: False
worker["main"]()
"""


def without_namespaces(folder: Path) -> list[str]:
    """What starts a worker on a machine whose kernel refuses namespaces."""
    from trivet_sdk import worker

    script = folder / "without_namespaces.py"
    script.write_text(WITHOUT_NAMESPACES.format(main=str(Path(worker.__file__).with_name("__main__.py"))))
    return [str(script)]


async def test_children_end_with_their_worker_also_where_there_are_no_namespaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivet.kernel.workers.process.entry", lambda: without_namespaces(tmp_path))
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path / "home", wrecker, more=ALONE) as kernel:
            await call(await kernel.tool("scatter"), {"children": 20})
            assert len(descendants()) == 23
            with pytest.raises(ToolError) as caught:
                await call(await kernel.tool("bomb"), {"children": 20})
            assert str(caught.value) == "plugin 'wrecker' crashed (signal 9) while 'wrecker.bomb' was at work."
            await until(lambda: descendants() == [])


@pytest.mark.parametrize("mode", ["idle", "scatter", "loop", "scatter without namespaces"])
def test_host_that_is_killed_leaves_no_process_behind(tmp_path: Path, mode: str) -> None:
    entry = without_namespaces(tmp_path) if "without" in mode else []
    mode = mode.split()[0]
    command = [sys.executable, "-m", "tests.faults.worker_victim", str(tmp_path), mode, *entry]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
        processes = descendants(host.pid)
        assert len(processes) >= (23 if mode == "scatter" else 3)
        host.kill()
    anyio.run(_all_gone, processes)


async def _all_gone(processes: list[int]) -> None:
    with anyio.fail_after(BOUND):
        await until(lambda: not any(alive(pid) for pid in processes))
