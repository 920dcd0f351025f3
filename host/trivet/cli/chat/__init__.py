"""`trivet chat`: goal after goal, each of which knows what was said before."""

from pathlib import Path

import click

from trivet.cli import options

NEWEST = "newest"


@click.command(cls=options.Command)
@click.option(
    "--continue",
    "continued",
    metavar="[ID]",
    is_flag=False,
    flag_value=NEWEST,
    help="Go on with the newest conversation of this folder, or with that of ID, or of the run ID.",
)
@click.option("--workspace", metavar="DIR", help="Folder the goals are about.  [default: here]")
@click.option("--attach", metavar="PATH", multiple=True, help="Hand over a file, also from elsewhere; may be repeated.")
@click.option("--planner", metavar="NAME", help="Who makes the plans.")
@click.option("--reflector", metavar="NAME", help="Who judges what came back.")
@click.option("--executor", metavar="NAME", help="Who runs the steps.")
@click.option("--model", metavar="NAME", help="Which model of the settings serves.")
@click.option(
    "--approve",
    type=click.Choice(["ask", "always", "never"]),
    help="Calls that cannot be undone or send data away: ask you, allow, or refuse.",
)
@click.option("--max-steps", metavar="N", type=options.WholeNumber(min=1), help="Steps of each goal at most.")
@click.option("--max-tokens", metavar="N", type=options.WholeNumber(min=1), help="Tokens of each goal at most.")
@click.option(
    "--max-seconds",
    metavar="S",
    type=options.Number(min=0, min_open=True),
    help="Seconds of work on each goal at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; goals are read line by line.")
def chat(
    continued: str | None,
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
    as_json: bool,
) -> None:
    """Talk: give goal after goal. Each is a run that knows the goals, results and answers before it.

    \b
    So a goal may lean on what was said:
      > What is the mean body_mass_g in penguins.csv by species?
      > and only for 2009?
      > save that as mass.csv

    \b
    Keys:
      Enter sends, Alt-Enter or Esc Enter begins a new line, Tab completes commands and @files,
      arrows and Ctrl-R find what you typed before.
      Ctrl-C stops the run that is at work, not the chat: /resume goes on with it. Ctrl-D leaves.
    `/help` inside shows the commands.

    \b
    Examples:
      trivet chat
      trivet chat --continue                 after a break or a crash: nothing is lost
      trivet chat --continue 4k2 --model big
      trivet chat < goals.txt                without a terminal: a goal a line

    The exit code is 0, whatever came of the goals; 2 usage or configuration, 130 interrupted without a terminal.
    """
    from trivet.cli.chat.opening import opened

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
    )
    click.get_current_context().exit(opened(settings, folder, files, continued, as_json=as_json))
