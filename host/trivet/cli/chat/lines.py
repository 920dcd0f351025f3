"""Where a chat's goals come from: a terminal (`terminal.Terminal`), or lines that are piped in."""

from collections.abc import Callable
from typing import Protocol, TextIO

import anyio.to_thread

from trivet.cli import failure
from trivet.cli.consent import Rules
from trivet.cli.view import View
from trivet.runs.collaborators import Person


class Lines(Protocol):
    has_person: bool
    """Somebody sits there who can be asked."""

    async def read(self) -> str | None:
        """What is wanted next, without space around it and not empty; None at the end."""
        ...

    def person(self, view: View, rules: Rules, stop: Callable[[], None]) -> Person | None:
        """Whom a run can ask while it is shown in this view. `stop` ends the run, as Ctrl-C does."""
        ...


class Piped:
    """A goal a line."""

    has_person = False

    def __init__(self, stream: TextIO) -> None:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
        self._stream = stream

    async def read(self) -> str | None:
        while line := await anyio.to_thread.run_sync(self._stream.readline, abandon_on_cancel=True):
            line = line.removeprefix("\ufeff").strip()
            try:
                line.encode()
            except UnicodeEncodeError:
                failure.say("a line is no UTF-8, and was left out.")
                continue
            if line:
                return line
        return None

    def person(self, view: View, rules: Rules, stop: Callable[[], None]) -> None:
        return None
