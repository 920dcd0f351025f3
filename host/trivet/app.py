"""The host: the one place where plugins, journal and runs meet.

async with open_host(load_settings()) as host:
    outcome = await host.run(Goal(text="How many rows has trips.csv?", workspace="/home/ada/trips"))
    print(outcome.answer)
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
import msgspec

from trivet.journal import Journal, RunSummary, open_journal
from trivet.leaking import leak
from trivet.logs import keep_log
from trivet.runs import Desk, Person, Runner, RunOptions, RunOutcome, attach, open_runner
from trivet.runs.attachments import unique
from trivet.runs.executor import LocalExecutor
from trivet.runs.housekeeping import retain
from trivet.runs.options import USUAL
from trivet.runs.replaying import Replay
from trivet.runs.resuming import AT_ONCE, Resumption
from trivet.runs.threads import ThreadPool
from trivet.settings import Settings
from trivet_sdk.contributions import Contributions, Executor, Planner, Reflector
from trivet_sdk.events import Event, Record, RunRated, ToolProgressed
from trivet_sdk.goal import Attachment, Goal
from trivet_sdk.model import Embedder, Model
from trivet_sdk.places import Places
from trivet_sdk.plan import Json, Plan
from trivet_sdk.tool import Tool, ToolCall, ToolResult, ToolSpec

if TYPE_CHECKING:
    from trivet.kernel import Kernel, PluginRecord
    from trivet.runs.exporting import Exported

__all__ = ["Host", "Replay", "RunOptions", "RunOutcome", "RunSummary", "open_desk", "open_host"]


class Host:
    """Opened by `open_host`; everything ends with its scope. Runs may be named by the beginning of their id."""

    def __init__(self, settings: Settings, kernel: "Kernel", journal: Journal, runner: Runner) -> None:
        self.settings = settings
        """As they hold for this host, in safe mode included."""
        self.kernel = kernel
        self.journal = journal
        self.runner = runner

    async def run(
        self,
        goal: Goal,
        options: RunOptions = USUAL,
        *,
        person: Person | None = None,
        attachments: Sequence[Path] = (),
    ) -> RunOutcome:
        """Submit the goal and work on it until it ends or waits for somebody. Cancelled, the run can be resumed."""
        return await self.runner.run(await self._with(goal, attachments), options, person)

    async def submit(self, goal: Goal, options: RunOptions = USUAL, *, attachments: Sequence[Path] = ()) -> str:
        """Record the goal as a run; durable when this returns its id."""
        return await self.runner.submit(await self._with(goal, attachments), options)

    async def pursue(self, run: str, options: RunOptions = USUAL, *, person: Person | None = None) -> RunOutcome:
        """Work on a run that was submitted, interrupted or answered, until it ends or waits.

        Raises RunHeld if a living host has it, UnknownRun.
        """
        return await self.runner.pursue(run, options, person)

    async def fork(
        self,
        run: str,
        at: int | None = None,
        *,
        goal: str = "",
        workspace: Path | None = None,
        options: RunOptions = USUAL,
    ) -> str:
        """A new run with the history of this one up to its event `at`, by default the last before its end; `pursue` goes
        on with it. `goal`, `workspace` and, of `options`, roles, `approve` and `budget` take the place of the source's.

        Raises CannotFork, UnknownRun.
        """
        return await self.runner.fork(run, at, goal=goal, workspace=workspace, options=options)

    async def replay(self, run: str) -> Replay:
        """Live the run again: today's planner, reflector, context and run loop, with what tools, models and people said as it
        was recorded. Nothing is called, asked, sent or journaled. Sub-goals are runs of their own, and replayed by their ids.

        Raises UnknownRun, and NotProvided where nobody fills a role of the run today.
        """
        return await self.runner.replay(run)

    async def resume_interrupted(
        self,
        options: RunOptions = USUAL,
        *,
        person: Person | None = None,
        with_stopped: bool = False,
        at_once: int = AT_ONCE,
    ) -> Resumption:
        """Pursue, `at_once` at a time, all runs whose host died, detached ones included, until each ends or waits.

        Those that ask somebody are left alone, unless the answer is there already; with `with_stopped` those are taken up as
        well that were left on purpose, by Ctrl-C for instance. Each is pursued by one host only, however many do this.
        """
        return await self.runner.resume_interrupted(options, person, with_stopped=with_stopped, at_once=at_once)

    async def plan(self, goal: Goal, options: RunOptions = USUAL, *, attachments: Sequence[Path] = ()) -> Plan:
        """What would be done, and do nothing. Raises a TrivetError that says why there is no plan."""
        return await self.runner.plan(await self._with(goal, attachments), options)

    async def watch(self, run: str, after: int = 0, *, transient: bool = False) -> AsyncIterator[Record]:
        """What has happened after `after`, and what happens from now on, as it may leave the host (hook `redact`).

        Ends with `run.finished`, or when the run waits and no host has it. `transient` adds deltas and progress, `seq` 0.
        """
        async for record in self.runner.watch(run, after, transient=transient):
            if (redacted := self._redacted(record)) is not None:
                yield redacted

    async def events(self, pattern: str = "*", since: int = 0) -> AsyncIterator[tuple[int, Record]]:
        """What happens in all runs of this home, as it may leave the host: from the journal after the cursor `since`, then
        what is to come. Lossless, where the bus (`kernel.bus.subscribe(since=…)`) only remembers the last while."""
        async for cursor, record in self.runner.events(pattern, since):
            if (redacted := self._redacted(record)) is not None:
                yield cursor, redacted

    def _redacted(self, record: Record) -> Record | None:
        event = self.kernel.redact(record.event)
        if event is record.event:
            return record
        return None if event is None else msgspec.structs.replace(record, event=event)

    async def cancel(self, run: str, reason: str = "cancelled by the user") -> None:
        """End the run, whichever host works on it."""
        await self.runner.cancel(run, reason)

    async def answer(self, run: str, answer: str, question: str = "") -> None:
        """Answer the run's question with this id, or its oldest open one."""
        await self.runner.answer(run, answer, question)

    async def approve(self, run: str, *, granted: bool, approval: str = "") -> None:
        """Grant or deny the approval with this id, or the oldest that the run asks for."""
        await self.runner.approve(run, granted=granted, approval=approval)

    async def rate(self, run: str, rating: int, comment: str = "") -> RunRated:
        """Say from 1 (bad) to 5 (good) what came of the run; durable when this returns. Raises UnknownRun, ValueError."""
        return await self.runner.rate(run, rating, comment)

    async def export(self, run: str, path: Path, *, with_children: bool = False) -> "Exported":
        """Write the run into a file that `trivet runs import` takes, without secrets. Raises FileRefused, UnknownRun."""
        from trivet.redaction import Redaction
        from trivet.runs.exporting import export

        redaction = Redaction(known_secrets(self.settings, self.kernel))
        return await export(self.journal, await self.journal.find(run), path, self._redacted, redaction, with_children)

    async def runs(
        self,
        *,
        limit: int = 100,
        workspace: str | None = None,
        with_children: bool = False,
        conversation: str | None = None,
    ) -> list[RunSummary]:
        """Newest first."""
        return await self.runner.runs(
            limit=limit, workspace=workspace, with_children=with_children, conversation=conversation
        )

    async def records(self, run: str, after: int = 0) -> list[Record]:
        """All that has happened so far, unredacted."""
        return [record async for record in self.runner.records(run, after)]

    def tools(self) -> tuple[ToolSpec, ...]:
        return self.kernel.tools()

    def plugins(self) -> "tuple[PluginRecord, ...]":
        return self.kernel.plugins()

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Json],
        *,
        workspace: Path | str = ".",
        tell: Callable[[ToolProgressed], None] | None = None,
    ) -> ToolResult:
        """Call one tool, without a run and without a journal; `tell` hears its progress. Raises ToolError, also
        where the tool broke, InvalidArguments and PluginError."""
        goal = Goal(text="", workspace=str(Path(workspace).absolute()))
        return await self.runner.call_tool(name, dict(arguments), goal, tell)

    async def _with(self, goal: Goal, attachments: Sequence[Path]) -> Goal:
        kept: list[Attachment] = list(goal.attachments)
        for path in attachments:
            name = unique(path.name, {each.name for each in kept})
            kept.append(await anyio.to_thread.run_sync(attach, path, self.journal.blobs, "", name))
        return msgspec.structs.replace(goal, attachments=tuple(kept)) if attachments else goal


