"""A chat in a terminal: lines that are edited, and a person who is asked where a run needs somebody."""

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output

from trivet.cli.chat.completion import ChatCompleter
from trivet.cli.chat.history import PrivateHistory
from trivet.cli.chat.talk import Talk
from trivet.cli.consent import Rules
from trivet.cli.person import TerminalPerson
from trivet.cli.screen import echo, forget_typed, has_colors, shown
from trivet.cli.view import View
from trivet.settings import Settings


class Terminal:
    """Fulfils `lines.Lines`. Writes to stderr, as views do: stdout belongs to the answers."""

    has_person = True

    def __init__(self, talk: Talk, settings: Settings) -> None:
        self._output = create_output(stdout=sys.stderr)
        self._session: PromptSession[str] = PromptSession(
            _bold("> "),
            multiline=True,
            prompt_continuation="  ",
            key_bindings=_keys(),
            history=PrivateHistory(settings.home),
            auto_suggest=AutoSuggestFromHistory(),
            completer=ChatCompleter(lambda: talk.folder, list(settings.models)),
            complete_in_thread=True,
            output=self._output,
        )

    async def read(self) -> str | None:
        """Ctrl-C takes back what was typed; at an empty line it says how to leave."""
        echo(err=True)
        while True:
            try:
                with _terminated_as_left(self._session):
                    line = await self._session.prompt_async(handle_sigint=False)
            except KeyboardInterrupt:
                if not self._session.default_buffer.text.strip():
                    echo("Ctrl-D leaves, or /quit.", err=True)
                continue
            except EOFError:
                return None
            if line.strip():
                return line.strip()

    def person(self, view: View, rules: Rules, stop: Callable[[], None]) -> TerminalPerson:
        """Asked with an editor of its own, which goes away when the run does: the next line that is typed belongs to the
        chat again. Ctrl-C there stops the run."""

        async def typed(prompt: str) -> str | None:
            forget_typed()
            session: PromptSession[str] = PromptSession(shown(prompt), output=self._output)
            clear_typeahead(session.input)
            try:
                return (await session.prompt_async(handle_sigint=False)).strip()
            except KeyboardInterrupt:
                stop()
                return None
            except EOFError:
                return None

        return TerminalPerson(view, rules, typed)


def _bold(text: str) -> FormattedText:
    return FormattedText([("bold" if has_colors() else "", text)])


def _keys() -> KeyBindings:
    """Enter sends; Alt-Enter, which terminals send as Esc and Enter, begins a new line."""
    keys = KeyBindings()

    @keys.add("enter")
    def send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


class _terminated_as_left:
    """While a line is edited, SIGTERM ends the chat as Ctrl-D does, so that the terminal is put in order."""

    def __init__(self, session: "PromptSession[str]") -> None:
        self._session = session

    def __enter__(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._leave)

    def __exit__(self, *exc: object) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)

    def _leave(self) -> None:
        with suppress(Exception):  # it may have ended just now
            self._session.app.exit(exception=EOFError)
