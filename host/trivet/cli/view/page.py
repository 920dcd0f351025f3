"""What rich prints for good on stdout."""

from typing import NoReturn

from rich.console import Console


class Page(Console):
    def on_broken_pipe(self) -> NoReturn:
        """rich would end the process here; that the reader is gone is `main`'s to take."""
        raise BrokenPipeError
