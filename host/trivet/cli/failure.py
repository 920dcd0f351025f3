"""How a command ends that could not do its work: one sentence with its cure on stderr, and an exit code."""

import io
import traceback
from collections.abc import Iterable

import click

from trivet.cli.screen import echo, styled

ACHIEVED, NOT_ACHIEVED, USAGE, EXHAUSTED, WAITING, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 4, 70, 130

shows_tracebacks = False
"""Set by `--debug`, which may stand anywhere on the command line."""


def reported(error: BaseException) -> int:
    """Say what went wrong, and return the exit code."""
    if shows_tracebacks and not isinstance(error, SystemExit | click.ClickException):
        echo("".join(traceback.format_exception(error)).rstrip(), err=True)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, click.UsageError):
        _show_usage(error)
        return USAGE
    if isinstance(error, click.ClickException):
        say(error.format_message())
        return USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        echo("Interrupted.", err=True)
        return INTERRUPTED
    from trivet_sdk.errors import TrivetError

    if isinstance(error, TrivetError):
        say(str(error))
        return USAGE
    say(
        f"trivet broke down: {type(error).__name__}: {error}. This is a bug; `--debug` shows where. "
        "`trivet doctor` checks the installation."
    )
    return INTERNAL


def say(sentence: str) -> None:
    """An error's sentence, on stderr."""
    echo(_begun(sentence), lead=styled("Error:", fg="red", bold=True), err=True)


def note(sentence: str) -> None:
    """Something worth knowing that is no error, on stderr."""
    echo(_begun(sentence), lead=styled("Note:", fg="yellow"), err=True)


def _show_usage(error: click.UsageError) -> None:
    """As click shows it; the message may hold what was typed."""
    said = io.StringIO()
    error.show(file=said)
    echo(said.getvalue().rstrip(), err=True)


def _begun(sentence: str) -> str:
    """With a capital letter, unless it begins with a name such as `settings.toml`."""
    return sentence[:1].upper() + sentence[1:] if sentence.split(" ", 1)[0].isalpha() else sentence


def unknown_command(name: str, known: Iterable[str], path: str = "trivet") -> str:
    """`path` is the group's, e.g. `trivet plugins`; only below `trivet` itself a goal may have been meant."""
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1)
    if near:
        hint = f"Did you mean '{near[0]}'?"
    else:
        hint = f'To give a goal, write: trivet run "{name} …"' if path == "trivet" else f"`{path} --help` shows all."
    return f"There is no command '{name}'. {hint}"
