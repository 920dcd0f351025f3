"""`trivet runs show|watch`: what a run did, and what it does."""

from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo, in_line, styled

if TYPE_CHECKING:
    from trivet.journal.ratings import Rating
    from trivet.journal.reader import RunSummary
    from trivet_sdk.events import Record


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--events", is_flag=True, help="All that happened, numbered, a line each.")
@click.option("--prompts", is_flag=True, help="The same, with every prompt that went to a model, and what came back.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="All events, one a line, and its ratings.",
)
def show(run: str, events: bool, prompts: bool, as_json: bool) -> None:
    """Show what RUN did and what came of it: its plan as a graph, when each step was at work, what it cost, the answer.

    \b
    In the plan lines run downwards, from a step to those that need it:
      ✓      s1      done
      ├─✗    s2      failed; it needs s1
      ▸─┤    s3      at work; it needs s1
        ·    s4      still to come; it needs s2 and s3
      !      s5      waits for a person
    ? is a step of which nobody knows whether it took effect, - one that was skipped or cancelled.

    \b
    Nothing that a model is told is hidden: --prompts shows each prompt and each completion,
    --json holds them, too, in `model.called` and `model.returned`.

    \b
    Examples:
      trivet runs show last
      trivet runs show last --events            numbers to fork at
      trivet runs show last --prompts | less
    """
    import anyio

    summary, records, ratings = anyio.run(_told, run)
    if as_json:
        from trivet.cli.view.json_lines import JsonLines

        view = JsonLines()
        for record in (*records, *(rating.record for rating in ratings)):
            view.show(record)
    elif events or prompts:
        _list(records, with_prompts=prompts)
        _conclude(records)
    else:
        _draw(summary, records)
        _conclude(records, is_drawn=True)
        _how_to_go_on(summary)
    if not as_json:
        _rated(ratings)


@click.command(cls=options.Command)
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Events, one a line.")
def watch(run: str, as_json: bool) -> None:
    """Follow RUN, whoever works on it, until it ends or waits."""
    import anyio

    anyio.run(_watch, run, as_json)


async def _told(run: str) -> "tuple[RunSummary, list[Record], list[Rating]]":
    async with desk() as opened:
        summary = await named(opened, run)
        records = [record async for record in opened.records(summary.id)]
        return summary, records, await opened.ratings(summary.id)


def _rated(ratings: "list[Rating]") -> None:
    for rating in ratings:
        comment = f": {in_line(rating.event.comment)}" if rating.event.comment else ""
        echo(f"rated {rating.event.rating} of 5{comment}")


def _list(records: "list[Record]", *, with_prompts: bool) -> None:
    from trivet.cli.view.plain import lines
    from trivet.cli.view.prompts import Prompts

    told = Prompts()
    width = len(str(len(records)))
    for record in records:
        first, *more = lines(record) or [record.event.topic]
        step = getattr(record.event, "step", None)
        echo(f"{record.seq:>{width}}  {first}{f' {step}' if first == record.event.topic and step else ''}")
        for line in (*more, *(told.lines(record) if with_prompts else ())):
            echo(f"{'':{width}}  {line}")


def _draw(summary: "RunSummary", records: "list[Record]") -> None:
    import shutil
    import sys
    import time

    from trivet.cli.screen import has_colors
    from trivet.cli.view.page import Page
    from trivet.cli.view.portrait import Portrait

    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    console = Page(width=width, no_color=not has_colors(), highlight=False, emoji=False, markup=False, file=sys.stdout)
    for line in Portrait(records, summary.status, time.time() if summary.pid is not None else None).lines(width):
        console.print(line, soft_wrap=not sys.stdout.isatty())


def _how_to_go_on(summary: "RunSummary") -> None:
    if summary.pid is not None:
        echo(f"\nProcess {summary.pid} works on it; `trivet runs watch {summary.id}` follows it.")
    elif summary.status in ("queued", "interrupted"):
        echo(f"\nNobody works on it; `trivet runs resume {summary.id}` goes on with it.")
    elif summary.is_finished and summary.status != "succeeded":
        echo(f"\nTo go on from there in a new run: trivet runs fork {summary.id}")


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


def _conclude(records: "list[Record]", *, is_drawn: bool = False) -> None:
    """`is_drawn`: the status stands above already."""
    from trivet.journal.fold import Fold

    fold = Fold(records[0].run if records else "").apply_all(records)
    if fold.finished is not None:
        reason = fold.finished.reason
        if is_drawn:
            echo(lead=styled("\nAnswer", bold=True))
        else:
            echo(f"\n{fold.finished.status}{f': {reason}' if reason else ''}")
        if fold.finished.answer:
            echo(fold.finished.answer)
        for path in fold.finished.artifacts:
            echo(f"wrote {in_line(path)}")
        if fold.finished.note:
            failure.note(fold.finished.note)
        return
    for id, step in fold.unfinished.items():
        if step.tool == "pursue" and fold.states[id] == "running":
            again = f".{fold.attempts[id]}" if fold.attempts[id] > 1 else ""
            echo(f"\nStep {id} is a run of its own: trivet runs show {fold.run}.{id}{again}")
    for question in fold.questions.values():
        echo(f'\nIt asks: {question.question}\nAnswer with: trivet runs answer {fold.run} "…"')
    for id, approval in fold.approvals.items():
        from trivet.cli.view.wording import exact_call

        which = f"{fold.run} {id}" if len(fold.approvals) > 1 else fold.run
        echo(f"\nIt waits for approval of {exact_call(approval.tool, approval.arguments)}")
        echo(f"since {approval.reason}{_until(approval.expires)}.")
        echo(f"Say: trivet runs approve {which}   or: trivet runs deny {which}")


def _until(expires: float) -> str:
    from trivet.cli.moment import moment

    return f"; without a word it is denied at {moment(expires)}" if expires else ""
