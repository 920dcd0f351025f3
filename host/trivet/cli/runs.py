"""`trivet runs`: look at runs, go on with them, stop them, answer them. Only `resume` starts plugins."""

import time
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_columns, print_json

if TYPE_CHECKING:
    from trivet.journal.reader import RunSummary
    from trivet.runs.desk import Desk
    from trivet_sdk.events import Record


@click.group(cls=options.Group)
def runs() -> None:
    """Look at runs, go on with them, stop them, answer them.

    \b
    A run is named by its id or by the first letters of it; `last` is the newest.

    \b
    Examples:
      trivet runs list
      trivet runs show last
      trivet runs resume last             after Ctrl-C, a crash, or an answer
      trivet runs answer 01h8 "the second file"
    """


@runs.command("list")
@click.option(
    "--limit", metavar="N", default=20, show_default=True, type=click.IntRange(min=1), help="At most so many."
)
@click.option("--here", is_flag=True, help="Only those of this folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(limit: int, here: bool, as_json: bool) -> None:
    """List runs, newest first."""
    import anyio

    workspace = str(options.absolute(None)) if here else None
    found = anyio.run(_list, limit, workspace)
    if as_json:
        import msgspec

        print_json([msgspec.to_builtins(summary) for summary in found])
        return
    from trivet.cli.view.wording import shortened

    rows = [(each.id, each.status, _ago(each.created), shortened(each.goal, 70)) for each in found]
    print_columns(("RUN", "STATUS", "BEGUN", "GOAL"), rows)


@runs.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="All events, one a line.")
def show(run: str, as_json: bool) -> None:
    """Show what RUN did and what came of it."""
    import anyio

    records = anyio.run(_records, run)
    if as_json:
        from trivet.cli.view.json_lines import JsonLines

        view = JsonLines()
        for record in records:
            view.show(record)
        return
    from trivet.cli.view.plain import lines

    for record in records:
        for line in lines(record):
            click.echo(line)
    _conclude(records)


@runs.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Events, one a line.")
def watch(run: str, as_json: bool) -> None:
    """Follow RUN, whoever works on it, until it ends or waits."""
    import anyio

    anyio.run(_watch, run, as_json)


@runs.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Events on stdout, one a line; nothing else.")
@click.option("--take", is_flag=True, help="Also from a container that cannot be seen from here, and is gone.")
@click.option("--detached", is_flag=True, hidden=True, help="Wait for answers and approvals from elsewhere.")
def resume(run: str, as_json: bool, take: bool, detached: bool) -> None:
    """Go on with RUN where it was. Exit codes as of `trivet run`."""
    import anyio

    from trivet.cli import pursuit

    found = anyio.run(_taken if take else _find, run)
    click.get_current_context().exit(pursuit.resumed(options.settings(), found, as_json=as_json, is_detached=detached))


@runs.command()
@click.argument("run")
@click.option("--take", is_flag=True, help="Also from a container that cannot be seen from here, and is gone.")
def cancel(run: str, take: bool) -> None:
    """Stop RUN for good."""
    import anyio

    click.echo(anyio.run(_cancel, run, take))


@runs.command()
@click.argument("run")
@click.argument("text")
@click.option("--no-resume", is_flag=True, help="Only leave the answer; do not go on with the run here.")
def answer(run: str, text: str, no_resume: bool) -> None:
    """Answer the question that RUN asks, and go on with it."""
    import anyio

    _go_on(anyio.run(_answer, run, text), no_resume=no_resume)


@runs.command()
@click.argument("run")
@click.option("--no-resume", is_flag=True, help="Only leave the word; do not go on with the run here.")
def approve(run: str, no_resume: bool) -> None:
    """Allow the call that RUN waits for, exactly as it stands."""
    _resolve(run, granted=True, no_resume=no_resume)


@runs.command()
@click.argument("run")
@click.option("--no-resume", is_flag=True, help="Only leave the word; do not go on with the run here.")
def deny(run: str, no_resume: bool) -> None:
    """Refuse the call that RUN waits for."""
    _resolve(run, granted=False, no_resume=no_resume)


