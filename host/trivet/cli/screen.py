"""All that the command line prints and asks, with what would command the terminal made visible.

Goals, file names, tool results, model text, manifests and messages of endpoints come from outside. An escape sequence in
them could write the clipboard, rewrite what stands above a question, or hide what somebody is asked to agree to; so they
are shown as `\\x1b` and `\\u202e` instead.
"""

import json
import os
import re
import sys
import unicodedata
from typing import IO, Any

import click

_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but newline and tab, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Unicode's Bidi_Control
    "\u2028\u2029\ud800-\udfff]"  # what some take for a line's end, and surrogates
)


def shown(text: str) -> str:
    """The text in any language, lines and tabs as they are; control characters, bidi controls and surrogates as escapes.
    What is shown once is shown the same again."""
    if text.isascii() and text.isprintable():
        return text
    return _COMMANDS.sub(_escape, text.replace("\r\n", "\n"))


def in_line(text: str) -> str:
    """Shown where one line is expected, so that a newline in a name begins none."""
    return shown(text).replace("\n", "\\n").replace("\t", "\\t")


def echo(text: object = "", *, lead: str = "", gap: str = " ", err: bool = False, is_open: bool = False) -> None:
    """Print a line, and no command to the terminal with it. `lead` stands before it, as `styled` made it. An open line is
    not ended: an answer is typed behind it."""
    rest = shown(str(text))
    line = f"{lead}{gap}{rest}" if lead and rest else f"{lead}{rest}"
    click.echo(line, nl=not is_open, err=err, color=None if has_colors() else False)


def styled(text: str, **style: Any) -> str:
    return click.style(shown(text), **style)


def as_json(value: Any) -> str:
    """JSON on lines of its own, in any language; what would command the terminal is escaped as JSON has it."""
    return escaped_json(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def escaped_json(text: str) -> str:
    """JSON text with the same meaning: such characters occur in its strings only."""
    return text if text.isascii() and "\x7f" not in text else _COMMANDS.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def confirm(question: str, *, default: bool = False, abort: bool = False, err: bool = False) -> bool:
    """Ask for yes or no. What was typed before the question stood there is no answer to it."""
    forget_typed()
    return click.confirm(shown(question), default=default, abort=abort, err=err)


def prompt(question: str, *, is_bold: bool = False, err: bool = False, **options: Any) -> Any:
    """Ask for a text, in the same way. `options` are click's."""
    forget_typed()
    text = styled(question, bold=True) if is_bold and has_colors() else shown(question)
    return click.prompt(text, err=err, **options)


def forget_typed() -> None:
    """Drop what waits in the terminal's input; what is piped in was meant."""
    if not sys.stdin.isatty():
        return
    try:
        import termios
    except ImportError:
        _forget_typed_on_windows()
        return
    try:
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    except (termios.error, ValueError, OSError):
        return


def width_of(text: str) -> int:
    """In columns of a terminal: Chinese letters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 0 if unicodedata.combining(letter) else 1
        for letter in text
    )


def cut(text: str, width: int) -> str:
    """To so many columns, with an ellipsis where something is left out."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > max(width - 1, 1):
        text = text[: min(len(text) - 1, width)]
    return f"{text}…"


def has_colors() -> bool:
    """As no-color.org has it, and not on a terminal that says it understands nothing."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_lively(stream: IO[str]) -> bool:
    """Whether lines that are there can be drawn over: a terminal that says it can."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _forget_typed_on_windows() -> None:
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
