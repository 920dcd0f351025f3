"""A run made of another one's history: the same until one of its events, then a run of its own. Pure."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from trivet.errors import CannotFork
from trivet.journal.fold import Fold
from trivet.runs.options import RunOptions
from trivet.runs.typed import together, typed_origins
from trivet_sdk.events import Record, RunFinished, RunForked, RunSubmitted


def forked(
    records: Sequence[Record],
    at: int | None,
    run: str,
    now: float,
    *,
    goal: str,
    workspace: Path | None,
    options: RunOptions,
    is_foreign: bool = False,
) -> list[Record]:
    """The events that the run `run` begins with: copies of the source's, with their numbers and times, then RunForked.

    Without `at` up to the last event before the end. Of `options` the roles, `approve`, `budget` and `client` count. What the
    user of a source that `is_foreign` typed was not typed here. Raises CannotFork.
    """
    source = records[0].run
    last = records[-1].seq
    end = next((record.seq for record in records if isinstance(record.event, RunFinished)), last + 1)
    if at is None:
        at = end - 1
    if not 1 <= at <= last:
        raise CannotFork(source, f"it has no event {at}: its events are numbered from 1 to {last}")
    if at >= end:
        raise CannotFork(source, f"event {end} is its end, and nothing follows an end. Fork it at {end - 1} or before")
    kept = records[:at]
    submitted = kept[0].event
    assert isinstance(submitted, RunSubmitted)
    wanted = _wanted(submitted, goal, workspace, options, is_foreign)
    last_word = RunForked(
        source=source, at=at, changed=_changed(submitted, wanted), usage=Fold(source).apply_all(kept).usage()
    )
    copies = [msgspec.structs.replace(record, run=run) for record in kept]
    copies[0] = msgspec.structs.replace(copies[0], event=wanted)
    return [*copies, Record(run=run, seq=at + 1, time=now, event=last_word)]


def _wanted(
    submitted: RunSubmitted, goal: str, workspace: Path | None, options: RunOptions, is_foreign: bool
) -> RunSubmitted:
    before = () if is_foreign else submitted.typed_origins
    text = goal or submitted.goal.text
    folder = str(workspace.absolute()) if workspace is not None else submitted.goal.workspace
    criteria = submitted.goal.criteria if text == submitted.goal.text else ()
    return msgspec.structs.replace(
        submitted,
        goal=msgspec.structs.replace(submitted.goal, text=text, workspace=folder, criteria=criteria),
        roles={**submitted.roles, **{role: name for role, name in options.roles.items() if name}},
        approve=options.approve or submitted.approve,
        budget=options.budget or submitted.budget,
        typed_origins=together(typed_origins(goal), before),
        client=options.client or submitted.client,
        parent=None,
        conversation="",  # it knows what was said, and is no part of it: the conversation goes on without it
    )


def _changed(before: RunSubmitted, after: RunSubmitted) -> dict[str, str]:
    values = (
        {"goal": each.goal.text, "workspace": each.goal.workspace, "approve": each.approve, **each.roles}
        for each in (before, after)
    )
    was, now = values
    return {name: was.get(name, "") for name in now if was.get(name, "") != now[name]}
