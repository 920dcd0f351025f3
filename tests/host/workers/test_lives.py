"""A worker's life: its start, its end, what it may not bring, and what it sees of the world."""

import json
import os
import socket
import sys
from pathlib import Path

import anyio
import pytest
import structlog

from tests.host.workers import wrecker
from tests.host.workers.house import alive, descendants, host_of, kernel_of, processes_of_a_worker, until
from trivet.kernel import open_kernel
from trivet.kernel.survey import survey
from trivet.kernel.workers.environment import reduced
from trivet.kernel.workers.output import printable
from trivet.packages.trust import FIRST_PARTY
from trivet.settings import load_settings
from trivet_sdk import Contributions, Goal, PluginError
from trivet_sdk.manifest import Permissions
from trivet_sdk.testing import EmbeddedPlugin, StandaloneCall, call
from trivet_sdk.worker.life import _listen
from trivet_sdk.workspace import Workspace

pytestmark = pytest.mark.anyio
BOUND = 60.0


async def test_plugin_lives_in_a_process_of_its_own_and_leaves_none_behind(tmp_path: Path) -> None:
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path) as kernel:
            assert (await call(await kernel.tool("pid"), {})).value != {"pid": os.getpid()}
            processes = descendants()
            assert len(processes) == processes_of_a_worker()
        assert not any(alive(pid) for pid in processes)
        assert (tmp_path / "data" / "menagerie" / "stopped").exists()
        assert descendants() == []


async def test_environment_holds_what_a_program_needs_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("TRIVET_ROLES__MODEL", "m")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path) as kernel:
            names = (await call(await kernel.tool("settings"), {})).value["environment"]
    assert {"PATH", "LC_ALL"} <= set(names)
    assert {"OPENAI_API_KEY", "TRIVET_ROLES__MODEL", "MENAGERIE_KEY"}.isdisjoint(names)


def test_proxies_are_passed_on_with_the_permission_and_never_with_a_password() -> None:
    environ = {"https_proxy": "http://proxy:3128", "HTTP_PROXY": "http://ada:pw@proxy:3128", "X": "1"}
    assert reduced(environ, Permissions()) == {}
    assert reduced(environ, Permissions(network=("*:443",))) == {"https_proxy": "http://proxy:3128"}


@pytest.mark.parametrize(
    ("contributes", "sentence"),
    [
        (
            '[[contributes.executors]]\nname = "ray"',
            "brings the executor 'ray', and executors work in the host's own process only. "
            'Say `isolation = "inprocess"` in its manifest or settings.',
        ),
        (
            '[[contributes.journals]]\nname = "pg"',
            "brings the journal 'pg', and journals work in the host's own process only. "
            'Say `isolation = "inprocess"` in its manifest or settings.',
        ),
    ],
)
async def test_what_no_worker_can_bring_is_refused_by_a_sentence(
    tmp_path: Path, contributes: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrecker, "manifest", f"{wrecker.manifest}\n{contributes}\n")
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, wrecker) as kernel:
            record = await kernel.start("wrecker")
    assert (record.state, record.reason) == ("failed", sentence)


async def test_redact_in_a_worker_is_refused_by_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "redacting.py").write_text(REDACTING)
    monkeypatch.syspath_prepend(str(site))
    import redacting  # type: ignore[import-not-found]

    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path / "home", redacting) as kernel:
            record = await kernel.start("redacting")
    assert (record.state, record.reason) == (
        "failed",
        "implements the hook 'redact', which works in the host's own process only: what is to be kept from leaving must "
        'not be sent to a worker first. Say `isolation = "inprocess"` in its manifest or settings.',
    )


REDACTING = '''
from trivet_sdk import Contributions, hookimpl, stateless
manifest = """
[plugin]
id = "redacting"
summary = "Redacts"
isolation = "process"
start_timeout = 30.0
"""

@hookimpl
def activate(context):
    return stateless(Contributions())

@hookimpl
def redact(event):
    return event
'''


