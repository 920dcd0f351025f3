"""`trivet runs resume|answer|approve|deny`: how a run that stands still goes on. Only these start plugins."""

from typing import TYPE_CHECKING

import click

from trivet.cli import options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from trivet.journal.reader import RunSummary


@click.command(cls=options.Command)
@click.argument("run", required=False)
@click.option(
    "--all", "is_all", is_flag=True, help="Every run that was interrupted; those that ask somebody are left alone."
)
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; nothing else.")
@click.option("--detached", is_flag=True, hidden=True, help="Wait for answers and approvals from elsewhere.")
def resume(run: str | None, is_all: bool, as_json: bool, detached: bool) -> None:
    """Go on with RUN where it was. Exit codes as of `trivet run`."""
    import anyio

    from trivet.cli import pursuit

    if (run is None) != is_all:
        raise click.UsageError("Name one run to go on with, or all that were interrupted with --all.")
    if run is None:
        from trivet.cli.runs.resuming import resumed_all

        if as_json:
            raise click.UsageError("--json shows the events of one run, and not of all.")
        click.get_current_context().exit(resumed_all(options.settings()))
    found = anyio.run(_find, run)
    click.get_current_context().exit(pursuit.resumed(options.settings(), found, as_json=as_json, is_detached=detached))


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("text")
@click.option("--no-resume", is_flag=True, help="Only leave the answer; do not go on with the run here.")
def answer(run: str, text: str, no_resume: bool) -> None:
    """Answer the question that RUN or one of its sub-goals asks, and go on with it."""
    import anyio

    _go_on(anyio.run(_answer, run, text), no_resume=no_resume)


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--no-resume", is_flag=True, help="Only leave the word; do not go on with the run here.")
def approve(run: str, no_resume: bool) -> None:
    """Allow the call that RUN or one of its sub-goals waits for, exactly as it stands."""
    _resolve(run, granted=True, no_resume=no_resume)


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--no-resume", is_flag=True, help="Only leave the word; do not go on with the run here.")
def deny(run: str, no_resume: bool) -> None:
    """Refuse the call that RUN waits for."""
    _resolve(run, granted=False, no_resume=no_resume)


def _resolve(run: str, *, granted: bool, no_resume: bool) -> None:
    import anyio

    _go_on(anyio.run(_resolved, run, granted), no_resume=no_resume)


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
        if await opened.asking(summary.id, "q*") is None:
            raise click.ClickException(f"Run {summary.id} asks nothing; it is {summary.status}.")
        await opened.answer(summary.id, text)
        return await opened.head(summary.id)


async def _resolved(run: str, granted: bool) -> "RunSummary":
    async with desk() as opened:
        summary = await named(opened, run)
        if await opened.asking(summary.id, "a*") is None:
            raise click.ClickException(f"Run {summary.id} waits for no approval; it is {summary.status}.")
        await opened.approve(summary.id, granted=granted)
        return await opened.head(summary.id)
