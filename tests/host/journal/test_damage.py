"""A journal in a bad state, and one whose disk refuses: a sentence that names what is lost, and nobody waits for ever."""

import re
import sqlite3
from pathlib import Path

import anyio
import pytest

from trivet.errors import HomeUnusable, JournalUnusable, RunTaken
from trivet.journal import Journal, open_journal
from trivet.journal.blobs import BlobStore
from trivet_sdk import Goal, Record, result
from trivet_sdk.events import Event, RunStarted, RunSubmitted, ToolReturned

pytestmark = pytest.mark.anyio


def record(run: str, seq: int, event: Event) -> Record:
    return Record(run=run, seq=seq, time=1_700_000_000.25 + seq, event=event)


async def begun(journal: Journal, run: str) -> None:
    await journal.create(record(run, 1, RunSubmitted(goal=Goal(text="数一数", workspace="/w"))), claim=True)


async def filled(home: Path) -> None:
    async with open_journal(home) as journal:
        await begun(journal, "r")
        big = ToolReturned(tool="t", result=result("x" * 100_000))
        await journal.append("r", [record("r", 2, RunStarted(host="h")), record("r", 3, big)], durable=True)
        assert len(await everything(journal, "r")) == 3


def changed(home: Path, statement: str) -> None:
    db = sqlite3.connect(home / "journal.sqlite")
    db.execute(statement)
    db.commit()
    db.close()


async def everything(journal: Journal, run: str) -> list[Record]:
    return [each async for each in journal.read(run)]


async def test_closed_journal_is_one_file_with_everything_in_it(tmp_path: Path) -> None:
    await filled(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blobs", "journal.sqlite"]
    (tmp_path / "copy").mkdir()
    (tmp_path / "journal.sqlite").rename(tmp_path / "copy" / "journal.sqlite")
    (tmp_path / "blobs").rename(tmp_path / "copy" / "blobs")
    async with open_journal(tmp_path / "copy") as journal:
        assert len(await everything(journal, "r")) == 3


async def test_home_is_its_owners_alone(tmp_path: Path) -> None:
    await filled(tmp_path / "home")
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE events SET topic='foo.bar' WHERE seq=2",
            "event 2 of run r cannot be read: no 'foo.bar' is known here; a newer trivet may have written it",
        ),
        (
            "UPDATE events SET v=9 WHERE seq=2",
            "event 2 of run r cannot be read: a newer trivet wrote it ('run.started' in version 9; this one knows 1)",
        ),
        (
            "UPDATE events SET payload='{' WHERE seq=2",
            "event 2 of run r cannot be read: it is damaged (Input data was truncated)",
        ),
        (
            "UPDATE events SET payload='{}' WHERE seq=2",
            "event 2 of run r cannot be read: it is damaged (Object missing required field `host`)",
        ),
    ],
)
async def test_event_that_cannot_be_understood_is_named(tmp_path: Path, statement: str, told: str) -> None:
    await filled(tmp_path)
    changed(tmp_path, statement)
    async with open_journal(tmp_path) as journal:
        await begun(journal, "other")
        with pytest.raises(JournalUnusable) as unusable:
            await everything(journal, "r")
        assert str(unusable.value) == (
            f"the journal {tmp_path / 'journal.sqlite'} cannot be used: {told}. Other runs are not touched by this."
        )
        assert len(await everything(journal, "other")) == 1


async def test_event_that_is_missing_is_noticed(tmp_path: Path) -> None:
    await filled(tmp_path)
    changed(tmp_path, "DELETE FROM events WHERE seq=2")
    async with open_journal(tmp_path) as journal:
        with pytest.raises(JournalUnusable) as unusable:
            await everything(journal, "r")
    assert str(unusable.value) == (
        f"the journal {tmp_path / 'journal.sqlite'} cannot be used: event 2 of run r is missing. Other runs are not touched by "
        "this; restore it from a backup."
    )


@pytest.mark.parametrize(
    ("content", "told"), [(None, "its content, the file PATH, is missing"), (b"{}", "the file PATH is damaged")]
)
async def test_content_that_is_missing_or_changed_is_noticed(tmp_path: Path, content: bytes | None, told: str) -> None:
    await filled(tmp_path)
    (path,) = (tmp_path / "blobs").glob("*/*")
    path.unlink() if content is None else path.write_bytes(content)
    async with open_journal(tmp_path) as journal:
        with pytest.raises(JournalUnusable, match=re.escape(told.replace("PATH", str(path)))):
            await everything(journal, "r")


async def test_message_that_cannot_be_read_stops_nobody_and_is_removed(tmp_path: Path) -> None:
    await filled(tmp_path)
    for payload in ("{", "[1]"):
        changed(tmp_path, f"INSERT INTO inbox(run, kind, payload, time) VALUES('x', 'cancel', '{payload}', 0)")
    async with open_journal(tmp_path) as journal:
        await journal.post("r", "cancel", {"reason": "enough"})
        assert [each.payload for each in journal.inbox()] == [{"reason": "enough"}]
        await journal.settle()
        assert journal._inbox.rows("SELECT count(*) FROM inbox") == [(1,)]


async def test_run_whose_goal_cannot_be_kept_is_not_begun(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        with pytest.raises(UnicodeEncodeError):
            await journal.create(record("r", 1, RunSubmitted(goal=Goal(text="\udcff"))), claim=True)
        assert await journal.runs() == []


async def test_every_run_hears_of_a_disk_that_refuses_while_another_host_interferes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[str] = []
    write = BlobStore.write

    def refusing(self: BlobStore, content: bytes, blob: str | None = None) -> str:
        writes.append(blob or "")
        if len(writes) > 1:
            raise HomeUnusable(tmp_path, "no space left on device")
        return write(self, content, blob)

    async with open_journal(tmp_path) as one, open_journal(tmp_path) as two:
        await begun(one, "a")
        await begun(one, "b")
        changed(tmp_path, "UPDATE runs SET started='1' WHERE id='a'")  # as if its host had died
        await two.claim("a")
        await two.append("a", [record("a", 2, RunStarted(host="two"))], durable=True)
        monkeypatch.setattr(BlobStore, "write", refusing)
        big = ToolReturned(tool="t", result=result("y" * 100_000))
        with anyio.fail_after(10):
            with pytest.raises((HomeUnusable, RunTaken)):
                await one.append("a", [record("a", 2, big)], durable=True)
            await one.append("b", [record("b", 2, RunStarted(host="one"))], durable=True)
