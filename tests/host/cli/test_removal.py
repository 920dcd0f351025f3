"""Runs that are to be removed: asked about in a terminal, left alone at Ctrl-C, and refused while somebody has them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Site, Trivet, clean_environment
from tests.host.cli.test_run import install
from tests.host.cli.typist import at_terminal
from tests.host.journal.test_journal import record
from trivet.journal import open_journal
from trivet_sdk import Goal
from trivet_sdk.events import RunFinished, RunSubmitted

pytest.importorskip("pty", reason="needs a pseudo-terminal")

COMMANDS = [
    (("runs", "delete", "a1", "b2"), "Remove 2 runs (a1, b2; "),
    (("runs", "prune", "--status", "failed"), "Remove 2 runs ("),
]


@pytest.fixture(autouse=True)
def runs(alone: None, home: Path) -> None:
    """`a1`, with a sub-goal, and `b2` have failed, `c3` succeeded."""

    async def make() -> None:
        async with open_journal(home) as journal:
            for run, parent in (("a1", None), ("a1.s1", "a1"), ("b2", None), ("c3", None)):
                submitted = RunSubmitted(goal=Goal(text=f"数 {run}"), parent=parent)
                ended = RunFinished(status="succeeded" if run == "c3" else "failed")
                await journal.create(record(run, 1, submitted), [record(run, 2, ended)], claim=False)

    anyio.run(make)


def ids(trivet: Trivet) -> set[str]:
    return {run["id"] for run in trivet("runs", "list", "--json").json()}


@pytest.mark.parametrize(("command", "question"), COMMANDS, ids=["delete", "prune"])
@pytest.mark.parametrize(
    ("typed", "code", "left", "last"),
    [
        ("y\r", 0, {"c3"}, "Removed 3 runs.\n"),
        ("n\r", 130, {"a1", "b2", "c3"}, "Interrupted.\n"),
        ("\r", 130, {"a1", "b2", "c3"}, "Interrupted.\n"),
        ("\x03", 130, {"a1", "b2", "c3"}, "Interrupted.\n"),
    ],
    ids=["yes", "no", "nothing", "Ctrl-C"],
)
def test_removal_is_asked_about_in_a_terminal(
    tmp_path: Path,
    home: Path,
    trivet: Trivet,
    command: tuple[str, ...],
    question: str,
    typed: str,
    code: int,
    left: set[str],
    last: str,
) -> None:
    with at_terminal(tmp_path, {"TRIVET_HOME": str(home)}, *command) as typist:
        typist.until(question)
        typist.until(" for good? [y/N]: ")
        typist.type(typed)
        assert typist.left() == code
        assert typist.screen.endswith(last)
    assert ids(trivet) == left


def test_run_that_a_host_of_another_process_has_is_not_removed(
    trivet: Trivet, site: Site, home: Path, tmp_path: Path
) -> None:
    install(site, home)
    goal = scripted.goal(("scripted.wait", {"path": "go"}), ("answer", {"text": "{{s1}}"}))
    work = tmp_path / "work"
    holder = subprocess.Popen(
        [sys.executable, "-m", "trivet", "run", goal], cwd=work, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**clean_environment(), "TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while not (work / "waiting").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        (held,) = ids(trivet) - {"a1", "b2", "c3"}
        refused = trivet("runs", "delete", "a1", held, "--yes")
        assert (refused.code, refused.err) == (
            2,
            f"Error: Run {held} is being worked on by process {holder.pid}. Follow it with `trivet runs watch {held}`.\n",
        )
        assert trivet("runs", "prune", "--status", "executing", "--yes").out == "No run is so.\n"
        assert held in ids(trivet)
        (work / "go").touch()
        assert holder.communicate(timeout=30)[0] == "there it is\n"
        assert holder.returncode == 0
    finally:
        if holder.poll() is None:
            os.kill(holder.pid, signal.SIGKILL)
            holder.wait(10)


def test_export_takes_sub_goals_along_if_it_is_told_to(trivet: Trivet, tmp_path: Path) -> None:
    for flags, found in (((), {"a1"}), (("--children",), {"a1", "a1.s1"})):
        file, other = tmp_path / f"{len(found)}.tar", {"TRIVET_HOME": str(tmp_path / f"other{len(found)}")}
        assert trivet("runs", "export", "a1", "-o", str(file), *flags).code == 0
        assert trivet("runs", "import", str(file), **other).code == 0
        for run in ("a1", "a1.s1"):
            shown = trivet("runs", "show", run, **other)
            assert (shown.code, f"数 {run}" in shown.out) == ((0, True) if run in found else (2, False))
