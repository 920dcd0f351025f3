"""How a command ends that could not do its work: one sentence with its cure on stderr, and an exit code."""

import errno
import traceback
from collections.abc import Iterable

import click

from trivet.cli.departure import INTERRUPTED as INTERRUPTED

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
        traceback.print_exception(error)
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
        error.show()
        return USAGE
    if isinstance(error, click.ClickException):
        say(error.format_message())
        return USAGE
    if isinstance(error, KeyboardInterrupt | click.Abort):
        click.echo("Interrupted.", err=True)
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
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {_begun(sentence)}", err=True)


def note(sentence: str) -> None:
    """Something worth knowing that is no error, on stderr."""
    click.echo(f"{click.style('Note:', fg='yellow')} {_begun(sentence)}", err=True)


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
