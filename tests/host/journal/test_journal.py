"""The journal keeps what it was told, in order, through everything a disk and other processes can do."""

import subprocess
import sys
from pathlib import Path

import anyio
import apsw
import pytest

from trivet.errors import HomeUnusable, JournalUnusable, UnknownRun
from trivet.journal import Journal, open_journal
from trivet_sdk import Goal, Record, result
from trivet_sdk.events import (
    Event,
    QuestionAsked,
    RunFinished,
    RunStarted,
    RunSubmitted,
    StepStarted,
    ToolCalled,
    ToolReturned,
)

pytestmark = pytest.mark.anyio


def record(run: str, seq: int, event: Event) -> Record:
    return Record(run=run, seq=seq, time=1_700_000_000.25 + seq, event=event)


async def begun(journal: Journal, run: str, *, claim: bool = True) -> None:
    await journal.create(record(run, 1, RunSubmitted(goal=Goal(text="数一数", workspace="/w"))), claim=claim)


async def everything(journal: Journal, run: str) -> list[Record]:
    return [each async for each in journal.read(run)]


async def test_what_was_appended_is_read_back_equal_before_and_after_reopening(tmp_path: Path) -> None:
    events = [
        RunStarted(host="h"),
        ToolCalled(step="s1", tool="t", arguments={"名": [1, 2.5, None, {"x": "ü"}]}, key="r/s1/0"),
        ToolReturned(step="s1", tool="t", result=result("好", {"n": 1}, ("a.txt",)), is_untrusted=True),
    ]
    written = [record("r", seq, event) for seq, event in enumerate(events, 2)]
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
        await journal.append("r", written)
        assert (await everything(journal, "r"))[1:] == written
    async with open_journal(tmp_path) as journal:
        assert (await everything(journal, "r"))[1:] == written
        assert [each.seq async for each in journal.read("r", after=2)] == [3, 4]


async def test_large_payloads_become_blobs_by_content(tmp_path: Path) -> None:
    big = ToolReturned(step="s1", tool="t", result=result("x" * 400_000))
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
        await journal.append("r", [record("r", 2, big), record("r", 3, big)], durable=True)
        assert [each.event for each in await everything(journal, "r")][1:] == [big, big]
        assert len(list((tmp_path / "blobs").glob("*/*"))) == 1
        assert (tmp_path / "journal.sqlite").stat().st_size + (tmp_path / "journal.sqlite-wal").stat().st_size < 400_000


