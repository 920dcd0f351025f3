"""`trivet run`: achieve one goal."""

import click

from trivet.cli import options
from trivet.cli.assignment import Assignment, assigned


@click.command(cls=options.Command)
@click.argument("goal")
@click.argument("more", nargs=-1, metavar="")
@assigned(of="")
@click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; nothing else.")
@click.option("--deltas", is_flag=True, help="With --json: also pieces of model output and progress.")
@click.option("--detach", is_flag=True, help="Print the run's id and work on it in the background.")
def run(
    goal: str,
    more: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    deltas: bool,
    detach: bool,
    assignment: Assignment,
) -> None:
    """Achieve GOAL: plan it, run the plan, judge what comes back, and print the answer.

    \b
    Examples:
      trivet run "How many rows of trips.csv are from 2014?"
      trivet run "Which month had the most rain? Write the table to rain.csv" --workspace ~/weather
      trivet run "Summarise the report" --attach ~/Downloads/report.md
      trivet run "Convert prices.csv to Parquet" --dry-run
      trivet run "…" --json | jq .topic

    \b
    Exit codes: 0 achieved, 1 not achieved, 2 usage or configuration, 3 budget exhausted,
    4 waiting for an answer, 70 internal error, 130 interrupted.
    """
    from trivet.cli import pursuit

    if more:
        whole = " ".join([goal, *more])
        raise click.UsageError(f'Put the goal in quotes, so that it is one: trivet run "{whole}"')
    if not goal.strip():
        raise click.UsageError('GOAL is empty. Say what you want, like: trivet run "How many rows has a.csv?"')
    folder, files, settings = assignment
    ctx = click.get_current_context()
    if dry_run:
        ctx.exit(pursuit.planned(settings, goal, folder, files, as_json=as_json))
    if detach:
        from trivet.cli.detaching import detached

        ctx.exit(detached(settings, goal, folder, files))
    ctx.exit(pursuit.pursued(settings, goal, folder, files, as_json=as_json, with_deltas=deltas))
