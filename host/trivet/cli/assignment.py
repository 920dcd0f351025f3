"""What `trivet run` and `trivet chat` are told alike: who works, on which folder and files, and within which bounds."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from trivet.cli import options

if TYPE_CHECKING:
    from trivet.settings import Settings


class Assignment(NamedTuple):
    """Settings are loaded with what the flags said."""

    folder: Path
    files: list[Path]
    settings: "Settings"


def assigned(of: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options for it; the command takes an `assignment` in their stead. `of` stands in their help, as in `of each goal`."""

    def around(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def told(*arguments: Any, **said: Any) -> None:
            mine = {name: said.pop(name) for name in _names}
            return command(*arguments, assignment=_assignment(**mine), **said)

        for option in reversed(_options(of)):
            told = option(told)
        return told

    return around


_FLAGS = {
    **{role: f"roles__{role}" for role in ("planner", "reflector", "executor", "model")},
    "approve": "run__approve",
    **{bound: f"run__{bound}" for bound in ("max_steps", "max_tokens", "max_seconds", "max_replans", "max_retries")},
}
_names = ("workspace", "attach", "reload", *_FLAGS)


def _options(of: str) -> list[Callable[..., Any]]:
    return [
        click.option("--workspace", metavar="DIR", help="Folder that this is about.  [default: here]"),
        click.option(
            "--attach", metavar="PATH", multiple=True, help="Hand over a file, also from elsewhere; may be repeated."
        ),
        click.option("--planner", metavar="NAME", help="Who makes the plan."),
        click.option("--reflector", metavar="NAME", help="Who judges what came back."),
        click.option("--executor", metavar="NAME", help="Who runs the steps."),
        click.option("--model", metavar="NAME", help="Which model of the settings serves."),
        click.option(
            "--approve",
            type=click.Choice(["ask", "always", "never"]),
            help="Calls that cannot be undone or send data away: ask you, allow, or refuse.",
        ),
        click.option(
            "--max-steps",
            metavar="N",
            type=options.WholeNumber(min=1),
            help=f"Steps{of} at most, the answer not counted.",
        ),
        click.option(
            "--max-tokens",
            metavar="N",
            type=options.WholeNumber(min=1),
            help=f"Tokens of all model calls{of} at most.",
        ),
        click.option(
            "--max-seconds",
            metavar="S",
            type=options.Number(min=0, min_open=True),
            help=f"Seconds of work{of} at most.",
        ),
        click.option(
            "--max-replans",
            metavar="N",
            type=options.WholeNumber(min=0),
            help=f"Changes of the plan{of} after a disappointment at most.",
        ),
        click.option(
            "--max-retries", metavar="N", type=options.WholeNumber(min=0), help="Repeats of one step at most."
        ),
        click.option(
            "--reload", metavar="PLUGIN", multiple=True, help="Take up edits of this plugin's files while it works."
        ),
    ]


def _assignment(workspace: str | None, attach: tuple[str, ...], reload: tuple[str, ...], **said: Any) -> Assignment:
    """Raises UsageError, SettingsError."""
    from trivet.cli.staffing import require_installed

    folder = options.absolute(workspace)
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder '{workspace}'.")
    files = [Path(path).expanduser() for path in attach]
    for file in files:
        options.require_attachable(file)
    flags = {flag: said[name] for name, flag in _FLAGS.items()}
    settings = options.settings(**flags, **{f"plugins__{plugin}__reload": True for plugin in reload})
    if reload:
        require_installed(settings, reload)
    return Assignment(folder, files, settings)
