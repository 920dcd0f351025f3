"""`trivet plugins`: install, see, enable and disable plugins, without importing any."""

import click

from trivet.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("trivet.cli.plugins.listing:list_", "List installed plugins and their states"),
    "info": ("trivet.cli.plugins.listing:info", "Show what a plugin brings, needs and may do"),
    "install": ("trivet.cli.plugins.installing:install", "Show what installing a plugin would change, and do it"),
    "uninstall": ("trivet.cli.plugins.uninstalling:uninstall", "Take a plugin away"),
    "update": ("trivet.cli.plugins.renewing:update", "Bring plugins to their newest versions"),
    "sync": ("trivet.cli.plugins.renewing:sync", "Bring back what you asked for and is no longer here"),
    "enable": ("trivet.cli.plugins.enabling:enable", "Show what a plugin may do, and enable it"),
    "disable": ("trivet.cli.plugins.enabling:disable", "Leave a plugin out from now on"),
    "restart": ("trivet.cli.plugins.restarting:restart", "Start a plugin afresh, also out of quarantine"),
    "why": ("trivet.cli.plugins.listing:why", "Say why a plugin is in its state"),
    "trace": ("trivet.cli.plugins.tracing:trace", "Show calls, times and errors of plugins"),
    "new": ("trivet.cli.plugins.new:new", "Make a project for a plugin of your own"),
    "check": ("trivet.cli.plugins.check:check", "Judge a plugin: its manifest, its contracts, its tests"),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
def plugins() -> None:
    """Install, see, enable and disable plugins.

    \b
    Installed is not enabled: enabling shows what a plugin may do and pins its files; if they
    change, it is disabled until you enable it again, and what differs is shown.

    \b
    Examples:
      trivet plugins list
      trivet plugins install trivet-search
      trivet plugins info table
      trivet plugins enable search
      trivet plugins why search        why it does not run
      trivet plugins restart search    after it crashed, or to read its files again
    """
