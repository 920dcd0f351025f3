"""A run under the eyes of the user: submitted, watched, asked about, interrupted, and how it ended."""

import os
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import anyio

from trivet.app import Host, RunOptions, RunOutcome, open_host
from trivet.cli import failure
from trivet.cli.interruption import interruptible
from trivet.cli.needed_weights import needed
from trivet.cli.person import TerminalPerson
from trivet.cli.plugins.shown import being
from trivet.cli.progress_bar import pull_with_bar
from trivet.cli.screen import echo, escaped_json, in_line
from trivet.cli.view import View, chosen_view, wording
from trivet.errors import UnknownPlugin, nearest
from trivet.kernel.startup import safe_roles
from trivet.kernel.survey import Survey, survey
from trivet.runs import budget
from trivet.runs.collaborators import Person
from trivet.runs.foreign import cause_of, told
from trivet.settings import Settings
from trivet_sdk.errors import ModelError, PlannerAbstained
from trivet_sdk.events import (
    ApprovalRequested,
    ApprovalResolved,
    Event,
    Record,
    RunFinished,
    RunSubmitted,
    RunWaiting,
)
from trivet_sdk.goal import Goal
from trivet_sdk.plan import Plan

CLIENT = "cli"
ROLE_KINDS = {"planner": "planners", "reflector": "reflectors"}
LAST_WORDS = 5.0
"""Seconds in which the view must have shown the last events of a run that has ended."""
EXIT_CODES = {
    "succeeded": failure.ACHIEVED,
    "failed": failure.NOT_ACHIEVED,
    "cancelled": failure.NOT_ACHIEVED,
    "exhausted": failure.EXHAUSTED,
    "waiting": failure.WAITING,
}


def pursued(
    settings: Settings, wish: str, folder: Path, files: Sequence[Path], *, as_json: bool, with_deltas: bool
) -> int:
    """Submit the goal and work on it here. Returns the exit code."""

    async def begin(host: Host) -> str:
        return await host.submit(_goal(wish, folder), RunOptions(client=CLIENT), attachments=files)

    return _watched(settings, begin, as_json=as_json, with_deltas=with_deltas)


def resumed(settings: Settings, run: str, *, as_json: bool, is_detached: bool = False) -> int:
    """Go on with a run; detached, it waits for answers and approvals from elsewhere. Returns the exit code."""

    async def begin(host: Host) -> str:
        return run

    return _watched(settings, begin, as_json=as_json, with_deltas=False, is_detached=is_detached)


def require_installed(settings: Settings, plugins: Sequence[str]) -> None:
    """Raises UnknownPlugin."""
    known = survey(settings).records
    for plugin in plugins:
        if plugin not in known:
            raise UnknownPlugin(plugin, known)


def planned(settings: Settings, wish: str, folder: Path, files: Sequence[Path], *, as_json: bool) -> int:
    """Print the plan and do nothing."""
    settings = make_ready(settings)
    try:
        plan = anyio.run(_plan, settings, wish, folder, files)
    except PlannerAbstained as abstained:
        failure.say(str(abstained))
        return failure.NOT_ACHIEVED
    if as_json:
        import msgspec

        echo(escaped_json(msgspec.json.encode(plan).decode()))
        return failure.ACHIEVED
    for step in plan.steps:
        echo(f"{step.id}  {wording.step(step)}{f'    {step.reason}' if step.reason else ''}")
    if plan.is_open:
        echo("… and then it depends on what these steps find.")
    if plan.note:
        failure.note(plan.note)
    return failure.ACHIEVED


def detached(settings: Settings, wish: str, folder: Path, files: Sequence[Path]) -> int:
    """Submit the goal, leave the work to a process of its own, and print the run's id."""
    settings = make_ready(settings)
    run = anyio.run(_submit, settings, wish, folder, files)
    command = [sys.executable, "-P", "-m", "trivet", "runs", "resume", run, "--detached"]
    with open(os.devnull, "r+b") as nowhere:
        subprocess.Popen(
            command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True,
            env={**os.environ, "TRIVET_HOME": str(settings.home)},
        )  # fmt: skip
    echo(run)
    echo(f"It works in the background; `trivet runs watch {run}` shows how far it is.", err=True)
    return failure.ACHIEVED


def make_ready(settings: Settings) -> Settings:
    """See that somebody fills the roles, and bring the model files that the run is going to use. Returns the settings
    with which to go on: in safe mode trivet's own plugins stand in for those that are left out.

    Raises NotProvided, ModelError or WeightsError: nothing has begun then.
    """
    found, settings, said = _staffed(settings)
    for sentence in said:
        failure.note(sentence)
    for weights in needed(settings, found):
        pull_with_bar(weights, settings.home)
    return settings


