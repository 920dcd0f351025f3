"""A glance tells what is wrong with a journal, and changes nothing."""

from pathlib import Path

import apsw
import pytest

from tests.host.journal.test_migration import old_journal
from trivet.journal import open_journal
from trivet.journal.examination import glance
from trivet_sdk import Goal, Record, result
from trivet_sdk.events import RunSubmitted, ToolCalled, ToolReturned

pytestmark = pytest.mark.anyio


async def filled(home: Path) -> None:
    async with open_journal(home) as journal:
        submitted = Record(run="r", seq=1, time=1.0, event=RunSubmitted(goal=Goal(text="数")))
        await journal.create(submitted, claim=True)
        big = ToolReturned(tool="t", result=result("x" * 100_000))
        events = [big, *(ToolCalled(step=f"s{n}", tool="t", arguments={"x": "y" * 900}) for n in range(300))]
        records = [Record(run="r", seq=seq, time=1.0, event=event) for seq, event in enumerate(events, 2)]
        await journal.append("r", records, durable=True)
        found = glance(home)
        assert found is not None
        assert [(run, holder.owner.id, holder.silent) for run, holder in found.held] == [("r", journal.owner.id, None)]


def tree_pages(home: Path, name: str) -> tuple[int, list[int]]:
    """Page size, and the pages of a table or an index."""
    db = apsw.Connection(str(home / "journal.sqlite"))
    try:
        return db.pragma("page_size"), [
            row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name=? AND pagetype='leaf'", (name,))
        ]
    finally:
        db.close()


async def test_whole_journal_is_found_whole(tmp_path: Path) -> None:
    assert glance(tmp_path) is None
    await filled(tmp_path)
    found = glance(tmp_path)
    assert found is not None
    assert (found.damage, found.references, found.missing, found.held) == ("", 1, (), ())


@pytest.mark.parametrize("name", ["events", "sqlite_autoindex_events_1"])
async def test_page_that_was_overwritten_is_found(tmp_path: Path, name: str) -> None:
    await filled(tmp_path)
    size, pages = tree_pages(tmp_path, name)
    path = tmp_path / "journal.sqlite"
    content = bytearray(path.read_bytes())
    begin = (pages[len(pages) // 2] - 1) * size
    content[begin : begin + 200] = bytes(byte ^ 0x5A for byte in content[begin : begin + 200])
    path.write_bytes(content)
    found = glance(tmp_path)
    assert found is not None
    assert found.damage
    assert path.read_bytes() == content


async def test_blobs_that_are_missing_are_counted(tmp_path: Path) -> None:
    await filled(tmp_path)
    (path,) = (tmp_path / "blobs").glob("*/*")
    path.unlink()
    found = glance(tmp_path)
    assert found is not None
    assert (found.references, found.missing, found.suffering) == (1, (path.name,), ("r",))


def test_old_journal_is_looked_at_and_not_migrated(tmp_path: Path) -> None:
    path = old_journal(tmp_path)
    before = path.read_bytes()
    found = glance(tmp_path)
    assert found is not None
    assert (found.format, found.damage) == (1, "")
    assert path.read_bytes() == before
