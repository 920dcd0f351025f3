"""A run under the eyes of the user: submitted, watched, asked about, interrupted, and how it ended."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import anyio

from trivet.app import Host, RunOptions, RunOutcome, open_host
from trivet.cli import failure
from trivet.cli.conclusion import conclude, how_to_answer
from trivet.cli.following import Shown, followed
from trivet.cli.interruption import interruptible
from trivet.cli.larger_model import fetch_for_next_time
from trivet.cli.person import TerminalPerson
from trivet.cli.screen import echo, escaped_json
from trivet.cli.staffing import make_ready, tell_failed
from trivet.cli.view import chosen_view, wording
from trivet.settings import Settings
from trivet_sdk.errors import PlannerAbstained
from trivet_sdk.goal import Goal
from trivet_sdk.plan import Plan

CLIENT = "cli"
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
    try:
        how = RunOptions(client=CLIENT, is_detached=is_detached)
        run, outcome, unasked = anyio.run(_work, settings, begin, how, shown, has_person, with_deltas or not as_json)
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
        how_to_answer(outcome)
    if outcome.status == "failed":
        fetch_for_next_time(settings, has_person=has_person)
    return EXIT_CODES[outcome.status]


async def _work(
    settings: Settings,
    begin: Callable[[Host], Awaitable[str]],
    how: RunOptions,
    shown: Shown,
    has_person: bool,
    with_transient: bool,
) -> tuple[str, RunOutcome | None, str]:
    """The run's id, how it ended (None if it was interrupted), and what to do about calls that nobody could be asked of."""
    outcome: RunOutcome | None = None
    with ExitStack() as life:  # signals are heard until the host is closed
        async with open_host(settings) as host:
            run = await begin(host)
            person = TerminalPerson(shown.view, host.runner) if has_person else None
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


def _resumable(run: str) -> str:
    return f"Stopped. `trivet runs resume {run}` goes on where it was."


def _known(run: str) -> str:
    return f"Stopped. `trivet runs show {run}` tells what came of it."
