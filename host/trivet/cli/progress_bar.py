"""A progress bar on stderr for downloads; without a terminal a line at the start and one at the end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trivet.cli.screen import echo, is_lively, shown
from trivet.packages.weights import Weights


@contextmanager
def download_bar(what: str, size: int) -> Iterator[Callable[[int, int], None]]:
    """Yields what to call with (bytes so far, bytes altogether)."""
    if not is_lively(sys.stderr):
        echo(f"Fetching {what}{f' ({size / 1e6:.0f} MB)' if size else ''} …", err=True)
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Fetching {escape(shown(what))}", total=size or None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def pull_with_bar(weights: Weights, home: Path) -> Path:
    """Fetch model files unless they are there. Raises WeightsError."""
    if weights.is_present(home):
        return weights.path(home)
    from trivet.packages.pull import pull  # with it come HTTP, zip files and packaging

    with download_bar(f"'{weights.name}'", weights.declaration.size) as progress:
        path = pull(weights, home, progress, lambda sentence: echo(sentence, err=True))
    echo(f"Fetched '{weights.name}' into {path.parent if path.is_file() else path}.", err=True)
    return path
