"""What a file says, as plain text whose lines are known by their place in the file."""

from typing import Literal, TypeAlias

import msgspec

Unit: TypeAlias = Literal["line", "page", "paragraph"]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    unit: Unit = "line"
    places: tuple[int, ...] = ()
    """For each line of the text, the line, page or paragraph of the file it comes from; empty where they are the same."""
    headings: dict[int, tuple[int, str]] = {}
    """Line of the text, from 0 -> level and title, where the format marks them."""
    form: Literal["prose", "markdown", "code", "table"] = "prose"
    is_foreign: bool = False
    """Written by others and sent here, as e-mail is."""

    def place(self, line: int) -> int:
        return self.places[line] if self.places else line + 1


class Unreadable(Exception):
    """Why a file is left out of the index, as the end of the sentence `report.pdf: …`."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a document, which can be quoted as it stands: `document.text[start:end]`."""

    start: int
    end: int
    """Characters of the document's text."""
    line: int
    end_line: int
    """In the document's unit, both included."""
    heading: str
    """Titles above it: `Handbook > Leave`."""
    text: str