def _resolve(run: str, *, granted: bool, no_resume: bool) -> None:
    import anyio

    _go_on(anyio.run(_resolved, run, granted), no_resume=no_resume)


def _go_on(run: "RunSummary", *, no_resume: bool) -> None:
    """Work on the run here, unless somebody does already."""
    if run.pid is not None:
        click.echo(f"Run {run.id} is told.")
    elif no_resume:
        click.echo(f"Noted; `trivet runs resume {run.id}` goes on with it.")
    else:
        from trivet.cli import pursuit

        click.get_current_context().exit(pursuit.resumed(options.settings(), run.id, as_json=False))


def _desk() -> "AbstractAsyncContextManager[Desk]":
    from trivet.app import open_desk

    return open_desk(options.settings())


async def _list(limit: int, workspace: str | None) -> "list[RunSummary]":
    async with _desk() as desk:
        return await desk.runs(limit=limit, workspace=workspace)


async def _find(run: str) -> str:
    async with _desk() as desk:
        return (await _summary(desk, run)).id


async def _taken(run: str) -> str:
    async with _desk() as desk:
        found = (await _summary(desk, run)).id
        await desk.take_over(found)  # given back as the desk closes
        return found


async def _summary(desk: "Desk", run: str) -> "RunSummary":
    """Of a run named by its id, by the beginning of it, or as `last`. Raises UnknownRun."""
    if run == "last" and (newest := await desk.runs(limit=1)):
        return newest[0]
    return await desk.summary(run)


async def _records(run: str) -> "list[Record]":
    async with _desk() as desk:
        return [record async for record in desk.records((await _summary(desk, run)).id)]


async def _watch(run: str, as_json: bool) -> None:
    from trivet.cli.view import chosen_view

    view = chosen_view(as_json=as_json)
    records: list[Record] = []
    async with _desk() as desk:
        id = (await _summary(desk, run)).id
        async for record in desk.watch(id):
            records.append(record)
            view.show(record)
    view.close()
    if not as_json:
        _conclude(records)


async def _cancel(run: str, take: bool) -> str:
    async with _desk() as desk:
        before = await _summary(desk, run)
        if before.is_finished:
            return f"Run {before.id} is over: {before.status}."
        if take:
            await desk.take_over(before.id)
        held = await desk.cancel(before.id)
        if held is not None and not held.is_visible:
            failure.note(str(held))
        return f"Run {before.id} is {'told to stop' if held is not None else 'cancelled'}."


async def _answer(run: str, text: str) -> "RunSummary":
    async with _desk() as desk:
        summary = await _summary(desk, run)
        if not (await desk.fold(summary.id)).questions:
            raise click.ClickException(f"Run {summary.id} asks nothing; it is {summary.status}.")
        await desk.answer(summary.id, text)
        return summary


async def _resolved(run: str, granted: bool) -> "RunSummary":
    async with _desk() as desk:
        summary = await _summary(desk, run)
        if not (await desk.fold(summary.id)).approvals:
            raise click.ClickException(f"Run {summary.id} waits for no approval; it is {summary.status}.")
        await desk.approve(summary.id, granted=granted)
        return summary


def _conclude(records: "list[Record]") -> None:
    from trivet.journal.fold import Fold

    fold = Fold(records[0].run if records else "").apply_all(records)
    if fold.finished is not None:
        click.echo(f"\n{fold.finished.status}{f': {fold.finished.reason}' if fold.finished.reason else ''}")
        if fold.finished.answer:
            click.echo(fold.finished.answer)
        for path in fold.finished.artifacts:
            click.echo(f"wrote {path}")
        if fold.finished.note:
            failure.note(fold.finished.note)
        return
    for question in fold.questions.values():
        click.echo(f'\nIt asks: {question.question}\nAnswer with: trivet runs answer {fold.run} "…"')
    for approval in fold.approvals.values():
        from trivet.cli.view.wording import exact_call

        click.echo(f"\nIt waits for approval of {exact_call(approval.tool, approval.arguments)}")
        click.echo(f"Say: trivet runs approve {fold.run}   or: trivet runs deny {fold.run}")


def _ago(then: float) -> str:
    seconds = max(0.0, time.time() - then)
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} seconds ago"
