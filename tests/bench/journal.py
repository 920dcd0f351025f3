"""The journal beside bare apsw on the same disk in the same run: `python -m tests.bench.journal [DIR]`.

Durable events a second, for 1 writer that waits for each of its commits and for 64 at once, as a share of two references that
write equal rows into an equal database (today's tables, WAL, FULL):

- *bare*: one thread that does nothing but `BEGIN IMMEDIATE`, `executemany`, `COMMIT`, with its rows ready made: one row to a
  transaction for 1 writer, 64 for 64. Nobody waits for it, so no task is woken and no thread.
- *by hand*: as many asyncio tasks, each waiting on a future, and a thread that commits what they left, 64 rows to a
  transaction for 64: the least that a program with writers must do, without a journal's encoding, leases and projections.

Rounds are interleaved and short, since a virtual disk changes its mind; figures are medians. Then how fast a run's records
are read back and folded, and how long listing 10,000 runs takes.
"""

import asyncio
import queue
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import anyio
import apsw

from trivet.journal import open_journal
from trivet.journal.events import encode
from trivet.journal.fold import Fold
from trivet.journal.sqlite import connect
from trivet_sdk import Goal, Plan, Record, Step, result
from trivet_sdk.events import (
    Event,
    PlanAccepted,
    RunStarted,
    RunSubmitted,
    StepStarted,
    ToolCalled,
    ToolReturned,
    VerdictIssued,
)
from trivet_sdk.verdict import Accept

ROUNDS = 9
ROWS = {1: 500, 64: 12_800}
"""Of one round, by the number of writers."""
CALLED = ToolCalled(step="s1", tool="table.select", arguments={"path": "x" * 400}, key="r/s1/0")
_PAYLOAD = encode(CALLED).decode()
_INSERT = "INSERT INTO events(run, seq, topic, v, time, step, payload, blob) VALUES(?,?,?,?,?,?,?,?)"

Row = tuple[Any, ...]


class Rates(NamedTuple):
    """Durable events a second, and the journal's share of either reference, each the median of its rounds."""

    bare: float
    by_hand: float
    journal: float
    of_bare: float
    of_by_hand: float


def _row(writer: int, seq: int) -> Row:
    return (f"r{writer}", seq, CALLED.topic, CALLED.version, 1.5, CALLED.step, _PAYLOAD, None)


def _commit(db: apsw.Connection, rows: list[Row]) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.executemany(_INSERT, rows)
    db.execute("COMMIT")