def known_secrets(settings: Settings, kernel: "Kernel") -> Iterator[str]:
    """Values of all secrets that settings name and plugins declare, as far as they are set."""
    from trivet.errors import SecretMissing
    from trivet.packages.secrets import references, resolve

    declared = (
        f"env:{name}"
        for record in kernel.plugins()
        if record.manifest is not None
        for name in record.manifest.permissions.secrets
    )
    for ref in {*references(settings.models), *references(settings.plugins), *declared}:
        with suppress(SecretMissing):
            yield resolve(ref)


class KernelPlugins:
    """The kernel as runs want it: fulfils `trivet.runs.Plugins`."""

    def __init__(self, kernel: "Kernel") -> None:
        self._kernel = kernel

    def tools(self) -> tuple[ToolSpec, ...]:
        return self._kernel.tools()

    async def tool(self, name: str) -> Tool:
        return await self._kernel.tool(name)

    def secrets(self, name: str) -> Mapping[str, str]:
        return self._kernel.secrets(name)

    async def planner(self, name: str) -> Planner:
        return await self._kernel.planner(name)

    async def reflector(self, name: str) -> Reflector:
        return await self._kernel.reflector(name)

    async def executor(self, name: str) -> Executor:
        return await self._kernel.executor(name)

    async def model(self, name: str) -> Model:
        return await self._kernel.model(name)

    async def embedder(self) -> Embedder | None:
        return self._kernel.late_embedder()

    async def veto(self, call: ToolCall) -> str | None:
        if call.egress or call.effect == "effectful":
            secrets = known_secrets(self._kernel.settings, self._kernel)
            if reason := leak(call, secrets):
                return reason
        return await self._kernel.veto(call)

    def emit(self, event: Event) -> None:
        self._kernel.timings.heard(event)
        self._kernel.bus.emit(event)


