"""`trivet plugins install`: bring a plugin here, show what would change first."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.plugins import proposed
from trivet.cli.plugins.enabling import enable_anew
from trivet.cli.plugins.shown import surveyed
from trivet.cli.plugins.working import Telling, working
from trivet.cli.screen import confirm, echo

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey
    from trivet.packages.installation import Workshop
    from trivet.packages.proposal import Options, Proposal
    from trivet.packages.request import Request

YES = click.option("--yes", is_flag=True, help="Do not ask.")
STARTUP = click.option(
    "--allow-startup-code", is_flag=True, help="Accept files that Python runs by itself, before any gate."
)
BUILD = click.option(
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
@YES
@BUILD
@STARTUP
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
        if accepted is None:
            return
        accepted = workshop.fetch(accepted)
        telling.pause()
        if not proposed.agreed_to_startup(accepted, allowed=allow_startup_code):
            return
        if not proposed.agreed(f"Install {accepted.wheel.name} {accepted.wheel.version}?", yes=yes):
            return
        workshop.commit(accepted)
    _told(accepted, isolation)
    if enables:
        enable_anew(accepted.ids, yes=yes)


def _told(proposal: "Proposal", isolation: str | None) -> None:
    """Say that it is installed, and write down how the user wants it to run."""
    from trivet.settings import load_settings
    from trivet.settings_file import write_setting

    settings = load_settings()
    for id in proposal.ids:
        wanted = "venv" if proposal.place == "own" else isolation
        if wanted is not None and wanted != proposal.manifests[id].plugin.isolation:
            write_setting(settings.home, f"plugins.{id}.isolation", wanted)
        elif settings.plugins.get(id, {}).get("isolation") == "venv" and proposal.place != "own":
            write_setting(settings.home, f"plugins.{id}.isolation", None)
        where = " in an environment of its own" if proposal.place == "own" else ""
        echo(f"Plugin '{id}' is installed{where}. `trivet plugins enable {id}` shows what it may do and enables it.")


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
    if not confirm("Give it an environment of its own?", default=True):
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
