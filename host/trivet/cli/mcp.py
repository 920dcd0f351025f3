"""`trivet mcp`: trivet's tools for any MCP client."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trivet.cli import failure, options

if TYPE_CHECKING:
    from trivet.runs.approvals import Mode
    from trivet.settings import Settings


@click.command(cls=options.Command)
@click.option("--workspace", metavar="DIR", help="Folder in which the tools work.  [default: here]")
@click.option(
    "--approve",
    type=click.Choice(["ask", "always", "never"]),
    help="Calls that cannot be undone or send data away: ask through the client, allow, or refuse.",
)
@click.option(
    "--tool", "patterns", metavar="PATTERN", multiple=True, help="Serve only these, like 'table.*'; repeatable."
)
def mcp(workspace: str | None, approve: str | None, patterns: tuple[str, ...]) -> None:
    """Serve trivet's tools to an MCP client over standard input and output.

    A client starts this command by itself. Its entry, where it lists its servers:

    \b
      {"command": "trivet", "args": ["mcp", "--workspace", "/home/ada/trips"]}

    Calls that need an approval are put to the client's user, if the client can ask, else refused.
    """
    folder = options.absolute(workspace)
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder '{workspace}'.")
    settings = options.settings(run__approve=approve)
    import os
    import sys

    if sys.stdin.isatty():
        failure.note("this speaks MCP and waits for a client, which starts it by itself; `trivet mcp --help` shows how")
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # no plugin, and no program that one starts, reads what is meant for us
    os.dup2(2, 1)  # nor writes what the client would take for ours
    import anyio

    code = anyio.run(_served, settings, source, sink, folder, settings.run.approve, patterns)
    click.get_current_context().exit(code)


async def _served(
    settings: "Settings", source: int, sink: int, folder: Path, mode: "Mode", patterns: tuple[str, ...]
) -> int:
    import anyio

    from trivet.app import open_host
    from trivet.mcp import serve_pipe
    from trivet.mcp.session import fitting_none

    code = failure.ACHIEVED
    async with anyio.create_task_group() as tasks:

        async def until_told() -> None:
            nonlocal code
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                async for number in signals:
                    code = failure.INTERRUPTED if number == signal.SIGINT else failure.ACHIEVED
                    tasks.cancel_scope.cancel()

        tasks.start_soon(until_told)
        async with open_host(settings) as host:
            for pattern in fitting_none(patterns, host.tools()):
                names = ", ".join(spec.name for spec in host.tools())
                failure.note(f"--tool '{pattern}' fits no tool that there is now; there are {names or 'none'}")
            await serve_pipe(host, source, sink, workspace=folder, mode=mode, patterns=patterns)
        tasks.cancel_scope.cancel()
    return code
