"""`trivet plugins enable|disable`: what may run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.plugins import proposed
from trivet.cli.plugins.shown import being, isolation_of, origin, permissions_of, record_of, surveyed, tools_in_words
from trivet.cli.screen import echo, in_line, styled

if TYPE_CHECKING:
    from trivet.kernel.survey import PluginRecord, Survey
    from trivet.settings import Settings


@click.command(cls=options.Command)
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
def enable(plugin: str, yes: bool) -> None:
    """Show what PLUGIN may do, ask, and enable it, pinned to the files it has now.

    \b
    If its files changed since it was enabled, what differs is shown first. Exit code 1 if it
    is enabled but cannot be used.

    \b
    Examples:
      trivet plugins enable search
      trivet plugins enable search --yes      do not ask
    """
    enable_plugin(plugin, yes=yes)


def enable_plugin(plugin: str, *, yes: bool) -> None:
    from trivet.kernel.admission import stricter_than_declared
    from trivet.kernel.capture import captured
    from trivet.packages import differences
    from trivet.settings_file import write_setting

    settings, found = surveyed()
    record = record_of(found, plugin)
    if record.manifest is None:
        raise click.ClickException(f"Plugin '{plugin}' is {record.state}: {record.reason.rstrip('.')}.")
    echo(f" {origin(record)}: {in_line(record.manifest.plugin.summary)}", lead=styled(record.id, bold=True))
    files = found.files(plugin)
    _show_differences(settings, record, files)
    echo("It may")
    for line in permissions_of(settings, record, isolation_of(settings, found, record)):
        echo(f"  {in_line(line)}")
    _warn(found, record, files)
    if not proposed.agreed(f"Enable '{plugin}'?", yes=yes):
        return
    write_setting(settings.home, f"plugins.{plugin}.enabled", True)
    if not record.is_first_party:
        write_setting(settings.home, f"plugins.{plugin}.name", record.distribution)
        write_setting(settings.home, f"plugins.{plugin}.version", record.version)
        write_setting(settings.home, f"plugins.{plugin}.digest", None if record.is_editable else record.digest)
        enabled = differences.Enabled(digest=record.digest, files=dict(files), manifest=record.manifest)
        differences.keep(settings.home, plugin, enabled)
    _migrate(settings, record)
    found.forget(plugin)
    outcome = captured(options.settings(), [plugin])[plugin]
    if outcome.state not in ("running", "degraded"):
        but = "cannot run yet" if outcome.state == "disabled" else f"it {being(outcome.state)}"
        failure.note(f"plugin '{plugin}' is enabled, but {but}: {outcome.reason}")
        click.get_current_context().exit(failure.NOT_ACHIEVED)
    echo(f"Plugin '{plugin}' is enabled. It brings {tools_in_words(outcome.tools)}.")
    if outcome.reason:
        failure.note(outcome.reason)
    for sentence in stricter_than_declared(record.manifest, found.captured(plugin) or ()):
        failure.note(sentence)
    if record.is_editable:
        failure.note(f"plugin '{plugin}' is an editable install, so its files are unpinned")


def enable_anew(ids: Sequence[str], *, yes: bool) -> None:
    """In processes of their own: this one looked at its path before there was something new on it."""
    import subprocess
    import sys

    sys.stdout.flush()
    codes = [
        subprocess.run(
            [sys.executable, "-P", "-m", "trivet", "plugins", "enable", id, *(["--yes"] if yes else [])], check=False
        ).returncode
        for id in ids
    ]
    if any(codes):
        click.get_current_context().exit(max(codes))


@click.command(cls=options.Command)
@click.argument("plugin")
def disable(plugin: str) -> None:
    """Leave PLUGIN out from now on; its settings and data stay.

    \b
    Example:
      trivet plugins disable search
    """
    from trivet.errors import UnknownPlugin
    from trivet.settings_file import write_setting

    settings, found = surveyed()
    if plugin not in found.records and plugin not in settings.plugins:
        raise UnknownPlugin(plugin, found.records)
    write_setting(settings.home, f"plugins.{plugin}.enabled", False)
    echo(f"Plugin '{plugin}' is disabled.")
    if users := [role for role, name in settings.roles.items() if _provides(found, plugin, role, name)]:
        failure.note(
            f"settings still use it as {', '.join(users)}; `trivet config set roles.{users[0]} NAME` chooses another"
        )


def _show_differences(settings: "Settings", record: "PluginRecord", files: "Mapping[str, str]") -> None:
    """Against what was enabled before, if it was, and is not what is here now."""
    from trivet.packages import differences

    pinned = str(settings.plugins.get(record.id, {}).get("digest", ""))
    before = differences.kept(settings.home, record.id, pinned) if pinned and pinned != record.digest else None
    if before is None:
        return
    echo(f"Since it was enabled ({settings.plugins[record.id].get('version', 'unknown')}), it")
    for line in differences.differences(before, files, record.manifest).lines():
        echo(f"  {in_line(line)}")


def _warn(found: "Survey", record: "PluginRecord", files: "Mapping[str, str]") -> None:
    from trivet.packages.startup_code import startup_files, warning

    if record.is_first_party:
        return
    known = proposed.known_names(found) - {record.id, record.distribution.lower().replace("_", "-")}
    names = [record.distribution] if record.instance_of else [record.id, record.distribution]
    for sentence in proposed.suspicions(names, known):
        failure.note(sentence)
    is_apart = bool(found.candidates[record.id].environment)
    if not record.is_editable and not is_apart and (startup := startup_files(files, _scripts(record))):
        failure.note(warning(origin(record), startup))


def _scripts(record: "PluginRecord") -> list[str]:
    """The commands that its distribution brings."""
    import importlib_metadata

    try:
        points = importlib_metadata.distribution(record.distribution).entry_points
    except importlib_metadata.PackageNotFoundError:
        return []
    return [point.name for point in points if point.group in ("console_scripts", "gui_scripts")]


def _migrate(settings: "Settings", record: "PluginRecord") -> None:
    """Bring what settings.toml holds for the plugin to the version of its manifest, and tell."""
    from trivet.kernel.migration import migrated
    from trivet.settings import read_plugin
    from trivet.settings_file import write_setting

    assert record.manifest is not None, "only readable plugins are enabled"
    table = record.manifest.config
    entry = read_plugin(settings.home, record.id)
    config = entry.get("config")
    if not isinstance(config, dict) or not config:
        return
    since = entry.get("config_version", 1)
    new, told, mistake = migrated(config, since, table)
    if mistake:
        failure.note(f"the configuration of plugin '{record.id}' cannot be used: {mistake}")
    elif told:
        write_setting(settings.home, f"plugins.{record.id}.config", new)
        failure.note(
            f"the configuration of plugin '{record.id}' was brought from version {since} to {table.version}: {'; '.join(told)}"
        )
    if not mistake and table.version != since:
        write_setting(settings.home, f"plugins.{record.id}.config_version", table.version)


def _provides(found: "Survey", plugin: str, role: str, name: str) -> bool:
    kinds = {"planner": "planners", "reflector": "reflectors", "context": "contexts", "embedder": "embedders"}
    return role in kinds and found.declaring(kinds[role], name) == plugin