async def test_object_of_the_program_lives_in_its_process_whatever_the_settings_say(tmp_path: Path) -> None:
    plugin = EmbeddedPlugin("given", Contributions())
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, plugin, more={"plugins.given.isolation": "process"}) as kernel:
            assert (await kernel.start("given")).state == "running"
            assert descendants() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import not_there", "raised while starting: ModuleNotFoundError: No module named 'not_there'"),
        ("raise SystemExit(3)", "raised while starting: RuntimeError: SystemExit(3)"),
        ("import os; os._exit(4)", "crashed (exit code 4) while it was starting"),
        ("x = 1", "implements no 'activate'. Mark it with @hookimpl."),
        ("import time; time.sleep(60)", "did not start within 3 seconds"),
        (
            "import ctypes; ctypes.PyDLL(None).sleep(60)",
            "did not start within 3 seconds",
        ),  # with the lock of Python held
    ],
)
async def test_start_that_fails_says_why(
    tmp_path: Path, body: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module is imported in the worker only: here it is what a program hands over."""
    site = tmp_path / "site"
    site.mkdir()
    name = f"failing_{abs(hash(body))}"
    (site / f"{name}.py").write_text(body)
    monkeypatch.syspath_prepend(str(site))
    module = type(sys)(name)
    seconds = 3.0 if "sleep" in body else 30.0
    module.manifest = f'[plugin]\nid = "failing"\nsummary = "F"\nisolation = "process"\nstart_timeout = {seconds}\n'  # type: ignore[attr-defined]
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path / "home", module) as kernel:
            record = await kernel.start("failing")
        assert (record.state, record.reason) == ("failed", reason)
        assert descendants() == []


async def test_memory_that_is_no_number_of_bytes_is_refused(tmp_path: Path) -> None:
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, more={"plugins.menagerie.memory": "viel"}) as kernel:
            record = await kernel.start("menagerie")
    assert (record.state, record.reason) == (
        "failed",
        "cannot have the memory 'viel'. Write [plugins.menagerie] memory = \"2GB\".",
    )


async def test_worker_of_another_protocol_is_refused_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "newer.py"
    script.write_text(NEWER)
    monkeypatch.setattr("trivet.kernel.workers.process.entry", lambda: [str(script)])
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path / "home") as kernel:
            record = await kernel.start("menagerie")
    assert (record.state, record.reason) == (
        "failed",
        "speaks worker protocol 99 (SDK 1.0), and this host speaks 1. "
        "Bring its environment up to date with `trivet plugins update`.",
    )


NEWER = """
import runpy
import site
site.main()
from trivet_sdk.worker import life
life.PROTOCOL = 99
runpy.run_path(life.__file__.replace("life.py", "__main__.py"), run_name="__main__")
"""


async def test_plugin_lives_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """Its interpreter lies where environments are built: here one that only hands on to this one."""
    flags = {f"plugins.{id}.enabled": False for id in FIRST_PARTY if id != "calculate"}
    # in a sandbox it would not find this interpreter, which is no part of that environment
    alone = {"plugins.calculate.isolation": "venv", "plugins.calculate.sandbox": "off"}
    settings = load_settings(tmp_path, {**flags, **alone}, environ={})
    digest = next(record.digest for record in survey(settings).records.values() if record.id == "calculate")
    python = tmp_path / "plugins" / "calculate" / digest / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    with anyio.fail_after(BOUND):
        async with open_kernel(settings) as kernel:
            found = await call(await kernel.tool("calculate.evaluate"), {"expression": "2 ** 100"})
            assert found.value == {"value": 2**100}
            assert len(descendants()) == 3


async def test_what_a_plugin_logs_and_prints_is_in_the_log_with_its_id(tmp_path: Path) -> None:
    structlog.reset_defaults()  # an earlier test may have had something to log, which sets the level
    with anyio.fail_after(BOUND), structlog.testing.capture_logs() as lines:
        async with kernel_of(tmp_path) as kernel:
            await call(await kernel.tool("log"), {})
            await until(lambda: len(lines) > 1)
    assert all(line["plugin"] == "menagerie" for line in lines)
    logged, printed = sorted(lines, key=lambda line: str(line["event"]), reverse=True)
    assert (logged["event"], logged["log_level"], logged["fox"]) == ("the fox is loose", "warning", "1")
    assert (printed["event"], printed["line"], printed["stream"]) == ("printed", "printed [31mred", "stdout")


async def test_cancelled_blocking_tool_sees_it_and_stops(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)

    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path / "home") as kernel:
            waiting = await kernel.tool("wait")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(waiting.call, {"name": "a"}, StandaloneCall(workspace))
                await until((tmp_path / "a.begun").exists)
                tasks.cancel_scope.cancel()
            await until((tmp_path / "a.stopped").exists)
            assert (await call(await kernel.tool("say"), {"text": "still here"})).text == "still here"


async def test_array_of_100_megabytes_arrives_by_shared_memory(tmp_path: Path) -> None:
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path) as kernel:
            embedder = await kernel.embedder()
            assert embedder is not None
            rows = await embedder.embed(["large:25000"])
            assert (len(rows), len(rows[0]), rows[24_999][999]) == (25_000, 1_000, 1.5)
            pid = descendants()[-1]
            # the worker lets go of it as soon as it hears that it was taken
            await until(lambda: all("trivet-array" not in target for target in _open_files(pid)))
        assert rows[0][0] == 1.5  # it outlives the worker


def _open_files(pid: int) -> list[str]:
    found: list[str] = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except OSError:
            continue
    return found


async def test_goal_is_pursued_with_planner_reflector_tool_and_model_in_a_worker(tmp_path: Path) -> None:
    """The walk: everything of the plugin's in its worker, the journal here."""
    with anyio.fail_after(BOUND):
        async with host_of(tmp_path / "home") as host:
            with host.kernel.bus.subscribe("menagerie.*") as heard:
                outcome = await host.run(Goal(text="think 一下", workspace=str(tmp_path)))
                assert (outcome.status, outcome.answer) == ("succeeded", "red and blue|2|2|looked up")
                event = await anext(aiter(heard))
            records = await host.records(outcome.run)
    assert event.topic == "menagerie.grown"
    topics = [record.event.topic for record in records]
    assert [topic for topic in topics if topic.startswith(("model", "tool"))] == [
        "model.called",
        "model.returned",
        "tool.called",
        "tool.returned",
        "tool.called",
        "tool.returned",
    ]
    assert outcome.usage.model_calls == 1


async def test_exhausted_budget_passes_through_a_planner_in_a_worker(tmp_path: Path) -> None:
    """An error of the host that goes through the worker comes back as itself."""
    from trivet.runs import RunOptions
    from trivet_sdk import Budget

    with anyio.fail_after(BOUND):
        async with host_of(tmp_path / "home") as host:
            options = RunOptions(budget=Budget(max_tokens=0))
            outcome = await host.run(Goal(text="think", workspace=str(tmp_path)), options)
    assert outcome.status == "exhausted"


def test_control_characters_do_not_reach_the_log() -> None:
    assert printable("a\x1b[31mred\x07\x00\u202e猫\tb".encode()) == "a[31mred猫 b"


async def test_debugger_can_attach_to_a_worker(tmp_path: Path) -> None:
    """The first word of the Debug Adapter Protocol, and its answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = json.dumps({"seq": 1, "type": "request", "command": "initialize", "arguments": {"adapterID": "test"}})
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, isolation="inprocess", more={"plugins.menagerie.debugger": port}) as kernel:
            assert (await call(await kernel.tool("pid"), {})).value != {"pid": os.getpid()}
            async with await anyio.connect_tcp("127.0.0.1", port) as debugger:
                await debugger.send(f"Content-Length: {len(asked)}\r\n\r\n{asked}".encode())
                heard = b""
                while b'"command": "initialize"' not in heard and b'"command":"initialize"' not in heard:
                    heard += await debugger.receive()
    assert b"supportsConfigurationDoneRequest" in heard
    assert descendants() == []


@pytest.mark.parametrize(
    ("port", "sentence"),
    [
        ("here", "cannot be debugged at 'here'. Write [plugins.menagerie] debugger = 5678."),
        (70000, "cannot be debugged at 70000. Write [plugins.menagerie] debugger = 5678."),
    ],
)
async def test_port_that_is_none_is_refused(tmp_path: Path, port: object, sentence: str) -> None:
    with anyio.fail_after(BOUND):
        async with kernel_of(tmp_path, isolation="inprocess", more={"plugins.menagerie.debugger": port}) as kernel:
            record = await kernel.start("menagerie")
    assert (record.state, record.reason) == ("failed", sentence)


def test_debugger_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "debugpy", None)
    with pytest.raises(PluginError) as caught:
        _listen("menagerie", 5678)
    assert str(caught.value) == (
        "plugin 'menagerie' cannot be debugged: debugpy is not in its environment. Install it there: `pip install debugpy`."
    )
