"""The workshop of the install commands: what must go on working, and what is seen of its progress."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.packages.installation import Workshop
    from trivet.settings import Settings


class Telling:
    """Says what goes on, on stderr: a line that moves in a terminal, a line each elsewhere."""

    def __init__(self) -> None:
        self._status: Any = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.status import Status

            self._status = Status("", console=Console(stderr=True))

    def __call__(self, text: str) -> None:
        if self._status is None:
            click.echo(f"{text} …", err=True)
            return
        from rich.markup import escape

        self._status.update(escape(f"{text} …"))
        self._status.start()

    def pause(self) -> None:
        """Before something else is written, or asked."""
        if self._status is not None:
            self._status.stop()


@contextmanager
def working(settings: "Settings", found: "Survey") -> "Iterator[tuple[Workshop, Telling]]":
    """Alone with what is installed, until the scope ends."""
    from trivet.packages.installation import open_workshop

    telling = Telling()
    try:
        with open_workshop(settings.home, standing(found), telling) as workshop:
            yield workshop, telling
    finally:
        telling.pause()


def standing(found: "Survey") -> dict[str, str]:
    """Distributions that must go on working: the host, the SDK, and those of enabled plugins; and what they are called."""
    from packaging.utils import canonicalize_name

    names = {"trivet": "trivet", "trivet-sdk": "trivet-sdk"}
    for record in found.records.values():
        is_apart = bool(found.candidates[record.id].environment)
        if record.state not in ("disabled", "incompatible") and record.distribution and not is_apart:
            names.setdefault(canonicalize_name(record.distribution), f"plugin '{record.id}'")
    return names
