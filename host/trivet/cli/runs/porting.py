"""`trivet runs export|import`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.runs.named import desk, named
from trivet.cli.screen import echo
from trivet.sizes import size_in_words

if TYPE_CHECKING:
    from trivet.journal.portable import Imported
    from trivet.runs.exporting import Exported


@click.command(cls=options.Command)
@click.argument("run")
@click.option("-o", "--output", metavar="FILE", help="Where to; RUN.trivet.tar here, if not said.")
@click.option("--children", is_flag=True, help="With its sub-goals.")
@options.force
def export(run: str, output: str | None, children: bool, force: bool) -> None:
    """Write RUN into a file, to show it to somebody or to bring it to another home.

    \b
    The file is a tar with the events as JSON lines (runs/ID.jsonl), the files that they name
    (blobs/), and a manifest. Values of secrets that settings name are taken out, and so is what
    looks like a key; what else is private in goals and results is not known here: read it first.

    \b
    Examples:
      trivet runs export last
      trivet runs export 01h8 -o ~/report.tar --children
      tar -xOf 01h8….trivet.tar --wildcards 'runs/*' | less
    """
    import anyio

    done = anyio.run(_export, run, output, children, force)
    echo(
        f"Wrote {done.path} ({size_in_words(done.path.stat().st_size)}, {done.events} events"
        f"{f' of {done.runs} runs' if done.runs > 1 else ''})."
    )
    if done.removed:
        failure.note(f"a secret was taken out at {done.removed} {'place' if done.removed == 1 else 'places'}")
    if done.withheld:
        failure.note(f"{len(done.withheld)} files of the run hold a secret and were left out")


@click.command("import", cls=options.Command)
@click.argument("file")
def import_(file: str) -> None:
    """Bring a run that was exported elsewhere into this home.

    \b
    It can be shown, and never goes on here by accident: what it did was done on another machine.

    \b
    Examples:
      trivet runs import 01h8….trivet.tar
      trivet runs show 01h8
    """
    import anyio

    done = anyio.run(_import, options.absolute(file))
    if done.was_here:
        echo(f"Run {done.run} is here already, and nothing has changed.")
        return
    echo(f"Imported run {done.run} ({done.events} events). To see it: trivet runs show {done.run}")


async def _export(run: str, output: str | None, children: bool, force: bool) -> "Exported":
    from trivet.app import open_host

    settings = options.settings()
    async with desk() as opened:
        id = (await named(opened, run)).id
    path = options.absolute(output) if output is not None else Path.cwd() / f"{id}.trivet.tar"
    options.require_new(path, force=force)
    async with open_host(settings) as host:  # plugins have a say in what leaves
        return await host.export(id, path, with_children=children)


async def _import(path: Path) -> "Imported":
    async with desk() as opened:
        return await opened.import_run(path)
