"""`trivet chat`: goal after goal, each of which knows what was said before."""

import click

from trivet.cli import options
from trivet.cli.assignment import Assignment, assigned

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
@assigned(of=" of each goal")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; goals are read line by line.")
def chat(
    continued: str | None,
    as_json: bool,
    assignment: Assignment,
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

    folder, files, settings = assignment
    click.get_current_context().exit(opened(settings, folder, files, continued, as_json=as_json))
