"""An old journal is brought to today's format, whole or not at all, and as it was it is kept."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import apsw
import pytest

from trivet.errors import JournalUnusable
from trivet.journal import migration, open_journal
from trivet.journal.blobs import BlobStore, address_of
from trivet.journal.events import encode
from trivet.journal.owner import this_owner
from trivet.journal.schema import FORMAT
from trivet_sdk import BlobPart, ToolResult
from trivet_sdk.events import (
    ApprovalRequested,
    Event,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunStarted,
    RunSubmitted,
    RunWaiting,
    ToolReturned,
)
from trivet_sdk.goal import Attachment, Goal

pytestmark = pytest.mark.anyio

FORMAT_1 = """
CREATE TABLE runs(
    id TEXT PRIMARY KEY, parent TEXT, workspace TEXT NOT NULL, client TEXT NOT NULL, status TEXT NOT NULL,
    goal TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    owner TEXT, pid INTEGER, started TEXT, boot TEXT
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs(created);
CREATE INDEX runs_by_parent ON runs(parent) WHERE parent IS NOT NULL;
CREATE TABLE events(
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, seq INTEGER NOT NULL, topic TEXT NOT NULL,
    v INTEGER NOT NULL, time REAL NOT NULL, step TEXT, payload TEXT, blob TEXT, UNIQUE(run, seq)
);
CREATE TABLE inbox(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, time REAL NOT NULL
);
PRAGMA user_version=1;
"""
PICTURE = b"a picture"
OPENING = "import sys\nfrom pathlib import Path\nfrom trivet.journal import sqlite\nsqlite.connect(Path(sys.argv[1])).close()\n"


def old_journal(home: Path) -> Path:
    """As trivet 0.1 wrote it: a run that was finished, and one that waits for an approval."""
    home.mkdir(exist_ok=True)
    path = home / "journal.sqlite"
    blobs = BlobStore(home / "blobs")
    picture = blobs.write(PICTURE)
    attached = Goal(text="看图", attachments=(Attachment(name="p", blob=picture, size=len(PICTURE)),))
    large = encode(ToolReturned(tool="t", result=ToolResult(parts=(BlobPart(blob=picture, media_type="", size=9),))))
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "wal")
    db.execute(FORMAT_1)
    runs: dict[str, tuple[str, list[Event]]] = {
        "done": ("succeeded", [RunSubmitted(goal=attached), RunStarted(host="h"), RunFinished(status="succeeded")]),
        "asks": (
            "waiting",
            [
                RunSubmitted(goal=Goal(text="问")),
                RunStarted(host="h"),
                QuestionAsked(id="q1", question="?"),
                QuestionAnswered(id="q1", answer="!"),
                ApprovalRequested(approval="a1", tool="t", arguments={}, digest="0" * 64),
                RunWaiting(reason="r"),
            ],
        ),
    }
    for run, (status, events) in runs.items():
        values = (run, None, "/w", "cli", status, "数", 1.0, float(len(events)), None, None, None, None)
        db.execute("INSERT INTO runs VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", values)
        for seq, event in enumerate(events, 1):
            row = (run, seq, event.topic, 1, float(seq), None, encode(event).decode(), None)
            db.execute("INSERT INTO events(run, seq, topic, v, time, step, payload, blob) VALUES(?,?,?,?,?,?,?,?)", row)
    statement = "INSERT INTO events(run, seq, topic, v, time, blob) VALUES('asks', 7, 'tool.returned', 1, 7.0, ?)"
    db.execute(statement, (blobs.write(large),))
    db.close()
    return path


def content(path: Path) -> list[Any]:
    db = apsw.Connection(str(path))
    try:
        assert db.execute("PRAGMA integrity_check").get == "ok"
        every = [db.pragma("user_version")]
        return every + [db.execute(f"SELECT * FROM {table}").fetchall() for table in ("runs", "events", "inbox")]
    finally:
        db.close()


async def test_old_journal_is_read_as_before_and_knows_what_today_asks_for(tmp_path: Path, capsys: Any) -> None:
    path = old_journal(tmp_path)
    before = content(path)
    async with open_journal(tmp_path) as journal:
        listed = {each.id: (each.status, each.finished, each.is_asking) for each in await journal.runs()}
        assert listed == {"done": ("succeeded", 3.0, False), "asks": ("waiting", None, True)}
        assert len([each async for each in journal.read("asks")]) == 7
        named = journal._reader.rows("SELECT run, blob FROM blob_refs")
        blobs = {path.name for path in (tmp_path / "blobs").glob("*/*")}
        picture = address_of(PICTURE)
        assert set(named) == {("done", picture), ("asks", picture), *(("asks", blob) for blob in blobs - {picture})}
    copy = tmp_path / "journal.sqlite.format1.bak"
    assert (
        f"the journal is brought from format 1 to {FORMAT}; as it was it is kept as {copy}" in capsys.readouterr().err
    )
    assert content(copy) == before
    assert content(path)[0] == FORMAT
    assert sorted(each.name for each in tmp_path.iterdir()) == ["blobs", "journal.sqlite", "journal.sqlite.format1.bak"]


async def test_migration_that_breaks_off_leaves_the_old_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_journal(tmp_path)
    before = content(path)

    def broken(db: apsw.Connection, blobs: BlobStore) -> None:
        migration._to_2(db, blobs)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(migration.STEPS, 1, broken)
        with pytest.raises(KeyboardInterrupt):
            async with open_journal(tmp_path):
                raise AssertionError
    assert content(path) == before
    async with open_journal(tmp_path) as journal:
        assert len(await journal.runs()) == 2


async def test_process_that_is_killed_in_the_midst_of_migrating_leaves_the_old_journal(tmp_path: Path) -> None:
    path = old_journal(tmp_path)
    before = content(path)
    program = (
        "import os\nfrom trivet.journal import migration\nstep = migration.STEPS[1]\n"
        "def killed(db, blobs):\n    step(db, blobs)\n    db.cache_flush()\n    os.kill(os.getpid(), 9)\n"
        f"migration.STEPS[1] = killed\n{OPENING}"
    )
    done = await anyio.run_process([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert content(path) == before
    async with open_journal(tmp_path) as journal:
        assert len(await journal.runs()) == 2


async def test_processes_that_open_an_old_journal_together_migrate_it_once(tmp_path: Path) -> None:
    path = old_journal(tmp_path)
    children = [
        subprocess.Popen([sys.executable, "-c", OPENING, str(path)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [(await anyio.to_thread.run_sync(child.communicate))[1] for child in children]
    assert [child.returncode for child in children] == [0] * 4, said
    assert sum("is brought from format 1" in each for each in said) == 1
    assert content(path)[0] == FORMAT


async def test_old_journal_on_which_an_old_host_is_at_work_is_left_alone(tmp_path: Path) -> None:
    path = old_journal(tmp_path)
    owner = this_owner()
    db = apsw.Connection(str(path))
    db.execute(
        "UPDATE runs SET owner=?, pid=?, started=?, boot=? WHERE id='asks'",
        (owner.id, owner.pid, owner.started, owner.boot),
    )
    db.close()
    before = content(path)
    with pytest.raises(JournalUnusable) as refused:
        async with open_journal(tmp_path):
            raise AssertionError
    assert str(refused.value) == (
        f"the journal {path} cannot be used: process {owner.pid} of an older trivet is at work on run asks. Wait until it has "
        "ended, or stop it with Ctrl-C: then the journal is brought to today's format, and the run can be resumed."
    )
    assert content(path) == before
    assert not (tmp_path / "journal.sqlite.format1.bak").exists()


async def test_host_of_the_old_format_takes_no_run_of_a_migrated_journal(tmp_path: Path) -> None:
    path = old_journal(tmp_path)
    old = apsw.Connection(str(path))
    async with open_journal(tmp_path):
        pass
    with pytest.raises(
        apsw.ConstraintError, match="a newer trivet has changed this journal: start again what is running"
    ):
        old.execute("UPDATE runs SET owner='1.x', pid=1, started='1', boot='b' WHERE id='asks'")
    old.close()


async def test_old_journal_stays_as_it_is_where_there_is_no_room_for_the_copy(tmp_path: Path) -> None:
    path = old_journal(tmp_path)
    before = content(path)
    (tmp_path / "journal.sqlite.format1.bak").mkdir()  # nothing can be put in its place
    with pytest.raises(JournalUnusable) as refused:
        async with open_journal(tmp_path):
            raise AssertionError
    assert str(refused.value).startswith(
        f"the journal {path} cannot be used: before it is brought to format {FORMAT} a copy is kept, which cannot be written ("
    )
    assert str(refused.value).endswith(f"Make room for 0 MB in {tmp_path}; nothing has changed yet.")
    assert content(path) == before
