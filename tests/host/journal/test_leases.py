"""A run is worked on by one host at a time, and goes on when that host is gone."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import apsw
import pytest

from trivet.errors import RunHeld, RunTaken, UnknownRun
from trivet.journal import Journal, leases, open_journal
from trivet.journal.owner import this_owner
from trivet_sdk import Goal, Record
from trivet_sdk.events import Event, RunStarted, RunSubmitted

pytestmark = pytest.mark.anyio

OTHER_NAMESPACE = this_owner().boot.partition("+")[0] + "+pid:[1]"
HOLDING = """
import sys, time
from pathlib import Path
import anyio
from trivet.errors import TrivetError
from trivet.journal import open_journal
from trivet_sdk import Goal, Record
from trivet_sdk.events import RunSubmitted, ToolCalled

async def main(home):
    async with open_journal(Path(home)) as journal:
        submitted = RunSubmitted(goal=Goal(text="数"))
        await journal.create(Record(run="r", seq=1, time=1.0, event=submitted), claim=True)
        print("holds", flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        intent = ToolCalled(tool="t", key="r/s1/0", effect="effectful")
        try:
            await journal.append("r", [Record(run="r", seq=2, time=2.0, event=intent)], durable=True)
        except TrivetError as error:
            print(error, flush=True)
        else:
            print("effect", flush=True)

anyio.run(main, sys.argv[1])
"""


def record(run: str, seq: int, event: Event) -> Record:
    return Record(run=run, seq=seq, time=1_700_000_000.25 + seq, event=event)


async def begun(journal: Journal, run: str, *, claim: bool = True) -> None:
    await journal.create(record(run, 1, RunSubmitted(goal=Goal(text="数一数", workspace="/w"))), claim=claim)


async def everything(journal: Journal, run: str) -> list[Record]:
    return [each async for each in journal.read(run)]


def database(home: Path, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    db = apsw.Connection(str(home / "journal.sqlite"))
    db.set_busy_timeout(10_000)
    try:
        return db.execute(statement, values).fetchall()
    finally:
        db.close()


def died(home: Path, run: str) -> None:
    """As if the run's host were a process that is gone, whose number is another one's now."""
    database(home, "UPDATE runs SET started='1' WHERE id=?", (run,))


def moved_away(home: Path, run: str) -> None:
    """As if the run's host were in another container."""
    database(home, "UPDATE runs SET boot=? WHERE id=?", (OTHER_NAMESPACE, run))


def silent(home: Path, seconds: float) -> None:
    database(home, "UPDATE hosts SET beat=?", (time.time() - seconds,))


@contextmanager
def holding(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds run `r`, and writes an intent of it when it is told to."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "holds\n"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


async def told(child: subprocess.Popen[str]) -> str:
    """What the process says once it was asked to go on."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    with anyio.fail_after(30):
        return await anyio.to_thread.run_sync(child.stdout.readline)


async def test_run_is_held_by_one_host_at_a_time(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as one, open_journal(tmp_path) as two:
        await begun(one, "r", claim=False)
        assert await one.lease("r")
        assert await one.lease("r")
        assert not await two.lease("r")
        with pytest.raises(RunHeld) as held:
            await two.claim("r")
        assert str(held.value) == (
            f"run r is being worked on by process {one.owner.pid}. Follow it with `trivet runs watch r`."
        )
        one.release("r")
        await one.settle()
        assert await two.lease("r")
        with pytest.raises(UnknownRun) as unknown:
            await two.claim("nothing")
        assert str(unknown.value) == "there is no run 'nothing'. `trivet runs list` shows all."


async def test_host_that_closes_gives_up_what_it_held(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as one:
        await begun(one, "r")
    assert database(tmp_path, "SELECT owner, held FROM runs") == [(None, None)]
    assert database(tmp_path, "SELECT * FROM hosts") == []


async def test_host_whose_run_was_taken_cannot_write_to_it_and_its_other_runs_do_not_suffer(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as one, open_journal(tmp_path) as two:
        await begun(one, "a")
        await begun(one, "b")
        died(tmp_path, "a")
        await two.claim("a")
        await one.append("b", [record("b", 2, RunStarted(host="one"))])
        with pytest.raises(RunTaken) as taken:
            await one.append("a", [record("a", 2, RunStarted(host="one"))], durable=True)
        assert (
            str(taken.value)
            == "another host took over run a, so this one has stopped. Follow it with `trivet runs watch a`."
        )
        with pytest.raises(RunTaken):
            await one.append("a", [record("a", 3, RunStarted(host="one"))])
        await two.append("a", [record("a", 2, RunStarted(host="two"))], durable=True)
        assert [each.event for each in await everything(one, "a")][1:] == [RunStarted(host="two")]
        assert len(await everything(one, "b")) == 2


async def test_host_that_waits_for_a_commit_without_events_hears_that_its_run_was_taken(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as one, open_journal(tmp_path) as two:
        await begun(one, "a")
        died(tmp_path, "a")
        await two.claim("a")
        with pytest.raises(RunTaken):
            await one.append("a", (), durable=True)


async def test_host_that_cannot_be_seen_keeps_its_runs_as_long_as_it_gives_signs_of_life(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as there, open_journal(tmp_path) as here:
        await begun(there, "r")
        moved_away(tmp_path, "r")
        silent(tmp_path, 12)
        with pytest.raises(RunHeld) as held:
            await here.claim("r")
        assert str(held.value) == (
            f"run r is being worked on by process {there.owner.pid}, which is elsewhere (another container or machine) and "
            "gave a sign of life 12 seconds ago. Follow it with `trivet runs watch r`; if it is gone, try again in 3 seconds."
        )
        (listed,) = await here.runs()
        assert (listed.pid, listed.is_elsewhere, listed.status) == (there.owner.pid, True, "queued")
        silent(tmp_path, leases.VOID_AFTER + 1)
        (listed,) = await here.runs()
        assert listed.pid is None
        await here.claim("r")
        (listed,) = await here.runs()
        assert (listed.pid, listed.is_elsewhere) == (here.owner.pid, False)


async def test_host_elsewhere_that_never_gave_a_sign_of_life_is_gone(tmp_path: Path) -> None:
    """An owner from before there were signs of life."""
    async with open_journal(tmp_path) as here:
        await begun(here, "r", claim=False)
        database(tmp_path, "INSERT INTO hosts VALUES('17.x', 17, '1', ?, 0)", (OTHER_NAMESPACE,))
        database(tmp_path, "UPDATE runs SET owner='17.x', pid=17, started='1', boot=?", (OTHER_NAMESPACE,))
        database(tmp_path, "DELETE FROM hosts")
        await here.claim("r")


async def test_signs_of_life_are_given_while_runs_are_held_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "BEAT", 0.02)
    db = apsw.Connection(str(tmp_path / "journal.sqlite"))

    async def beats(held: str) -> int:
        """Commits of the other connection until there were three, or in half a second."""
        seen = 0
        with anyio.move_on_after(10 if held else 0.5):
            version = db.pragma("data_version")
            while seen < 3:
                await anyio.sleep(0.01)
                if (now := db.pragma("data_version")) != version:
                    version, seen = now, seen + 1
        return seen

    async with open_journal(tmp_path) as journal:
        await begun(journal, "r", claim=False)
        assert await beats("") == 0
        await journal.claim("r")
        assert await beats("r") == 3
        assert db.execute("SELECT id FROM hosts").fetchall() == [(journal.owner.id,)]
        journal.release("r")
        await journal.settle()
        assert await beats("") == 0
    db.close()


async def test_killed_hosts_run_is_taken_at_once(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as here:
        with holding(tmp_path) as there:
            with pytest.raises(RunHeld):
                await here.claim("r")
            there.kill()
            there.wait()
            await here.claim("r")


async def test_host_that_was_stopped_for_long_does_nothing_more_to_a_run_that_was_taken(tmp_path: Path) -> None:
    """As a laptop's container that sleeps, and wakes up after another host has gone on with its run."""
    async with open_journal(tmp_path) as here:
        with holding(tmp_path) as there:
            moved_away(tmp_path, "r")
            there.send_signal(signal.SIGSTOP)
            with pytest.raises(RunHeld):
                await here.claim("r")
            silent(tmp_path, leases.VOID_AFTER + 1)
            await here.claim("r")
            there.send_signal(signal.SIGCONT)
            assert await told(there) == (
                "another host took over run r, so this one has stopped. Follow it with `trivet runs watch r`.\n"
            )
        assert [each.seq for each in await everything(here, "r")] == [1]
        await here.append("r", [record("r", 2, RunStarted(host="here"))], durable=True)


async def test_host_that_was_stopped_and_can_be_seen_keeps_its_run(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as here:
        with holding(tmp_path) as there:
            there.send_signal(signal.SIGSTOP)
            silent(tmp_path, 3600)
            with pytest.raises(RunHeld):
                await here.claim("r")
            there.send_signal(signal.SIGCONT)
            assert await told(there) == "effect\n"


async def test_host_that_is_stopped_between_commit_and_effect_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intent was durable, then the machine slept, and another host took the run over: the effect must not happen."""
    async with open_journal(tmp_path) as journal:
        await begun(journal, "r")
        settled, clock = journal._writer._settled, time.time
        slept: list[float] = []

        def asleep(*arguments: Any) -> None:
            """After the commit, and before anybody has heard of it."""
            if not slept:
                slept.append(clock())
                database(tmp_path, "INSERT INTO hosts VALUES('17.x', 17, '1', 'elsewhere', ?)", (clock() + 3600,))
                database(tmp_path, "UPDATE runs SET owner='17.x', pid=17, started='1', boot='elsewhere'")
                monkeypatch.setattr(time, "time", lambda: clock() + 3600)
            settled(*arguments)

        monkeypatch.setattr(journal._writer, "_settled", asleep)
        with pytest.raises(RunTaken):
            await journal.append("r", [record("r", 2, RunStarted(host="one"))], durable=True)
        assert slept
        assert [each.seq for each in await everything(journal, "r")] == [1, 2]
