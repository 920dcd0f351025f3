"""`trivet runs list`."""

import time
from typing import TYPE_CHECKING

import click

from trivet.cli import options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.runs.named import desk
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from trivet.journal.fold import Fold
    from trivet.journal.reader import RunSummary


@click.command("list", cls=options.Command)
@click.option(
    "--limit", metavar="N", default=20, show_default=True, type=options.WholeNumber(min=1), help="At most so many."
)
@click.option("--here", is_flag=True, help="Only those of this folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(limit: int, here: bool, as_json: bool) -> None:
    """List runs, newest first."""
    import anyio

    workspace = str(options.absolute(None)) if here else None
    found, waits = anyio.run(_list, limit, workspace)
    if as_json:
        import msgspec

        print_json([{**msgspec.to_builtins(summary), "waits_for": waits.get(summary.id, [])} for summary in found])
        return
    from trivet.cli.view.wording import shortened

    if not found:
        echo(f"No run yet{' in this folder' if here else ''}. To begin one: trivet run GOAL", err=True)
        return
    rows = [
        (
            each.id,
            f"{each.status} for {shortened(', '.join(waits[each.id]), 50)}" if each.id in waits else each.status,
            _ago(each.created),
            held_by(each.pid, each.since, is_elsewhere=each.is_elsewhere),
            each.conversation or "",
            shortened(each.goal, 70),
        )
        for each in found
    ]
    head = ("RUN", "STATUS", "BEGUN", "HELD BY", "CHAT", "GOAL")
    told = [i for i, name in enumerate(head) if name not in ("HELD BY", "CHAT") or any(row[i] for row in rows)]
    print_columns([head[i] for i in told], [[row[i] for i in told] for row in rows])


async def _list(limit: int, workspace: str | None) -> "tuple[list[RunSummary], dict[str, list[str]]]":
    """The runs, and by id what each that asks somebody waits for."""
    async with desk() as opened:
        found = [as_it_stands(each) for each in await opened.runs(limit=limit, workspace=workspace)]
        return found, {run.id: _wanted(await opened.fold(run.id)) for run in found if run.is_asking}


def _wanted(fold: "Fold") -> list[str]:
    approvals = [f"approval of {request.tool}" for request in fold.approvals.values()]
    return [*approvals, *(f"an answer: {asked.question}" for asked in fold.questions.values())]


def as_it_stands(run: "RunSummary") -> "RunSummary":
    """A run that waits, but for nobody, was cut off just after it was answered: it is interrupted."""
    if run.status != "waiting" or run.pid is not None or run.is_asking:
        return run
    import msgspec

    return msgspec.structs.replace(run, status="interrupted")


def held_by(pid: int | None, since: float | None, *, is_elsewhere: bool) -> str:
    """The living host that has a run, and for how long it has had it."""
    return "" if pid is None else f"process {pid}{' (elsewhere)' if is_elsewhere else ''} for {_span(since or 0.0)}"


def _ago(then: float) -> str:
    return f"{_span(then)} ago"


def _span(then: float) -> str:
    seconds = max(0.0, time.time() - then)
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
