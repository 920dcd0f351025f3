"""`trivet eval goals`: goals of a folder, end to end."""

import importlib
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from trivet.cli import options
from trivet.cli.evaluation.session import How, carried_out, suite_options
from trivet.evaluation import Conditions
from trivet.evaluation.goals.suite import PLUGINS, WEB, load_goals, needs_web, of_split, plugin_packages
from trivet.evaluation.goals.web import served
from trivet.settings import Settings


@click.command(cls=options.Command)
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--split", type=click.Choice(["develop", "held"]), help="Only this half of the suite.")
@click.option("--trust-plugins", is_flag=True, help="Run the plugins that the suite brings; they are code.")
@suite_options
def goals(
    path: Path, split: str | None, trust_plugins: bool, settings: Settings, conditions: Conditions, how: How
) -> None:
    """Attempt the goals of the suite in the folder PATH, each in a fresh copy of its workspace, as
    `trivet run GOAL --approve always` would, and check answers and files.

    \b
    docs/how-to/evaluate.md has the format of a suite.

    \b
    Examples:
      trivet eval goals ~/my-goals
      trivet eval goals ~/my-goals --only count,convert --label new --report new.json
      trivet eval goals ~/my-goals --continue        after Ctrl-C

    \b
    Exit codes: 0 evaluated, 1 fewer right than --at-least, 2 usage or configuration, 130 interrupted.
    """
    folder = path.resolve()
    packages = plugin_packages(folder)
    if packages and not trust_plugins:
        raise click.UsageError(
            f"The suite brings plugins ({', '.join(packages)}), and plugins are code that runs as you. Read what is in "
            f"{folder / PLUGINS}, then add --trust-plugins."
        )
    ctx = click.get_current_context()
    with ExitStack() as life:
        web = life.enter_context(served(folder / WEB)) if needs_web(folder) else ""
        suite = load_goals(folder, web)
        if split is not None:
            suite = of_split(suite, split)
        if packages:
            sys.path.insert(0, str(folder / PLUGINS))
        plugins = [importlib.import_module(package) for package in packages]
        ctx.exit(carried_out(settings, suite, conditions, how, plugins))
