"""A journal that cannot be used, as its user meets it: one sentence, and everything is there once the cause is gone."""

import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import apsw
import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Done, Site, Trivet, clean_environment
from tests.host.cli.test_run import SAY, install
from trivet.journal import open_journal
from trivet.settings_file import write_setting
from trivet_sdk import Goal, Record
from trivet_sdk.events import RunFinished, RunStarted, RunSubmitted, ToolCalled

CURE = "Restore it from a backup, or move it away to begin a new journal"


@pytest.fixture(autouse=True)
def runs(alone: None, site: Site, home: Path) -> None:
    """A home with a long run `aa` and a short one `bb`, and a planner that reads the plan out of the goal."""
    install(site, home)
    anyio.run(fill, home)


async def fill(home: Path) -> None:
    async with open_journal(home) as journal:
        for run, length in (("aa", 300), ("bb", 3)):
            calls = [ToolCalled(step=f"s{n}", tool="t", arguments={"诗": "y" * 900}) for n in range(length)]
            events = [RunStarted(host="h"), *calls, RunFinished(status="succeeded", answer="好")]
            submitted = Record(run=run, seq=1, time=1.0, event=RunSubmitted(goal=Goal(text=f"数 {run}")))
            history = [Record(run=run, seq=seq, time=1.0, event=event) for seq, event in enumerate(events, 2)]
            await journal.create(submitted, history, claim=False)


def told(trivet: Trivet) -> list[tuple[int, str]]:
    """Exit code and all that is shown of each run."""
    return [trivet("runs", "show", run, "--json")[:2] for run in ("aa", "bb")]


def of_doctor(done: Done) -> list[str]:
    """What is wrong with home and journal."""
    return [
        each["sentence"] for each in done.json() if each["verdict"] == "wrong" and each["what"] in ("home", "journal")
    ]


def test_journal_of_a_newer_trivet_is_left_alone(trivet: Trivet, home: Path) -> None:
    before, path = told(trivet), home / "journal.sqlite"
    set_format(path, 99)
    content = path.read_bytes()
    sentence = f"he journal {path} cannot be used: a newer trivet wrote it (format 99; this one knows 2). Update trivet"
    for command in (
        ("runs", "list"),
        ("run", SAY),
        ("runs", "resume", "aa"),
        ("home", "check"),
        ("runs", "prune", "--keep-last", "0"),
    ):
        done = trivet(*command)
        assert (done.code, done.out, done.err) == (2, "", f"Error: T{sentence}, or set TRIVET_HOME to another home.\n")
    assert of_doctor(trivet("doctor", "--json")) == [f"t{sentence}."]
    assert path.read_bytes() == content
    set_format(path, 2)
    assert told(trivet) == before


def set_format(path: Path, format: int) -> None:
    db = apsw.Connection(str(path))
    db.pragma("user_version", format)
    db.pragma("journal_mode", "delete")
    db.close()


def test_corrupt_page_costs_what_lies_on_it_and_nothing_else(trivet: Trivet, home: Path) -> None:
    before, path = told(trivet), home / "journal.sqlite"
    place = middle_of_events(path)
    page = path.read_bytes()[place : place + 4096]
    overwrite(path, place, b"\xff" * 4096)
    damaged = f"Error: The journal {path} cannot be used: the file is damaged. {CURE}.\n"
    shown = trivet("runs", "show", "aa")
    assert (shown.code, shown.out, shown.err) == (2, "", damaged)
    (sentence,) = of_doctor(trivet("doctor", "--json"))
    assert sentence.startswith(f"{path} is damaged (")
    assert sentence.endswith(f"). {CURE}.")
    checked = trivet("home", "check")
    assert (checked.code, checked.err) == (1, "")
    assert checked.out.startswith(f"the journal {path} cannot be read whole: the file is damaged. {CURE}\n")
    assert f"run aa cannot be read whole: the file is damaged. {CURE}\n" in checked.out
    assert "run bb" not in checked.out
    assert trivet("runs", "show", "bb", "--json")[:2] == before[1]
    assert {run["id"] for run in trivet("runs", "list", "--json").json()} == {"aa", "bb"}
    ran = trivet("run", SAY)
    assert (ran.code, ran.out) == (0, "你好，世界!\n")
    overwrite(path, place, page)
    assert told(trivet) == before
    assert trivet("home", "check").out.endswith(": all is well.\n")


