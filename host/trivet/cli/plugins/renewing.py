"""`trivet plugins update|sync`: bring what was asked for to its newest version, or back."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.plugins import proposed
from trivet.cli.plugins.enabling import enable_anew
from trivet.cli.plugins.installing import BUILD, STARTUP, YES
from trivet.cli.plugins.shown import surveyed
from trivet.cli.plugins.working import working
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from trivet.packages.proposal import Options
    from trivet.packages.record import Asked
    from trivet.packages.request import Request


@click.command(cls=options.Command)
@click.argument("plugin", required=False)
@click.option("--enable", "enables", is_flag=True, help="Enable what was updated and was enabled before, too.")
@YES
@BUILD
@STARTUP
def update(plugin: str | None, enables: bool, yes: bool, allow_build: bool, allow_startup_code: bool) -> None:
    """Bring PLUGIN, or all that you asked for, to its newest version; show what would change first.

    \b
    What you asked for stays the bound: 'trivet-search<0.3' never becomes 0.3.
    A plugin with an environment of its own gets a new one, which takes the place of the
    old when it is complete. Updated files are disabled until you enable them again.

    \b
    Examples:
      trivet plugins update
      trivet plugins update search --enable
    """
    from trivet.packages.request import parsed

    settings, found = surveyed()
    updated: list[str] = []
    with working(settings, found) as (workshop, telling):
        asked = workshop.asked
        names = list(asked)
        if plugin is not None:
            names = [_asked_for(plugin, asked)]
        if not names:
            echo("No plugin was installed by `trivet plugins install`, so there is nothing to update.")
        for name in names:
            each = asked[name]
            if (why := _fixed(each)) is not None:
                echo(f"{name}: {why}")
                continue
            wishes = _wishes(each, allow_build)
            proposal = workshop.propose(parsed(each.requirement, settings.home), wishes)
            telling.pause()
            if workshop.is_current(proposal):
                echo(f"{name}: {each.version} is the newest that '{each.requirement}' allows")
                continue
            proposed.show(proposal)
            if proposal.moved:
                failure.say(proposed.refusal(each.requirement, proposal.moved))
                continue
            proposal = workshop.fetch(proposal)
            telling.pause()
            if not proposed.agreed_to_startup(proposal, allowed=allow_startup_code):
                continue
            if proposed.agreed(f"Update {proposal.wheel.name} to {proposal.wheel.version}?", yes=yes):
                workshop.commit(proposal)
                echo(f"Updated {proposal.wheel.name} from {each.version} to {proposal.wheel.version}.")
                updated += [id for id in proposal.ids if settings.plugins.get(id, {}).get("enabled") is True]
    if enables:
        enable_anew(updated, yes=yes)
    else:
        for id in updated:
            failure.note(
                f"plugin '{id}' was enabled with its old files; `trivet plugins enable {id}` enables the new ones"
            )


@click.command(cls=options.Command)
@YES
@BUILD
def sync(yes: bool, allow_build: bool) -> None:
    """Bring back what you asked for and is no longer here, after trivet's own environment was rebuilt.

    \b
    The record is plugins.toml in trivet's home. Each plugin comes in the version that
    it had, so that what was enabled stays enabled.

    \b
    Example:
      trivet plugins sync
    """
    import msgspec

    from trivet.errors import InstallError

    settings, found = surveyed()
    failed = False
    with working(settings, found) as (workshop, telling):
        asked = workshop.asked
        missing = {name: each for name, each in asked.items() if not workshop.is_here(name)}
        if not missing:
            echo(f"All that you asked for is here ({_counted(len(asked))}).")
        for name, each in missing.items():
            try:
                proposal = workshop.propose(_as_it_was(each, settings.home), _wishes(each, allow_build))
                proposal = proposal if proposal.moved else workshop.fetch(proposal)
            except InstallError as error:
                telling.pause()
                failure.say(f"'{name}' could not be brought back. {error}")
                failed = True
                continue
            telling.pause()
            proposed.show(proposal)
            if proposal.moved:
                failure.say(proposed.refusal(each.requirement, proposal.moved))
                failed = True
            # What startup code it has was agreed to when it was asked for.
            elif proposed.agreed(f"Bring back {proposal.wheel.name} {proposal.wheel.version}?", yes=yes):
                workshop.commit(msgspec.structs.replace(proposal, asked_as=each.requirement))
                telling.pause()
                echo(f"{proposal.wheel.name} {proposal.wheel.version} is back.")
    if failed:
        click.get_current_context().exit(failure.NOT_ACHIEVED)


def _asked_for(plugin: str, asked: "Mapping[str, Asked]") -> str:
    from trivet.errors import InstallError, nearest
    from trivet.packages.record import belonging

    if name := belonging(asked, plugin):
        return name
    known = [*asked, *(id for each in asked.values() for id in each.plugins)]
    raise InstallError(
        plugin,
        f"no plugin of this name was installed by `trivet plugins install`.{nearest(plugin, known)} "
        "If pip brought it, pip updates it.",
    )


def _fixed(asked: "Asked") -> str | None:
    """Why there is nothing to look for."""
    if asked.editable:
        return f"it is editable, so the sources in {asked.requirement} are what runs"
    if asked.wheel:
        return f"it came from the file {asked.wheel}; install a newer file with `trivet plugins install`"
    return None


def _wishes(asked: "Asked", allow_build: bool) -> "Options":
    from trivet.packages.proposal import Options

    return Options(
        place="own" if asked.environment else "trivet", editable=asked.editable, allow_build=allow_build
    )  # fmt: skip


def _as_it_was(asked: "Asked", home: Path) -> "Request":
    """The same version from an index, the same file, the folder as it is now."""
    from packaging.requirements import Requirement

    from trivet.packages.request import parsed

    if asked.wheel:
        return parsed(str(home / "plugins" / ".wheels" / asked.wheel), home)
    wanted = parsed(asked.requirement, home)
    if wanted.kind != "requirement" or (requirement := Requirement(wanted.text)).url:
        return wanted
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return parsed(f"{requirement.name}{extras}=={asked.version}", home)


def _counted(count: int) -> str:
    return {0: "nothing", 1: "one plugin"}.get(count, f"{count} plugins")
