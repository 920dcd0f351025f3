"""What Tab completes in a chat: commands, what they take, and names of files behind `@` or once a path is begun."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from trivet.cli.chat.commands import COMMANDS
from trivet.cli.chat.files import files_in

_MARKED = re.compile(r"(?<![A-Za-z0-9_])@([^@]*)$")
FRESH = 2.0
"""Seconds for which the list of files is taken as it was."""
OFFERED = 50


class ChatCompleter(Completer):
    def __init__(self, folder: Callable[[], Path], models: Sequence[str]) -> None:
        self._folder = folder
        self._models = models
        self._files: list[str] = []
        self._listed = float("-inf")
        self._anywhere = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        text = document.text_before_cursor
        name, space, argument = text.partition(" ")
        if text.startswith("/") and not space and "\n" not in text:
            yield from _offered(text, [f"/{command}" for command in COMMANDS])
        elif name == "/model" and space:
            yield from _offered(argument, self._models)
        elif name == "/attach" and space:
            yield from self._anywhere.get_completions(Document(argument), complete_event)
        elif not text.startswith("/"):
            word = document.get_word_before_cursor(WORD=True)
            if marked := _MARKED.search(word):
                yield from self._named(marked[0], marked[1])
            elif "/" in word or (complete_event.completion_requested and word):
                yield from self._named(word, word)

    def _named(self, word: str, begun: str) -> Iterator[Completion]:
        """Files whose path, or whose own name, begins so, then those that hold it; written without the `@`."""
        lower = begun.lower()
        files = self._all()
        first = [path for path in files if path.lower().startswith(lower)]
        named = [path for path in files if path.rpartition("/")[2].lower().startswith(lower)]
        holding = [path for path in files if lower in path.lower()] if word.startswith("@") else []
        for path in list(dict.fromkeys([*first, *named, *holding]))[:OFFERED]:
            yield Completion(path, start_position=-len(word))

    def _all(self) -> list[str]:
        if time.monotonic() - self._listed > FRESH:
            self._files, self._listed = files_in(self._folder()), time.monotonic()
        return self._files


def _offered(begun: str, names: Iterable[str]) -> Iterator[Completion]:
    for name in names:
        if name.startswith(begun):
            yield Completion(name, start_position=-len(begun))
