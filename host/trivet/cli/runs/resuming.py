"""`trivet runs resume --all`: every run that stands still though nobody is asked, taken up here."""

import sys
from contextlib import ExitStack

import anyio
from msgspec import to_builtins

from trivet.app import RunOptions, RunOutcome, open_host
from trivet.cli import failure
from trivet.cli.columns import print_json
from trivet.cli.interruption import interruptible
from trivet.cli.person import TerminalPerson
from trivet.cli.pursuit import CLIENT, EXIT_CODES
from trivet.cli.screen import echo, in_line
from trivet.cli.staffing import make_ready
from trivet.cli.view import chosen_view
from trivet.errors import RunHeld, RunImported
from trivet.runs.resuming import Resumption
from trivet.settings import Settings
from trivet_sdk.errors import TrivetError

STOPPED = "Stopped. `trivet runs resume --all` goes on where they were."


def resumed_all(settings: Settings, *, as_json: bool) -> int:
    """Print what came of each, then how many. Returns the exit code: the worst of theirs; runs that others have do not count."""
    settings = make_ready(settings)
    resumption = anyio.run(_work, settings)
    if resumption is None:
        echo(f"\n{STOPPED}", err=True)
        return failure.INTERRUPTED
    if as_json:
        print_json([*map(_row, resumption.outcomes), *(_left(run, error) for run, error in resumption.left.items())])
    else:
        for outcome in resumption.outcomes:
            echo(_told(outcome))
    for error in resumption.left.values():
        failure.note(str(error))
    echo(_counted(resumption), err=True)
    codes = {EXIT_CODES[outcome.status] for outcome in resumption.outcomes}
    if any(not isinstance(error, RunHeld | RunImported) for error in resumption.left.values()):
        codes.add(failure.NOT_ACHIEVED)
    by_weight = (failure.NOT_ACHIEVED, failure.EXHAUSTED, failure.WAITING)
    return next((code for code in by_weight if code in codes), failure.ACHIEVED)


async def _work(settings: Settings) -> Resumption | None:
    """None if it was interrupted."""
    has_person = sys.stdin.isatty() and sys.stderr.isatty()
    resumption: Resumption | None = None
    with ExitStack() as life:  # signals are heard until the host is closed
        async with open_host(settings) as host:
            view = chosen_view(as_json=False, is_quiet=True)
            person = TerminalPerson(view, host.runner) if has_person else None
            work = anyio.CancelScope()
            life.enter_context(interruptible(work.cancel, lambda: STOPPED))
            with work:
                resumption = await host.resume_interrupted(RunOptions(client=CLIENT), person=person, with_stopped=True)
    return resumption


def _told(outcome: RunOutcome) -> str:
    what = outcome.reason if outcome.status == "waiting" else outcome.answer
    return f"{outcome.run}  {outcome.status:<9}  {in_line(what)}".rstrip()


def _row(outcome: RunOutcome) -> dict[str, object]:
    return {
        "id": outcome.run, "status": outcome.status, "answer": outcome.answer, "reason": outcome.reason,
        "artifacts": outcome.artifacts, "usage": to_builtins(outcome.usage),
    }  # fmt: skip


def _left(run: str, error: TrivetError) -> dict[str, object]:
    """One that could not be gone on with has no status of its own."""
    return {"id": run, "status": None, "reason": str(error)}


def _counted(resumption: Resumption) -> str:
    if not resumption.outcomes and not resumption.left:
        return "No run was interrupted."
    counts: dict[str, int] = {}
    for outcome in resumption.outcomes:
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    if resumption.left:
        counts["left alone"] = len(resumption.left)
    return f"{', '.join(f'{number} {what}' for what, number in counts.items())}."
