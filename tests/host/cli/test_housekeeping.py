"""Keeping house on the command line: what is said before something goes, and what is left afterwards."""

import json
import os
from pathlib import Path
from typing import Literal

import anyio
import pytest

from tests.host.cli.conftest import Trivet
from tests.host.journal.test_collection import long_ago, referring
from tests.host.journal.test_journal import record
from trivet.journal import open_journal
from trivet_sdk.events import RunFinished

pytestmark = pytest.mark.usefixtures("alone")


@pytest.fixture
def runs(home: Path) -> None:
    """`a1` and `b2` have failed, `c3` succeeded, `d4` has not begun."""

    async def make() -> None:
        async with open_journal(home) as journal:
            ends: tuple[tuple[str, Literal["failed", "succeeded"] | None], ...] = (
                ("a1", "failed"),
                ("b2", "failed"),
                ("c3", "succeeded"),
                ("d4", None),
            )
            for run, status in ends:
                blob = await referring(journal, run, run.encode() * 1000)
                long_ago(journal.blobs.path(blob))
                if status is not None:
                    await journal.append(run, [record(run, 3, RunFinished(status=status))], durable=True)

    anyio.run(make)


def ids(trivet: Trivet) -> set[str]:
    return {run["id"] for run in trivet("runs", "list", "--json").json()}


def test_prune_says_what_would_go_and_without_a_terminal_asks_for_a_flag(trivet: Trivet, runs: None) -> None:
    done = trivet("runs", "prune", "--status", "failed", "--dry-run")
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line.split()[:2] for line in lines[1:-1]] == [["a1", "failed"], ["b2", "failed"]]
    assert lines[-1].startswith("Would remove 2 runs (")
    assert lines[-1].endswith(" kB).")
    refused = trivet("runs", "prune", "--status", "failed")
    assert refused.code == 2
    assert "There is no terminal to ask in. Say --yes to remove them, or --dry-run to see them." in refused.err
    assert ids(trivet) == {"a1", "b2", "c3", "d4"}


def test_prune_keeps_what_is_not_over_unless_its_status_is_named(trivet: Trivet, runs: None, home: Path) -> None:
    done = trivet("runs", "prune", "--older-than", "1d", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (
        0, "Removed 3 runs and 6.0 kB of files that nothing refers to."
    )  # fmt: skip
    assert ids(trivet) == {"d4"}
    assert len(list((home / "blobs").glob("??/*"))) == 1
    assert trivet("runs", "prune", "--status", "queued", "--yes").out.splitlines()[-1].startswith("Removed 1 run")
    assert ids(trivet) == set()


def test_prune_by_size_and_number_takes_the_oldest(trivet: Trivet, runs: None) -> None:
    assert len(trivet("runs", "prune", "--keep-last", "1", "--status", "failed", "--dry-run", "--json").json()) == 1
    assert trivet("runs", "prune", "--max-size", "1GB", "--dry-run").out == "No run is so.\n"
    assert len(trivet("runs", "prune", "--max-size", "0", "--dry-run", "--json").json()) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Say which runs, e.g. --older-than 30d. `trivet runs prune --help` tells all ways."),
        (("--older-than", "soon"), "'soon' is no age. Write it like 30d, 12h or 2w."),
        (("--max-size", "much"), "'much' is no size; write it like 2GB."),
        (("--status", "tired"), "'tired' is no status of a run. There is: succeeded, failed, cancelled, exhausted,"),
    ],
)
def test_limits_that_mean_nothing_are_refused(trivet: Trivet, arguments: tuple[str, ...], sentence: str) -> None:
    done = trivet("runs", "prune", *arguments)
    assert done.code == 2
    assert sentence in done.err


def test_delete_names_what_goes(trivet: Trivet, runs: None) -> None:
    assert trivet("runs", "delete", "a1", "b", "--dry-run").out.startswith("Would remove 2 runs (a1, b2; ")
    assert trivet("runs", "delete", "a1", "b", "--yes").out == (
        "Removed 2 runs and 4.0 kB of files that nothing refers to.\n"
    )
    assert trivet("runs", "delete", "zz", "--yes").err == "Error: There is no run 'zz'. `trivet runs list` shows all.\n"
    assert ids(trivet) == {"c3", "d4"}


def test_rating_is_taken_in_words_and_numbers_and_shown(trivet: Trivet, runs: None) -> None:
    assert trivet("runs", "rate", "c3", "good", "--comment", "很好").out == "Run c3 is rated 5 of 5.\n"
    assert trivet("runs", "rate", "c3", "2").out == "Run c3 is rated 2 of 5.\n"
    assert trivet("runs", "rate", "c3", "6").code == 2
    assert trivet("runs", "show", "c3").out.endswith("rated 5 of 5: 很好\nrated 2 of 5\n")
    last = [json.loads(line) for line in trivet("runs", "show", "c3", "--json").out.splitlines()][-3:]
    assert [(each["topic"], each["seq"], each.get("rating"), each.get("comment")) for each in last] == [
        ("run.finished", 3, None, None), ("run.rated", 0, 5, "很好"), ("run.rated", 0, 2, ""),
    ]  # fmt: skip


