"""What is told of programs, through the library's own door."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from trivet_sandbox import Limits, Pool, Result, SandboxFailed, Session, run
from trivet_sandbox.backend import Launched, Namespaces
from trivet_sandbox.limits import MB
from trivet_sandbox.readiness import usable_bubblewrap

pytestmark = pytest.mark.usefixtures("usable")


def test_result_has_what_was_printed_and_the_value(tmp_path: Path) -> None:
    result = run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n{'a': [1]}", tmp_path)

    assert (result.stdout, result.stderr, result.status, result.value, result.error, result.is_cut) == (
        "out\n",
        "err\n",
        "ok",
        "{'a': [1]}",
        "",
        False,
    )


def test_error_shows_the_lines_of_the_program(tmp_path: Path) -> None:
    with Session(tmp_path) as session:
        session.run("def half(n):\n    return n / zero\n\nzero = 0", 10)
        result = session.run("# 中文\nhalf(1)", 10)

    assert result.status == "error"
    assert result.error == (
        "Traceback (most recent call last):\n"
        '  File "<program 2>", line 2, in <module>\n'
        "    half(1)\n"
        '  File "<program 1>", line 2, in half\n'
        "    return n / zero\n"
        "           ~~^~~~~~\n"
        "ZeroDivisionError: division by zero\n"
    )


def test_one_program_by_itself_tells_its_error_as_python_would(tmp_path: Path) -> None:
    result = run("print(x", tmp_path)

    assert result.stderr == result.error
    assert result.error == (
        "  File \"<program 1>\", line 1\n    print(x\n         ^\nSyntaxError: '(' was never closed\n"
    )


def test_program_that_does_not_end_is_ended_and_what_it_defined_is_lost(tmp_path: Path) -> None:
    with Session(tmp_path) as session:
        session.run("x = 1", 10)
        result = session.run("print('begun', flush=True)\nwhile True: pass", 0.5)

        assert (result.stdout, result.status) == ("begun\n", "timeout")
        assert result.error == "The program did not end within 0.5 seconds and was ended; what it had defined is lost."
        assert not session.is_open
        with pytest.raises(SandboxFailed) as raised:
            session.run("x", 10)
        assert str(raised.value) == "the session is over, and what was defined in it is lost; open another"


@pytest.mark.parametrize("control_groups", [True, False])
def test_program_that_takes_too_much_is_killed(tmp_path: Path, control_groups: bool) -> None:
    limits = Limits(memory=128 * MB, workspace=8 * MB, file=64 * MB)
    memory = "import mmap\nheld = mmap.mmap(-1, 512 << 20)\nfor at in range(0, 512 << 20, 4096): held[at] = 1"
    disk = "for n in range(8): open(f'f{n}', 'wb').write(bytes(48 << 20))\nimport time; time.sleep(5)"

    for program, what in ((memory, "took more memory"), (disk, "wrote more files")):
        result = run(program, tmp_path, limits=limits, control_groups=control_groups)

        assert result.status == "killed"
        assert result.error == f"The program {what} than it may and was ended; what it had defined is lost."


def test_growth_by_others_is_not_held_against_a_program(tmp_path: Path) -> None:
    limits = Limits(workspace=8 * MB)
    (tmp_path / "work").mkdir()
    with Session(tmp_path / "work", limits=limits) as session:
        (tmp_path / "elsewhere").write_bytes(bytes(64 * MB))
        result = session.run("open('mine', 'w').write('x')\nimport time; time.sleep(0.5)", 10)

    assert result.status == "ok"


def test_program_that_ends_its_process_is_told(tmp_path: Path) -> None:
    result = run("import os\nprint('bye', flush=True)\nos._exit(0)", tmp_path)

    assert (result.stdout, result.status) == ("bye\n", "died")
    assert result.error == "The program ended its own process; what it had defined is lost."


def test_output_beyond_the_bound_is_thrown_away(tmp_path: Path) -> None:
    result = run("print('é' * 5000)", tmp_path, limits=Limits(output=999))

    assert result.is_cut
    assert len(result.stdout.encode()) <= 1001
    assert result.stdout.startswith("é" * 499)


def test_another_thread_may_end_a_program(tmp_path: Path) -> None:
    with Session(tmp_path) as session:
        found: list[Result] = []
        thread = threading.Thread(target=lambda: found.append(session.run("open('begun', 'w')\nwhile True: pass", 60)))
        thread.start()
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        session.end()
        thread.join(10)

    assert [each.status for each in found] == ["died"]


def test_workspace_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError) as raised:
        run("1", tmp_path / "none")
    assert str(raised.value) == f"the workspace '{tmp_path / 'none'}' is not a folder"


def test_session_that_fails_once_its_process_runs_leaves_no_process(tmp_path: Path) -> None:
    started: list[Launched] = []

    class Gone(Namespaces):
        def start(self, *arguments: Any, **named: Any) -> Launched:
            started.append(super().start(*arguments, **named))
            workspace.rmdir()
            return started[-1]

    workspace = tmp_path / "workspace"
    workspace.mkdir()
    open_before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(FileNotFoundError):
        Session(workspace, backend=Gone(usable_bubblewrap()))

    assert [each.process.poll() is None for each in started] == [False]
    assert set(os.listdir("/proc/self/fd")) <= open_before


def test_sandbox_leaves_nothing_on_this_machine(tmp_path: Path) -> None:
    def left() -> set[str]:
        found = [
            *Path("/tmp").glob("trivet-sandbox-*"),
            *Path("/sys/fs/cgroup").glob(f"**/trivet-sandbox-{os.getpid()}-*"),
        ]
        return {os.fspath(each) for each in found}

    before = left()
    run("open('x', 'w').write('x')", tmp_path)
    run("while True: pass", tmp_path, 0.2)

    assert left() == before
    assert [(each.name, each.stat().st_uid) for each in tmp_path.iterdir()] == [("x", tmp_path.stat().st_uid)]


def test_sandbox_ends_with_a_host_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom trivet_sandbox import Session\n"
        "with Session(sys.argv[1]) as session:\n"
        "    session.run('''import time\nwhile True:\n    open('beat', 'a').write('x')\n    time.sleep(0.01)''', 60)"
    )
    host = subprocess.Popen([sys.executable, "-c", code, tmp_path])
    beat = tmp_path / "beat"
    while not beat.exists():
        time.sleep(0.01)
    host.send_signal(signal.SIGKILL)
    host.wait()

    deadline = time.monotonic() + 10
    size = -1
    while size != beat.stat().st_size:  # until it stands still
        assert time.monotonic() < deadline
        size = beat.stat().st_size
        time.sleep(0.2)


def test_workspace_of_another_user_stays_that_users(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has folders of other users")
    os.chown(tmp_path, 4321, 4321)
    result = run("open('x', 'w').write('x')", tmp_path)

    assert result.status == "ok", result.error
    assert ((tmp_path / "x").stat().st_uid, (tmp_path / "x").stat().st_gid) == (4321, 4321)


def test_file_system_that_cannot_show_files_as_anothers_is_refused() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root's workspaces are shown as another user's")

    assert run("1", "/proc/tty").error == (
        "the sandbox could not be started: the file system of '/proc/tty' cannot show its files as another user's, which is"
        " needed as root. Put the workspace on ext4, xfs or btrfs, or start trivet as an ordinary user"
    )


def test_attachments_are_seen_read_only(tmp_path: Path) -> None:
    (tmp_path / "数据.csv").write_text("attached")
    with Session(attachments={"数据.csv": tmp_path / "数据.csv"}) as session:
        assert session.run("open('/attachments/数据.csv').read()", 10).value == "'attached'"
        assert "Read-only file system" in session.run("open('/attachments/x', 'w')", 10).error
        assert session.run("open('/attachments/数据.csv', 'w')", 10).status == "error"

    assert (tmp_path / "数据.csv").read_text() == "attached"


def test_many_run_at_once_each_in_its_own(tmp_path: Path) -> None:
    def one(number: int) -> str:
        folder = tmp_path / str(number)
        folder.mkdir()
        return run(
            f"open('n', 'w').write('{number}')\nimport os\nprint(os.listdir('.'), open('n').read())", folder
        ).stdout

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(one, range(48))) == [f"['n'] {number}\n" for number in range(48)]


def test_pool_gives_every_session_out_once_and_has_the_next_one_ready(tmp_path: Path) -> None:
    with Pool(lambda: Session(tmp_path)) as pool:
        for number in range(2):
            assert pool.wait(20)
            with pool.take() as session:
                assert session.run(f"'x' in globals() or (x := {number})", 10).value == str(number)


def test_pool_does_not_give_out_a_session_that_was_killed(tmp_path: Path) -> None:
    started: list[Session] = []

    def start() -> Session:
        started.append(Session(tmp_path))
        return started[-1]

    with Pool(start) as pool:
        assert pool.wait(20)
        started[0].end()
        deadline = time.monotonic() + 10
        while started[0].is_alive:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with pool.take() as session:
            assert session.run("1", 10).value == "1"
