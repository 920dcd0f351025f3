"""`trivet run`: achieve one goal."""

from pathlib import Path

import click

from trivet.cli import options


@click.command(cls=options.Command)
@click.argument("goal")
@click.argument("more", nargs=-1, metavar="")
@click.option("--workspace", metavar="DIR", help="Folder the goal is about.  [default: here]")
@click.option("--attach", metavar="PATH", multiple=True, help="Hand over a file, also from elsewhere; may be repeated.")
@click.option("--planner", metavar="NAME", help="Who makes the plan.")
@click.option("--reflector", metavar="NAME", help="Who judges what came back.")
@click.option("--executor", metavar="NAME", help="Who runs the steps.")
@click.option("--model", metavar="NAME", help="Which model of the settings serves.")
@click.option(
    "--approve",
    type=click.Choice(["ask", "always", "never"]),
    help="Calls that cannot be undone or send data away: ask you, allow, or refuse.",
)
@click.option(
    "--max-steps", metavar="N", type=options.WholeNumber(min=1), help="Steps at most, the answer not counted."
)
@click.option("--max-tokens", metavar="N", type=options.WholeNumber(min=1), help="Tokens of all model calls at most.")
@click.option("--max-seconds", metavar="S", type=options.Number(min=0, min_open=True), help="Seconds of work at most.")
@click.option(
    "--max-replans",
    metavar="N",
    type=options.WholeNumber(min=0),
    help="Changes of the plan after a disappointment at most.",
)
@click.option("--max-retries", metavar="N", type=options.WholeNumber(min=0), help="Repeats of one step at most.")
@click.option(
    "--reload", metavar="PLUGIN", multiple=True, help="Take up edits of this plugin's files while the run goes on."
)
@click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; nothing else.")
@click.option("--deltas", is_flag=True, help="With --json: also pieces of model output and progress.")
@click.option("--detach", is_flag=True, help="Print the run's id and work on it in the background.")
def run(
    goal: str,
    more: tuple[str, ...],
    workspace: str | None,
    attach: tuple[str, ...],
    planner: str | None,
    reflector: str | None,
    executor: str | None,
    model: str | None,
    approve: str | None,
    max_steps: int | None,
    max_tokens: int | None,
    max_seconds: float | None,
    max_replans: int | None,
    max_retries: int | None,
    reload: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    deltas: bool,
    detach: bool,
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
    from trivet.cli import pursuit, staffing

    if more:
        whole = " ".join([goal, *more])
        raise click.UsageError(f'Put the goal in quotes, so that it is one: trivet run "{whole}"')
    if not goal.strip():
        raise click.UsageError('GOAL is empty. Say what you want, like: trivet run "How many rows has a.csv?"')
    folder = options.absolute(workspace)
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder '{workspace}'.")
    files = [Path(path).expanduser() for path in attach]
    for file in files:
        options.require_attachable(file)
    settings = options.settings(
        roles__planner=planner,
        roles__reflector=reflector,
        roles__executor=executor,
        roles__model=model,
        run__approve=approve,
        run__max_steps=max_steps,
        run__max_tokens=max_tokens,
        run__max_seconds=max_seconds,
        run__max_replans=max_replans,
        run__max_retries=max_retries,
        **{f"plugins__{plugin}__reload": True for plugin in reload},
    )
    if reload:
        staffing.require_installed(settings, reload)
    ctx = click.get_current_context()
    if dry_run:
        ctx.exit(pursuit.planned(settings, goal, folder, files, as_json=as_json))
    if detach:
        from trivet.cli.detaching import detached

        ctx.exit(detached(settings, goal, folder, files))
    ctx.exit(pursuit.pursued(settings, goal, folder, files, as_json=as_json, with_deltas=deltas))
