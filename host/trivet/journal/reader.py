"""Questions to the journal, on a connection of their own. Everything here blocks for as long as SQLite needs."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec

from trivet.errors import JournalUnusable, UnknownRun
from trivet.journal import snapshots, sqlite
from trivet.journal.blobs import BlobDamaged, BlobStore
from trivet.journal.events import Unreadable, record_of
from trivet.journal.fold import Fold
from trivet.journal.leases import HOLDER, JOINED, holder_of
from trivet_sdk.events import TERMINAL, Record

_payload = msgspec.json.Decoder(dict[str, Any])
_RUN = (
    "SELECT runs.id, parent, workspace, client, status, goal, created, updated, finished, conversation,"
    f" EXISTS(SELECT 1 FROM requests WHERE run=runs.id), {HOLDER} FROM {JOINED}"
)


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a listing. `status` is what the journal last said; a run in the midst of it whose host is gone is
    `interrupted`: nobody works on it, and `trivet runs resume` continues it."""

    id: str
    status: str
    goal: str
    workspace: str
    client: str
    parent: str | None
    created: float
    updated: float
    finished: float | None = None
    conversation: str | None = None
    """The chat that it belongs to."""
    is_asking: bool = False
    """A question or an approval is open."""
    pid: int | None
    """Process of the living host that works on it."""
    since: float | None = None
    """When that host took it."""
    is_elsewhere: bool = False
    """That host cannot be seen from here, and has lately given a sign of life."""

    @property
    def is_finished(self) -> bool:
        return self.status in TERMINAL


class Message(msgspec.Struct, frozen=True):
    """What one host tells the run of another: `kind` is `cancel`, `answer` or `approval`."""

    id: int
    run: str
    kind: str
    payload: dict[str, Any]
    time: float
    """When it was said."""


class Reader:
    def __init__(self, path: Path, blobs: BlobStore) -> None:
        self._db = sqlite.connect_reader(path)
        self._path = path
        self._blobs = blobs
        self._lock = threading.Lock()

    def close(self) -> None:
        self._db.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(query, tuple(values)).fetchall()
            except apsw.Error as error:
                raise sqlite.explained(error, self._path) from error

    def records(self, run: str, after: int, limit: int) -> list[Record]:
        query = "SELECT run, seq, topic, v, time, payload, blob FROM events WHERE run=? AND seq>? ORDER BY seq LIMIT ?"
        return [self._record(row) for row in self.rows(query, (run, after, limit))]

    def snapshot(self, run: str) -> Fold | None:
        """The newest state that was written down and can still be used."""
        query = "SELECT CAST(payload AS BLOB) FROM snapshots WHERE run=? AND fold=? ORDER BY seq DESC LIMIT 1"
        found = self.rows(query, (run, snapshots.version()))
        return snapshots.decoded(found[0][0]) if found else None

    def feed(self, after: int, limit: int) -> list[tuple[int, Record]]:
        query = (
            "SELECT run, seq, topic, v, time, payload, blob, cursor FROM events WHERE cursor>? ORDER BY cursor LIMIT ?"
        )
        return [(row[7], self._record(row)) for row in self.rows(query, (after, limit))]

    def find(self, prefix: str) -> str:
        """The run whose id begins so. Raises UnknownRun if there is none, or more than one."""
        found = [
            row[0]
            for row in self.rows("SELECT id FROM runs WHERE id=? OR id GLOB ? LIMIT 50", (prefix, f"{_plain(prefix)}*"))
        ]
        if prefix in found:
            return prefix
        roots = [run for run in found if not any(run.startswith(f"{other}.") for other in found)]
        if len(roots) != 1:
            raise UnknownRun(prefix, roots[:5])
        return str(roots[0])

    def run(self, run: str) -> RunSummary:
        for row in self.rows(f"{_RUN} WHERE runs.id=?", (run,)):
            return _summary(row)
        raise UnknownRun(run)

    def runs(
        self, limit: int, workspace: str | None, with_children: bool, conversation: str | None = None
    ) -> list[RunSummary]:
        conditions = [] if with_children else ["parent IS NULL"]
        values: list[Any] = []
        if workspace is not None:
            conditions.append("workspace=?")
            values.append(workspace)
        if conversation is not None:
            conditions.append("conversation=?")
            values.append(conversation)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        query = f"{_RUN}{where} ORDER BY created DESC LIMIT ?"
        return [_summary(row) for row in self.rows(query, (*values, limit))]

    def inbox(self) -> tuple[list[Message], list[int]]:
        """Messages, and the ids of those that cannot be read."""
        messages: list[Message] = []
        unreadable: list[int] = []
        for id, run, kind, payload, then in self.rows("SELECT id, run, kind, payload, time FROM inbox ORDER BY id"):
            try:
                messages.append(Message(id, run, kind, _payload.decode(payload), then))
            except (msgspec.MsgspecError, UnicodeError, TypeError):
                unreadable.append(id)
        return messages, unreadable

    def _record(self, row: tuple[Any, ...]) -> Record:
        run, seq, topic, version, time, payload, blob = row[:7]
        try:
            if payload is None:
                payload = self._blobs.read(blob)
            return record_of((run, seq, topic, version, time, payload))
        except KeyError:
            reason = f"its content, the file {self._blobs.root / blob[:2] / blob}, is missing"
        except (Unreadable, BlobDamaged) as error:
            reason = str(error)
        raise JournalUnusable(
            self._path, f"event {seq} of run {run} cannot be read: {reason}. Other runs are not touched by this"
        )


def lost(run: str, first: int, last: int) -> str:
    """The sentence for events that should be there."""
    which = f"event {first} of run {run} is" if first == last else f"events {first} to {last} of run {run} are"
    return f"{which} missing. Other runs are not touched by this; restore it from a backup"


def _summary(row: tuple[Any, ...]) -> RunSummary:
    id, parent, workspace, client, status, goal, created, updated, finished, conversation, is_asking = row[:11]
    holder = holder_of(row[11:], time.time())
    if holder is None and status not in TERMINAL and status not in ("queued", "waiting"):
        status = "interrupted"
    return RunSummary(
        id=id,
        status=status,
        goal=goal,
        workspace=workspace,
        client=client,
        parent=parent,
        created=created,
        updated=updated,
        finished=finished,
        conversation=conversation,
        is_asking=bool(is_asking) and status not in TERMINAL,
        pid=None if holder is None else holder.owner.pid,
        since=None if holder is None else holder.since,
        is_elsewhere=holder is not None and holder.silent is not None,
    )


def _plain(prefix: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prefix)
