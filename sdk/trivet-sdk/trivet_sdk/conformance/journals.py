"""Does a journal keep its contract?"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio

from ..contributions import JournalStore
from ..events import Event, Record, RunStarted, RunSubmitted, RunWaiting, ToolCalled, ToolReturned
from ..goal import Goal
from ..tool import result

OpenJournal = Callable[[Mapping[str, Any]], AbstractAsyncContextManager[JournalStore]]
_LARGE = "很大 " * 100_000


async def check_journal(
    opened: Any, settings: Mapping[str, Any] | None = None, *, name: str = "", timeout: float = 60.0
) -> tuple[str, ...]:
    """A sentence for each way in which the journal breaks the contract; none if it keeps it.

    `opened` is what a plugin contributes: called with `settings`, it gives a store as an async context manager. The store
    is opened several times, twice at the same time, and gets runs whose ids begin with `check-`; give settings that lead
    to an empty place.
    """
    called = f"journal '{name or getattr(opened, '__name__', type(opened).__name__)}'"
    if not callable(opened):
        return (
            f"{called} cannot be called; contribute a function of its settings that returns an async context manager",
        )
    found: list[str] = []
    journal = _Journal(opened, settings or {}, f"check-{time.time_ns()}")
    for check, what in (
        (_order, "keeping order"),
        (_doubles, "refusing a number that is taken"),
        (_reopening, "opening it a second time"),
        (_leases, "leasing"),
    ):
        with anyio.move_on_after(timeout) as scope:
            try:
                found += await check(journal)
            except Exception as error:  # foreign code: whatever it raises is what is reported
                found.append(f"raises {type(error).__name__} while {what}: {error}")
        if scope.cancelled_caught:
            found.append(f"did not come back within {timeout:g} seconds while {what}")
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


class _Journal:
    def __init__(self, opened: Any, settings: Mapping[str, Any], run: str) -> None:
        self._opened, self._settings = opened, settings
        self.run = run

    def open(self) -> AbstractAsyncContextManager[JournalStore]:
        store: AbstractAsyncContextManager[JournalStore] = self._opened(self._settings)
        return store


async def _order(journal: _Journal) -> list[str]:
    found: list[str] = []
    run, other = f"{journal.run}-order", f"{journal.run}-other"
    records = (*_records(run), *(_record(run, seq, RunWaiting(reason=str(seq))) for seq in range(5, 205)))
    async with journal.open() as store:
        if missing := [name for name in ("append", "read", "lease") if not hasattr(store, name)]:
            return [f"opens a {type(store).__name__}, which lacks {', '.join(missing)}"]
        await store.append(run, records[:2], durable=True)
        await store.append(other, _records(other)[:1], durable=True)
        for record in records[2:]:
            await store.append(run, (record,), durable=False)
        found += _difference("what was appended", records, await _all(store, run))
        found += _difference("what follows `after=150`", records[150:], await _all(store, run, 150))
        found += _difference("another run", _records(other)[:1], await _all(store, other))
        if await _all(store, run, 204) or await _all(store, f"{run}-none"):
            found.append("reads records where there are none: past the newest, or of a run that it never saw")
    return found


async def _doubles(journal: _Journal) -> list[str]:
    run = f"{journal.run}-doubles"
    first, second, *_ = _records(run)
    async with journal.open() as store:
        await store.append(run, (first, second), durable=True)
        try:
            await store.append(run, (_record(run, 2, RunWaiting(reason="another host")),), durable=True)
        except Exception:  # which error is the store's own affair
            return []
        return ["takes a second record with a `seq` that is taken; two hosts would write over each other"]


async def _reopening(journal: _Journal) -> list[str]:
    found: list[str] = []
    run = f"{journal.run}-again"
    records = _records(run)
    async with journal.open() as first:
        await first.append(run, records[:3], durable=True)
        async with journal.open() as second:  # another host, as it were: what is durable is seen there
            found += _difference("at a second host what is durable", records[:3], await _all(second, run))
        await first.append(run, records[3:], durable=False)
    async with journal.open() as later:
        found += _difference("what was appended before it was closed", records, await _all(later, run))
    return found


async def _leases(journal: _Journal) -> list[str]:
    found: list[str] = []
    run = f"{journal.run}-lease"
    async with journal.open() as first:
        await first.append(run, _records(run)[:1], durable=True)
        if await first.lease(run, "host-a") is not True:
            return ["refuses the lease of a run that nobody has"]
        if await first.lease(run, "host-a") is not True:
            found.append("refuses to keep the lease for the host that has it")
        async with journal.open() as second:
            if await second.lease(run, "host-b") is not False:
                found.append("gives the lease of a run to a second host while the first lives and has it")
    async with journal.open() as later:
        if await later.lease(run, "host-b") is not True:
            found.append("refuses the lease after the host that had it has closed the journal")
    return found


def _records(run: str) -> tuple[Record, ...]:
    return (
        _record(run, 1, RunSubmitted(goal=Goal(text="Sag 你好.", workspace="/tmp"))),
        _record(run, 2, RunStarted(host="check")),
        _record(
            run, 3, ToolCalled(step="s1", tool="files.read", arguments={"path": 'a\n"b".md', "rows": [1, 2.5, None]})
        ),
        _record(run, 4, ToolReturned(step="s1", tool="files.read", result=result(_LARGE, {"n": [1, {"a": "ü"}]}))),
    )


def _record(run: str, seq: int, event: Event) -> Record:
    return Record(run=run, seq=seq, time=1_700_000_000.25 + seq, event=event)


async def _all(store: JournalStore, run: str, after: int = 0) -> tuple[Record, ...]:
    return tuple([record async for record in store.read(run, after)])


def _difference(what: str, appended: Sequence[Record], read: Sequence[Record]) -> list[str]:
    if [record.seq for record in read] != [record.seq for record in appended]:
        return [
            f"does not read {what} as it was appended: {len(read)} records where there are {len(appended)}, or in another order"
        ]
    wrong = next((one for one, other in zip(appended, read, strict=True) if one != other), None)
    return [] if wrong is None else [f"changes records: a `{wrong.event.topic}` is read otherwise than it was appended"]