def bare(folder: Path, rows: int, writers: int) -> float:
    db = connect(folder / "bare" / "journal.sqlite")
    groups = [[_row(writer, seq) for writer in range(writers)] for seq in range(2, rows // writers + 2)]
    begun = time.perf_counter()
    for group in groups:
        _commit(db, group)
    seconds = time.perf_counter() - begun
    db.close()
    return rows / seconds


async def by_hand(folder: Path, rows: int, writers: int) -> float:
    db = connect(folder / "by hand" / "journal.sqlite")
    loop = asyncio.get_running_loop()
    handed: queue.SimpleQueue[tuple[list[Row], list[asyncio.Future[None]]] | None] = queue.SimpleQueue()
    pending: list[Row] = []
    waiting: list[asyncio.Future[None]] = []

    def settle(futures: list[asyncio.Future[None]]) -> None:
        for future in futures:
            future.set_result(None)

    def commit() -> None:
        while (batch := handed.get()) is not None:
            _commit(db, batch[0])
            loop.call_soon_threadsafe(settle, batch[1])

    async def write(writer: int) -> None:
        nonlocal pending, waiting
        for seq in range(2, rows // writers + 2):
            future = loop.create_future()
            pending.append(_row(writer, seq))
            waiting.append(future)
            if len(pending) == writers:  # the last of those who were woken together
                handed.put((pending, waiting))
                pending, waiting = [], []
            await future

    thread = threading.Thread(target=commit)
    thread.start()
    begun = time.perf_counter()
    async with anyio.create_task_group() as group:
        for writer in range(writers):
            group.start_soon(write, writer)
    seconds = time.perf_counter() - begun
    handed.put(None)
    thread.join()
    db.close()
    return rows / seconds


async def journaled(folder: Path, rows: int, writers: int) -> float:
    async with open_journal(folder / "home") as journal:

        async def write(run: str) -> None:
            for seq in range(2, rows // writers + 2):
                await journal.append(run, (Record(run=run, seq=seq, time=1.5, event=CALLED),), durable=True)

        for writer in range(writers):
            submitted = RunSubmitted(goal=Goal(text="a goal"))
            await journal.create(Record(run=f"r{writer}", seq=1, time=1.0, event=submitted), claim=True)
        begun = time.perf_counter()
        async with anyio.create_task_group() as group:
            for writer in range(writers):
                group.start_soon(write, f"r{writer}")
        return rows / (time.perf_counter() - begun)


def rates(writers: int, rounds: int = ROUNDS, place: Path | None = None) -> Rates:
    found: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="trivet-bench-", dir=place) as name:
            folder, rows = Path(name), ROWS[writers]
            found.append(
                (
                    bare(folder, rows, writers),
                    anyio.run(by_hand, folder, rows, writers),
                    anyio.run(journaled, folder, rows, writers),
                )
            )
    alone, hand, ours = (median(each) for each in zip(*found, strict=True))
    of_bare = median(journal / alone for alone, _, journal in found)
    of_by_hand = median(journal / hand for _, hand, journal in found)
    return Rates(alone, hand, ours, of_bare, of_by_hand)


async def replay(folder: Path, steps: int) -> tuple[float, float]:
    """Records a second read and folded, and folded alone."""
    plan = Plan(steps=tuple(Step(id=f"s{n}", tool="t") for n in range(steps)))
    events: list[Event] = [RunStarted(host="h"), PlanAccepted(plan=plan)]
    for each in plan.steps:
        events += [
            StepStarted(step=each.id),
            ToolCalled(step=each.id, tool="t", key=f"r/{each.id}/0"),
            ToolReturned(step=each.id, tool="t", result=result("fine", {"n": 1})),
            VerdictIssued(step=each.id, verdict=Accept()),
        ]
    async with open_journal(folder / "replay") as journal:
        submitted = RunSubmitted(goal=Goal(text="a goal"))
        await journal.create(Record(run="r", seq=1, time=1.0, event=submitted), claim=True)
        await journal.append(
            "r", [Record(run="r", seq=n, time=1.0, event=e) for n, e in enumerate(events, 2)], durable=True
        )
        wholes, folds = [], []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            records = [record async for record in journal.read("r")]
            Fold("r").apply_all(records)
            wholes.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            Fold("r").apply_all(records)
            folds.append(time.perf_counter() - begun)
        return len(records) / median(wholes), len(records) / median(folds)


async def listing(folder: Path, runs: int) -> float:
    """Seconds to list them all."""
    async with open_journal(folder / "listing") as journal:

        async def submit(n: int) -> None:
            submitted = RunSubmitted(goal=Goal(text=f"goal {n}"))
            await journal.create(Record(run=f"r{n:06}", seq=1, time=float(n), event=submitted), claim=False)

        async with anyio.create_task_group() as group:
            for n in range(runs):
                group.start_soon(submit, n)
        begun = time.perf_counter()
        listed = await journal.runs(limit=runs)
        assert len(listed) == runs
        return time.perf_counter() - begun


def main(place: Path | None = None) -> None:
    print("\ndurable events a second")
    for writers in ROWS:
        found = rates(writers, place=place)
        print(
            f"  {writers:2} writers  bare {found.bare:.0f}/s  by hand {found.by_hand:.0f}/s  journal {found.journal:.0f}/s"
            f"  {found.of_bare:.2f} of bare, {found.of_by_hand:.2f} of by hand"
        )
    with tempfile.TemporaryDirectory(prefix="trivet-bench-", dir=place) as name:
        folder = Path(name)
        whole, folded = anyio.run(replay, folder, 5000)
        print(f"  replay {whole:.0f} records/s read and folded, {folded:.0f}/s folded")
        print(f"  listing 10,000 runs {anyio.run(listing, folder, 10_000) * 1e3:.0f} ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
