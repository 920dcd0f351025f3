"""A plan's graph beside its list of steps: one step a line, and lines to the left that lead from a step to those that need it.

    ✓      s1
    ├─✓    s2, needs s1
    ✓─┤    s3, needs s1
      ✓    s4, needs s2 and s3

Lines run downwards. What comes from the left of a step is what it needs; what leaves it to the right, or else downwards, is
its result on its way. A line that joins another (`✓─┤`) goes where that one goes from there on. `│` within a horizontal line
only crosses it. Pure.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

WIDEST = 12
"""Lines side by side, beyond which nobody can follow them."""
_SHARED = 3
"""Steps with the same dependants whose results travel together."""


class Row(NamedTuple):
    step: str
    left: str
    """Up to the step's mark, which takes one column."""
    right: str
    below: str
    """The lines that go on beneath, for more text about the step."""


def rows(needs: Mapping[str, Collection[str]]) -> list[Row] | None:
    """The steps in an order in which each comes after those that it needs. None if the graph is too wide to be drawn."""
    known = {step: frozenset(need for need in wanted if need in needs) for step, wanted in needs.items()}
    dependants: dict[str, frozenset[str]] = {
        step: frozenset(other for other, wanted in known.items() if step in wanted) for step in known
    }
    shared = Counter(dependants.values())
    lanes: dict[int, frozenset[str]] = {}  # column -> the steps that its line still leads to
    barred = -1  # below a step that leads nowhere, so that it seems not to lead to the next
    found: list[Row] = []
    for step in _ordered(known, dependants):
        incoming = sorted(column for column, targets in lanes.items() if step in targets)
        for column in incoming:
            lanes[column] -= {step}
        ended = {column for column in incoming if not lanes[column]}
        last = incoming[-1] if incoming else -1
        at = last if last in ended else _free(lanes, last, barred)
        lanes = {column: targets for column, targets in lanes.items() if targets}
        targets = dependants[step]
        out, is_joined = at, False
        if targets:
            joined = next((column for column in sorted(lanes) if column > at and lanes[column] == targets), None)
            if joined is not None:
                out, is_joined = joined, True
            elif shared[targets] >= _SHARED:
                out = _free(lanes, at, -1)
            lanes[out] = targets
        barred = -1 if targets else at
        if max(at, out) >= WIDEST:
            return None
        sides = [column for column in incoming if column != at]
        found.append(_row(step, at, out, is_joined, sides, ended, lanes))
    return found


def _row(
    step: str,
    at: int,
    out: int,
    is_joined: bool,
    incoming: list[int],
    ended: Collection[int],
    lanes: Mapping[int, Collection[str]],
) -> Row:
    begins = incoming[0] if incoming else at
    cells: list[str] = []
    for column in range(max(at, out, *lanes, 0) + 1):
        if column in incoming:
            marks = "├╰" if column == begins else "┼┴"
            cell = marks[column in ended]
        elif column == out != at:
            cell = "┤" if is_joined else "╮"
        elif column in lanes and column != at:
            cell = "│"
        else:
            cell = "─" if begins <= column < out else " "
        cells += [cell, "─" if begins <= column < max(at, out) else " "]
    below = "".join("│ " if column in lanes else "  " for column in range(max(lanes, default=-1) + 1))
    return Row(step, "".join(cells[: 2 * at]), "".join(cells[2 * at + 1 : -1]), below.rstrip())


def _free(lanes: Mapping[int, Collection[str]], after: int, barred: int) -> int:
    column = after + 1
    while column in lanes or column == barred:
        column += 1
    return column


def _ordered(needs: Mapping[str, frozenset[str]], dependants: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """What needs the newest first, so that lines are short; else as planned."""
    place = {step: number for number, step in enumerate(needs)}
    left = dict.fromkeys(needs)
    newest: list[str] = []
    while left:
        ready = {step for step in left if not needs[step] & left.keys()} or set(left)
        following = next((near for step in reversed(newest) if (near := dependants[step] & ready)), ready)
        step = min(following, key=place.__getitem__)
        del left[step]
        newest.append(step)
        yield step
