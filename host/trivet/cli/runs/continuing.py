"""`trivet runs resume|answer|approve|deny`: how a run that stands still goes on. Only these start plugins."""

from typing import TYPE_CHECKING

import click

from trivet.cli import options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trivet.journal.reader import RunSummary
    from trivet_sdk.events import ApprovalRequested

NO_RESUME = click.option("--no-resume", is_flag=True, help="Only leave the word; do not go on with the run here.")


@click.command(cls=options.Command)
@click.argument("run", required=False)
@click.option(
    "--all", "is_all", is_flag=True, help="Every run that was interrupted; those that ask somebody are left alone."
)
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; with --all what came of each run.")
@click.option("--detached", is_flag=True, hidden=True, help="Wait for answers and approvals from elsewhere.")
def resume(run: str | None, is_all: bool, as_json: bool, detached: bool) -> None:
    """Go on with RUN where it was. Exit codes as of `trivet run`."""
    import anyio

    from trivet.cli import pursuit

    if (run is None) != is_all:
        raise click.UsageError("Name one run to go on with, or all that were interrupted with --all.")
    if run is None:
        from trivet.cli.runs.resuming import resumed_all

        click.get_current_context().exit(resumed_all(options.settings(), as_json=as_json))
    found = anyio.run(_find, run)
    click.get_current_context().exit(pursuit.resumed(options.settings(), found, as_json=as_json, is_detached=detached))


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("text")
@NO_RESUME
def answer(run: str, text: str, no_resume: bool) -> None:
    """Answer the question that RUN or one of its sub-goals asks, and go on with it."""
    import anyio

    _go_on(anyio.run(_answer, run, text), no_resume=no_resume)


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("approval", required=False, default="")
@NO_RESUME
def approve(run: str, approval: str, no_resume: bool) -> None:
    """Allow the call that RUN or one of its sub-goals waits for, exactly as it stands. Where several wait, APPROVAL says
    which; `trivet runs show RUN` lists them."""
    _resolve(run, approval, granted=True, no_resume=no_resume)


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("approval", required=False, default="")
@NO_RESUME
def deny(run: str, approval: str, no_resume: bool) -> None:
    """Refuse the call that RUN waits for, or the one of them that is named APPROVAL."""
    _resolve(run, approval, granted=False, no_resume=no_resume)


def _resolve(run: str, approval: str, *, granted: bool, no_resume: bool) -> None:
    import sys

    import anyio

    whole, left = anyio.run(_resolved, run, approval, granted)
    if left and whole.pid is None and not sys.stdin.isatty():
        # Gone on with where nobody can be asked, the run would be told no.
        echo(
            f"Noted; run {whole.id} goes on once {' and '.join(left)} {'is' if len(left) == 1 else 'are'} settled, too."
        )
        return
    _go_on(whole, no_resume=no_resume)


def _go_on(run: "RunSummary", *, no_resume: bool) -> None:
    """Work on the run here, unless somebody does already."""
    if run.pid is not None:
        echo(f"Run {run.id} is told.")
    elif no_resume:
        echo(f"Noted; `trivet runs resume {run.id}` goes on with it.")
    else:
        from trivet.cli import pursuit

        click.get_current_context().exit(pursuit.resumed(options.settings(), run.id, as_json=False))


async def _find(run: str) -> str:
    async with desk() as opened:
        summary = await named(opened, run)
        return summary.id if summary.is_finished else (await opened.head(summary.id)).id


async def _answer(run: str, text: str) -> "RunSummary":
    async with desk() as opened:
        summary = await named(opened, run)
        if not await opened.is_asking(summary.id):
            raise click.ClickException(f"Run {summary.id} asks nothing; it is {summary.status}.")
        await opened.answer(summary.id, text)
        return await opened.head(summary.id)


async def _resolved(run: str, approval: str, granted: bool) -> "tuple[RunSummary, list[str]]":
    """The run that goes on, and the ids of the approvals that are still open."""
    async with desk() as opened:
        summary = await named(opened, run)
        waiting = await opened.approvals(summary.id)
        asker, id = meant = _meant(summary, approval, waiting, granted=granted)
        await opened.approve(asker, granted=granted, approval=id)
        return await opened.head(summary.id), [each[1] for each in waiting if each != meant]


def _meant(
    run: "RunSummary", approval: str, waiting: "Mapping[tuple[str, str], ApprovalRequested]", *, granted: bool
) -> tuple[str, str]:
    """Raises ClickException where that is not clear: nobody should allow a call that they have not seen."""
    from trivet.cli.view.wording import call, shortened

    if not waiting:
        raise click.ClickException(f"Run {run.id} waits for no approval; it is {run.status}.")
    meant = [(asker, id) for asker, id in waiting if approval in ("", id)]
    if len(meant) == 1:
        return meant[0]
    what = f"waits for {len(waiting)} approvals" if meant else f"has no open approval '{approval}'"
    word = "approve" if granted else "deny"
    each = "".join(
        f"\n  trivet runs {word} {asker} {id}   {shortened(call(request.tool, request.arguments), 70)}"
        for (asker, id), request in waiting.items()
    )
    raise click.ClickException(f"Run {run.id} {what}. Say which:{each}")
