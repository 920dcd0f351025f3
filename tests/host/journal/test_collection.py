"""Runs are removed whole, and blobs only when nobody can need them, whoever else is at work on the home."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import anyio
import apsw
import pytest

from tests.host.journal.test_journal import begun, record
from trivet.errors import RunHeld
from trivet.journal import Journal, open_journal
from trivet.journal.collection import AT_REST, AT_WORK, collect
from trivet.journal.deletion import deleting
from trivet_sdk import result
from trivet_sdk.events import RunSubmitted, ToolReturned
from trivet_sdk.goal import Goal

pytestmark = pytest.mark.anyio


def long_ago(path: Path, seconds: float = 7 * AT_WORK) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


async def referring(journal: Journal, run: str, content: bytes) -> str:
    """A run that is over for this host, with one blob that it refers to."""
    await begun(journal, run, claim=False)
    blob = await journal.blobs.put(content)
    await journal.append(run, [record(run, 2, ToolReturned(tool="t", blob=blob))], durable=True)
    return blob


async def test_deleted_run_leaves_nothing_in_any_table_and_its_blobs_go_when_they_are_old(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        gone, kept = await referring(journal, "a", b"one"), await referring(journal, "b", b"two")
        shared = await journal.blobs.put(b"both")
        for run in ("a", "b"):
            await journal.append(run, [record(run, 3, ToolReturned(tool="t", blob=shared))], durable=True)
        await journal.create(record("a.s1", 1, RunSubmitted(goal=Goal(text="x"), parent="a")), claim=False)
        deleted = await journal.change(deleting(["a"]))
        assert (deleted.runs, deleted.events) == (("a", "a.s1"), 4)
        db = apsw.Connection(str(journal.path))
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table'").fetchall():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            key = "run" if "run" in columns else "id" if table == "runs" else ""
            if key:
                assert not db.execute(f"SELECT 1 FROM {table} WHERE {key} GLOB 'a*'").fetchall(), table
        db.close()
        assert collect(journal.path, journal.blobs).young == 1
        long_ago(journal.blobs.path(gone), AT_REST + 60)
        attached = tmp_path / "attachments" / gone
        attached.mkdir(parents=True)
        os.link(journal.blobs.path(gone), attached / "报告.md")
        long_ago(journal.blobs.path(kept))
        left = journal.blobs.path(gone).with_name(f"{gone}.ab12.new")
        left.write_bytes(b"half")
        long_ago(left)
        found = collect(journal.path, journal.blobs)
        assert (found.blobs, found.bytes, found.leftovers, found.young) == (1, 7, 2, 0)
        assert not attached.exists()
        assert not left.exists()
        assert await journal.blobs.get(kept) == b"two"
        assert await journal.blobs.get(shared) == b"both"


async def test_run_of_a_living_host_is_not_deleted_and_nothing_else_with_it(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "free", claim=False)
        await begun(journal, "held")
        with pytest.raises(RunHeld) as refused:
            await journal.change(deleting(["free", "held"]))
        assert str(refused.value) == (
            f"run held is being worked on by process {os.getpid()}. Follow it with `trivet runs watch held`."
        )
        assert len(await journal.runs()) == 2


async def test_while_somebody_works_a_blob_without_reference_is_kept_for_a_day(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "held")
        blob = await journal.blobs.put(b"put by a tool that takes its time")
        long_ago(journal.blobs.path(blob), AT_REST + 60)
        assert collect(journal.path, journal.blobs).young == 1
        long_ago(journal.blobs.path(blob), AT_WORK + 60)
        assert collect(journal.path, journal.blobs).blobs == 1


COLLECTOR = """
import sys
from pathlib import Path
from trivet.journal import BlobStore
from trivet.journal.collection import collect
home = Path(sys.argv[1])
print("ready", flush=True)
count = 0
while not (home / "stop").exists():
    count += collect(home / "journal.sqlite", BlobStore(home / "blobs"), grace=60).blobs
print(count)
"""


async def test_content_that_is_written_again_while_it_is_collected_stays(tmp_path: Path) -> None:
    """The blob is old and nobody's, another process collects without end, and each time equal content is written, and referred
    to a moment later, it must be there."""
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r", claim=False)
        blob = await journal.blobs.put(b"again and again")
        path = journal.blobs.path(blob)
        collector = subprocess.Popen(
            [sys.executable, "-c", COLLECTOR, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert collector.stdout is not None
            assert collector.stdout.readline() == "ready\n"
            for number in range(150):
                name = f"r{number}"
                await begun(journal, name, claim=False)
                with suppress(FileNotFoundError):  # collected before it could be made old again: written anew below
                    long_ago(path)
                if number % 10 == 0:  # so that both orders are sure to be met
                    with anyio.fail_after(20):
                        while path.exists():  # noqa: ASYNC110  (another process removes it)
                            await anyio.sleep(0.001)
                assert journal.blobs.write(b"again and again") == blob
                await journal.append(name, [record(name, 2, ToolReturned(tool="t", blob=blob))], durable=True)
                assert journal.blobs.read(blob) == b"again and again"
                await journal.change(deleting([name]))
        finally:
            (tmp_path / "stop").touch()
            said = collector.communicate(timeout=30)[0]
        assert collector.returncode == 0
        assert int(said) >= 15


async def test_large_results_of_a_deleted_run_are_collected(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r", claim=False)
        await journal.append("r", [record("r", 2, ToolReturned(tool="t", result=result("長" * 90_000)))], durable=True)
        (file,) = journal.blobs.root.glob("??/*")
        long_ago(file)
        assert collect(journal.path, journal.blobs).blobs == 0
        await journal.change(deleting(["r"]))
        assert collect(journal.path, journal.blobs).blobs == 1
        assert not file.exists()
