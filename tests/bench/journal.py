"""The journal beside bare apsw on the same disk in the same run: `python tests/bench/journal.py [DIR]`.

Prints commits (or records) a second for 1 writer and for 64 that wait for each other's fsync, and the ratio to a bare
connection that inserts equal rows, alone or 64 to a transaction. Target: 0.8 of the bare figure. Then how fast a run's
records are read back and folded, and how long listing 10,000 runs takes.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import anyio
import apsw

from trivet.journal import open_journal
from trivet.journal.fold import Fold
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

ROUNDS = 5
ALONE, TOGETHER, WRITERS = 600, 12_800, 64
CALLED = ToolCalled(step="s1", tool="table.select", arguments={"path": "x" * 400}, key="r/s1/0")


def bare(folder: Path, rows: int, group: int) -> float:
    """Rows a second."""
    db = apsw.Connection(str(folder / f"bare{time.time_ns()}.sqlite"))
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", "full")
    db.execute(
        "CREATE TABLE events(cursor INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT, seq INTEGER, topic TEXT, v INTEGER,"
        " time REAL, step TEXT, payload TEXT, blob TEXT, UNIQUE(run, seq))"
    )
    insert = "INSERT INTO events VALUES(NULL,?,?,?,?,?,?,?,?)"
    values = [("a" * 10, n, "tool.called", 1, 1.5, "s1", "x" * 500, None) for n in range(rows)]
    begun = time.perf_counter()
    for first in range(0, rows, group):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(insert, values[first : first + group])
        db.execute("COMMIT")
    return rows / (time.perf_counter() - begun)


async def ours(folder: Path, rows: int, writers: int) -> float:
    """Durable records a second."""
    async with open_journal(folder / f"home{time.time_ns()}") as journal:

        async def write(run: str) -> None:
            for seq in range(2, rows // writers + 2):
                await journal.append(run, [Record(run=run, seq=seq, time=1.5, event=CALLED)], durable=True)

        for n in range(writers):
            submitted = RunSubmitted(goal=Goal(text="a goal"))
            await journal.create(Record(run=f"r{n}", seq=1, time=1.0, event=submitted), claim=True)
        begun = time.perf_counter()
        async with anyio.create_task_group() as group:
            for n in range(writers):
                group.start_soon(write, f"r{n}")
        return rows / (time.perf_counter() - begun)


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
        begun = time.perf_counter()
        records = [record async for record in journal.read("r")]
        Fold("r").apply_all(records)
        whole = time.perf_counter() - begun
        begun = time.perf_counter()
        Fold("r").apply_all(records)
        return len(records) / whole, len(records) / (time.perf_counter() - begun)


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


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name)
        for rows, writers in ((ALONE, 1), (TOGETHER, WRITERS)):
            pairs = [(bare(folder, rows, writers), anyio.run(ours, folder, rows, writers)) for _ in range(ROUNDS)]
            alone, mine = median(a for a, _ in pairs), median(b for _, b in pairs)
            ratio = median(b / a for a, b in pairs)
            print(f"{writers:3} writers: bare {alone:8.0f}/s, journal {mine:8.0f}/s, ratio {ratio:.2f}")
        whole, folded = anyio.run(replay, folder, 5000)
        print(f"replay: {whole:.0f} records/s read and folded, {folded:.0f}/s folded")
        print(f"listing 10,000 runs: {anyio.run(listing, folder, 10_000) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
