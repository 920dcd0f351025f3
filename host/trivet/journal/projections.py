"""What an event changes in the tables beside it, so that a listing needs no fold: written in the event's own transaction."""

from collections.abc import Iterator
from typing import Any

from trivet.journal import snapshots
from trivet_sdk.events import (
    TERMINAL,
    ApprovalRequested,
    ApprovalResolved,
    Event,
    PlanAccepted,
    PlanPatched,
    QuestionAnswered,
    QuestionAsked,
    RunFinished,
    RunForked,
    RunResumed,
    RunStarted,
    RunSubmitted,
    RunWaiting,
    VerdictIssued,
)
from trivet_sdk.verdict import Replan

Statement = tuple[str, tuple[Any, ...]]

_STATUS_AFTER: dict[type[Event], str] = {
    RunSubmitted: "queued",
    RunForked: "queued",
    RunStarted: "planning",
    PlanAccepted: "executing",
    PlanPatched: "executing",
    RunWaiting: "waiting",
    RunResumed: "executing",
}
PROJECTED: frozenset[type[Event]] = frozenset(_STATUS_AFTER) | {
    RunFinished,
    VerdictIssued,
    QuestionAsked,
    QuestionAnswered,
    ApprovalRequested,
    ApprovalResolved,
}
"""An event of any other kind, and that is nearly every one, changes nothing but which blobs are named."""
_OPENED, _CLOSED = "INSERT OR IGNORE INTO requests VALUES(?,?)", "DELETE FROM requests WHERE run=? AND id=?"


def status_after(event: Event, time: float) -> tuple[str, float, float | None] | None:
    """Status, when it became so, and when the run was finished if it is."""
    if isinstance(event, RunFinished):
        status: str | None = event.status
    elif isinstance(event, VerdictIssued):
        status = "planning" if isinstance(event.verdict, Replan) else None
    else:
        status = _STATUS_AFTER.get(type(event))
    return None if status is None else (status, time, time if status in TERMINAL else None)


def following(run: str, event: Event, blobs: list[str]) -> Iterator[Statement]:
    """`blobs` are those that the event names."""
    for blob in blobs:
        yield "INSERT OR IGNORE INTO blob_refs VALUES(?,?)", (run, blob)
    match event:
        case QuestionAsked():
            yield _OPENED, (run, event.id)
        case QuestionAnswered():
            yield _CLOSED, (run, event.id)
        case ApprovalRequested():
            yield _OPENED, (run, event.approval)
        case ApprovalResolved():
            yield _CLOSED, (run, event.approval)
        case RunForked(changed=changed):  # nobody is asked for what was at work in the source
            yield "DELETE FROM requests WHERE run=? AND (id GLOB 'a*' OR ?)", (run, "goal" in changed)
        case RunFinished():
            yield "DELETE FROM snapshots WHERE run=?", (run,)
            yield "DELETE FROM requests WHERE run=?", (run,)  # whoever cancelled it has answered nothing


def kept(run: str, seq: int, state: bytes) -> Iterator[Statement]:
    """The run's snapshot, in the place of earlier ones."""
    yield "DELETE FROM snapshots WHERE run=?", (run,)
    yield "INSERT INTO snapshots VALUES(?,?,?,?)", (run, seq, snapshots.version(), state)


def begun(run: str, event: RunSubmitted, time: float) -> tuple[Any, ...]:
    """The run's row, nobody's yet, as `BEGUN` takes it."""
    conversation = event.conversation or None
    return (run, event.parent, event.goal.workspace, event.client, event.goal.text, time, time, conversation)


BEGUN = (
    "INSERT OR {} INTO runs(id, parent, workspace, client, status, goal, created, updated, conversation)"
    " VALUES(?,?,?,?,'queued',?,?,?,?)"
)