def middle_of_events(path: Path) -> int:
    """Where a page begins that holds events of the long run only."""
    db = apsw.Connection(str(path))
    try:
        leaves = db.execute(
            "SELECT pgoffset FROM dbstat WHERE name='events' AND pagetype='leaf' ORDER BY path"
        ).fetchall()
        return int(str(leaves[len(leaves) // 2][0]))
    finally:
        db.close()


def overwrite(path: Path, place: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(content)


class Apart:
    """Commands that see mounts of their own, which end with them."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def do(self, *lines: str) -> list[Done]:
        """Run the lines of a shell's program; `trivet …` at the beginning of a line is one of the commands that are returned."""
        folder = self._folder / "said"
        folder.mkdir(exist_ok=True)
        program: list[str] = []
        count = 0
        for line in lines:
            if line.startswith("trivet "):
                said = f"{folder}/{count}"
                line = f"{sys.executable} -m {line} >{said}.out 2>{said}.err </dev/null; echo $? >{said}.code"
                count += 1
            program.append(line)
        command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(program))
        subprocess.run(command, cwd=self._folder / "work", env=self._environment, check=True, timeout=120)
        return [
            Done(
                int((folder / f"{number}.code").read_text()),
                (folder / f"{number}.out").read_text(encoding="utf-8"),
                (folder / f"{number}.err").read_text(encoding="utf-8"),
            )
            for number in range(count)
        ]


@pytest.fixture
def apart(tmp_path: Path, home: Path, site: Site, trivet: Trivet, skip_without: Callable[[str, str], None]) -> Apart:
    try:
        tried: Sequence[str] = (
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "mount",
            "-t",
            "tmpfs",
            "tmpfs",
            str(tmp_path),
        )
        subprocess.run(tried, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        skip_without("mounts", "nothing can be mounted here: this needs Linux, and root")
    return Apart(tmp_path, {**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)})


def test_read_only_home_is_named_with_its_cure(apart: Apart, trivet: Trivet, home: Path) -> None:
    before = told(trivet)
    listed, ran, doctor = apart.do(
        f"mount --bind {home} {home} && mount -o remount,ro,bind {home}",
        "trivet runs list",
        f"trivet run {shlex.quote(SAY)}",
        "trivet doctor --json",
    )
    cure = "Set TRIVET_HOME to a directory that you can write."
    sentence = f"trivet's home {home} cannot be used: its journal cannot be written (read-only file system). {cure}"
    for done in (listed, ran):
        assert (done.code, done.out, done.err) == (2, "", f"Error: {sentence}\n")
    assert of_doctor(doctor) == [f"trivet's home {home} cannot be used: Read-only file system. {cure}", sentence]
    assert told(trivet) == before


def test_full_disk_stops_a_run_that_goes_on_once_there_is_room(
    apart: Apart, trivet: Trivet, home: Path, tmp_path: Path
) -> None:
    write_setting(home, "host.min_free", 0)
    before = told(trivet)
    goal = scripted.goal(
        ("scripted.wait", {"path": "go"}), ("scripted.say", {"text": "诗"}), ("answer", {"text": "{{s1}}"})
    )
    beside = tmp_path / "beside"
    beside.mkdir()
    stopped, refused, doctor, listed, resumed, *shown, checked = apart.do(
        f"cp -a {home}/. {beside}",
        f"mount -t tmpfs -o size=8m tmpfs {home}",
        f"cp -a {beside}/. {home}",
        "(for _ in $(seq 600); do [ -e waiting ] && break; sleep 0.05; done",
        "cat /dev/zero >$TRIVET_HOME/filler 2>/dev/null; touch go) &",
        f"trivet run {shlex.quote(goal)}",
        "wait",
        f"trivet run {shlex.quote(SAY)}",
        "trivet doctor --json",
        "rm $TRIVET_HOME/filler",
        "trivet runs list --json",
        "trivet runs resume --all",
        "trivet runs show aa --json",
        "trivet runs show bb --json",
        "trivet home check",
    )
    full = (
        f"Error: The journal {home / 'journal.sqlite'} cannot be used: the disk is full. Make room, then resume the run: what "
        "was journaled so far is kept.\n"
    )
    for done in (stopped, refused):
        assert (done.code, done.out) == (2, "")
        assert done.err.endswith(full)
        assert "Traceback" not in done.err
    assert of_doctor(doctor) == []
    assert [run["status"] for run in listed.json()] == ["interrupted", "interrupted", "succeeded", "succeeded"]
    assert (resumed.code, sorted(line.split()[1] for line in resumed.out.splitlines())) == (0, ["succeeded"] * 2)
    assert [each[:2] for each in shown] == before
    assert checked.out.startswith("4 runs, ")
    assert checked.out.endswith(", 0 files: all is well.\n")
