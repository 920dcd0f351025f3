"""`trivet runs`: look at runs, go on with them, stop them, answer them."""

import click

from trivet.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("trivet.cli.runs.listing:list_", "List runs, newest first"),
    "show": ("trivet.cli.runs.showing:show", "Show what a run did and what came of it"),
    "watch": ("trivet.cli.runs.showing:watch", "Follow a run until it ends or waits"),
    "resume": ("trivet.cli.runs.continuing:resume", "Go on with a run where it was"),
    "fork": ("trivet.cli.runs.forking:fork", "Go on from an event of a run, in a new run"),
    "replay": ("trivet.cli.runs.replaying:replay", "Compare a run with what today's code decides"),
    "cancel": ("trivet.cli.runs.stopping:cancel", "Stop a run for good"),
    "answer": ("trivet.cli.runs.continuing:answer", "Answer the question that a run asks"),
    "approve": ("trivet.cli.runs.continuing:approve", "Allow the call that a run waits for"),
    "deny": ("trivet.cli.runs.continuing:deny", "Refuse the call that a run waits for"),
    "rate": ("trivet.cli.runs.rating:rate", "Say how good what came of a run is"),
    "export": ("trivet.cli.runs.porting:export", "Write a run into a file, without secrets"),
    "import": ("trivet.cli.runs.porting:import_", "Bring a run that was exported elsewhere"),
    "delete": ("trivet.cli.runs.deleting:delete", "Remove runs for good"),
    "prune": ("trivet.cli.runs.deleting:prune", "Remove old runs"),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def runs() -> None:
    """Look at runs, go on with them, stop them, answer them.

    \b
    A run is named by its id or by the first letters of it; `last` is the newest.

    \b
    Examples:
      trivet runs list
      trivet runs show last               --prompts shows what models were told and said
      trivet runs resume last             after Ctrl-C, a crash, or an answer; --all for every one
      trivet runs answer 01h8 "the second file"
      trivet runs fork last --at 12 --model big
    """
