"""How an evaluation goes on, on stderr: a line for each case, and in a terminal a bar with the time that is left."""

import time
from types import TracebackType
from typing import IO, Any, Self

from trivet.cli.evaluation.tables import why
from trivet.cli.screen import cut, echo, in_line, is_lively, styled
from trivet.evaluation import Result

COLORS = {"right": "green", "wrong": "red", "honest": "yellow", "timeout": "magenta", "broken": "magenta"}
REASON = 100
"""Columns of the first reason."""


class Progress:
    """A context manager; `tell` it each result."""

    def __init__(self, cases: int, stream: IO[str]) -> None:
        self._cases = cases
        self._done = 0
        self._started = time.monotonic()
        self._is_lively = is_lively(stream)
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._is_lively:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=600)
            self._task = self._bar.add_task("Evaluating", total=self._cases)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, result: Result) -> None:
        self._done += 1
        said = why(result)
        line = f"{result.case:<22} {result.seconds:>6.1f} s  {cut(in_line(said), REASON)}".rstrip()
        lead = styled(f"{result.verdict:<8}", fg=COLORS[result.verdict])
        if self._bar is None:
            echo(f"{line}{'' if said else '  '}", lead=f"[{self._done}/{self._cases}{self._left()}] {lead}", err=True)
        else:
            from rich.text import Text

            self._bar.console.print(Text.from_ansi(lead) + Text(f" {line}"), soft_wrap=True)
            self._bar.update(self._task, completed=self._done)

    def _left(self) -> str:
        seconds = (time.monotonic() - self._started) / self._done * (self._cases - self._done)
        return f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left" if seconds >= 1 else ""
