"""Commits a second: the journal beside bare SQLite that writes the same rows with the same safety."""

import asyncio
import tempfile
import time
from pathlib import Path

import apsw

from trivet.journal import Journal, open_journal
from trivet.journal.events import encode
from trivet.journal.schema import SCHEMA
from trivet_sdk.events import Record, RunSubmitted, StepStarted
from trivet_sdk.goal import Goal

SECONDS = 2.0
WRITERS = (1, 64)
_INSERT = "INSERT INTO events(run, seq, topic, v, time, step, payload, blob) VALUES(?,?,?,?,?,?,?,?)"


def bare(path: Path, rows: int) -> float:
    """Rows a second when each transaction has so many."""
    db = apsw.Connection(str(path))
    db.pragma("journal_mode", "wal")
    db.pragma("synchronous", 2)
    db.execute(SCHEMA)
    event = StepStarted(step="s1")
    payload = encode(event).decode()
    seq, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        db.execute("BEGIN IMMEDIATE")
        for number in range(rows):
            seq += 1
            row = (f"run{number}", seq, event.topic, 1, time.time(), "s1", payload, None)
            db.execute(_INSERT, row)
        db.execute("COMMIT")
    rate = seq / (time.perf_counter() - begun)
    db.close()
    return rate


async def journaled(home: Path, writers: int) -> float:
    """Durable appends a second by so many runs at once."""
    done = 0

    async def write(journal: Journal, run: str, until: float) -> None:
        nonlocal done
        submitted = RunSubmitted(goal=Goal(text="count"))
        await journal.create(Record(run=run, seq=1, time=time.time(), event=submitted), claim=True)
        seq = 1
        while time.perf_counter() < until:
            seq += 1
            record = Record(run=run, seq=seq, time=time.time(), event=StepStarted(step="s1"))
            await journal.append(run, (record,), durable=True)
            done += 1

    async with open_journal(home) as journal:
        begun = time.perf_counter()
        await asyncio.gather(*(write(journal, f"run{number}", begun + SECONDS) for number in range(writers)))
        return done / (time.perf_counter() - begun)


def main() -> None:
    print("\ndurable appends a second, FULL sync; bare: apsw, one transaction for as many rows as there are writers")
    for writers in WRITERS:
        with tempfile.TemporaryDirectory(prefix="trivet-bench-") as folder:
            reference = bare(Path(folder, "bare.sqlite"), writers)
            ours = asyncio.run(journaled(Path(folder, "home"), writers))
        print(f"  {writers:>2} writers  bare {reference:.0f}/s  journal {ours:.0f}/s  {ours / reference:.2f} of bare")


if __name__ == "__main__":
    main()