async def test_run_that_has_ended_asks_nobody(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
        await journal.append("r", [record("r", 2, QuestionAsked(id="q1", question="?"))], durable=True)
        assert [each.is_asking for each in await journal.runs()] == [True]
        await journal.append("r", [record("r", 3, RunFinished(status="cancelled"))], durable=True)
        assert [each.is_asking for each in await journal.runs()] == [False]
        assert await journal.look("SELECT * FROM requests") == []


async def test_payload_that_is_no_json_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
        with pytest.raises(TypeError):
            await journal.append("r", [record("r", 2, ToolCalled(tool="t", arguments={"x": object()}))])
        await journal.append("r", [record("r", 2, RunStarted(host="h"))], durable=True)
        assert [each.seq for each in await everything(journal, "r")] == [1, 2]


async def test_many_writers_share_commits_and_keep_their_order(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:

        async def write(run: str) -> None:
            await begun(journal, run)
            for seq in range(2, 12):
                await journal.append(run, [record(run, seq, StepStarted(step=f"s{seq}"))], durable=True)

        async with anyio.create_task_group() as group:
            for n in range(64):
                group.start_soon(write, f"r{n}")
        for n in range(64):
            assert [each.seq for each in await everything(journal, f"r{n}")] == list(range(1, 12))
        feed = await journal.feed(limit=10_000)
        assert len(feed) == 64 * 11
        assert [cursor for cursor, _ in feed] == sorted(cursor for cursor, _ in feed)
        assert await journal.feed(after=feed[-1][0]) == []


async def test_runs_are_listed_newest_first_with_what_became_of_them(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "queued", claim=False)
        await begun(journal, "working")
        await journal.append("working", [record("working", 2, RunStarted(host="h"))])
        await begun(journal, "left", claim=False)
        await journal.append("left", [record("left", 2, RunStarted(host="h"))])
        await begun(journal, "done")
        await journal.append("done", [record("done", 2, RunFinished(status="succeeded", answer="42"))])
        listed = {each.id: (each.status, each.pid is not None, each.goal) for each in await journal.runs()}
        assert listed == {
            "queued": ("queued", False, "数一数"),
            "working": ("planning", True, "数一数"),
            "left": ("interrupted", False, "数一数"),
            "done": ("succeeded", True, "数一数"),
        }
        assert await journal.runs(workspace="/elsewhere") == []


async def test_ids_may_be_shortened_as_long_as_they_are_unique(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        for run in ("abc1", "abd2", "abd2.s1"):
            await begun(journal, run)
        assert await journal.find("abc") == "abc1"
        assert await journal.find("abd") == "abd2"
        assert await journal.find("abd2.s") == "abd2.s1"
        for prefix, told in (
            ("ab", "the run 'ab' could be any of abc1, abd2. Give more of its id."),
            ("*", "there is no run '*'. `trivet runs list` shows all."),
        ):
            with pytest.raises(UnknownRun) as unknown:
                await journal.find(prefix)
            assert str(unknown.value) == told


async def test_messages_wait_in_the_inbox_until_they_are_taken(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as one, open_journal(tmp_path) as two:
        await begun(one, "r")
        await two.post("r", "answer", {"answer": "是"})
        (message,) = one.inbox()
        assert (message.run, message.kind, message.payload) == ("r", "answer", {"answer": "是"})
        one.take(message)
        await one.append("r", [record("r", 2, RunStarted(host="h"))], durable=True)
        assert two.inbox() == []


async def test_journal_of_a_newer_trivet_is_left_alone(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
    path = tmp_path / "journal.sqlite"
    db = apsw.Connection(str(path))
    db.pragma("user_version", 7)
    db.close()
    with pytest.raises(JournalUnusable) as refused:
        async with open_journal(tmp_path):
            raise AssertionError
    assert str(refused.value) == (
        f"the journal {path} cannot be used: a newer trivet wrote it (format 7; this one knows 2). "
        "Update trivet, or set TRIVET_HOME to another home."
    )


async def test_damaged_journal_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    with pytest.raises(JournalUnusable) as refused:
        async with open_journal(tmp_path):
            raise AssertionError
    assert str(refused.value) == (
        f"the journal {path} cannot be used: the file is damaged. "
        "Restore it from a backup, or move it away to begin a new journal."
    )


async def test_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = tmp_path / "file" / "home"
    with pytest.raises(HomeUnusable) as refused:
        async with open_journal(home):
            raise AssertionError
    assert str(refused.value) == (
        f"trivet's home {home} cannot be used: not a directory. Set TRIVET_HOME to a directory that you can write."
    )


async def test_full_disk_is_one_sentence_and_keeps_what_was_there(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
        pages = journal._writer._db.pragma("page_count")
        await journal._do(lambda db: db.pragma("max_page_count", pages + 2))

        async def write_on() -> None:
            for seq in range(2, 100):
                called = ToolCalled(tool="t", arguments={"x": "y" * 3000})
                await journal.append("r", [record("r", seq, called)], durable=True)

        with pytest.raises(JournalUnusable) as full:
            await write_on()
        assert str(full.value) == (
            f"the journal {tmp_path / 'journal.sqlite'} cannot be used: the disk is full. "
            "Make room, then resume the run: what was journaled so far is kept."
        )
        kept = await everything(journal, "r")
        assert [each.seq for each in kept] == list(range(1, len(kept) + 1))
        assert len(kept) > 1


async def test_processes_that_open_a_new_home_together_all_succeed(tmp_path: Path) -> None:
    program = (
        "import anyio, sys, pathlib\n"
        "from trivet.journal import open_journal\n"
        "from trivet_sdk import Goal, Record\n"
        "from trivet_sdk.events import RunSubmitted\n"
        "async def main(home, run):\n"
        "    async with open_journal(pathlib.Path(home)) as journal:\n"
        "        for n in range(20):\n"
        "            event = RunSubmitted(goal=Goal(text='x'))\n"
        "            await journal.create(Record(run=f'{run}{n:02}', seq=1, time=1.0, event=event), claim=True)\n"
        "anyio.run(main, *sys.argv[1:])\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name], stderr=subprocess.PIPE)
        for name in "abcd"
    ]
    for child in children:
        _, errors = await anyio.to_thread.run_sync(child.communicate)
        assert child.returncode == 0, errors.decode()
    async with open_journal(tmp_path) as journal:
        listed = await journal.runs(limit=1000)
        assert len(listed) == 80
        assert {each.status for each in listed} == {"queued"}
