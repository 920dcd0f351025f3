"""`trivet runs resume|answer|approve|deny`: how a run that stands still goes on. Only these start plugins."""

from typing import TYPE_CHECKING

import click

from trivet.cli import options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from trivet.journal.reader import RunSummary
    from trivet.runs.desk import Desk
    from trivet_sdk.events import ApprovalRequested

NO_RESUME = click.option("--no-resume", is_flag=True, help="Only leave the word; do not go on with the run here.")


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; nothing else.")
@click.option("--detached", is_flag=True, hidden=True, help="Wait for answers and approvals from elsewhere.")
def resume(run: str, as_json: bool, detached: bool) -> None:
    """Go on with RUN where it was. Exit codes as of `trivet run`."""
    import anyio

    from trivet.cli import pursuit

    found = anyio.run(_find, run)
    click.get_current_context().exit(pursuit.resumed(options.settings(), found, as_json=as_json, is_detached=detached))


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("text")
@NO_RESUME
def answer(run: str, text: str, no_resume: bool) -> None:
    """Answer the question that RUN asks, and go on with it."""
    import anyio

    _go_on(anyio.run(_answer, run, text), no_resume=no_resume)


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("approval", required=False, default="")
@NO_RESUME
def approve(run: str, approval: str, no_resume: bool) -> None:
    """Allow the call that RUN waits for, exactly as it stands. Where it waits for several, APPROVAL says which; `trivet runs
    show RUN` lists them."""
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
        return (await named(opened, run)).id


async def _answer(run: str, text: str) -> "RunSummary":
    async with desk() as opened:
        summary = await named(opened, run)
        if not (await opened.fold(summary.id)).questions:
            raise click.ClickException(f"Run {summary.id} asks nothing; it is {summary.status}.")
        await opened.answer(summary.id, text)
        return await _whole(opened, summary)


async def _resolved(run: str, approval: str, granted: bool) -> "tuple[RunSummary, list[str]]":
    """The run that goes on, and the approvals that are still open."""
    async with desk() as opened:
        summary = await named(opened, run)
        waiting = await opened.approvals(summary.id)
        request = _meant(summary, approval, waiting, granted=granted)
        await opened.approve(summary.id, granted=granted, approval=request.approval)
        return await _whole(opened, summary), [id for id in waiting if id != request.approval]


def _meant(
    run: "RunSummary", approval: str, waiting: "dict[str, ApprovalRequested]", *, granted: bool
) -> "ApprovalRequested":
    """Raises ClickException where that is not clear: nobody should allow a call that they have not seen."""
    from trivet.cli.view.wording import call, shortened

    if not waiting:
        raise click.ClickException(f"Run {run.id} waits for no approval; it is {run.status}.")
    if approval in waiting:
        return waiting[approval]
    if not approval and len(waiting) == 1:
        return next(iter(waiting.values()))
    what = f"has no open approval '{approval}'" if approval else f"waits for {len(waiting)} approvals"
    each = "".join(
        f"\n  {id}  {shortened(call(request.tool, request.arguments), 90)}" for id, request in waiting.items()
    )
    word = "approve" if granted else "deny"
    raise click.ClickException(f"Run {run.id} {what}. Say which: trivet runs {word} {run.id} APPROVAL, of{each}")


async def _whole(opened: "Desk", run: "RunSummary") -> "RunSummary":
    """The run itself, or that of which it is a sub-goal: only together do they go on."""
    while run.parent is not None:
        run = await opened.summary(run.parent)
    return run
