"""The backend without namespaces: which attacks of the corpus it holds, and which belong to promises that it does not make."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from corpus import Run
from corpus.attacks import ATTACKS
from corpus.ordinary import PROGRAMS

from trivet_sandbox import Limits, SandboxFailed, SandboxUnavailable, Session, reduced
from trivet_sandbox.inside.confinement import landlock_abi
from trivet_sandbox.landlock import Landlock
from trivet_sandbox.limits import MB
from trivet_sandbox.process_tree import Places, ProcessTree
from trivet_sandbox.reduced import BEYOND, PROMISES, reduced_backend, reduced_readiness

Told = Callable[[str], dict[str, str]]

NOT_HELD = {
    "sees more processes than its own": "`processes`: there is no namespace of processes, so ids are the machine's own",
    "tells the host's name": "`machine`: there is no namespace of names",
}
NOT_HELD_OF_ROOT = {
    "is root": "`user`: root's number stays, without any of its rights, as only a namespace could map it",
    "takes more processes than are its own": "`bounds`: the kernel counts what a user has in all, and does not bound root;"
    " those of a session are counted by the watch",
}
"""Each with the promise that is not made."""
BURSTS_OF_ROOT = {
    "makes many processes": "`bounds`: where root may make no control group, the watch looks twenty times a second",
    "makes processes that make processes": "`bounds`: the same",
    "makes many threads": "`bounds`: the same",
}
"""Held if somebody looks at the right moment, or the kernel counts in a control group."""
NOT_WORKING = {
    "uses a pool of processes": "semaphores lie in /dev/shm, where those of other programs lie too",
    "shares memory with a process": "shared memory lies in /dev/shm",
    "hands things to a process over a queue": "its lock is a semaphore",
}
SINCE_SIGNALS = 6
"""Landlock's version that can keep signals inside."""


@pytest.fixture(scope="module", autouse=True)
def usable_backend(skip_without: Callable[[str, str], None]) -> None:
    found = reduced_readiness()
    if not found.is_usable:
        skip_without("landlock", found.reason)


@pytest.fixture(scope="module")
def verdicts(run_here: Run, run_as_ordinary_user: Run) -> Told:
    return cache(lambda way: (run_as_ordinary_user if way == "ordinary user" else run_here)("attacks", "reduced"))


@pytest.fixture(scope="module")
def outcomes(run_here: Run, run_as_ordinary_user: Run) -> Told:
    return cache(lambda way: (run_as_ordinary_user if way == "ordinary user" else run_here)("ordinary", "reduced"))


@pytest.mark.parametrize("way", ["here", "ordinary user"])
@pytest.mark.parametrize("name", [attack.name for attack in ATTACKS])
def test_attack_is_held_unless_its_promise_is_not_made(verdicts: Told, name: str, way: str) -> None:
    is_root = way == "here" and os.geteuid() == 0
    if is_root and name in BURSTS_OF_ROOT:
        assert verdicts(way)[name].startswith(("held", "escaped: "))
        return
    is_exempt = name in NOT_HELD or (is_root and name in NOT_HELD_OF_ROOT)

    assert verdicts(way)[name].startswith("escaped: " if is_exempt else "held")


@pytest.mark.parametrize("way", ["here", "ordinary user"])
@pytest.mark.parametrize("name", [each.name for each in PROGRAMS if not each.needs])
def test_ordinary_program_works_unless_it_needs_what_all_share(outcomes: Told, name: str, way: str) -> None:
    assert (outcomes(way)[name] == "works") == (name not in NOT_WORKING)


def test_every_promise_is_tried_and_the_missing_ones_are_named() -> None:
    found = reduced_readiness()

    assert {each.name for each in found.probes} == {*PROMISES, *BEYOND}
    missing = {"names", "processes", "machine"} | ({"user"} if os.geteuid() == 0 else set())
    missing |= {"signals"} if found.abi < SINCE_SIGNALS else set()
    assert {each.name for each in found.missing} == missing


@pytest.mark.parametrize("abi", range(2, landlock_abi() + 1))
def test_older_landlock_keeps_what_it_must(abi: int) -> None:
    found = reduced_readiness(abi)

    assert found.reason == ""
    assert ("signals" in {each.name for each in found.missing}) == (abi < SINCE_SIGNALS)


def test_kernel_without_landlock_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, said in (
        (0, "this kernel has no Landlock, or was started without it. It needs Linux 5.19 or newer, with `landlock` among the"
            " names of the boot parameter `lsm=`."),
        (1, "this kernel's Landlock is of version 1, and the backend 'landlock' needs 2, as from Linux 5.19 on."),
    ):  # fmt: skip
        monkeypatch.setattr(reduced, "landlock_abi", lambda version=version: version)
        reduced_readiness.cache_clear()
        assert reduced_readiness().reason == said
        with pytest.raises(SandboxUnavailable) as raised:
            reduced_backend()
        assert str(raised.value) == said
    reduced_readiness.cache_clear()


