"""`trivet eval bfcl`: the public AST categories of the Berkeley Function Calling Leaderboard."""

import click

from trivet.cli import options
from trivet.cli.evaluation.session import How, carried_out, suite_options
from trivet.cli.screen import echo
from trivet.evaluation import Conditions
from trivet.evaluation.bfcl import CATEGORIES, MANNERS, fetch, is_present, load_bfcl, place
from trivet.evaluation.bfcl.package import REQUIREMENT, SIZE
from trivet.evaluation.bfcl.suite import SPLITS
from trivet.settings import Settings


@click.command(cls=options.Command)
@click.option(
    "--manner",
    type=click.Choice(MANNERS),
    default="planner",
    help="Who writes the calls: the planner, the model under a schema of the calls, or the model freely.  [default: planner]",
)
@click.option(
    "--category", "categories", type=click.Choice(tuple(CATEGORIES)), multiple=True, help="Only these categories."
)
@click.option(
    "--split",
    type=click.Choice(tuple(SPLITS)),
    help="Only every second question: improve on one half, judge on the other.",
)
@suite_options
def bfcl(
    manner: str, categories: tuple[str, ...], split: str | None, settings: Settings, conditions: Conditions, how: How
) -> None:  # fmt: skip
    """Ask the public questions of the Berkeley Function Calling Leaderboard (simple, multiple, parallel,
    parallel_multiple, irrelevance), offer their functions as tools, and let its own checker judge the calls.
    Nothing is called.

    \b
    The questions and the checker are the package bfcl-eval, which is fetched into the home's cache the first
    time, without the packages that it wants. With --limit N the first N of an order that is drawn once and for
    all, of all categories in turn.

    \b
    Examples:
      trivet eval bfcl --limit 100
      trivet eval bfcl --manner constrained --model big --category simple --category multiple
      trivet eval compare constrained planner

    \b
    Exit codes: 0 evaluated, 1 fewer right than --at-least, 2 usage or configuration, 130 interrupted.
    """
    if not is_present(settings.home):
        echo(
            f"Fetching {REQUIREMENT} ({SIZE / 1e6:.0f} MB, Apache-2.0) from your package index into {place(settings.home)}: "
            "its questions and its checker, and nothing that it depends on.",
            err=True,
        )
        fetch(settings.home, lambda line: None)
    suite = load_bfcl(place(settings.home), manner, categories, split)  # type: ignore[arg-type]  # click has checked it
    click.get_current_context().exit(carried_out(settings, suite, conditions, how))
