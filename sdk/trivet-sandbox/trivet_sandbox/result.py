"""What became of a program, in words and texts that are safe to show."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Status: TypeAlias = Literal["ok", "error", "timeout", "killed", "died", "refused"]
"""`ok`: it ran to its end. `error`: it raised. `timeout`: it did not end in time. `killed`: it took more memory, disk or
processes than it may. `died`: it ended its own process. `refused`: nothing was run, as there is no sandbox.

After all but `ok` and `error` the sandbox is over, and what programs had defined in it is lost."""

Isolation: TypeAlias = Literal["full", "reduced", "none"]
"""How far a program was apart from the machine: `full` in namespaces of its own, `reduced` by Landlock, `none` not at all."""

SENTENCES: Final = {
    "timeout": "The program did not end within {:g} seconds and was ended; what it had defined is lost.",
    "memory": "The program took more memory than it may and was ended; what it had defined is lost.",
    "disk": "The program wrote more files than it may and was ended; what it had defined is lost.",
    "processes": "The program started more processes than it may and was ended; what it had defined is lost.",
    "died": "The program ended its own process; what it had defined is lost.",
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """The beginning of a data frame."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    """How many rows it has in all."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """All of it was written by the program: it can say what it likes here, but for `status`, `seconds` and `is_cut`, which
    are the host's unless they are `ok` or `error`."""

    stdout: str
    """Decoded as UTF-8, cut at `Limits.output` bytes, without sequences that command a terminal."""
    stderr: str
    status: Status
    error: str = ""
    """The traceback, with the lines of the program, or a sentence; empty if all went well."""
    value: str = ""
    """`repr` of a last expression's value; empty for None."""
    table: Table | None = None
    """That value, if it is a data frame."""
    figures: tuple[bytes, ...] = ()
    """PNG files of the figures that matplotlib had open; they are closed afterwards."""
    seconds: float = 0.0
    is_cut: bool = False
    """There was more output than is kept."""
    isolation: Isolation = "full"
    """Said by the host, as `status` is."""


_COMMANDS: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|\Z)"  # OSC, DCS, SOS, PM, APC, up to their end
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]",
    re.DOTALL,
)  # ECMA-48, sections 5.4 and 5.6


def plain(text: str) -> str:
    """Without sequences and characters that command a terminal, and only with characters that can be encoded."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _COMMANDS.sub("", text).encode("utf-8", "replace").decode()
