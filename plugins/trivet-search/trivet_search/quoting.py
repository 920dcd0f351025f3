"""Matches as people read them, and as a later step uses them."""

from collections.abc import Sequence
from typing import Any

from trivet_search.index import Match
from trivet_search.shelf import State

QUOTES = 3
LENGTH = 500
"""Characters of a quote."""


def place_of(match: Match) -> str:
    """`notes.md:12-18`, `report.pdf, page 3`."""
    unit, passage = match.found.unit, match.found.passage
    is_one = passage.line == passage.end_line
    if unit == "line":
        return f"{match.path}:{passage.line}" + ("" if is_one else f"-{passage.end_line}")
    return f"{match.path}, {unit}{'' if is_one else 's'} {passage.line}" + ("" if is_one else f"-{passage.end_line}")


def quoted(matches: Sequence[Match]) -> str:
    lines = []
    for match in matches[:QUOTES]:
        passage = match.found.passage
        title = passage.heading.rpartition(" > ")[2]
        text = " ".join(passage.text.split())
        shown = text if len(text) <= LENGTH else f"{text[:LENGTH].rstrip()} …"
        lines.append(f"{place_of(match)}{f' ({title})' if title and len(title) < 80 else ''}: {shown}")
    return "\n".join(lines)


def values(matches: Sequence[Match]) -> list[dict[str, Any]]:
    return [
        {
            "path": match.path,
            "place": place_of(match),
            "line": match.found.passage.line,
            "end_line": match.found.passage.end_line,
            "unit": match.found.unit,
            "start": match.found.passage.start,
            "end": match.found.passage.end,
            "heading": match.found.passage.heading,
            "text": match.found.passage.text,
            "score": round(match.score, 5),
            "by": list(match.by),
        }
        for match in matches
    ]


def remarks(state: State) -> str:
    """What the reader of a result must know about what it was not made of."""
    said = []
    if state.unread:
        said.append(f"{state.unread} files are yet to be read")
    if state.is_busy:
        said.append("another process is indexing, so this is as of before")
    if state.no_meaning:
        said.append(f"by words only, since {state.no_meaning.rstrip('.')}")
    elif state.waiting:
        said.append(
            f"{state.waiting} of {state.passages} passages are not compared by meaning yet; search.index does it"
        )
    return f"({'; '.join(said)})" if said else ""
