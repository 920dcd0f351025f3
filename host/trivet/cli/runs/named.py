"""The desk that these commands sit at, and the runs that a user names at it."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import click

from trivet.cli import options

if TYPE_CHECKING:
    from trivet.journal.reader import RunSummary
    from trivet.runs.desk import Desk


def desk() -> "AbstractAsyncContextManager[Desk]":
    """Runs without plugins, on the home of the settings."""
    from trivet.app import open_desk

    return open_desk(options.settings())


async def named(desk: "Desk", run: str) -> "RunSummary":
    """The run named by its id, by the beginning of it, or as `last`. Raises UnknownRun."""
    if run == "last":
        if not (newest := await desk.runs(limit=1)):
            raise click.ClickException("There is no run yet. To begin one: trivet run GOAL")
        return newest[0]
    return await desk.summary(run)
