"""Sentences of a text, English and Chinese."""

import re

_END = re.compile(
    r"(?<=[。！？])(?=[^”’」』）])|(?<=[。！？][”’」』）])"  # Chinese stops need no space after them
    r"|(?:(?<=[.!?])|(?<=[.!?][\"'”’)\]]))\s+(?=[\"'“‘(\[]?[A-Z0-9ÄÖÜÉÈÀ\u3400-\u9fff])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nr|vs|etc|e\.g|i\.e|cf|approx|Fig|Sec|Art|bzw|z\.B)|\b[A-Z])\.$|^(?:\d+\.)+$"
)


def sentences_of(text: str) -> list[str]:
    """The sentences, in order, each on one line. An abbreviation, an initial or a number does not end one."""
    flat = " ".join(text.split())
    found: list[str] = []
    for piece in _END.split(flat):
        piece = piece.strip()
        if not piece:
            continue
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] += " " + piece
        else:
            found.append(piece)
    return found
