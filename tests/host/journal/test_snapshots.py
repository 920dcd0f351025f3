"""A snapshot saves time and nothing else: wherever it cannot be used, the events are read."""

from pathlib import Path
from typing import Any
from zlib import crc32

import apsw
import pytest

from trivet.journal import Journal, open_journal, snapshots
from trivet.journal.fold import Fold
from trivet_sdk import Accept, Goal, Plan, Record, Step, result
from trivet_sdk.events import (
    Event,
    PlanAccepted,
    RunFinished,
    RunStarted,
    RunSubmitted,
    StepStarted,
    ToolCalled,
    ToolReturned,
    VerdictIssued,
)

pytestmark = pytest.mark.anyio


def events(steps: int) -> list[Event]:
    plan = Plan(steps=tuple(Step(id=f"s{n}", tool="t") for n in range(steps)))
    found: list[Event] = [RunStarted(host="h"), PlanAccepted(plan=plan)]
    for n in range(steps):
        found += [
            StepStarted(step=f"s{n}"),
            ToolCalled(step=f"s{n}", tool="t", arguments={"第": n}, key=f"r/s{n}/0"),
            ToolReturned(step=f"s{n}", tool="t", result=result(f"第 {n} 行", {"n": n / 7})),
            VerdictIssued(step=f"s{n}", verdict=Accept()),
        ]
    return found


async def written(journal: Journal, steps: int) -> Fold:
    """A run as `RunLog` writes it, and its state."""
    submitted = Record(run="r", seq=1, time=1.0, event=RunSubmitted(goal=Goal(text="数一数")))
    await journal.create(submitted, claim=True)
    fold = Fold("r").apply_all((submitted,))
    for event in events(steps):
        await add(journal, fold, event)
    await journal.settle()
    return fold


async def add(journal: Journal, fold: Fold, event: Event) -> None:
    record = Record(run="r", seq=fold.seq + 1, time=float(fold.seq), event=event)
    await journal.append("r", (record,))
    fold.apply(record)
    journal.keep(fold)


def database(home: Path, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    db = apsw.Connection(str(home / "journal.sqlite"))
    try:
        return db.execute(statement, values).fetchall()
    finally:
        db.close()


async def test_long_run_is_taken_up_without_its_early_events(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        state = await written(journal, steps=200)
    [(seq,)] = database(tmp_path, "SELECT seq FROM snapshots")
    assert seq > state.seq * 3 // 4
    database(tmp_path, "DELETE FROM events WHERE seq<=?", (seq,))  # so that reading them would be noticed
    async with open_journal(tmp_path) as journal:
        assert await journal.folded("r") == state


async def test_run_that_was_taken_up_from_a_snapshot_goes_on_with_snapshots(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        await written(journal, steps=60)
    [(first,)] = database(tmp_path, "SELECT seq FROM snapshots")
    async with open_journal(tmp_path) as journal:
        fold = await journal.folded("r")
        for _ in range(snapshots.EVERY):
            await add(journal, fold, RunStarted(host="h"))
        await journal.settle()
        assert await journal.folded("r") == fold
    [(second,)] = database(tmp_path, "SELECT seq FROM snapshots")
    assert second == first + snapshots.EVERY


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE snapshots SET fold=fold+1",
        "UPDATE snapshots SET payload=CAST(substr(payload, 1, 400) || '1' || substr(payload, 402) AS BLOB)",
        "UPDATE snapshots SET payload=substr(payload, 1, 400)",
        "UPDATE snapshots SET payload=x''",
        "UPDATE snapshots SET payload='words'",
    ],
)
async def test_snapshot_of_another_fold_and_a_damaged_one_are_left_aside(tmp_path: Path, statement: str) -> None:
    async with open_journal(tmp_path) as journal:
        state = await written(journal, steps=100)
    before = database(tmp_path, "SELECT fold, payload FROM snapshots")
    database(tmp_path, statement)
    assert database(tmp_path, "SELECT fold, payload FROM snapshots") != before
    async with open_journal(tmp_path) as journal:
        assert await journal.folded("r") == state


async def test_state_whose_form_has_changed_is_left_aside_though_its_bytes_are_whole() -> None:
    fold = Fold("r")
    whole = snapshots.encoded(fold)
    assert snapshots.decoded(whole) == fold
    other = b'{"run":"r","seq":"many"}'
    assert snapshots.decoded(crc32(other).to_bytes(4, "big") + other) is None


async def test_finished_run_keeps_no_snapshot(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        fold = await written(journal, steps=60)
        assert database(tmp_path, "SELECT count(*) FROM snapshots") == [(1,)]
        await add(journal, fold, RunFinished(status="succeeded", answer="六十"))
        await journal.settle()
        assert database(tmp_path, "SELECT count(*) FROM snapshots") == [(0,)]
        assert await journal.folded("r") == fold


async def test_unknown_run_folds_to_nothing(tmp_path: Path) -> None:
    async with open_journal(tmp_path) as journal:
        assert await journal.folded("nothing") == Fold("nothing")


def test_snapshots_cost_a_run_of_any_length_a_constant_for_each_event() -> None:
    """Counted in events that are written down: a snapshot's size grows with the events before it."""
    for length in (1_000, 10_000, 100_000):
        last = written_down = 0
        for seq in range(1, length + 1):
            if snapshots.is_due(seq, last):
                last, written_down = seq, written_down + seq
        assert written_down <= 6 * length
        assert length - last <= max(snapshots.EVERY, length / snapshots.GROWTH)
