"""`trivet eval`: measure how well planner, model and tools do, and compare."""

import click

from trivet.cli.lazy import LazyGroup
from trivet.cli.screen import echo

SUITES = {
    "goals": ("trivet.cli.evaluation.goals:goals", "Goals of a folder, end to end, with checked answers and files"),
    "bfcl": (
        "trivet.cli.evaluation.bfcl:bfcl",
        "The public AST categories of the Berkeley Function Calling Leaderboard",
    ),
}
COMMANDS = {
    "list": ("trivet.cli.evaluation.looking:list_", "List evaluations, newest first"),
    "show": ("trivet.cli.evaluation.looking:show", "Show what came of an evaluation"),
    "compare": ("trivet.cli.evaluation.looking:compare", "Compare evaluations as a table and a plot"),
}


class _Group(LazyGroup):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in (("Suites", SUITES), ("Commands", COMMANDS)):
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, (_, summary) in commands.items()])


@click.group("eval", cls=_Group, commands_at={**SUITES, **COMMANDS}, invoke_without_command=True)
@click.pass_context
def evaluation(ctx: click.Context) -> None:
    """Measure how well planner, model and tools do, and compare. Without a command: list the suites.

    \b
    A suite holds cases whose right outcome is known. Each is a run like any other (`trivet runs show`),
    the results are kept in the home, and Ctrl-C loses nothing: --continue goes on.

    \b
    Examples:
      trivet eval goals ~/my-goals
      trivet eval goals ~/my-goals --model big --label big
      trivet eval list
      trivet eval compare small big
    """
    if ctx.invoked_subcommand is None:
        width = max(map(len, SUITES))
        for name, (_, summary) in SUITES.items():
            echo(f"{name:<{width}}  {summary}")
