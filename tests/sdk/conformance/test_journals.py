"""Journals against their contract: one in a dictionary that outlives its stores, and what is wrong with its variants."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from trivet_sdk import Record
from trivet_sdk.conformance import check_journal


class Store:
    """`rows` and `owners` are the disk; what one store leased is free when it is closed."""

    def __init__(self, rows: dict[str, list[Record]], owners: dict[str, str]) -> None:
        self.rows, self.owners, self.mine = rows, owners, set[str]()

    async def append(self, run: str, records: Sequence[Record], *, durable: bool) -> None:
        for record in records:
            if record.seq != len(self.rows.get(run, [])) + 1:
                raise ValueError(f"{record.seq} does not follow")
            self.rows.setdefault(run, []).append(record)

    async def read(self, run: str, after: int = 0) -> AsyncIterator[Record]:
        for record in self.rows.get(run, []):
            if record.seq > after:
                yield record

    async def lease(self, run: str, owner: str) -> bool:
        if self.owners.setdefault(run, owner) != owner:
            return False
        self.mine.add(run)
        return True

    def close(self) -> None:
        for run in self.mine:
            del self.owners[run]


class Overwriting(Store):
    async def append(self, run: str, records: Sequence[Record], *, durable: bool) -> None:
        for record in records:
            self.rows.setdefault(run, [])[record.seq - 1 : record.seq] = [record]


class Buffering(Store):
    """Writes when it is closed."""

    def __init__(self, rows: dict[str, list[Record]], owners: dict[str, str]) -> None:
        super().__init__(rows, owners)
        self.waiting: list[tuple[str, Record]] = []

    async def append(self, run: str, records: Sequence[Record], *, durable: bool) -> None:
        self.waiting += [(run, record) for record in records]

    def close(self) -> None:
        for run, record in self.waiting:
            self.rows.setdefault(run, []).append(record)
        super().close()


class Inclusive(Store):
    async def read(self, run: str, after: int = 0) -> AsyncIterator[Record]:
        for record in self.rows.get(run, []):
            if record.seq >= after:
                yield record


class Rounding(Store):
    async def append(self, run: str, records: Sequence[Record], *, durable: bool) -> None:
        rounded = [msgspec.structs.replace(record, time=round(record.time)) for record in records]
        await super().append(run, rounded, durable=durable)


class Generous(Store):
    async def lease(self, run: str, owner: str) -> bool:
        return True


class Keeping(Store):
    def close(self) -> None: ...


class Refusing(Store):
    async def lease(self, run: str, owner: str) -> bool:
        return False


class Forgetting(Store):
    async def lease(self, run: str, owner: str) -> bool:
        if run in self.mine:
            return False
        return await super().lease(run, owner)


class Readless:
    def __init__(self, rows: object, owners: object) -> None: ...
    async def append(self) -> None: ...
    def close(self) -> None: ...


def journal(kind: Callable[[Any, Any], Any]) -> object:
    rows: dict[str, list[Record]] = {}
    owners: dict[str, str] = {}

    @asynccontextmanager
    async def opened(settings: Mapping[str, Any]) -> AsyncIterator[Any]:
        store = kind(rows, owners)
        yield store
        store.close()

    return opened


async def test_a_journal_that_keeps_its_contract() -> None:
    assert await check_journal(journal(Store), name="memory") == ()


@pytest.mark.parametrize(
    ("opened", "sentence"),
    [
        (3, "journal 'x' cannot be called; contribute a function of its settings that returns an async context manager"),
        (journal(Readless), "journal 'x' opens a Readless, which lacks read, lease"),
        (journal(Overwriting), "journal 'x' takes a second record with a `seq` that is taken; two hosts would write over each other"),
        (journal(Buffering), "journal 'x' does not read what was appended as it was appended: 0 records where there are 204, or in another order"),
        (journal(Buffering), "journal 'x' does not read at a second host what is durable as it was appended: 0 records where there are 3, or in another order"),
        (journal(Inclusive), "journal 'x' does not read what follows `after=150` as it was appended: 55 records where there are 54, or in another order"),
        (journal(Inclusive), "journal 'x' reads records where there are none: past the newest, or of a run that it never saw"),
        (journal(Rounding), "journal 'x' changes records: a `run.submitted` is read otherwise than it was appended"),
        (journal(Generous), "journal 'x' gives the lease of a run to a second host while the first lives and has it"),
        (journal(Keeping), "journal 'x' refuses the lease after the host that had it has closed the journal"),
        (journal(Refusing), "journal 'x' refuses the lease of a run that nobody has"),
        (journal(Forgetting), "journal 'x' refuses to keep the lease for the host that has it"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(opened: object, sentence: str) -> None:
    assert sentence in await check_journal(opened, name="x")


async def test_an_error_is_said_with_what_was_being_done() -> None:
    def opened(settings: Mapping[str, Any]) -> Any:
        raise OSError("no space left")

    assert (await check_journal(opened, name="x"))[0] == "journal 'x' raises OSError while keeping order: no space left"
