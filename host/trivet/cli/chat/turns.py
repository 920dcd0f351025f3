"""Turn after turn of a chat: a command, or a goal."""

import re

from trivet.cli import failure
from trivet.cli.chat import commands
from trivet.cli.chat.lines import Lines
from trivet.cli.chat.talk import Leaving, Talk
from trivet_sdk.errors import TrivetError

_COMMAND = re.compile(r"/([a-z]+)(?:\s+(.*))?", re.DOTALL)
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_@])@([^\s@]+)")


async def taken(talk: Talk, lines: Lines) -> int:
    """Until the user leaves or the lines end. Returns the exit code."""
    while (said := await lines.read()) is not None:
        try:
            if (command := _COMMAND.fullmatch(said)) is not None:
                await commands.obeyed(command[1], (command[2] or "").strip(), talk, lines)
            else:
                await talk.pursue(without_marks(said, talk), lines)
        except Leaving as leaving:
            return leaving.code
        except TrivetError as error:  # of this goal or command: the next may fare better
            failure.say(str(error))
        except OSError as error:
            if error.filename is None:  # not of a file that was named, but of our own streams
                raise
            failure.say(f"'{error.filename}' cannot be used: {(error.strerror or str(error)).lower()}.")
    return 0


def without_marks(said: str, talk: Talk) -> str:
    """`@trips.csv` is how a file is found by Tab; where there is such a file, the goal is about `trips.csv`."""

    def plain(match: re.Match[str]) -> str:
        """The longest beginning that is a file: in Chinese nothing stands between a name and what follows it."""
        for end in range(len(match[1]), 0, -1):
            name = match[1][:end]
            if name in talk.attached or (talk.folder / name).is_file():
                return match[1]
        return match[0]

    return _REFERENCE.sub(plain, said)
