"""The room of removed runs goes back to the disk, and whoever is at work on the journal goes on."""

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tests.host.journal.test_backup import WRITER
from tests.host.journal.test_journal import begun, everything, record
from trivet.journal import Journal, open_journal, shrinking
from trivet.journal.deletion import deleting
from trivet.journal.shrinking import shrink
from trivet_sdk import result
from trivet_sdk.events import RunStarted, ToolReturned

pytestmark = pytest.mark.anyio


async def grown(journal: Journal, run: str, events: int) -> None:
    await begun(journal, run, claim=False)
    returned = ToolReturned(tool="t", result=result("x" * 60_000))
    await journal.append(run, [record(run, seq, returned) for seq in range(2, events + 2)], durable=True)


async def test_journal_is_smaller_after_most_of_it_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with open_journal(tmp_path) as journal:
        await grown(journal, "big", 60)
        await grown(journal, "small", 1)
        assert shrink(path) == 0  # nothing is empty
        await journal.change(deleting(["big"]))
        left = await everything(journal, "small")
        assert shrink(path) > 3_500_000
        assert path.stat().st_size < 200_000
        assert await everything(journal, "small") == left
        await journal.append("small", [record("small", 3, RunStarted(host="h"))], durable=True)
        assert shrink(path) == 0
    assert whole(path)


async def test_large_journal_is_left_as_it_is_while_a_host_works_on_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shrinking, "A_MOMENT", 50_000)
    async with open_journal(tmp_path) as journal:
        await grown(journal, "big", 60)
        await grown(journal, "small", 1)
        await journal.claim("small")
        await journal.change(deleting(["big"]))
        assert shrink(tmp_path / "journal.sqlite") == 0
        journal.release("small")
        await journal.settle()
        assert shrink(tmp_path / "journal.sqlite") > 3_500_000


async def test_host_of_another_process_writes_on_while_the_journal_shrinks(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with open_journal(tmp_path) as journal:
        await grown(journal, "big", 60)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        async with open_journal(tmp_path) as journal:
            await journal.change(deleting(["big"]))
            assert shrink(path) > 3_000_000
            before = len(await journal.runs(limit=100_000))
            while len(await journal.runs(limit=100_000)) < before + 20:
                assert writer.poll() is None
    finally:
        (tmp_path / "stop").touch()
        writer.communicate(timeout=30)
    assert writer.returncode == 0
    assert whole(path)
    async with open_journal(tmp_path) as journal:
        runs = await journal.runs(limit=100_000)
        assert {len(await everything(journal, run.id)) for run in runs} == {8}


def whole(path: Path) -> bool:
    db = apsw.Connection(str(path))
    try:
        return bool(db.execute("PRAGMA integrity_check").get == "ok")
    finally:
        db.close()