def require_staff(settings: Settings) -> None:
    """Raises NotProvided or ModelError where a role of the run could not be filled."""
    _staffed(settings)


def _staffed(settings: Settings) -> tuple[Survey, Settings, Sequence[str]]:
    """What there is, and the settings with the sentences that safe mode has to say about them."""
    found = survey(settings)
    settings, said = safe_roles(settings, found.names)
    for role, kind in ROLE_KINDS.items():
        name = settings.roles[role]
        if found.declaring(kind, name) is None:
            raise found.not_provided(kind, role, name)
    model = settings.roles["model"]
    if model not in settings.models:
        known = ", ".join(settings.models) or "none"
        raise ModelError(
            model, f"is not defined. There is: {known}.{nearest(model, settings.models)} `trivet init` defines one."
        )
    return found, settings, said


async def _submit(settings: Settings, wish: str, folder: Path, files: Sequence[Path]) -> str:
    async with open_host(settings) as host:
        return await host.submit(_goal(wish, folder), RunOptions(client=CLIENT, is_detached=True), attachments=files)


async def _plan(settings: Settings, wish: str, folder: Path, files: Sequence[Path]) -> Plan:
    async with open_host(settings) as host:
        return await host.plan(_goal(wish, folder), RunOptions(client=CLIENT), attachments=files)


def _goal(wish: str, folder: Path) -> Goal:
    return Goal(text=wish, workspace=str(folder))


def _watched(
    settings: Settings,
    begin: Callable[[Host], Awaitable[str]],
    *,
    as_json: bool,
    with_deltas: bool,
    is_detached: bool = False,
) -> int:
    settings = make_ready(settings)
    shown = Shown(chosen_view(as_json=as_json), is_output=as_json)
    has_person = not as_json and sys.stdin.isatty() and sys.stderr.isatty()
    person = TerminalPerson(shown.view) if has_person else None
    try:
        how = RunOptions(client=CLIENT, is_detached=is_detached)
        run, outcome, unasked = anyio.run(_work, settings, begin, how, shown, person, with_deltas or not as_json)
    finally:
        shown.close()
    if shown.trouble is not None:
        raise shown.trouble
    if outcome is None:
        echo(f"\n{_resumable(run)}", err=True)
        return failure.INTERRUPTED
    if not as_json:
        conclude(outcome)
        if unasked:
            failure.note(unasked)
    elif outcome.status == "waiting":
        _how_to_answer(outcome)
    return EXIT_CODES[outcome.status]


async def _work(
    settings: Settings,
    begin: Callable[[Host], Awaitable[str]],
    how: RunOptions,
    shown: "Shown",
    person: Person | None,
    with_transient: bool,
) -> tuple[str, RunOutcome | None, str]:
    """The run's id, how it ended (None if it was interrupted), and what to do about calls that nobody could be asked of."""
    outcome: RunOutcome | None = None
    with ExitStack() as life:  # signals are heard until the host is closed
        async with open_host(settings) as host:
            run = await begin(host)
            named = tell_failed(host, set())
            work = anyio.CancelScope()
            life.enter_context(
                interruptible(work.cancel, lambda: _resumable(run) if shown.outcome is None else _known(run))
            )
            try:
                outcome = await followed(host, run, how, shown, person, work, with_transient=with_transient)
            finally:
                shown.close()
                tell_failed(host, named)
    return run, outcome, shown.unasked()


async def followed(
    host: Host,
    run: str,
    how: RunOptions,
    shown: "Shown",
    person: Person | None,
    work: anyio.CancelScope,
    *,
    with_transient: bool,
) -> RunOutcome | None:
    """Pursue the run while it is shown. None if `work` was cancelled: the run can be resumed then."""
    error: Exception | None = None
    async with anyio.create_task_group() as tasks:
        with work:
            tasks.start_soon(shown.follow, host, run, with_transient, work)
            try:
                shown.outcome = await host.pursue(run, how, person=person)
            except Exception as caught:
                error = caught  # re-raised as it is, not in a task group's group
        if error is None:
            await shown.until_the_end()
        tasks.cancel_scope.cancel()
    if error is not None:
        raise error
    return shown.outcome


def tell_failed(host: Host, named: set[str]) -> set[str]:
    """Name the plugins that this run has to do without, each once."""
    for record in host.plugins():
        if record.state in ("failed", "quarantined") and record.id not in named:
            how = being(record.state)
            named.add(record.id)
            with suppress(OSError):
                failure.note(f"plugin '{record.id}' {how}: {record.reason}; `trivet plugins why {record.id}` says more")
    return named


