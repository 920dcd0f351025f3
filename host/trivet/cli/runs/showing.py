"""`trivet runs show|watch`: what a run did, and what it does."""

from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo, in_line

if TYPE_CHECKING:
    from trivet.journal.ratings import Rating
    from trivet_sdk.events import Record


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="All events, one a line.")
@click.option("--prompts", is_flag=True, help="Also every prompt that went to a model, and what came back.")
def show(run: str, as_json: bool, prompts: bool) -> None:
    """Show what RUN did and what came of it.

    \b
    Nothing that a model is told is hidden: --prompts shows each prompt and each completion,
    --json holds them, too, in `model.called` and `model.returned`.

    \b
    Examples:
      trivet runs show last
      trivet runs show last --prompts | less
    """
    import anyio

    records, ratings = anyio.run(_told, run)
    if as_json:
        from trivet.cli.view.json_lines import JsonLines

        view = JsonLines()
        for record in records:
            view.show(record)
        return
    from trivet.cli.view.plain import lines
    from trivet.cli.view.prompts import Prompts

    told = Prompts()
    for record in records:
        for line in (*lines(record), *(told.lines(record) if prompts else ())):
            echo(line)
    _conclude(records)
    for rating in ratings:
        comment = f": {in_line(rating.event.comment)}" if rating.event.comment else ""
        echo(f"rated {rating.event.rating} of 5{comment}")


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Events, one a line.")
def watch(run: str, as_json: bool) -> None:
    """Follow RUN, whoever works on it, until it ends or waits."""
    import anyio

    anyio.run(_watch, run, as_json)


async def _told(run: str) -> "tuple[list[Record], list[Rating]]":
    async with desk() as opened:
        id = (await named(opened, run)).id
        return [record async for record in opened.records(id)], await opened.ratings(id)


async def _watch(run: str, as_json: bool) -> None:
    from trivet.cli.view import chosen_view

    view = chosen_view(as_json=as_json)
    records: list[Record] = []
    async with desk() as opened:
        id = (await named(opened, run)).id
        async for record in opened.watch(id):
            records.append(record)
            view.show(record)
    view.close()
    if not as_json:
        _conclude(records)


def _conclude(records: "list[Record]") -> None:
    from trivet.journal.fold import Fold

    fold = Fold(records[0].run if records else "").apply_all(records)
    if fold.finished is not None:
        echo(f"\n{fold.finished.status}{f': {fold.finished.reason}' if fold.finished.reason else ''}")
        if fold.finished.answer:
            echo(fold.finished.answer)
        for path in fold.finished.artifacts:
            echo(f"wrote {in_line(path)}")
        if fold.finished.note:
            failure.note(fold.finished.note)
        return
    for question in fold.questions.values():
        echo(f'\nIt asks: {question.question}\nAnswer with: trivet runs answer {fold.run} "…"')
    for approval in fold.approvals.values():
        from trivet.cli.view.wording import exact_call

        echo(f"\nIt waits for approval of {exact_call(approval.tool, approval.arguments)}")
        echo(f"Say: trivet runs approve {fold.run}   or: trivet runs deny {fold.run}")
