"""Old runs removed, by hand or as `[keep]` says, with the blobs that nobody refers to any more."""

import time
from collections.abc import Iterable
from contextlib import suppress

import anyio.to_thread

from trivet.errors import RunHeld, UnknownRun
from trivet.journal.collection import Collected, collect
from trivet.journal.deletion import Deleted, deleting
from trivet.journal.journal import Journal
from trivet.journal.shrinking import shrink
from trivet.runs.keeping import DAY, Candidate, Limits, candidates, going
from trivet.settings import Settings
from trivet_sdk.errors import TrivetError

_PATIENCE = 0.3
"""Seconds that a host which closes may remove runs; the next one goes on."""
_ALL = 1_000_000_000


async def removable(journal: Journal, limits: Limits) -> list[Candidate]:
    """Oldest first, with what each takes."""
    runs = await journal.runs(limit=_ALL, with_children=True)
    return going(candidates(runs, await sizes(journal)), limits, time.time())


async def sizes(journal: Journal) -> dict[str, int]:
    """Bytes of each run's events and blobs; a blob of several runs counts for each."""
    rows = await journal.look("SELECT run, SUM(OCTET_LENGTH(payload)) FROM events GROUP BY run")
    found = {run: int(size or 0) for run, size in rows}
    refs = await journal.look("SELECT run, blob FROM blob_refs")

    def of_blobs() -> None:
        known: dict[str, int] = {}
        for run, blob in refs:
            if blob not in known:
                known[blob] = 0
                with suppress(OSError):
                    known[blob] = journal.blobs.path(blob).stat().st_size
            found[run] = found.get(run, 0) + known[blob]

    await anyio.to_thread.run_sync(of_blobs)
    return found


async def remove(journal: Journal, run: str) -> Deleted:
    """With its sub-goals. Raises RunHeld or UnknownRun."""
    deleted: Deleted = await journal.change(deleting((run,)))
    return deleted


async def remove_each(journal: Journal, runs: Iterable[str]) -> list[Deleted]:
    """Those that nobody has taken up or removed meanwhile."""
    gone: list[Deleted] = []
    for run in runs:
        with suppress(RunHeld, UnknownRun):
            gone.append(await remove(journal, run))
    return gone


async def collect_blobs(journal: Journal) -> Collected:
    return await anyio.to_thread.run_sync(collect, journal.path, journal.blobs)


async def give_back(journal: Journal) -> int:
    """Bytes by which the journal itself is smaller now."""
    await journal.settle()
    return await anyio.to_thread.run_sync(shrink, journal.path)


async def retain(settings: Settings, journal: Journal) -> None:
    """Remove what `[keep]` no longer keeps: once a day at most, and for a moment only. Trouble is left to the commands that
    are about runs."""
    keep = settings.keep
    limits = Limits(
        older_than=keep.days * DAY if keep.days is not None else None, keep_last=keep.runs, max_size=keep.size
    )
    stamp = settings.home / "cache" / "kept"
    if not limits or (stamp.exists() and 0 <= time.time() - stamp.stat().st_mtime < DAY):
        return
    begun = time.monotonic()
    try:
        for each in await removable(journal, limits):
            await remove_each(journal, (each.run.id,))
            if time.monotonic() - begun > _PATIENCE:
                return
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        await collect_blobs(journal)
        await give_back(journal)
    except (TrivetError, OSError):
        return
