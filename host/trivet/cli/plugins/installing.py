"""`trivet plugins install|update|sync`: bring plugins here, show what would change first."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.plugins import proposed
from trivet.cli.plugins.shown import surveyed
from trivet.cli.plugins.working import Telling, working

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.packages.installation import Workshop
    from trivet.packages.proposal import Options, Proposal
    from trivet.packages.record import Asked
    from trivet.packages.request import Request

_YES = click.option("--yes", is_flag=True, help="Do not ask.")
_STARTUP = click.option(
    "--allow-startup-code", is_flag=True, help="Accept files that Python runs by itself, before any gate."
)
_BUILD = click.option(
    "--allow-build", is_flag=True, help="Build sources where there is no wheel, which runs their code."
)


@click.command(cls=options.Command)
@click.argument("plugin", metavar="REQUIREMENT|PATH|WHEEL")
@click.option(
    "--isolation",
    type=click.Choice(["venv", "process", "inprocess"]),
    help="How it runs.  [default: as it says itself]",
)
@click.option("--editable", "-e", is_flag=True, help="Let edits of the sources in PATH count at once, for authors.")
@click.option("--enable", "enables", is_flag=True, help="Enable it, too: show what it may do, and pin its files.")
@_YES
@_BUILD
@_STARTUP
def install(
    plugin: str,
    isolation: str | None,
    editable: bool,
    enables: bool,
    yes: bool,
    allow_build: bool,
    allow_startup_code: bool,
) -> None:
    """Install a plugin: resolve, show what would change, ask, and do it.

    \b
    Nothing is installed that would move the version of anything that trivet or an enabled
    plugin stands on; --isolation venv gives a plugin an environment of its own instead.
    Installed is not enabled: `trivet plugins enable` shows what it may do.

    \b
    Examples:
      trivet plugins install trivet-search
      trivet plugins install "trivet-search>=0.2" --isolation venv
      trivet plugins install ./my-plugin --editable      while you write it
      trivet plugins install dist/my_plugin-0.1.0-py3-none-any.whl --enable

    Packages come from where pip is set up to find them; pins in constraints.txt of trivet's home hold, too.
    """
    from trivet.errors import InstallError
    from trivet.packages.proposal import Options
    from trivet.packages.request import parsed

    settings, found = surveyed()
    wanted = parsed(plugin, Path.cwd())
    if editable and wanted.kind != "folder":
        raise click.UsageError("--editable takes a folder with the plugin's sources.")
    if present := _present(wanted, settings.home, isolation):
        raise InstallError(
            plugin, f"{present} is installed already. `trivet plugins update {wanted.name}` looks for a newer one."
        )
    known = proposed.known_names(found)
    for sentence in proposed.suspicions([wanted.name] if wanted.name else [], known):
        failure.note(sentence)
    place = {"venv": "own", "process": "trivet", "inprocess": "trivet", None: None}[isolation]
    wishes = Options(place=place, editable=editable, allow_build=allow_build)  # type: ignore[arg-type]
    with working(settings, found) as (workshop, telling):
        proposal = workshop.propose(wanted, wishes)
        telling.pause()
        proposed.show(proposal)
        names = [name for name in (proposal.wheel.name, *proposal.ids) if name != wanted.name]
        for sentence in proposed.suspicions(names, known - {name for name in names if _is_own(found, proposal, name)}):
            failure.note(sentence)
        accepted = _unmoving(workshop, telling, proposal, yes=yes)
        if accepted is None or not proposed.agreed_to_startup(accepted, allowed=allow_startup_code):
            return
        if not proposed.agreed(f"Install {accepted.wheel.name} {accepted.wheel.version}?", yes=yes):
            return
        workshop.commit(accepted)
    _told(accepted, isolation)
    if enables:
        _enable(accepted.ids, yes=yes)


@click.command(cls=options.Command)
@click.argument("plugin", required=False)
@click.option("--enable", "enables", is_flag=True, help="Enable what was updated and was enabled before, too.")
@_YES
@_BUILD
@_STARTUP
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
            click.echo("No plugin was installed by `trivet plugins install`, so there is nothing to update.")
        for name in names:
            each = asked[name]
            if (why := _fixed(each)) is not None:
                click.echo(f"{name}: {why}")
                continue
            wishes = _wishes(each, allow_build)
            proposal = workshop.propose(parsed(each.requirement, settings.home), wishes)
            telling.pause()
            if workshop.is_current(proposal):
                click.echo(f"{name}: {each.version} is the newest that '{each.requirement}' allows")
                continue
            proposed.show(proposal)
            if proposal.moved:
                failure.say(proposed.refusal(each.requirement, proposal.moved))
                continue
            if not proposed.agreed_to_startup(proposal, allowed=allow_startup_code):
                continue
            if proposed.agreed(f"Update {proposal.wheel.name} to {proposal.wheel.version}?", yes=yes):
                workshop.commit(proposal)
                click.echo(f"Updated {proposal.wheel.name} from {each.version} to {proposal.wheel.version}.")
                updated += [id for id in proposal.ids if settings.plugins.get(id, {}).get("enabled") is True]
    if enables:
        _enable(updated, yes=yes)
    else:
        for id in updated:
            failure.note(
                f"plugin '{id}' was enabled with its old files; `trivet plugins enable {id}` enables the new ones"
            )


@click.command(cls=options.Command)
@_YES
@_BUILD
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
            click.echo(f"All that you asked for is here ({_counted(len(asked))}).")
        for name, each in missing.items():
            try:
                proposal = workshop.propose(_as_it_was(each, settings.home), _wishes(each, allow_build))
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
                click.echo(f"{proposal.wheel.name} {proposal.wheel.version} is back.")
    if failed:
        click.get_current_context().exit(failure.NOT_ACHIEVED)


def _told(proposal: "Proposal", isolation: str | None) -> None:
    """Say that it is installed, and write down how the user wants it to run."""
    from trivet.settings import load_settings, write_setting

    settings = load_settings()
    for id in proposal.ids:
        wanted = "venv" if proposal.place == "own" else isolation
        if wanted is not None and wanted != proposal.manifests[id].plugin.isolation:
            write_setting(settings.home, f"plugins.{id}.isolation", wanted)
        elif settings.plugins.get(id, {}).get("isolation") == "venv" and proposal.place != "own":
            write_setting(settings.home, f"plugins.{id}.isolation", None)
        where = " in an environment of its own" if proposal.place == "own" else ""
        click.echo(
            f"Plugin '{id}' is installed{where}. `trivet plugins enable {id}` shows what it may do and enables it."
        )


def _unmoving(workshop: "Workshop", telling: Telling, proposal: "Proposal", *, yes: bool) -> "Proposal | None":
    """The proposal itself, or one with an environment of its own if it would move what others stand on."""
    import sys

    import msgspec

    if not proposal.moved:
        return proposal
    sentence = proposed.refusal(proposal.request.text, proposal.moved)
    if yes or not sys.stdin.isatty():
        raise click.ClickException(sentence)
    failure.say(sentence)
    if not click.confirm("Give it an environment of its own?", default=True):
        return None
    wishes: Options = msgspec.structs.replace(proposal.options, place="own")
    apart = workshop.propose(proposal.request, wishes)
    telling.pause()
    proposed.show(apart)
    return apart


def _present(wanted: "Request", home: Path, isolation: str | None) -> str:
    """`trivet-search 0.2.0`, if what is wanted is here already, and where it is wanted."""
    from packaging.requirements import Requirement

    from trivet.packages import record
    from trivet.packages.installed import installed

    if wanted.kind != "requirement":
        return ""
    asked = record.read(home).get(wanted.name)
    if asked is not None and asked.environment and isolation in (None, "venv"):
        name, version = wanted.name, asked.version
    elif (there := installed().get(wanted.name)) and isolation != "venv":
        name, version = there.name, there.version
    else:
        return ""
    return f"{name} {version}" if Requirement(wanted.text).specifier.contains(version, prereleases=True) else ""


def _is_own(found: "Survey", proposal: "Proposal", name: str) -> bool:
    """Whether the name is known because this very distribution is installed."""
    from packaging.utils import canonicalize_name

    record = found.records.get(name)
    owner = record.distribution if record else name
    return canonicalize_name(owner) == proposal.wheel.key


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


def _enable(ids: Sequence[str], *, yes: bool) -> None:
    """In processes of their own: this one looked at its path before there was something new on it."""
    import subprocess
    import sys

    sys.stdout.flush()
    codes = [
        subprocess.run(
            [sys.executable, "-m", "trivet", "plugins", "enable", id, *(["--yes"] if yes else [])], check=False
        ).returncode
        for id in ids
    ]
    if any(codes):
        click.get_current_context().exit(max(codes))
