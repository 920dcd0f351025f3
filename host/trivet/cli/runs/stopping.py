"""`trivet runs cancel`."""

import click

from trivet.cli import failure, options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--take", is_flag=True, help="Also from a container that cannot be seen from here, and is gone.")
def cancel(run: str, take: bool) -> None:
    """Stop RUN for good."""
    import anyio

    echo(anyio.run(_cancel, run, take))


async def _cancel(run: str, take: bool) -> str:
    async with desk() as opened:
        before = await named(opened, run)
        if before.is_finished:
            return f"Run {before.id} is over: {before.status}."
        if take:
            await opened.take_over(before.id)
        held = await opened.cancel(before.id)
        if held is not None and not held.is_visible:
            failure.note(str(held))
        return f"Run {before.id} is {'told to stop' if held is not None else 'cancelled'}."
