"""A finished piece of the past, lived again by today's code: does it decide as it was recorded?

Planner, reflector, context and run loop are today's. What tools, models, people and sub-goals said is as recorded, so that
nothing is called, asked or sent, and no journal is written. Each life of the run (until it waited, or its host ended) is
lived from the state that was recorded before it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec

from trivet.journal.blobs import BlobStore
from trivet.journal.fold import Fold
from trivet.journal.journal import Journal, open_journal
from trivet.runs.collaborators import Plugins
from trivet.runs.difference import Difference
from trivet.runs.escalation import larger_of
from trivet.runs.foreign import innermost
from trivet.runs.naming import new_id
from trivet.runs.options import RunOptions, RunOutcome
from trivet.runs.pursuit import Pursuit
from trivet.runs.recorded import RecordedChildren, RecordedExecutor, RecordedPerson, RecordedPlugins
from trivet.runs.recorded_rules import RecordedRules
from trivet.runs.replay_log import ReplayLog
from trivet.runs.services import open_models
from trivet.runs.staff import Staff
from trivet.settings import ROLES
from trivet_sdk import events as happened
from trivet_sdk.events import Event, Record
from trivet_sdk.goal import Goal
from trivet_sdk.verdict import Ask

_STOPPED = "it was stopped"
_OUT_OF_TIME = "seconds is used up"


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """What came of living a run again."""

    run: str
    events: int
    """That were compared, up to the difference if there is one."""
    difference: Difference | None = None

    @property
    def is_same(self) -> bool:
        return self.difference is None


class _Life(msgspec.Struct, frozen=True):
    before: Sequence[Record]
    records: Sequence[Record]


async def replayed(records: Sequence[Record], plugins: Plugins, blobs: BlobStore) -> Replay:
    """Live the run of these records again. Raises NotProvided and the like where nobody fills a role today."""
    submitted = records[0].event
    assert isinstance(submitted, happened.RunSubmitted)
    await plugins.planner(submitted.roles["planner"])
    await plugins.reflector(submitted.roles["reflector"])
    run, count = records[0].run, 0
    with tempfile.TemporaryDirectory(prefix="trivet-replay-") as scratch:
        async with open_journal(Path(scratch)) as journal:
            await anyio.to_thread.run_sync(_lend_attachments, submitted.goal, blobs, journal.blobs)
            for life in _lives(records):
                difference = await _lived(life, plugins, journal)
                if difference is not None:
                    count += difference.seq - life.records[0].seq
                    return Replay(run=run, events=count, difference=difference)
                count += len(life.records)
    return Replay(run=run, events=count)


async def _lived(life: _Life, plugins: Plugins, journal: Journal) -> Difference | None:
    # An id of its own: a planner may remember the run itself.
    log = ReplayLog(Fold(new_id()).apply_all(life.before), journal, life.records)
    again = RecordedPlugins(plugins, log)
    pursuit = _Again(
        log,
        again,
        lambda: _staff(again, log, RecordedRules(life.before, life.records)),
        RecordedChildren(log),
        RunOptions(),
        RecordedPerson(log),
        "replay",
    )
    pursuit.remember(life.records)
    failure: BaseException | None = None
    async with anyio.create_task_group() as group:

        async def pursue() -> None:
            nonlocal failure
            try:
                await pursuit.pursue()
            except Exception as error:
                failure = innermost(error)
            log.ended.set()

        group.start_soon(log.watch)
        group.start_soon(pursue)
        await log.ended.wait()
        log.close()
        group.cancel_scope.cancel()
    if failure is not None and log.difference is None:
        raise failure
    return log.difference


class _Again(Pursuit):
    """Its clock is the recorded one, so no deadline of its own may end it."""

    def remember(self, records: Sequence[Record]) -> None:
        """Whether somebody could be asked stands nowhere, but for the host's having asked."""
        verdicts = (record.event for record in records if isinstance(record.event, happened.VerdictIssued))
        self._asking.can_ask = any(each.by == "host" and isinstance(each.verdict, Ask) for each in verdicts)

    async def _work(self) -> RunOutcome:
        self._scope.deadline = float("inf")
        return await super()._work()


async def _staff(plugins: RecordedPlugins, log: ReplayLog, rules: RecordedRules) -> Staff:
    submitted = log.fold.submitted
    assert submitted is not None
    names = {role: name for role, name in submitted.roles.items() if role == "model" or (role not in ROLES and name)}
    return Staff(
        planner=await plugins.planner(submitted.roles["planner"]),
        reflector=await plugins.reflector(submitted.roles["reflector"]),
        executor=RecordedExecutor(log),
        models=await open_models(plugins, names),
        larger=larger_of(plugins, submitted.roles),
        ruling=rules.ruling,
    )


def _lend_attachments(goal: Goal, blobs: BlobStore, scratch: BlobStore) -> None:
    for attachment in goal.attachments:
        scratch.write(blobs.read(attachment.blob))


def _lives(records: Sequence[Record]) -> Iterator[_Life]:
    """What a fork has of its source happened in another run, and is left out."""
    forks = [place for place, record in enumerate(records) if isinstance(record.event, happened.RunForked)]
    starts = [
        place
        for place, record in enumerate(records)
        if place > (forks[-1] if forks else -1) and _begins_life(record.event)
    ]
    for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
        kept = list(records[start:end])
        while kept and _is_no_decision(kept[-1].event):
            kept.pop()
        if kept:
            yield _Life(records[:start], kept)


def _begins_life(event: Event) -> bool:
    match event:
        case happened.RunStarted():
            return True
        case happened.RunResumed(reason=reason):
            return reason != "answered"
        case _:
            return False


def _is_no_decision(event: Event) -> bool:
    """At the end of a life: it was stopped from outside, by a person, by time or by a dying host, or was spoken to while
    nobody worked on it."""
    if isinstance(event, happened.QuestionAnswered | happened.RunRated):
        return True
    match event:
        case happened.ApprovalResolved(by=by):
            return by in ("user", "timeout")
        case happened.RunWaiting(reason=reason):
            return reason == "interrupted"
        case happened.RunFinished(status=status, reason=reason):
            return status == "cancelled" or reason.endswith(_OUT_OF_TIME)
        case happened.BudgetSpent(exhausted=exhausted, child=child):
            return exhausted.endswith(_OUT_OF_TIME) or bool(child)
        case happened.ToolFailed(error=error):
            return error.startswith(_STOPPED)
        case happened.ModelReturned(finish=finish):
            return finish == "cancelled"
        case _:
            return False
