"""`trivet runs cancel`."""

import click

from trivet.cli import failure, options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo


@click.command(cls=options.Command)
@click.argument("run")
def cancel(run: str) -> None:
    """Stop RUN for good."""
    import anyio

    echo(anyio.run(_cancel, run))


async def _cancel(run: str) -> str:
    async with desk() as opened:
        before = await named(opened, run)
        if before.is_finished:
            return f"Run {before.id} is over: {before.status}."
        held = await opened.cancel(before.id)
        if held is not None and not held.is_visible:
            failure.note(str(held))
        return f"Run {before.id} is {'told to stop' if held is not None else 'cancelled'}."
