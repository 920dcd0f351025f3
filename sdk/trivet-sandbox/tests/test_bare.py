"""Programs without a sandbox: only for who has agreed, and still bounded."""

import os
import time
from pathlib import Path

import pytest

from trivet_sandbox import Limits, SandboxFailed, Session, confirmation
from trivet_sandbox.bare import Bare
from trivet_sandbox.confirmation import NoMachineId, is_confirmed
from trivet_sandbox.limits import MB

SUBJECT = "plugins.python.config.unsafe_no_sandbox"


@pytest.fixture(autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine's id of the test's own, as containers have none."""
    file = tmp_path_factory.mktemp("machine") / "machine-id"
    file.write_text("0123456789abcdef" * 2 + "\n")
    monkeypatch.setattr(confirmation, "FILES", (file,))
    return file


def bare() -> Bare:
    return Bare(SUBJECT, confirmation.confirmation(SUBJECT))


def test_agreement_is_good_for_one_setting_one_user_and_one_machine(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = confirmation.confirmation(SUBJECT)

    assert is_confirmed(SUBJECT, given)
    assert not is_confirmed("plugins.other.config.unsafe_no_sandbox", given)
    with monkeypatch.context() as other:
        other.setattr(os, "getuid", lambda: 12345)
        assert not is_confirmed(SUBJECT, given)
    machine.write_text("f" * 32)
    assert not is_confirmed(SUBJECT, given)


@pytest.mark.parametrize("value", [True, 1, "true", "yes", "", "agreed-", "agreed-" + "0" * 32, None, ["agreed-"]])
def test_nothing_else_is_an_agreement(value: object) -> None:
    with pytest.raises(SandboxFailed) as raised:
        Bare(SUBJECT, value)
    assert str(raised.value) == (
        f"'{SUBJECT}' is set, but not confirmed for this machine and user. If programs shall run without a sandbox, run"
        f" `trivet config set {SUBJECT} true` and agree; else `trivet config set {SUBJECT} --unset`"
    )


@pytest.mark.parametrize("content", [None, "", "uninitialized\n"])
def test_machine_without_an_id_is_told_the_cure(machine: Path, content: str | None) -> None:
    machine.unlink() if content is None else machine.write_text(content)

    with pytest.raises(NoMachineId) as raised:
        confirmation.confirmation(SUBJECT)
    assert str(raised.value) == (
        f"this machine has no id in {machine}, so nothing can be agreed to for this machine alone; `systemd-machine-id-setup`"
        " makes one."
    )
    assert not is_confirmed(SUBJECT, "agreed-" + "0" * 32)


def test_program_sees_the_machine_and_its_result_says_so(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("seen")
    work = tmp_path / "工作"
    work.mkdir()
    with Session(work, backend=bare()) as session:
        session.run("x = 20", 10)
        result = session.run(f"print(open({os.fspath(outside)!r}).read())\nx + 1", 10)

    assert (result.stdout, result.value, result.isolation) == ("seen\n", "21", "none")


def test_time_memory_files_processes_and_output_are_bounded(tmp_path: Path) -> None:
    limits = Limits(memory=160 * MB, file=MB, files=64, workspace=8 * MB, processes=16, output=1000)
    memory = "import mmap\nheld = mmap.mmap(-1, 512 << 20)\nfor at in range(0, 512 << 20, 4096): held[at] = 1\n"
    forks = "import os, time\nfor _ in range(30):\n    if os.fork() == 0: time.sleep(9); os._exit(0)\ntime.sleep(5)"
    expected = {
        "while True: pass": ("timeout", "did not end within 2 seconds"),
        memory + "import time; time.sleep(5)": ("killed", "took more memory"),
        "for n in range(20): open(f'f{n}', 'wb').write(bytes(1 << 20))\nimport time; time.sleep(5)":
            ("killed", "wrote more files"),
        forks: ("killed", "started more processes"),
        "open('large', 'wb').write(bytes(2 << 20))": ("error", "OSError: [Errno 27] File too large"),
        "held = [open('/dev/null') for _ in range(100)]": ("error", "OSError: [Errno 24] Too many open files"),
        "held = b'x' * (400 << 20)": ("error", "MemoryError"),
    }  # fmt: skip
    for program, (status, said) in expected.items():
        with Session(tmp_path, backend=bare(), limits=limits, control_groups=False) as session:
            result = session.run(program, 2)
        assert (result.status, said in result.error) == (status, True), (program, result)
    with Session(tmp_path, backend=bare(), limits=limits) as session:
        result = session.run("print('é' * 5000)", 10)
    assert result.is_cut
    assert len(result.stdout.encode()) <= 1001


def test_what_a_program_leaves_running_ends_with_the_session(tmp_path: Path) -> None:
    program = (
        "import os, subprocess, sys\n"
        'subprocess.Popen([sys.executable, \'-c\', \'import time\\nwhile True:\\n    open("beat", "a").write("x")\\n'
        "    time.sleep(0.01)'], start_new_session=True)\n"
        "import time; time.sleep(0.5)"
    )
    with Session(tmp_path, backend=bare()) as session:
        assert session.run(program, 10).status == "ok"
        processes = session.processes
        assert len(processes) >= 3
    size = (tmp_path / "beat").stat().st_size
    time.sleep(0.2)

    assert size > 0
    assert (tmp_path / "beat").stat().st_size == size
    assert session.scratch is not None
    assert not session.scratch.exists()
