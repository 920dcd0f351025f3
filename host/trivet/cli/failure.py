"""How a command ends that could not do its work: one sentence with its cure on stderr, and an exit code."""

import errno
import io
import traceback
from collections.abc import Iterable, Sequence

import click

from trivet.cli.departure import INTERRUPTED as INTERRUPTED
from trivet.cli.screen import echo, styled

ACHIEVED, NOT_ACHIEVED, USAGE, EXHAUSTED, WAITING, INTERNAL = 0, 1, 2, 3, 4, 70

shows_tracebacks = False
"""Set by `--debug`, which may stand anywhere on the command line."""


_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def reported(error: BaseException) -> int:
    """Say what went wrong, and return the exit code."""
    try:
        return _reported(error)
    except OSError:  # not even stderr can be written
        return INTERNAL


def _reported(error: BaseException) -> int:
    if shows_tracebacks and not isinstance(error, click.ClickException):
        echo("".join(traceback.format_exception(error)).rstrip(), err=True)
    if isinstance(error, SystemExit):  # ours do not come this way: a plugin wants the whole process to end
        say(
            f"a plugin tried to end trivet (SystemExit: {error.code}), and the command is not done. "
            "This is a bug in the plugin; `--debug` shows where. `--safe` leaves out all plugins but trivet's own."
        )
        return INTERNAL
    if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
        from trivet.cli.departure import silence

        silence()
        say(f"the output cannot be written: {(error.strerror or str(error)).lower()}.")
        return NOT_ACHIEVED
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


def unknown_command(name: str, known: Iterable[str], path: str = "trivet", below: Sequence[str] = ()) -> str:
    """`path` is the group's, e.g. `trivet plugins`, and `below` are commands of groups in it that have this name; only
    below `trivet` itself a goal may have been meant."""
    import difflib

    near = difflib.get_close_matches(name, list(known), n=1)
    if near:
        hint = f"Did you mean '{near[0]}'?"
    elif below:
        hint = f"Did you mean {' or '.join(f'`{path} {each}`' for each in below)}?"
    elif name == "version":
        hint = f"`{path} --version` tells it."
    elif path == "trivet":
        hint = f'To give a goal, write: trivet run "{name if " " in name else f"{name} …"}"'
    else:
        hint = f"`{path} --help` shows all."
    return f"There is no command '{name}'. {hint}"
