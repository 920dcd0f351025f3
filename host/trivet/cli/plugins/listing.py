"""`trivet plugins list|info|why`: what is installed, and how it is."""

from typing import Any

import click

from trivet.cli import failure, options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.plugins.shown import (
    being,
    enforcement_of,
    facts,
    isolation_of,
    needing,
    origin,
    permissions_of,
    record_of,
    state_of,
    surveyed,
)
from trivet.cli.plugins.whereabouts import asked_for, missing, standing_of
from trivet.cli.screen import echo, in_line, styled


@click.command("list", cls=options.Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List installed plugins and their states."""
    settings, found = surveyed()
    shown = [(record, *state_of(found, record)) for record in found.records.values()]
    if as_json:
        print_json([facts(record, state, reason) for record, state, reason in shown])
    else:
        rows = [
            (record.id, state, record.version, record.manifest.plugin.summary if record.manifest else "")
            for record, state, _ in shown
        ]
        print_columns(("PLUGIN", "STATE", "VERSION", "SUMMARY"), rows)
        for record, state, reason in shown:
            if reason:
                failure.note(f"plugin '{record.id}' ({origin(record)}) {being(state)}: {reason}")
    for problem in found.problems:
        failure.note(problem)
    from trivet.packages import unfinished

    if unfinished.is_there(settings.home):
        failure.note("an installation was interrupted; `trivet plugins sync` finishes it")
    for name in missing(settings, found):
        failure.note(f"you asked for '{name}', which is not here; `trivet plugins sync` brings it back")


@click.command(cls=options.Command)
@click.argument("plugin")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def info(plugin: str, as_json: bool) -> None:
    """Show what PLUGIN brings, needs and may do, how it runs, where it is, and what it is pinned to.

    \b
    Permissions are enforced, or advisory: then they are the plugin's promise.

    \b
    Examples:
      trivet plugins info table
      trivet plugins info table --json
    """
    settings, found = surveyed()
    record = record_of(found, plugin)
    state, reason = state_of(found, record)
    places = standing_of(settings, found, record)
    if as_json:
        import msgspec

        manifest = msgspec.to_builtins(record.manifest)
        permissions: list[Any] = []
        if record.manifest is not None:
            marked, _ = enforcement_of(settings, record, isolation_of(settings, found, record))
            permissions = msgspec.to_builtins(marked)
        print_json({**facts(record, state, reason), **places, "permissions": permissions, "manifest": manifest})
        return
    echo(f" {origin(record)}, {state}{f': {reason}' if reason else ''}", lead=styled(record.id, bold=True))
    if record.manifest is None:
        return
    manifest = record.manifest
    echo(in_line(manifest.plugin.summary))
    for kind in manifest.contributes.__struct_fields__:
        declared = getattr(manifest.contributes, kind)
        if declared:
            echo(f"\n{kind}")
            for each in declared:
                name = each.name or f"{each.prefix}…"
                echo(f"  {name:<24} {in_line(each.summary)}")
    needs = [*manifest.requires.plugins, *manifest.requires.capabilities]
    if needs:
        echo(f"\nneeds        {', '.join(needs)}")
    if users := needing(found, settings, plugin):
        echo(f"{'' if needs else chr(10)}needed by    {', '.join(users)}")
    echo("\nmay")
    for line in permissions_of(settings, record, isolation_of(settings, found, record)):
        echo(f"  {in_line(line)}")
    echo()
    for what, value in places.items():
        if value:
            echo(f"{what.replace('_', ' '):<12} {value}")


@click.command(cls=options.Command)
@click.argument("plugin")
def why(plugin: str) -> None:
    """Say why PLUGIN is in its state, who asked for it, and who needs it.

    \b
    Example:
      trivet plugins why search
    """
    settings, found = surveyed()
    record = record_of(found, plugin)
    state, reason = state_of(found, record)
    echo(f"Plugin '{plugin}' ({origin(record)}) {being(state)}{f': {reason}' if reason else ''}")
    echo(f"It is here because {asked_for(settings, record)}.")
    if users := needing(found, settings, plugin):
        echo(f"It is needed by {', '.join(users)}.")
    last = found.last_failure(plugin)
    if last is not None and last.traceback:
        if options.is_given("debug"):
            echo(last.traceback)
        else:
            echo(f"`trivet plugins why {plugin} --debug` shows the traceback.")
