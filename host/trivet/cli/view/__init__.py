"""How a run is shown while it goes on: a live tree in a terminal, lines elsewhere, or its events as JSON."""

from typing import Protocol

from trivet_sdk.events import Record


class View(Protocol):
    """Told every record of a run in order. Shows on stderr, since stdout belongs to the answer; JSON on stdout."""

    def show(self, record: Record) -> None: ...

    def pause(self) -> None:
        """Leave the terminal to a question. What is shown until `resume` is shown then."""
        ...

    def resume(self) -> None: ...

    def close(self) -> None: ...


def chosen_view(*, as_json: bool, is_quiet: bool = False) -> View:
    import sys

    from trivet.cli.screen import is_lively

    if as_json:
        from trivet.cli.view.json_lines import JsonLines

        return JsonLines()
    if is_quiet or not is_lively(sys.stderr):
        from trivet.cli.view.plain import PlainLines

        return PlainLines()
    from trivet.cli.view.live import LiveTree

    return LiveTree()
