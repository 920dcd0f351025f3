"""`trivet runs fork`: another run out of the beginning of one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from trivet.runs.options import RunOptions
    from trivet_sdk.events import RunSubmitted


@click.command(cls=options.Command)
@click.argument("run")
@click.option(
    "--at",
    metavar="SEQ",
    type=options.AnyWholeNumber(),
    help="Its last event to keep.  [default: the last before its end]",
)
@click.option("--goal", metavar="TEXT", help="Another goal from there on; what is left of the plan is dropped.")
@click.option("--model", metavar="NAME", help="Another model from there on.")
@click.option("--planner", metavar="NAME", help="Another planner from there on.")
@click.option(
    "--approve",
    type=click.Choice(["ask", "always", "never"]),
    help="Calls that cannot be undone or send data away: ask you, allow, or refuse.",
)
@click.option("--workspace", metavar="DIR", help="Another folder, e.g. a copy to try things in.")
@click.option("--no-resume", is_flag=True, help="Only make the run and print its id; do not go on with it here.")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; nothing else.")
def fork(
    run: str,
    at: int | None,
    goal: str | None,
    model: str | None,
    planner: str | None,
    approve: str | None,
    workspace: str | None,
    no_resume: bool,
    as_json: bool,
) -> None:
    """Make a new run with the history of RUN up to event SEQ, and go on with that.

    \b
    RUN stays as it is, whether it goes on or has ended. The new run has an id and a budget of its own.
    Steps that had ended are not done again; calls that were still at work are made anew, and approvals
    are asked for anew. Files are as they lie in the folder now.

    \b
    Examples:
      trivet runs show last --events                      numbers the events
      trivet runs fork last --at 12 --model big
      trivet runs fork last --goal "The same, for 2015"   what was found stays, the rest is planned anew

    Exit codes as of `trivet run`.
    """
    import anyio
    import msgspec

    from trivet.cli import pursuit, staffing
    from trivet.runs.options import RunOptions

    if goal is not None and not goal.strip():
        raise click.UsageError("The new goal is empty. Leave --goal out to keep the old one.")
    folder = options.absolute(workspace) if workspace is not None else None
    if folder is not None and not folder.is_dir():
        raise click.UsageError(f"There is no folder '{workspace}'.")
    how = RunOptions(
        roles={"model": model or "", "planner": planner or ""},
        approve=approve,  # type: ignore[arg-type]  # click has checked it
        client=pursuit.CLIENT,
    )
    settings = options.settings()
    roles = {**settings.roles, **anyio.run(_submitted, run).roles, **{k: v for k, v in how.roles.items() if v}}
    settings = msgspec.structs.replace(settings, roles=roles)
    staffing.require_staff(settings)  # before there is a run that nobody could go on with
    made = anyio.run(_fork, run, at, goal or "", folder, how)
    ctx = click.get_current_context()
    if no_resume:
        echo(made)
        echo(f"`trivet runs resume {made}` goes on with it.", err=True)
    else:
        ctx.exit(pursuit.resumed(settings, made, as_json=as_json))


async def _submitted(run: str) -> "RunSubmitted":
    async with desk() as opened:
        submitted = (await opened.fold((await named(opened, run)).id)).submitted
        assert submitted is not None
        return submitted


async def _fork(run: str, at: int | None, goal: str, folder: Path | None, how: "RunOptions") -> str:
    async with desk() as opened:
        return await opened.fork((await named(opened, run)).id, at, goal=goal, workspace=folder, options=how)