def test_backend_that_breaks_a_promise_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Weak(Landlock):
        """Lets everything be read, and the kernel be asked for anything; it still writes nowhere."""

        def start(self, mounts, interpreter, limits, request, reply, *, scratch, control_groups):  # type: ignore[no-untyped-def]
            places = Places(scratch, mounts, interpreter)
            plan = {
                "abi": self.abi,
                "readable": ["/"],
                "writable": [str(places.temporary)],
                "devices": [],
                "filters": [],
            }
            return ProcessTree(places, limits, request, reply, confinement=plan, control_groups=control_groups)

    monkeypatch.setattr(reduced, "Landlock", Weak)
    reduced_readiness.cache_clear()
    try:
        reason = reduced_readiness().reason
    finally:
        reduced_readiness.cache_clear()

    assert reason.startswith(
        "the backend 'landlock' does not keep its promises on this machine, so nothing is run with it: "
    )
    for name in ("contents", "kernel"):
        assert PROMISES[name] in reason


def test_result_says_that_it_was_reduced(tmp_path: Path) -> None:
    with Session(tmp_path, backend=reduced_backend()) as session:
        result = session.run("print('你好')\nopen('报告.txt', 'w').write('x')", 10)

    assert (result.stdout, result.value, result.status, result.isolation) == ("你好\n", "1", "ok", "reduced")
    assert (tmp_path / "报告.txt").read_text() == "x"


def test_temporary_folder_goes_with_the_session(tmp_path: Path) -> None:
    with Session(tmp_path, backend=reduced_backend()) as session:
        session.run("import tempfile\nopen(tempfile.mkdtemp() + '/x', 'w').write('x')", 10)
        scratch = session.scratch
        assert scratch is not None
        assert scratch.is_dir()

    assert not scratch.exists()


def test_temporary_folder_is_bounded(tmp_path: Path) -> None:
    limits = Limits(scratch=8 * MB, file=64 * MB)
    with Session(tmp_path, backend=reduced_backend(), limits=limits) as session:
        result = session.run(
            "import os, time\nwith open(os.environ['TMPDIR'] + '/x', 'wb') as f: f.write(bytes(48 << 20))\ntime.sleep(5)",
            10,
        )

    assert result.error == "The program wrote more files than it may and was ended; what it had defined is lost."


def test_attachments_and_packages_are_read_where_they_are(tmp_path: Path) -> None:
    from trivet_sandbox import this_interpreter

    work, package = tmp_path / "work", tmp_path / "site" / "mine"
    work.mkdir()
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("x = 5")
    (tmp_path / "数据.csv").write_text("attached")
    interpreter = this_interpreter(modules=(package,))
    attached = {"数据.csv": tmp_path / "数据.csv"}
    with Session(work, backend=reduced_backend(), interpreter=interpreter, attachments=attached) as session:
        assert session.run("import mine\nmine.x", 10).value == "5"
        assert session.run(f"open({os.fspath(session.attachments)!r} + '/数据.csv').read()", 10).value == "'attached'"
        assert session.run(f"open({os.fspath(session.attachments)!r} + '/数据.csv', 'w')", 10).status == "error"
        assert session.run(f"import os\nos.listdir({os.fspath(package.parent)!r})", 10).status == "error"

    assert (tmp_path / "数据.csv").read_text() == "attached"


def test_program_cannot_end_the_reaper_and_leaves_nothing_behind(tmp_path: Path) -> None:
    if landlock_abi() < SINCE_SIGNALS:
        pytest.skip("this Landlock does not keep signals inside")
    program = (
        "import os, time\n"
        "for _ in range(3):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        while True:\n"
        "            open('beat', 'a').write('x')\n"
        "            time.sleep(0.01)\n"
        "time.sleep(0.1)\n"
        "try: os.kill(os.getppid(), 9)\n"
        "except OSError as error: print(error.errno)\n"
        "os._exit(0)"
    )
    with Session(tmp_path, backend=reduced_backend()) as session:
        result = session.run(program, 10)
    size = (tmp_path / "beat").stat().st_size
    time.sleep(0.2)

    assert (result.stdout, result.status) == (f"{errno.EPERM}\n", "died")
    assert (tmp_path / "beat").stat().st_size == size


def test_all_ends_with_a_host_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom trivet_sandbox import Session\nfrom trivet_sandbox.reduced import reduced_backend\n"
        "with Session(sys.argv[1], backend=reduced_backend()) as session:\n"
        "    print(session.scratch, flush=True)\n"
        "    session.run('''import time\nwhile True:\n    open('beat', 'a').write('x')\n    time.sleep(0.01)''', 60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        scratch = Path(host.stdout.readline().strip())
        beat = tmp_path / "beat"
        while not beat.exists():
            time.sleep(0.01)
        host.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while scratch.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    size = beat.stat().st_size
    time.sleep(0.2)

    assert beat.stat().st_size == size


def test_root_without_rights_is_not_let_loose_on_folders_of_others(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has folders of other users")
    os.chown(tmp_path, 4321, 4321)

    before = set(Path(tempfile.gettempdir()).glob(f"{Landlock.scratch}*"))
    with pytest.raises(SandboxFailed) as raised:
        Session(tmp_path, backend=reduced_backend())
    assert set(Path(tempfile.gettempdir()).glob(f"{Landlock.scratch}*")) <= before
    assert str(raised.value) == (
        f"the folder '{tmp_path}' belongs to another user, for whom root cannot write without its rights, which the backend"
        " 'landlock' takes from it. Start trivet as that user"
    )
