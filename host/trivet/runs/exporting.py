"""A run written into one file, without secrets, for another home or for whoever is to read it."""

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio.to_thread
import msgspec

from trivet.errors import FileRefused
from trivet.journal import ratings
from trivet.journal.blobs import BlobDamaged
from trivet.journal.events import decode, encode
from trivet.journal.journal import Journal
from trivet.journal.mentions import mentioned
from trivet.journal.portable import EXPORT_FORMAT, KIND
from trivet.journal.tarfiles import tar_written
from trivet.redaction import Redaction
from trivet_sdk.events import Record


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    path: Path
    runs: int
    events: int
    removed: int
    """Places where something was taken out."""
    withheld: tuple[str, ...]
    """Blobs that hold a secret, and so stayed here."""


async def export(
    journal: Journal,
    run: str,
    path: Path,
    redacted: Callable[[Record], Record | None],
    redaction: Redaction,
    with_children: bool,
) -> Exported:
    """`redacted` is what plugins do to events that leave. Raises FileRefused if the file cannot be written, or if a plugin
    failed to redact an event, which must not leave then."""
    runs = await _family(journal, run) if with_children else [run]
    files: dict[str, bytes] = {}
    blobs: dict[str, bytes] = {}
    withheld: list[str] = []
    events = 0
    for each in runs:
        lines = io.BytesIO()
        async for record in journal.read(each):
            if (leaving := redacted(record)) is None:
                raise FileRefused(
                    path, f"a plugin failed to redact event {record.seq} of run {each}, so it must not leave"
                )
            payload = msgspec.json.encode(redaction.value(msgspec.to_builtins(leaving.event)))
            event = decode(leaving.event.topic, leaving.event.version, payload)
            lines.write(msgspec.json.encode(msgspec.structs.replace(leaving, event=event).flat()) + b"\n")
            events += 1
            for blob in mentioned(encode(event), journal.blobs):
                if blob in blobs or blob in withheld:
                    continue
                with suppress(KeyError, BlobDamaged):  # one that is lost here is lost there
                    content = await journal.blobs.get(blob)
                    if redaction.is_in(content):
                        withheld.append(blob)
                    else:
                        blobs[blob] = content
        files[f"runs/{each}.jsonl"] = lines.getvalue()
    rated: list[dict[str, Any]] = []
    for each in runs:
        rated += [
            redaction.value(ratings.rating_of(row).record.flat()) for row in await journal.look(ratings.QUERY, (each,))
        ]
    if rated:
        files["ratings.jsonl"] = b"".join(msgspec.json.encode(line) + b"\n" for line in rated)

    def write() -> None:
        with tar_written(path, KIND, EXPORT_FORMAT) as (tar, about):
            about.update(run=run, withheld=withheld)
            for name, content in files.items():
                tar.add_bytes(name, content)
            for blob, content in blobs.items():
                tar.add_bytes(f"blobs/{blob}", content)

    await anyio.to_thread.run_sync(write)
    return Exported(path=path, runs=len(runs), events=events, removed=redaction.count, withheld=tuple(withheld))


async def _family(journal: Journal, run: str) -> list[str]:
    """Itself first."""
    rows = await journal.look(
        "WITH RECURSIVE family(id) AS (SELECT ? UNION SELECT runs.id FROM runs JOIN family ON parent=family.id)"
        " SELECT id FROM family",
        (run,),
    )
    return [str(row[0]) for row in rows]
