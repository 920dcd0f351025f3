"""`trivet plugins restart`: a fresh start, also out of quarantine."""

import click

from trivet.cli import options
from trivet.cli.plugins.shown import being, record_of, surveyed


@click.command(cls=options.Command)
@click.argument("plugin")
def restart(plugin: str) -> None:
    """Start PLUGIN afresh in every running host, and forget how often it failed.

    A worker is replaced without losing a call. A plugin in quarantine may be started again.
    """
    from trivet.errors import HomeUnusable
    from trivet.kernel.requests import Requests

    settings, found = surveyed()
    record = record_of(found, plugin)
    if record.state not in ("resolved", "quarantined"):
        raise click.ClickException(f"Plugin '{plugin}' {being(record.state)}: {record.reason}.")
    found.failures.forget(plugin)
    try:
        Requests(settings.home).restart(plugin)
    except OSError as error:
        raise HomeUnusable(settings.home, error.strerror or str(error)) from None
    if record.state == "quarantined":
        click.echo(f"Plugin '{plugin}' leaves quarantine and is started when it is needed.")
    else:
        click.echo(f"Plugin '{plugin}' starts afresh: at once in hosts that run it, else when it is needed.")
