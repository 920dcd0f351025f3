"""`trivet plugins`: see, enable and disable plugins, without importing any."""

import click

from trivet.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("trivet.cli.plugins.listing:list_", "List installed plugins and their states"),
    "info": ("trivet.cli.plugins.listing:info", "Show what a plugin brings, needs and may do"),
    "enable": ("trivet.cli.plugins.enabling:enable", "Show what a plugin may do, and enable it"),
    "disable": ("trivet.cli.plugins.enabling:disable", "Leave a plugin out from now on"),
    "why": ("trivet.cli.plugins.listing:why", "Say why a plugin is in its state"),
    "new": ("trivet.cli.plugins.new:new", "Make a project for a plugin of your own"),
    "check": ("trivet.cli.plugins.check:check", "Judge a plugin: its manifest, its contracts, its tests"),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def plugins() -> None:
    """See, enable and disable plugins.

    \b
    Plugins arrive by pip. Installed is not enabled: enabling shows what a plugin may do
    and pins its files; if they change, it is disabled until you enable it again.

    \b
    Examples:
      trivet plugins list
      trivet plugins info table
      trivet plugins enable search
      trivet plugins why search        why it does not run
    """
