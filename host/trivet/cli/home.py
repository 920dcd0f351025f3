"""`trivet home`: back up, restore and check everything that trivet keeps."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_json
from trivet.cli.screen import echo, is_lively
from trivet.sizes import size_in_words


@click.group(cls=options.Group)
def home() -> None:
    """Back up, restore and check everything that trivet keeps.

    \b
    Examples:
      trivet home backup ~/backups/
      trivet home check
      trivet home restore ~/backups/trivet-20260102-1530.tar --to /tmp/look
    """


@home.command()
@click.argument("file")
@options.force
def backup(file: str, force: bool) -> None:
    """Write a backup into FILE, or into a new file in the folder FILE, while runs go on.

    \b
    In it: all runs and their files, settings.toml, what plugins keep, and the record of
    installed plugins. Not in it: model files, plugins' environments, caches and logs, which
    can be had again. Runs hold what models and tools were told: keep the file as you keep
    the home itself.

    \b
    Examples:
      trivet home backup ~/backups/
      trivet home backup /media/stick/trivet.tar
    """
    from trivet.journal.backup import LEFT_OUT, back_up

    path = options.absolute(file)
    if path.is_dir() or file.endswith("/"):
        path = path / time.strftime("trivet-%Y%m%d-%H%M%S.tar")
    options.require_new(path, force=force)
    settings = options.settings()
    with _bar("Backing up") as told:
        done = back_up(settings.home, path, told)
    runs = f"{done.runs} {'run' if done.runs == 1 else 'runs'}"
    echo(f"Wrote {done.path} ({size_in_words(done.size)}, {runs}). Left out: {LEFT_OUT}.")
    if done.missing:
        failure.note(
            f"{len(done.missing)} files to which runs refer are missing in {settings.home}, and so in the backup; "
            "`trivet home check` names them"
        )


@home.command()
@click.argument("file")
@click.option("--to", metavar="DIR", help="Into this home; else into the one of the settings.")
@click.option("--replace", is_flag=True, help="Where there is a journal already: move what is there aside first.")
def restore(file: str, to: str | None, replace: bool) -> None:
    """Put a backup back. All of FILE is checked before anything changes.

    \b
    Afterwards `trivet plugins sync` brings back plugins, and `trivet models pull` model files.

    \b
    Examples:
      trivet home restore ~/backups/trivet-20260102-1530.tar
      trivet home restore trivet.tar --to /tmp/look     then: TRIVET_HOME=/tmp/look trivet runs list
    """
    from trivet.journal.backup import restore as restored
    from trivet.settings import home_directory

    done = restored(options.absolute(file), options.absolute(to) if to else home_directory(), replaces=replace)
    echo(f"Restored {done.home} ({done.files} files).")
    if done.aside is not None:
        echo(f"What was there is in {done.aside} now.")
    echo("`trivet plugins sync` brings back plugins, and `trivet models pull` model files.", err=True)


@home.command()
@click.option("--repair", is_flag=True, help="Remove files to which no run refers, and what killed processes left.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def check(repair: bool, as_json: bool) -> None:
    """Read everything: the database, each run, each file. Exit code 1 if something is wrong.

    \b
    Examples:
      trivet home check
      trivet home check --repair
    """
    from trivet.journal.blobs import BlobStore
    from trivet.journal.collection import collect
    from trivet.journal.examination import examine

    place = options.settings().home  # a settings.toml that cannot be read ends here, with its sentence
    with _bar("Checking") as told:
        found = examine(place, lambda what, done, total: told(done, total))
    collected = collect(place / "journal.sqlite", BlobStore(place / "blobs")) if repair else None
    if as_json:
        report: dict[str, Any] = {
            "home": str(place), "runs": found.runs, "events": found.events, "blobs": found.blobs,
            "unreferenced": found.unreferenced, "problems": found.problems,
        }  # fmt: skip
        if collected is not None:
            report["collected"] = {"blobs": collected.blobs, "bytes": collected.bytes, "leftovers": collected.leftovers}
        print_json(report)
    else:
        for problem in found.problems:
            echo(problem)
        counts = f"{found.runs} runs, {found.events} events, {found.blobs} files"
        echo(f"{counts}: {'all is well' if not found.problems else f'{len(found.problems)} wrong'}.")
        if collected is not None:
            removed = collected.blobs + collected.leftovers
            echo(f"Removed {removed} files that nothing refers to ({size_in_words(collected.bytes)}).")
        elif found.unreferenced:
            failure.note(
                f"{found.unreferenced} files are of no run any more; `trivet home check --repair` removes them"
            )
    if found.problems:
        click.get_current_context().exit(failure.NOT_ACHIEVED)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yields what to call with (so far, altogether)."""
    if not is_lively(sys.stderr):
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
