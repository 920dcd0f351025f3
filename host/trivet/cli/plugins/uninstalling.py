"""`trivet plugins uninstall`: take a plugin away, broken ones included, since nothing of it is run."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.plugins import proposed
from trivet.cli.plugins.shown import needing, surveyed
from trivet.cli.plugins.working import working
from trivet.cli.screen import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trivet.kernel.survey import Survey
    from trivet.packages.record import Asked

_KEPT = ("data", "cache")


@click.command(cls=options.Command)
@click.argument("plugin")
@click.option("--purge", is_flag=True, help="Delete its settings, data and cache, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def uninstall(plugin: str, purge: bool, yes: bool) -> None:
    """Take PLUGIN away, and the packages that came with it and nothing else needs.

    \b
    Its settings and data stay, in case it comes back; --purge deletes them.

    \b
    Examples:
      trivet plugins uninstall search
      trivet plugins uninstall search --purge --yes
    """
    from trivet.packages import record

    settings, found = surveyed()
    asked = record.read(settings.home)
    name, ids = _meant(plugin, found, asked)
    _refuse_own(plugin, name, found)
    with working(settings, found) as (workshop, telling):
        changes = workshop.leaving(name)
        telling.pause()
        for id in ids:
            for user in needing(found, settings, id):
                failure.note(f"{user} needs plugin '{id}'")
        echo("This goes:")
        proposed.show_changes(changes)
        if name in asked and asked[name].environment:
            echo(f"  removed  the environment of '{min(ids)}' and all in it")
        kept = [settings.home / kind / id for id in ids for kind in _KEPT if (settings.home / kind / id).exists()]
        if purge:
            for path in kept:
                echo(f"  removed  {path}")
        if not proposed.agreed(f"Uninstall '{plugin}'?", yes=yes):
            return
        workshop.remove(name, ids)
    if purge:
        _purge(settings.home, ids, kept)
    echo(f"Plugin '{plugin}' is uninstalled.")
    if not purge and (kept or any(id in settings.plugins for id in ids)):
        failure.note(f"its settings and data are kept; `trivet plugins uninstall {plugin} --purge` deletes them")


def _meant(plugin: str, found: "Survey", asked: "dict[str, Asked]") -> tuple[str, list[str]]:
    """The canonical name of the distribution that the user means by a plugin's id or its own name, and its plugins; an
    empty name for one that is gone, but left settings or data behind."""
    from packaging.utils import canonicalize_name

    from trivet.errors import InstallError, UnknownPlugin
    from trivet.packages.record import belonging
    from trivet.settings import home_directory, load_settings

    name = belonging(asked, plugin) or ""
    record = found.records.get(plugin)
    if record is not None and record.instance_of:
        raise InstallError(
            plugin,
            f"it is an instance of plugin '{record.instance_of}'. `trivet plugins disable {plugin}` leaves it out; to be rid of "
            f"it, remove [plugins.{plugin}] from settings.toml.",
        )
    if not name and record is not None:
        name = canonicalize_name(record.distribution)
    if not name:
        name = next(
            (
                canonicalize_name(each.distribution)
                for each in found.records.values()
                if each.distribution and canonicalize_name(each.distribution) == canonicalize_name(plugin)
            ),
            "",
        )
    if not name:
        home = home_directory()
        if plugin in load_settings(home).plugins or any((home / kind / plugin).exists() for kind in _KEPT):
            return "", [plugin]
        raise UnknownPlugin(plugin, [*found.records, *asked])
    ids = {each.id for each in found.records.values() if canonicalize_name(each.distribution) == name}
    ids -= {each.id for each in found.records.values() if each.instance_of}
    return name, sorted(ids | set(asked[name].plugins if name in asked else ()))


def _refuse_own(plugin: str, name: str, found: "Survey") -> None:
    """No record would bring it back, and what trivet promises without any further plugin would be gone."""
    from packaging.utils import canonicalize_name

    from trivet.errors import InstallError

    for record in found.records.values():
        if record.is_first_party and not record.instance_of and canonicalize_name(record.distribution) == name:
            raise InstallError(
                plugin,
                "it belongs to trivet's own set, which comes and goes with trivet. "
                f"`trivet plugins disable {record.id}` leaves it out.",
            )


def _purge(home: Path, ids: "Sequence[str]", kept: "Sequence[Path]") -> None:
    from trivet.kernel.failures import Failures
    from trivet.kernel.snapshot import Snapshot
    from trivet.packages import differences
    from trivet.settings_file import write_setting

    for path in kept:
        shutil.rmtree(path, ignore_errors=True)
    for id in ids:
        write_setting(home, f"plugins.{id}", None)
        differences.forget(home, id)
        Snapshot(home / "snapshots").forget(id)
        Failures(home / "cache" / "failures").forget(id)
