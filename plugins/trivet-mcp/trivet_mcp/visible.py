"""Text of a server as people and models may see it: nothing hidden, nothing endless.

Descriptions are read by a model as instructions. Characters that no person sees (zero width, direction overrides, tags,
variation selectors, controls) are the usual way to smuggle some in, so each is shown by its number.
"""

import re
import unicodedata

_JOINERS = "\u200c\u200d"
"""Persian, Hindi and composed emoji need them between two visible characters."""
_EMOJI_STYLE = "\ufe0f"


def visible(text: str, longest: int = 4000) -> str:
    """The text with hidden characters shown like `<U+200B>`, cut at `longest` characters with a word about it."""
    shown = "".join(_shown(text, index) for index in range(min(len(text), longest)))
    shown = re.sub(r"\n{3,}", "\n\n", shown).strip()
    cut = len(text) - longest
    return f"{shown} … ({cut} more characters were cut)" if cut > 0 else shown


def one_line(text: str, longest: int = 160) -> str:
    """For summaries and error messages."""
    line = " ".join(visible(text, longest * 4).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def has_hidden(text: str) -> bool:
    return any(_shown(text, index) != character for index, character in enumerate(text) if not character.isspace())


def _shown(text: str, index: int) -> str:
    character = text[index]
    if character in "\n\t" or " " <= character <= "~":
        return character
    kind = unicodedata.category(character)
    if character == "\r":
        return "" if text.startswith("\n", index + 1) else "\n"
    if kind in ("Zl", "Zp"):
        return "\n"
    if kind == "Zs":
        return " "
    if character in _JOINERS:
        is_joining = 0 < index < len(text) - 1 and _is_joined(text[index - 1]) and _is_joined(text[index + 1])
        return character if is_joining else _number(character)
    if character == _EMOJI_STYLE:
        return character if index and unicodedata.category(text[index - 1]) in ("So", "Sm", "Po", "Nd") else ""
    if kind in ("Cc", "Cf", "Co", "Cs", "Cn") or "VARIATION SELECTOR" in unicodedata.name(character, ""):
        return _number(character)
    return character


def _is_joined(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMS" or character == _EMOJI_STYLE


def _number(character: str) -> str:
    return f"<U+{ord(character):04X}>"
