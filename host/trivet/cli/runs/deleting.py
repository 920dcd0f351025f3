"""`trivet runs delete|prune`: what would go is said before it goes."""

import sys
from typing import TYPE_CHECKING

import click

from trivet.cli import options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.quantities import Age, Size
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo
from trivet.cli.typed import typed
from trivet.sizes import size_in_words

if TYPE_CHECKING:
    from trivet.runs.desk import Desk
    from trivet.runs.keeping import Candidate, Limits

STATUSES = (
    "succeeded", "failed", "cancelled", "exhausted", "queued", "waiting", "interrupted", "planning", "executing",
)  # fmt: skip


@click.command(cls=options.Command)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(runs: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Remove RUNs for good, with their sub-goals: what they did, were told and found.

    \b
    Files that a run wrote into its folder stay. A run that is being worked on is not removed:
    `trivet runs cancel` stops it first.

    \b
    Examples:
      trivet runs delete 01h8 7m2x
      trivet runs delete last --dry-run
    """
    import anyio

    anyio.run(_delete, runs, dry_run, yes)


@click.command(cls=options.Command)
@click.option("--older-than", metavar="AGE", type=Age(), help="Those whose last sign of life is older: 30d, 12h, 2w.")
@click.option("--keep-last", metavar="N", type=options.WholeNumber(min=0), help="All but the N newest.")
@click.option("--max-size", metavar="SIZE", type=Size(), help="The oldest, until the others take less: 2GB, 500MB.")
@click.option("--status", metavar="STATUS,…", help="Only those that ended so: failed,cancelled.")
@click.option("--workspace", metavar="DIR", help="Only those of this folder.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="What goes, or would go, as JSON.")
def prune(
    older_than: float | None,
    keep_last: int | None,
    max_size: int | None,
    status: str | None,
    workspace: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Remove old runs, with their sub-goals.

    \b
    --older-than, --keep-last and --max-size each name runs that go; --status and --workspace
    say which runs are meant at all. Runs that are not over stay unless --status names theirs
    (waiting, queued, interrupted); one that is being worked on always stays.
    To have it done by itself: trivet config set keep.days 30

    \b
    Examples:
      trivet runs prune --older-than 30d
      trivet runs prune --status failed,cancelled --dry-run
      trivet runs prune --max-size 2GB --yes
    """
    import anyio

    from trivet.runs.keeping import Limits

    statuses = tuple(each.strip() for each in (status or "").split(",") if each.strip())
    for each in statuses:
        if each not in STATUSES:
            raise click.UsageError(f"'{each}' is no status of a run. There is: {', '.join(STATUSES)}.")
    limits = Limits(
        older_than=older_than,
        keep_last=keep_last,
        max_size=max_size,
        statuses=statuses,
        workspace=str(options.absolute(workspace)) if workspace is not None else None,
    )
    if not limits:
        raise click.UsageError("Say which runs, e.g. --older-than 30d. `trivet runs prune --help` tells all ways.")
    anyio.run(_prune, limits, dry_run, yes, as_json)


async def _delete(runs: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    from trivet.runs.keeping import Limits

    async with desk() as opened:
        ids = list(dict.fromkeys([(await named(opened, run)).id for run in runs]))
        known = {each.run.id: each for each in await opened.removable(Limits(statuses=STATUSES))}
        size = sum(known[id].size for id in ids if id in known)
        what = f"{_count(len(ids))} ({', '.join(ids)}; {size_in_words(size)})"
        if dry_run:
            echo(f"Would remove {what}.")
            return
        await _ask(f"Remove {what} for good?", yes)
        gone = 0
        for id in ids:
            gone += len((await opened.delete(id)).runs)
        await _tell(opened, gone)


async def _prune(limits: "Limits", dry_run: bool, yes: bool, as_json: bool) -> None:
    async with desk() as opened:
        found = await opened.removable(limits)
        if as_json:
            print_json([_row(each) for each in found])
        elif found:
            rows = [(each.run.id, each.run.status, size_in_words(each.size), each.run.goal[:60]) for each in found]
            print_columns(("RUN", "STATUS", "SIZE", "GOAL"), rows)
        what = f"{_count(len(found))} ({size_in_words(sum(each.size for each in found))})"
        if not found or dry_run:
            echo(f"Would remove {what}." if found else "No run is so.", err=as_json)
            return
        await _ask(f"Remove {what} for good?", yes)
        gone = 0
        for each in await opened.remove_each(each.run.id for each in found):
            gone += len(each.runs)
        await _tell(opened, gone, err=as_json)


async def _ask(question: str, yes: bool) -> None:
    """Raises Abort where they do not agree. Waited for on the event loop, which hears a Ctrl-C at any moment."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask in. Say --yes to remove them, or --dry-run to see them.")
    if (await typed(f"{question} [y/N]: ") or "").lower() not in ("y", "yes"):
        raise click.Abort


async def _tell(opened: "Desk", gone: int, *, err: bool = False) -> None:
    collected = await opened.collect()
    files = f" and {size_in_words(collected.bytes)} of files that nothing refers to" if collected.bytes else ""
    echo(f"Removed {_count(gone)}{files}.", err=err)
    if given_back := await opened.give_back():
        echo(f"The journal takes {size_in_words(given_back)} less.", err=True)
    if collected.young:
        echo(
            f"{collected.young} {'file' if collected.young == 1 else 'files'} of such runs may be in use still; "
            "a later prune, or `trivet home check --repair`, removes them.",
            err=True,
        )


def _row(each: "Candidate") -> dict[str, object]:
    run = each.run
    return {"id": run.id, "status": run.status, "goal": run.goal, "updated": run.updated, "bytes": each.size}


def _count(runs: int) -> str:
    return f"{runs} {'run' if runs == 1 else 'runs'}"
