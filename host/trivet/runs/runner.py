"""All runs that this host works on, and how they are begun, resumed, watched and spoken to."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

import anyio
import anyio.to_thread
import msgspec

from trivet.approval_rules import ApprovalRule, as_table, name_for, ruled
from trivet.errors import RunHeld
from trivet.journal.events import readable
from trivet.journal.fold import Fold
from trivet.journal.journal import Journal
from trivet.journal.room import Room
from trivet.runs.collaborators import Person, Plugins
from trivet.runs.conversation import Told, told_before
from trivet.runs.desk import NOTICE, Desk
from trivet.runs.elsewhere import EndedElsewhere
from trivet.runs.ending import GIVEN_UP
from trivet.runs.escalation import larger_of
from trivet.runs.kinship import head_of, unfinished_below
from trivet.runs.log import RunLog
from trivet.runs.naming import new_id
from trivet.runs.options import USUAL, RunOptions, RunOutcome
from trivet.runs.pursuit import Pursuit
from trivet.runs.replaying import Replay, replayed
from trivet.runs.resuming import AT_ONCE, Resumption, resumed
from trivet.runs.services import open_models
from trivet.runs.single_call import called_alone
from trivet.runs.staff import Staff
from trivet.runs.submission import submission
from trivet.settings import ROLES, Settings
from trivet.settings_file import FILE, read_file, write_setting
from trivet.sizes import bytes_of
from trivet_sdk.errors import ToolError
from trivet_sdk.events import Event, Record, RunClosed, ToolProgressed
from trivet_sdk.goal import Goal
from trivet_sdk.plan import Json, Plan
from trivet_sdk.tool import ToolResult

DEEPEST = 3
"""Levels of sub-goals below a run."""
NOTHING = Told()


class Runner(Desk):
    """Opened by `open_runner`: a desk that also works on runs."""

    def __init__(self, settings: Settings, plugins: Plugins, journal: Journal) -> None:
        super().__init__(journal)
        self._settings = settings
        self._rules = dict(settings.approvals)
        self._plugins = plugins
        self._room = Room(settings.home, bytes_of(settings.host.min_free))
        self._elsewhere = EndedElsewhere(journal, plugins.emit)

    async def submit(self, goal: Goal, options: RunOptions = USUAL) -> str:
        """Record the goal as a run; durable when this returns its id. It belongs to this host, unless it is detached."""
        return (await self._submit(new_id(), goal, options, parent=None, claim=not options.is_detached)).run

    async def plan(self, goal: Goal, options: RunOptions = USUAL) -> Plan:
        """What would be done, and do nothing: the run is recorded as cancelled, with what planning it took.

        Raises TrivetError with the reason if there is no plan.
        """
        submitted = await self._submit(new_id(), goal, options, parent=None, claim=True)
        return await self._pursuit(Fold(submitted.run).apply_all((submitted,)), options, None, None).plan_only()

    async def run(self, goal: Goal, options: RunOptions = USUAL, person: Person | None = None) -> RunOutcome:
        """Submit and pursue. Cancelled, the run is left resumable."""
        submitted = await self._submit(new_id(), goal, options, parent=None, claim=True)
        return await self._pursue(Fold(submitted.run).apply_all((submitted,)), options, person, None)

    async def pursue(self, run: str, options: RunOptions = USUAL, person: Person | None = None) -> RunOutcome:
        """Work on a run that was submitted, interrupted or answered, until it ends or waits. A finished one gives its
        outcome again; a sub-goal goes on with the run that it belongs to, and the outcome is that run's. Of `options` only
        `is_detached` and `tool_seconds` count; the rest was fixed when it was submitted.

        Raises RunHeld if a living host has it, UnknownRun.
        """
        run = await self._journal.find(run)
        if not (await self._journal.run(run)).is_finished:
            run = await head_of(self._journal, run)
        if run in self._at_work:
            raise RunHeld(run, self._journal.owner.pid)
        self._refuse_where_the_disk_is_short()
        await self._journal.claim(run)
        return await self._pursue(await self._journal.folded(run), options, person, None)

    async def resume_interrupted(
        self,
        options: RunOptions = USUAL,
        person: Person | None = None,
        *,
        with_stopped: bool = False,
        at_once: int = AT_ONCE,
    ) -> Resumption:
        """Take up all runs of this home that stand still though nobody is asked; see `Host.resume_interrupted`."""

        async def pursue(run: str) -> RunOutcome | None:
            self._refuse_where_the_disk_is_short()
            if not await self._journal.take_interrupted(run, with_stopped=with_stopped):
                return None
            return await self._pursue(await self._journal.folded(run), options, person, None)

        return await resumed(await self._journal.interrupted(with_stopped=with_stopped), pursue, at_once)

    async def replay(self, run: str) -> Replay:
        """Live the run again with today's planner, reflector and run loop, and say whether they decide as recorded."""
        records = [record async for record in self.records(run)]
        return await replayed(records, self._plugins, self._journal.blobs)

    async def call_tool(
        self,
        name: str,
        arguments: dict[str, Json],
        goal: Goal,
        tell: Callable[[ToolProgressed], None] | None = None,
    ) -> ToolResult:
        """One call on its own, outside of any run. Raises ToolError, also where the tool broke, and InvalidArguments."""
        executor = self._settings.roles["executor"]
        return await called_alone(self._plugins, executor, self._journal.blobs, name, arguments, goal, tell)

    @property
    def rules(self) -> Mapping[str, ApprovalRule]:
        """What has been said once and for all about calls of tools, until now."""
        return MappingProxyType(self._rules)

    async def remember(self, rule: ApprovalRule) -> str:
        """Write the rule into settings.toml; from now on it holds here as well. Returns its name.

        Raises SettingsError, HomeUnusable.
        """
        name = await anyio.to_thread.run_sync(_kept, self._settings.home, rule)
        self._rules[name] = rule
        return name

    def is_active(self, run: str) -> bool:
        """Whether this host works on the run."""
        return run in self._at_work

    async def child(self, parent: Pursuit, step: str, goal: str) -> RunOutcome:
        """Pursue a sub-goal as a run of its own, whose id names parent and step, so that a resumed parent finds it."""
        if parent.family.depth >= DEEPEST:
            raise ToolError(f"sub-goals go at most {DEEPEST} levels deep. Do this one with tools.")
        submitted = parent.log.fold.submitted
        assert submitted is not None
        attempt = parent.log.fold.attempts.get(step, 1)
        run = f"{parent.log.run}.{step}" if attempt == 1 else f"{parent.log.run}.{step}.{attempt}"
        options = msgspec.structs.replace(
            parent.options,
            roles=submitted.roles,
            approve=submitted.approve,
            budget=parent.family.left(),
            conversation="",
        )
        fold = await self._journal.folded(run)
        if fold.seq:
            await self._journal.claim(run)
        else:
            inner = msgspec.structs.replace(submitted.goal, text=goal, criteria=())
            told = Told(earlier=submitted.earlier, left_out=submitted.left_out)
            fold.apply(await self._submit(run, inner, options, parent=parent.log.fold, claim=True, told=told))
        return await self._pursue(fold, options, parent.person, parent)

    async def listen(self) -> None:
        """Bring what other hosts say to the runs that this one works on, until cancelled."""
        while True:
            await anyio.sleep(NOTICE)
            await self._elsewhere.look()
            if self._at_work:
                await self.deliver()
                if (shortage := self._room.shortage()) is not None:
                    for active in list(self._at_work.values()):
                        active.pause(shortage)

    def _refuse_where_the_disk_is_short(self) -> None:
        """Raises DiskShort."""
        if (shortage := self._room.shortage()) is not None:
            raise shortage

    async def _submit(
        self,
        run: str,
        goal: Goal,
        options: RunOptions,
        *,
        parent: Fold | None,
        claim: bool,
        told: Told = NOTHING,
    ) -> Record:
        if parent is None:
            self._refuse_where_the_disk_is_short()
        if options.conversation:
            told = await told_before(self._journal, options.conversation)
        event = submission(self._settings, goal, options, parent, told)
        record = Record(run=run, seq=1, time=time.time(), event=event)
        try:
            await self._journal.create(record, claim=claim)
        except UnicodeEncodeError:
            record = msgspec.structs.replace(record, event=readable(event))
            await self._journal.create(record, claim=claim)
        self._emit(record.event)
        return record

    def _emit(self, event: Event) -> None:
        if isinstance(event, RunClosed):  # cancelled here while it waited
            self._elsewhere.forget(event.run)
        self._plugins.emit(event)

    def _pursuit(self, fold: Fold, options: RunOptions, person: Person | None, parent: Pursuit | None) -> Pursuit:
        log = RunLog(fold, self._journal, self._feed, self._plugins.emit)
        submitted = log.fold.submitted
        assert submitted is not None
        staff = partial(self._staff, submitted.roles)
        host = self._journal.owner.id
        return Pursuit(log, self._plugins, staff, self, options, person, host, parent)

    async def _pursue(
        self, fold: Fold, options: RunOptions, person: Person | None, parent: Pursuit | None
    ) -> RunOutcome:
        run = fold.run
        pursuit = self._pursuit(fold, options, person, parent)
        self._at_work[run] = pursuit
        self._elsewhere.forget(run)
        pursuit.family.join()
        if parent is not None:
            parent.children.append(pursuit)
        try:
            if fold.seq > 1:
                await self.deliver()  # what was said while nobody worked on it
            outcome = await pursuit.pursue()
        finally:
            del self._at_work[run]
            pursuit.family.leave()
            if parent is not None:
                parent.children.remove(pursuit)
        if outcome.status == "waiting":
            self._elsewhere.expect(run)
        elif fold.children:  # some may wait for an answer that nobody needs any more
            for child in await unfinished_below(self._journal, run):
                await self._end(child, GIVEN_UP)
        return outcome

    async def _staff(self, roles: Mapping[str, str]) -> Staff:
        names = {role: name for role, name in roles.items() if role == "model" or (role not in ROLES and name)}
        return Staff(
            planner=await self._plugins.planner(roles["planner"]),
            reflector=await self._plugins.reflector(roles["reflector"]),
            executor=await self._plugins.executor(roles.get("executor", "local")),
            models=await open_models(self._plugins, names),
            larger=larger_of(self._plugins, roles),
            ruling=lambda tool, arguments: ruled(self._rules, tool, arguments),
            approval_seconds=self._settings.run.approval_seconds,
        )


def _kept(home: Path, rule: ApprovalRule) -> str:
    taken = read_file(home / FILE).get("approvals", {})
    name = name_for(rule, taken)
    write_setting(home, f"approvals.{name}", as_table(rule))
    return name


@asynccontextmanager
async def open_runner(settings: Settings, plugins: Plugins, journal: Journal) -> AsyncIterator[Runner]:
    runner = Runner(settings, plugins, journal)
    error: Exception | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(runner.listen)
        try:
            yield runner
        except Exception as raised:
            error = raised  # raised in here, it would come out wrapped in a group
        finally:
            group.cancel_scope.cancel()
    if error is not None:
        raise error
