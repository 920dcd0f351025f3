"""One text in place of another, exactly; and how two texts differ."""

import difflib
from collections.abc import Iterator

import msgspec

from trivet_sdk import ToolError

MAX_COMPARED = 20_000
"""Lines of the part in which two texts differ."""
MAX_SHOWN = 400
"""Lines of a comparison."""


class Edited(msgspec.Struct, frozen=True):
    text: str
    count: int
    """Places that were replaced."""


def edited(name: str, text: str, old: str, new: str, *, all_places: bool) -> Edited:
    """Raises ToolError if the old text is not there, or there more than once, with the places."""
    if not old:
        raise ToolError("`old` is empty. Quote the text that is to be replaced.")
    if "\r\n" in text and "\r\n" not in old:
        old, new = old.replace("\n", "\r\n"), new.replace("\n", "\r\n")
    places = [*_places(text, old)]
    if not places:
        raise ToolError(f"'{name}' does not hold this text{_nearest(text, old)}")
    if len(places) > 1 and not all_places:
        lines = [text.count("\n", 0, place) + 1 for place in places]
        shown = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
        raise ToolError(
            f"'{name}' holds this text {len(places)} times, in the lines {shown}. "
            "Quote more of what stands around it, or set `all`."
        )
    return Edited(text.replace(old, new), len(places))


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + len(part))


def _nearest(text: str, old: str) -> str:
    """The line that may have been meant."""
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")
    lines = {
        line.strip(): number for number, line in reversed([*enumerate(text.splitlines()[:20_000], 1)]) if line.strip()
    }
    near = difflib.get_close_matches(wanted, [line for line in lines if len(line) < 500][:5000], n=1, cutoff=0.6)
    if not near:
        return ". files.read shows what it holds."
    return f". The nearest is line {lines[near[0]]}: {near[0][:120]}"


def difference(before: str, after: str, names: tuple[str, str]) -> str:
    """A unified diff, cut where it is long; empty if there is none. Raises ToolError if the texts differ in too many lines."""
    old, new = before.splitlines(), after.splitlines()
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if max(len(old), len(new)) - head - tail > MAX_COMPARED:
        raise ToolError(
            f"{names[0]} and {names[1]} differ in more than {MAX_COMPARED} lines in a row, too many to compare."
        )
    from_, to_ = max(0, head - 3), max(0, tail - 3)
    lines = [*difflib.unified_diff(old[from_ : len(old) - to_], new[from_ : len(new) - to_], *names, lineterm="", n=3)]
    shown = [_moved(line, from_) for line in lines]
    rest = len(shown) - MAX_SHOWN
    return "\n".join(shown[:MAX_SHOWN]) + (f"\n… {rest} more lines" if rest > 0 else "")


def _moved(line: str, by: int) -> str:
    """The line numbers of a hunk, counted from the beginning of the file instead of from the part that was compared."""
    if not by or not line.startswith("@@ "):
        return line
    marks = [
        f"{part[0]}{int((number := part[1:].partition(','))[0]) + by}{number[1]}{number[2]}"
        for part in line.split()[1:3]
    ]
    return f"@@ {' '.join(marks)} @@"
