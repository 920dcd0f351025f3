"""What begins with a slash in a chat."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import click

from trivet.cli import failure, options
from trivet.cli.chat.files import files_in
from trivet.cli.chat.lines import Lines
from trivet.cli.chat.talk import Leaving, Talk
from trivet.cli.runs.listing import as_it_stands
from trivet.cli.view.plain import lines as told
from trivet.cli.view.wording import shortened
from trivet.errors import nearest

SHOWN = 40
"""Files that `/files` lists."""


class Command(NamedTuple):
    usage: str
    summary: str
    do: Callable[[str, Talk, Lines], Awaitable[None]]


async def obeyed(name: str, argument: str, talk: Talk, lines: Lines) -> None:
    """Raises Leaving, and TrivetError with what went wrong."""
    begun = [each for each in COMMANDS if each.startswith(name)]
    if name not in COMMANDS and len(begun) != 1:
        hint = nearest(f"/{name}", [f"/{each}" for each in begun or COMMANDS])
        failure.say(f"there is no command '/{name}'.{hint} /help shows all.")
        return
    name = name if name in COMMANDS else begun[0]
    command = COMMANDS[name]
    if argument and " " not in command.usage:
        failure.say(f"/{name} takes nothing: give it alone, or leave out the slash if '/{name} {argument}' is a goal.")
        return
    await command.do(argument, talk, lines)


async def _help(argument: str, talk: Talk, lines: Lines) -> None:
    talk.say(
        "Say what you want, in your own words; `and for 2009?` or `save that as mass.csv` lean on what was said before."
    )
    for command in COMMANDS.values():
        talk.say(f"  {command.usage:<16} {command.summary}")
    talk.say("Alt-Enter begins a new line, Tab completes @files and commands, Ctrl-C stops a run, Ctrl-D leaves.")


async def _runs(argument: str, talk: Talk, lines: Lines) -> None:
    runs = await talk.runs()
    if not runs:
        talk.say("Nothing was said yet.")
        return
    for run in reversed(runs):
        talk.say(f"{run.id}  {as_it_stands(run).status:<11}  {shortened(run.goal, 70)}")


async def _show(argument: str, talk: Talk, lines: Lines) -> None:
    runs = await talk.runs()
    if not argument and not runs:
        talk.say("Nothing was said yet.")
        return
    for record in await talk.host.records(argument or runs[0].id):
        for line in told(record):
            talk.say(line)


async def _files(argument: str, talk: Talk, lines: Lines) -> None:
    found = files_in(talk.folder)
    for name in found[:SHOWN]:
        talk.say(name)
    if len(found) > SHOWN:
        talk.say(f"… and {len(found) - SHOWN} more")
    for name in talk.attached:
        talk.say(f"attachments/{name}")
    if not found and not talk.attached:
        talk.say(f"There are no files in {talk.folder}.")


async def _attach(argument: str, talk: Talk, lines: Lines) -> None:
    if not argument:
        failure.say("give the file: /attach ~/report.md")
        return
    path = Path(argument.removeprefix("@")).expanduser()
    if not path.is_absolute() and not path.exists():
        path = talk.folder / path
    try:
        options.require_attachable(path)
    except click.UsageError as error:
        failure.say(error.message)
        return
    talk.attach(path)
    talk.say(f"attachments/{path.name} goes along with the next goal.")


async def _model(argument: str, talk: Talk, lines: Lines) -> None:
    models = talk.host.settings.models
    if not argument:
        current = talk.roles.get("model", talk.host.settings.roles["model"])
        talk.say(f"{current} serves. There is: {', '.join(models)}.")
    elif argument not in models:
        known = ", ".join(models) or "none"
        failure.say(f"the model '{argument}' is not defined. There is: {known}.{nearest(argument, models)}")
    else:
        talk.roles["model"] = argument
        talk.say(f"{argument} serves from the next goal on.")


async def _resume(argument: str, talk: Talk, lines: Lines) -> None:
    if (run := await talk.unfinished()) is None:
        talk.say("Nothing is left to go on with.")
        return
    await talk.go_on(run.id, lines)


async def _new(argument: str, talk: Talk, lines: Lines) -> None:
    talk.begin_anew()
    talk.say("A new conversation, which knows nothing of the one before.")


async def _quit(argument: str, talk: Talk, lines: Lines) -> None:
    raise Leaving


COMMANDS = {
    "help": Command("/help", "this list", _help),
    "runs": Command("/runs", "the goals of this conversation, and what came of them", _runs),
    "show": Command("/show [RUN]", "what a run did, step by step; the newest if none is named", _show),
    "resume": Command("/resume", "go on with the run that was stopped, or waits for your word", _resume),
    "files": Command("/files", "the files that goals can be about", _files),
    "attach": Command("/attach PATH", "hand over a file, also from elsewhere, for the goals to come", _attach),
    "model": Command("/model [NAME]", "which model serves, or another one from now on", _model),
    "new": Command("/new", "begin a new conversation", _new),
    "quit": Command("/quit", "leave; `trivet chat --continue` goes on", _quit),
}
