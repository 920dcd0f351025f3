"""`trivet plugins enable|disable`: what may run."""

from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options
from trivet.cli.plugins.shown import being, origin, permissions_of, record_of, surveyed, tools_in_words

if TYPE_CHECKING:
    from trivet.kernel.survey import Survey


@click.command(cls=options.Command)
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
def enable(plugin: str, yes: bool) -> None:
    """Show what PLUGIN may do, ask, and enable it, pinned to the files it has now."""
    from trivet.kernel.capture import captured
    from trivet.settings import write_setting

    settings, found = surveyed()
    record = record_of(found, plugin)
    if record.manifest is None:
        raise click.ClickException(f"Plugin '{plugin}' is {record.state}: {record.reason}.")
    click.echo(f"{click.style(record.id, bold=True)}  {origin(record)}: {record.manifest.plugin.summary}")
    click.echo("It may")
    for line in permissions_of(record):
        click.echo(f"  {line}")
    if not yes and not _agreed(f"Enable '{plugin}'?"):
        return
    write_setting(settings.home, f"plugins.{plugin}.enabled", True)
    if not record.is_first_party:
        write_setting(settings.home, f"plugins.{plugin}.name", record.distribution)
        write_setting(settings.home, f"plugins.{plugin}.version", record.version)
        write_setting(settings.home, f"plugins.{plugin}.digest", None if record.is_editable else record.digest)
    found.forget(plugin)
    outcome = captured(options.settings(), [plugin])[plugin]
    if outcome.state not in ("running", "degraded"):
        failure.note(f"plugin '{plugin}' is enabled, but it {being(outcome.state)}: {outcome.reason}")
        return
    click.echo(f"Plugin '{plugin}' is enabled. It brings {tools_in_words(outcome.tools)}.")
    if outcome.reason:
        failure.note(outcome.reason)
    if record.is_editable:
        failure.note(f"plugin '{plugin}' is an editable install, so its files are unpinned")


@click.command(cls=options.Command)
@click.argument("plugin")
def disable(plugin: str) -> None:
    """Leave PLUGIN out from now on; its settings and data stay."""
    from trivet.errors import UnknownPlugin
    from trivet.settings import write_setting

    settings, found = surveyed()
    if plugin not in found.records and plugin not in settings.plugins:
        raise UnknownPlugin(plugin, found.records)
    write_setting(settings.home, f"plugins.{plugin}.enabled", False)
    click.echo(f"Plugin '{plugin}' is disabled.")
    if users := [role for role, name in settings.roles.items() if _provides(found, plugin, role, name)]:
        failure.note(
            f"settings still use it as {', '.join(users)}; `trivet config set roles.{users[0]} NAME` chooses another"
        )


def _agreed(question: str) -> bool:
    import sys

    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask in; give --yes to agree.")
    return click.confirm(question)


def _provides(found: "Survey", plugin: str, role: str, name: str) -> bool:
    kinds = {"planner": "planners", "reflector": "reflectors", "context": "contexts", "embedder": "embedders"}
    return role in kinds and found.declaring(kinds[role], name) == plugin
