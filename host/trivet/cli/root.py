"""The root command, which knows its commands by name and summary and imports each when it is called."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from trivet.cli.departure import leave, open_streams, silence
from trivet.cli.lazy import LazyGroup
from trivet.cli.options import require_utf8

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("trivet.cli.run:run", "Achieve a goal in this folder"),
    "chat": ("trivet.cli.chat:chat", "Talk: goal after goal, each knows those before"),
    "runs": ("trivet.cli.runs:runs", "Look at runs, go on with them, stop them"),
    "plugins": ("trivet.cli.plugins:plugins", "See, enable and disable plugins"),
    "tools": ("trivet.cli.tools:tools", "See and call tools"),
    "models": ("trivet.cli.models:models", "See and fetch models"),
    "eval": ("trivet.cli.evaluation:evaluation", "Measure how well planner, model and tools do"),
    "mcp": ("trivet.cli.mcp:mcp", "Serve tools to an MCP client"),
    "home": ("trivet.cli.home:home", "Back up, restore and check everything that trivet keeps"),
    "config": ("trivet.cli.config:config", "See and change settings"),
    "init": ("trivet.cli.init:init", "Choose a model and try it"),
    "doctor": ("trivet.cli.doctor:doctor", "Check this installation"),
}


class _ReaderGoneError(Exception):
    """A BrokenPipeError under another name: click would make an exit code 1 of that one, which nobody could tell apart."""


@contextmanager
def _renamed() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderGoneError from error


class _Root(LazyGroup):
    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _renamed():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _renamed():
            return super().invoke(ctx)


@click.group(cls=_Root, commands_at=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trivet", message="trivet %(version)s")
def trivet() -> None:
    """Give it a goal; it makes a plan, runs it with tools, and judges what came back.

    \b
    Examples:
      trivet run "Which species in penguins.csv is the heaviest on average?"
      trivet run "Save the ten longest trips to out/long.csv" --workspace ~/trips
      trivet run "What does the contract say about notice?" --dry-run
      trivet chat                   goal after goal: "and for 2015?", "save that as a.csv"
      trivet runs list              what was done, and what waits for you
      trivet tools list             what it can do
      trivet init                   use another model, here or behind an address
      trivet doctor                 if something does not work

    Files are read and written only in the folder where you call it, or in --workspace.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: the door of the `trivet` script."""
    open_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"]:
        given = [*given[1:], "--help"]
    # Whatever ends a command becomes one sentence and an exit code here.
    try:
        for argument in given:
            require_utf8(argument, "an argument")
        code = trivet.main(given, prog_name="trivet", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, _ReaderGoneError):
        silence()
        code = 0
    except BaseException as error:
        from trivet.cli.failure import reported

        code = reported(error)
    leave(code if isinstance(code, int) else 0)
