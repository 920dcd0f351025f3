"""`trivet runs resume --all`: every run that stands still though nobody is asked, taken up here."""

import sys
from contextlib import ExitStack

import anyio

from trivet.app import RunOptions, RunOutcome, open_host
from trivet.cli import failure
from trivet.cli.interruption import interruptible
from trivet.cli.person import TerminalPerson
from trivet.cli.pursuit import CLIENT, EXIT_CODES, make_ready
from trivet.cli.screen import echo, in_line
from trivet.cli.view import chosen_view
from trivet.errors import RunHeld, RunImported
from trivet.runs.resuming import Resumption
from trivet.settings import Settings

STOPPED = "Stopped. `trivet runs resume --all` goes on where they were."


def resumed_all(settings: Settings) -> int:
    """Print what came of each, then how many. Returns the exit code: the worst of theirs; runs that others have do not count."""
    settings = make_ready(settings)
    resumption = anyio.run(_work, settings)
    if resumption is None:
        echo(f"\n{STOPPED}", err=True)
        return failure.INTERRUPTED
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
    person = TerminalPerson(chosen_view(as_json=False, is_quiet=True)) if has_person else None
    resumption: Resumption | None = None
    with ExitStack() as life:  # signals are heard until the host is closed
        async with open_host(settings) as host:
            work = anyio.CancelScope()
            life.enter_context(interruptible(work.cancel, lambda: STOPPED))
            with work:
                resumption = await host.resume_interrupted(RunOptions(client=CLIENT), person=person, with_stopped=True)
    return resumption


def _told(outcome: RunOutcome) -> str:
    what = outcome.reason if outcome.status == "waiting" else outcome.answer
    return f"{outcome.run}  {outcome.status:<9}  {in_line(what)}".rstrip()


def _counted(resumption: Resumption) -> str:
    if not resumption.outcomes and not resumption.left:
        return "No run was interrupted."
    counts: dict[str, int] = {}
    for outcome in resumption.outcomes:
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    if resumption.left:
        counts["left alone"] = len(resumption.left)
    return f"{', '.join(f'{number} {what}' for what, number in counts.items())}."
