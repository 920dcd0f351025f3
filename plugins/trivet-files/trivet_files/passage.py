"""A passage: a stretch of a file that can be quoted."""

from collections.abc import Iterator

import msgspec


class Passage(msgspec.Struct, frozen=True):
    """A stretch of a file that can be quoted; `line` counts from 1."""

    path: str
    line: int
    text: str
    heading: str = ""
    """Titles above it, or the keys that lead to a setting: `alarm > wind_knots`."""
    value: str | int | float | bool | None = None
    """A setting's value, so that a later step can use it."""

    @property
    def quote(self) -> str:
        """What people read: a setting with its keys, else the text on one line."""
        if self.value is not None:
            return f"{self.heading}: {self.value if not isinstance(self.value, bool) else str(self.value).lower()}"
        return " ".join(self.text.split())


def lines_of(path: str, text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Passage(path, number, line.strip())
