"""Lines that are typed in a terminal, waited for without a thread: a question may be settled elsewhere meanwhile."""

import os
import sys

import anyio
import anyio.to_thread

from trivet.cli.screen import echo, forget_typed

_ENOUGH = 4096


async def typed(question: str) -> str | None:
    """What is typed in answer, without space around it; None at the end of the input. What was typed before is no answer.

    Cancelled, it leaves the line of the question and the terminal's input to whoever is next.
    """
    forget_typed()
    echo(question, err=True, is_open=True)
    try:
        line = await _line()
    except anyio.get_cancelled_exc_class():
        echo(err=True)
        raise
    return None if line is None else line.strip()


async def _line() -> str | None:
    if os.name != "posix":
        line = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        return line or None
    source, line = sys.stdin.fileno(), b""
    while not line.endswith(b"\n"):
        await anyio.wait_readable(source)
        try:
            more = os.read(source, _ENOUGH)  # the terminal gives a line at most, whatever else was typed
        except OSError:  # it was closed
            return None
        if not more:
            return None
        line += more
    return line.decode("utf-8", "replace")
