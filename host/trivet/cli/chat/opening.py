"""How a chat begins and ends: one host for all of its goals, and the conversation that it goes on with, if any."""

import sys
from collections.abc import Sequence
from pathlib import Path

import anyio
import click

from trivet.app import Host, open_host
from trivet.cli.chat import NEWEST
from trivet.cli.chat.lines import Lines, Piped
from trivet.cli.chat.talk import Talk
from trivet.cli.chat.turns import taken
from trivet.cli.screen import echo
from trivet.cli.staffing import make_ready
from trivet.runs.naming import new_id
from trivet.settings import Settings


def opened(settings: Settings, folder: Path, files: Sequence[Path], continued: str | None, *, as_json: bool) -> int:
    """Talk until the user leaves or the input ends. Returns the exit code."""
    settings = make_ready(settings)
    return anyio.run(_talk, settings, folder, files, continued, as_json)


async def _talk(settings: Settings, folder: Path, files: Sequence[Path], continued: str | None, as_json: bool) -> int:
    async with open_host(settings) as host:
        conversation = await _conversation(host, folder, continued)
        talk = Talk(host, folder, conversation, files, as_json=as_json)
        lines = _lines(talk, settings, as_json=as_json)
        if continued is not None:
            await talk.look_back()
        elif lines.has_person:
            echo(f"A new conversation about {folder}. /help shows what can be said; Ctrl-D leaves.", err=True)
        code = await taken(talk, lines)
        if lines.has_person and talk.has_spoken:
            echo("`trivet chat --continue` goes on with this conversation.", err=True)
        return code


def _lines(talk: Talk, settings: Settings, *, as_json: bool) -> Lines:
    if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return Piped(sys.stdin)
    from trivet.cli.chat.terminal import Terminal  # only who types pays for it

    return Terminal(talk, settings)


async def _conversation(host: Host, folder: Path, continued: str | None) -> str:
    if continued is None:
        return new_id()
    if continued != NEWEST:
        return await host.journal.conversation(continued)
    if (newest := await host.journal.newest_conversation(str(folder))) is None:
        raise click.ClickException(f"There is no conversation about {folder} yet. To begin one: trivet chat")
    return newest