def _resumable(run: str) -> str:
    return f"Stopped. `trivet runs resume {run}` goes on where it was."


def _known(run: str) -> str:
    return f"Stopped. `trivet runs show {run}` tells what came of it."


class Shown:
    """A view that follows a run. `is_output`: what it shows is what the command was called for."""

    def __init__(self, view: View, *, is_output: bool) -> None:
        self.view = view
        self.trouble: OSError | None = None
        """The output cannot be written."""
        self.outcome: RunOutcome | None = None
        """Once the pursuit is over."""
        self._is_output = is_output
        self._unshown = ""
        self._is_at_end = anyio.Event()
        self._goal: Goal | None = None
        self._requested: dict[str, str] = {}
        self._refused: dict[str, None] = {}

    @property
    def refused(self) -> str:
        """The tools that were not called because there was nobody to ask; empty if there were none."""
        return ", ".join(self._refused)

    def unasked(self) -> str:
        """What was refused because there was nobody to ask, and how to allow it; empty if nothing was."""
        if not self._refused or self._goal is None:
            return ""
        elsewhere = [] if self._goal.workspace == os.getcwd() else ["--workspace", self._goal.workspace]
        again = shlex.join(["trivet", "run", self._goal.text, *elsewhere, "--approve", "always"])
        return (
            f"{self.refused} was not called, since there is no terminal to ask in. Run it in one, or allow all "
            f"such calls: {again}"
        )

    async def follow(self, host: Host, run: str, with_transient: bool, work: anyio.CancelScope) -> None:
        try:
            async for record in host.watch(run, transient=with_transient):
                self._show(record)
                self._note(record.event)
                if isinstance(record.event, RunFinished | RunWaiting):
                    self._is_at_end.set()
                elif record.seq and self._is_at_end.is_set():
                    self._is_at_end = anyio.Event()
        except BrokenPipeError:
            work.cancel()  # whoever read us has gone
        except OSError as error:
            self.trouble = error
            work.cancel()
        except BaseException as error:  # a plugin's `redact` is foreign code
            self._unshown = told(cause_of(error))
        self._is_at_end.set()

    def _show(self, record: Record) -> None:
        try:
            self.view.show(record)
        except OSError as error:
            if self._is_output or isinstance(error, BrokenPipeError):
                raise
            self._unshown = told(error)
        except Exception as error:  # what plugins put into events is foreign, and showing it is not the work
            self._unshown = told(error)

    def close(self) -> None:
        with suppress(OSError):
            self.view.close()
            if self._unshown:
                failure.note(f"not everything could be shown: {self._unshown}")
                self._unshown = ""

    def _note(self, event: Event) -> None:
        match event:
            case RunSubmitted(goal=goal):
                self._goal = goal
            case ApprovalRequested(approval=approval, tool=tool):
                self._requested[approval] = tool
            case ApprovalResolved(approval=approval, granted=False, by="host") if approval in self._requested:
                self._refused[f"'{self._requested[approval]}'"] = None
            case _:
                pass

    async def until_the_end(self) -> None:
        """Once a pursuit is over, its last event is the run's end, or that it waits."""
        with anyio.move_on_after(LAST_WORDS):
            await self._is_at_end.wait()


def conclude(outcome: RunOutcome) -> None:
    """What a person reads at the end: the answer on stdout, all else on stderr."""
    if outcome.status == "waiting":
        _how_to_answer(outcome)
        return
    if outcome.answer:
        echo(outcome.answer)
    for path in outcome.artifacts:
        echo(f"wrote {in_line(path)}", err=True)
    if outcome.note:
        failure.note(outcome.note)
    if outcome.status != "succeeded":
        words = {"failed": "Not achieved", "cancelled": "Cancelled", "exhausted": "The budget is exhausted"}
        is_said = outcome.reason.lower() in outcome.answer.lower()
        echo(f"{words[outcome.status]}{'.' if is_said else f': {outcome.reason}'}", err=True)
        if outcome.status == "exhausted" and (flag := budget.flag_of(outcome.reason)):
            setting = f"run.{flag.replace('-', '_')}"
            echo(f"Give a run more with --{flag} N, or every run: trivet config set {setting} N", err=True)


def _how_to_answer(outcome: RunOutcome) -> None:
    echo(f'{outcome.reason}\nAnswer with: trivet runs answer {outcome.run} "…"', err=True)
