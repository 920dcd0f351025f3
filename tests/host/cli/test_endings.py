"""How the command ends when plugins, the caller's streams or the user do not play along."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Done, Site, Trivet, clean_environment
from tests.host.cli.test_run import SAY, install

pytestmark = pytest.mark.usefixtures("alone")

LEAVING = """
async def leave():
    raise SystemExit(0)

@hookimpl
@asynccontextmanager
async def activate(context):
    import asyncio
    task = asyncio.get_running_loop().create_task(leave())
    yield Contributions(
        tools=(say, wait, send, note), planners={"scripted": Planner()}, reflectors={"easy": ScriptedReflector()}
    )
"""
BUSY = '''
@tool(effect="pure")
async def wait(path: str, ctx: ToolContext):
    """Wait, and let nothing else happen."""
    (ctx.workspace.root / "waiting").touch()
    while not (ctx.workspace.root / path).exists():
        pass
    return result("there it is")
'''
STUBBORN = '''
@tool(effect="pure")
async def wait(path: str, ctx: ToolContext):
    """Wait, whatever happens."""
    (ctx.workspace.root / "waiting").touch()
    while not (ctx.workspace.root / path).exists():
        try:
            await anyio.sleep(0.05)
        except BaseException:
            pass
    return result("there it is")
'''


def source(more: str) -> str:
    head, mark, tail = scripted.SOURCE.partition("@hookimpl\n")
    return f"{head}{more}" if "async def activate" in more else f"{head}{more}\n\n{mark}{tail}"


def prepared(site: Site, home: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    monkeypatch.setattr(scripted, "SOURCE", source(more))
    install(site, home)


def test_plugin_that_ends_the_process_is_no_success(
    site: Site, home: Path, trivet: Trivet, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(site, home, monkeypatch, LEAVING)
    done = trivet("run", SAY)
    assert (done.code, done.out) == (70, "")
    assert (
        "Error: A plugin tried to end trivet (SystemExit: 0), and the command is not done. This is a bug in the plugin; "
        "`--debug` shows where. `--safe` leaves out all plugins but trivet's own.\n"
    ) in done.err


def interrupted(site: Site, home: Path, folder: Path, signals: int) -> Done:
    goal = scripted.goal(("scripted.wait", {"path": "go"}), ("answer", {"text": "{{s1}}"}))
    process = subprocess.Popen(
        [sys.executable, "-m", "trivet", "run", goal], cwd=folder,
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (folder / "waiting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for _ in range(signals):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)  # two that are pending at once are one
    out, err = process.communicate(timeout=60)
    return Done(process.returncode, out, err)


@pytest.mark.parametrize(("more", "signals"), [(BUSY, 2), (BUSY, 1), (STUBBORN, 1)])
def test_interrupt_is_heard_whatever_a_coroutine_tool_does(
    site: Site, home: Path, trivet: Trivet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, signals: int
) -> None:
    prepared(site, home, monkeypatch, more)
    done = interrupted(site, home, tmp_path / "work", signals)
    id = trivet("runs", "list", "--json").json()[0]["id"]
    assert (done.code, done.out) == (130, "")
    assert done.err.splitlines()[-1] == f"Stopped. `trivet runs resume {id}` goes on where it was."
    (tmp_path / "work" / "go").touch()
    resumed = trivet("runs", "resume", id)
    assert (resumed.code, resumed.out) == (0, "there it is\n")


BROKEN = '''
@tool(effect="pure")
async def say(text: str):
    """Break."""
    raise ZeroDivisionError("by zero")
'''


def test_broken_tool_is_named_by_its_call(
    site: Site, home: Path, trivet: Trivet, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(site, home, monkeypatch, BROKEN)
    done = trivet("tools", "call", "scripted.say", '{"text": "x"}')
    assert (done.code, done.err) == (1, "Error: The tool 'scripted.say' broke: ZeroDivisionError: by zero\n")


def in_shell(site: Site, home: Path, folder: Path, redirected: str, *arguments: str) -> Done:
    command = f'exec "$0" -m trivet "$@" {redirected}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, *arguments], cwd=folder,
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def test_closed_and_full_streams(site: Site, home: Path, trivet: Trivet, tmp_path: Path) -> None:
    install(site, home)
    folder = tmp_path / "work"
    assert in_shell(site, home, folder, "2>&-", "run", SAY) == (0, "你好，世界!\n", "")
    assert in_shell(site, home, folder, ">&-", "runs", "list") == (0, "", "")
    if Path("/dev/full").exists():
        done = in_shell(site, home, folder, ">/dev/full", "runs", "list")
        assert (done.code, done.err) == (1, "Error: The output cannot be written: no space left on device.\n")
    assert [each["status"] for each in trivet("runs", "list", "--json").json()] == ["succeeded"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are UTF-8")
def test_bytes_that_are_no_utf8_are_wrong_usage(site: Site, home: Path, trivet: Trivet, tmp_path: Path) -> None:
    install(site, home)
    bad = os.fsdecode(b"x\xff")
    (tmp_path / "work" / bad).mkdir()
    told = "is no UTF-8. Rename or retype it.\n"
    for arguments in (("run", SAY, "--workspace", bad), ("runs", "show", bad), ("config", "set", "roles.x", bad)):
        done = trivet(*arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.endswith(f"Error: 'x\\udcff', an argument, {told}")
    assert trivet("runs", "list", "--json").json() == []
    inside = in_shell(site, home, tmp_path / "work" / bad, "", "run", SAY)
    assert (inside.code, inside.err.endswith(f"the name of this folder, {told}")) == (2, True)
    elsewhere = trivet("runs", "list", TRIVET_HOME=str(tmp_path / bad))
    assert (elsewhere.code, elsewhere.err.endswith("x\\udcff' is no UTF-8; name another directory\n")) == (2, True)


def test_run_of_a_container_that_is_gone_goes_on_when_it_has_been_silent(
    site: Site, home: Path, trivet: Trivet
) -> None:
    import sqlite3

    from trivet.journal.owner import this_owner

    install(site, home)
    goal = scripted.goal(("ask", {"question": "Which?"}), ("answer", {"text": "it is {{s1}}"}))
    assert trivet("run", goal, "--json").code == 4
    id = trivet("runs", "list", "--json").json()[0]["id"]
    db = sqlite3.connect(home / "journal.sqlite", isolation_level=None)
    boot = this_owner().boot.partition("+")[0] + "+pid:[1]"
    db.execute("INSERT INTO hosts VALUES('17.x', 17, '1', ?, ?)", (boot, time.time() + 10))
    db.execute("UPDATE runs SET owner='17.x', pid=17, started='1', boot=?, held=?", (boot, time.time() - 600))
    refused = trivet("runs", "resume", id)
    assert refused.code == 2
    assert (
        f"Run {id} is being worked on by process 17, which is elsewhere (another container or machine)" in refused.err
    )
    listed = trivet("runs", "list")
    assert "process 17 (elsewhere) for 10 minutes" in listed.out
    told = trivet("runs", "cancel", id)
    assert (told.out, "if it is gone, try again in" in told.err) == (f"Run {id} is told to stop.\n", True)
    db.execute("UPDATE hosts SET beat=?", (time.time() - 16,))
    db.close()
    assert trivet("runs", "cancel", id).out == f"Run {id} is cancelled.\n"


def test_all_interrupted_runs_are_resumed_and_counted(
    site: Site, home: Path, trivet: Trivet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, home)
    assert trivet("runs", "resume", "--all") == (0, "", "No run was interrupted.\n")
    assert trivet("runs", "resume", "--all", "--json") == (0, "[]\n", "No run was interrupted.\n")
    for signs in ([signal.SIGINT], [signal.SIGKILL]):
        begun(site, home, tmp_path / "work", signs)
    asks = trivet("run", scripted.goal(("ask", {"question": "哪一个？"})))
    assert asks.code == 4
    stopped = [each["id"] for each in reversed(trivet("runs", "list", "--json").json())][:2]
    (tmp_path / "work" / "go").touch()
    done = trivet("runs", "resume", "--all")
    assert (done.code, done.err) == (0, "2 succeeded.\n")
    assert sorted(done.out.splitlines()) == sorted(f"{run}  succeeded  there it is" for run in stopped)
    assert trivet("runs", "resume", "--all") == (0, "", "No run was interrupted.\n")


def test_what_came_of_all_interrupted_runs_is_told_as_json(
    site: Site, home: Path, trivet: Trivet, tmp_path: Path
) -> None:
    install(site, home)
    begun(site, home, tmp_path / "work", [signal.SIGKILL])
    (id,) = (each["id"] for each in trivet("runs", "list", "--json").json())
    begun(site, home, tmp_path / "work", [signal.SIGKILL])
    (lost,) = (each["id"] for each in trivet("runs", "list", "--json").json() if each["id"] != id)
    db = sqlite3.connect(home / "journal.sqlite")
    assert db.execute("DELETE FROM events WHERE run=? AND seq=1", (lost,)).rowcount == 1
    db.commit()
    db.close()
    (tmp_path / "work" / "go").touch()
    done = trivet("runs", "resume", "--all", "--json")
    assert done.code == 1
    resumed, left = done.json()
    assert {key: resumed[key] for key in ("id", "status", "answer", "reason", "artifacts")} == {
        "id": id, "status": "succeeded", "answer": "there it is", "reason": "", "artifacts": [],
    }  # fmt: skip
    assert resumed["usage"]["steps"] == 2
    assert left == {
        "id": lost,
        "status": None,
        "reason": f"the journal {home / 'journal.sqlite'} cannot be used: event 1 of run {lost} is missing. Other runs are not "
        "touched by this; restore it from a backup.",
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name one run to go on with, or all that were interrupted with --all."),
        (("last", "--all"), "Name one run to go on with, or all that were interrupted with --all."),
    ],
)
def test_resume_wants_one_run_or_all(trivet: Trivet, arguments: tuple[str, ...], sentence: str) -> None:
    done = trivet("runs", "resume", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == f"Error: {sentence}"


def begun(site: Site, home: Path, work: Path, signs: list[signal.Signals]) -> None:
    """A run that waits in a tool, and then gets these signals."""
    goal = scripted.goal(("scripted.wait", {"path": "go"}), ("answer", {"text": "{{s1}}"}))
    (work / "waiting").unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "trivet", "run", goal], cwd=work,
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while not (work / "waiting").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for sign in signs:
        process.send_signal(sign)
    process.wait(30)
