"""`trivet runs rate`."""

import click

from trivet.cli import options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo

_WORDS = {"bad": 1, "good": 5, **{str(number): number for number in range(1, 6)}}


@click.command(cls=options.Command)
@click.argument("run")
@click.argument("rating", type=click.Choice(list(_WORDS)), metavar="good|bad|1..5")
@click.option("--comment", metavar="TEXT", default="", help="What was good or bad about it.")
def rate(run: str, rating: str, comment: str) -> None:
    """Say how good what came of RUN is, from 1 (bad) to 5 (good).

    \b
    Ratings stay in this home, with the run; `trivet runs export` takes them along.

    \b
    Examples:
      trivet runs rate last good
      trivet runs rate 01h8 2 --comment "the sum is right, the unit is not"
    """
    import anyio

    options.require_utf8(comment, "the comment")
    echo(anyio.run(_rate, run, _WORDS[rating], comment))


async def _rate(run: str, rating: int, comment: str) -> str:
    async with desk() as opened:
        id = (await named(opened, run)).id
        await opened.rate(id, rating, comment)
        return f"Run {id} is rated {rating} of 5."