def test_run_goes_from_home_to_home(trivet: Trivet, runs: None, tmp_path: Path) -> None:
    file = tmp_path / "跑.tar"
    done = trivet("runs", "export", "c3", "-o", str(file))
    assert (done.code, done.out) == (0, f"Wrote {file} ({file.stat().st_size / 1e3:.1f} kB, 3 events).\n")
    other = {"TRIVET_HOME": str(tmp_path / "other")}
    assert trivet("runs", "import", str(file), **other).out == (
        "Imported run c3 (3 events). To see it: trivet runs show c3\n"
    )
    assert trivet("runs", "import", str(file), **other).out == "Run c3 is here already, and nothing has changed.\n"
    shown = [json.loads(line) for line in trivet("runs", "show", "c3", "--json", **other).out.splitlines()]
    assert [line["topic"] for line in shown] == ["run.submitted", "tool.returned", "run.finished"]


def test_no_file_is_replaced_that_nobody_spoke_of(trivet: Trivet, runs: None, tmp_path: Path) -> None:
    file = tmp_path / "论文.tar"
    file.write_bytes(b"three years of work")
    for writing in (("runs", "export", "c3", "-o", str(file)), ("home", "backup", str(file))):
        refused = trivet(*writing)
        assert refused.code == 2
        assert f"{file} is there already. Name another file, or say --force to replace it." in refused.err
        assert file.read_bytes() == b"three years of work"
    assert trivet("home", "backup", str(file), "--force").code == 0
    assert trivet("runs", "export", "c3", "-o", str(file), "--force").code == 0
    assert trivet("runs", "import", str(file)).out == "Run c3 is here already, and nothing has changed.\n"


def test_home_is_backed_up_checked_and_restored(trivet: Trivet, runs: None, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar"
    done = trivet("home", "backup", str(file))
    assert (done.code, done.out) == (
        0,
        f"Wrote {file} ({file.stat().st_size / 1e3:.1f} kB, 4 runs). Left out: model files, plugins' environments, caches "
        "and logs, which can be had again.\n",
    )
    assert trivet("home", "check").out == "4 runs, 11 events, 4 files: all is well.\n"
    victim = min((home / "blobs").glob("??/*"))
    victim.write_bytes(b"damaged")
    bad = trivet("home", "check")
    assert bad.code == 1
    assert bad.out.startswith(f"the file {victim} is damaged, to which run ")
    assert bad.out.endswith("4 runs, 11 events, 4 files: 1 wrong.\n")
    again = trivet("home", "restore", str(file))
    assert again.code == 2
    assert again.err == (
        f"Error: {file} cannot be used: {home} has a journal already. `--replace` moves it aside; `--to` restores elsewhere. "
        "Nothing has changed.\n"
    )
    replaced = trivet("home", "restore", str(file), "--replace")
    assert replaced.code == 0
    assert replaced.out.startswith(f"Restored {home} (6 files).\nWhat was there is in {home}/replaced-")
    assert trivet("home", "check", "--json").json()["problems"] == []


def test_check_with_repair_removes_what_is_nobodys(trivet: Trivet, runs: None, home: Path) -> None:
    async def strays() -> None:
        async with open_journal(home) as journal:
            long_ago(journal.blobs.path(await journal.blobs.put(b"stray" * 100)))

    anyio.run(strays)
    done = trivet("home", "check")
    assert (done.code, done.err) == (
        0, "Note: 1 files are of no run any more; `trivet home check --repair` removes them\n"
    )  # fmt: skip
    assert trivet("home", "check", "--repair").out == (
        "4 runs, 11 events, 5 files: all is well.\nRemoved 1 files that nothing refers to (500 bytes).\n"
    )


def test_a_device_or_a_pipe_is_neither_replaced_nor_read_without_end(
    trivet: Trivet, runs: None, tmp_path: Path
) -> None:
    pipe = tmp_path / "管"
    os.mkfifo(pipe)
    reason = "it cannot be written (it is a folder, a device or a pipe)"
    unwritable = f"Error: {pipe} cannot be used: {reason}. Nothing has changed.\n"
    for writing in (("runs", "export", "a1", "-o", str(pipe)), ("home", "backup", str(pipe))):
        assert trivet(*writing) == (2, "", unwritable)
    assert pipe.is_fifo()
    unreadable = f"Error: {pipe} cannot be used: it is a device or a pipe, not a file. Nothing has changed.\n"
    for reading in (("runs", "import", str(pipe)), ("home", "restore", str(pipe), "--to", str(tmp_path / "to"))):
        assert trivet(*reading) == (2, "", unreadable)