@asynccontextmanager
async def open_host(settings: Settings, plugins: Sequence[object] = ()) -> AsyncIterator[Host]:
    """A host for as long as the scope is open. `plugins` are modules or objects with hooks, beside the installed ones.

    Raises HomeUnusable or JournalUnusable if there is nowhere to keep runs.
    """
    from trivet.kernel import Bus, open_kernel  # a desk needs none of these
    from trivet.kernel.startup import judged, safe_roles, starting
    from trivet.kernel.survey import survey
    from trivet.kernel.timings import Trace

    settings = judged(settings)
    if settings.safe:
        settings, _ = safe_roles(settings, survey(settings, plugins).names)
    async with open_journal(settings.home) as journal:
        with ExitStack() as life, starting(settings) as start:
            bus = Bus() if start is None else Bus(start.heard)
            threads = ThreadPool()
            own = Contributions(executors={"local": local_executor(settings, threads, bus.emit)})
            async with open_kernel(settings, plugins, own=own, bus=bus) as kernel:
                life.enter_context(keep_log(settings.home, lambda: known_secrets(settings, kernel)))
                try:
                    async with aclosing(threads), open_runner(settings, KernelPlugins(kernel), journal) as runner:
                        if start is not None:
                            start.up()
                        yield Host(settings, kernel, journal, runner)
                    await retain(settings, journal)
                finally:
                    Trace(settings.home).add(kernel.measured())


def local_executor(settings: Settings, threads: ThreadPool, tell: Callable[[Event], None]) -> LocalExecutor:
    """What the role `executor` is filled with unless settings name a plugin's: a contribution of the host's own."""
    host = settings.host
    places = Places(settings.resources, at_once=host.parallel, per_run=host.parallel_per_run)
    return LocalExecutor(threads, places, tell)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Runs listed, read, watched, answered and cancelled, without starting or importing any plugin."""
    async with open_journal(settings.home) as journal:
        yield Desk(journal)
