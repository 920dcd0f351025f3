"""Pictures in characters, for terminals and models: bars lie on their side, points are set in Braille dots."""

import unicodedata
from typing import assert_never

from trivet_table.numerals import shown
from trivet_table.plotting import Bars, Picture, Points, moment

WIDTH = 60
"""Columns of a terminal for the bars or dots alone."""
HEIGHT = 15
_EIGHTHS = " ▏▎▍▌▋▊▉"
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a Braille character by row and column of its dots."""


def drawn(picture: Picture) -> str:
    match picture:
        case Bars():
            return _bars(picture)
        case Points():
            return _points(picture)
    assert_never(picture)


def _bars(bars: Bars) -> str:
    """Negative values are written, and drawn as no bar."""
    most = max(*bars.values, 0.0) if len(bars.values) > 1 else max(bars.values[0], 0.0)
    width = max(map(columns_of, bars.labels))
    lines = [f"{bars.y} by {bars.x}"]
    for label, value in zip(bars.labels, bars.values, strict=True):
        eighths = round(max(value, 0.0) / most * WIDTH * 8) if most else 0
        bar = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
        lines.append(" ".join(filter(None, [label + " " * (width - columns_of(label)), bar, shown(value)])))
    return "\n".join(lines)


def _points(points: Points) -> str:
    low_x, high_x = min(points.xs), max(points.xs)
    low_y, high_y = min(points.ys), max(points.ys)
    grid = [[0] * WIDTH for _ in range(HEIGHT)]

    def placed(value: float, low: float, high: float, dots: int) -> int:
        return round((value - low) / (high - low) * (dots - 1)) if high > low else dots // 2

    places = [
        (placed(x, low_x, high_x, WIDTH * 2), HEIGHT * 4 - 1 - placed(y, low_y, high_y, HEIGHT * 4))
        for x, y in zip(points.xs, points.ys, strict=True)
    ]
    for before, after in zip(places, places[1:] or places, strict=False):
        steps = max(abs(after[0] - before[0]), abs(after[1] - before[1])) if points.is_joined else 0
        for n in range(steps + 1):
            across = before[0] + round((after[0] - before[0]) * n / steps) if steps else before[0]
            down = before[1] + round((after[1] - before[1]) * n / steps) if steps else before[1]
            grid[down // 4][across // 2] |= _DOTS[down % 4][across % 2]
    last = places[-1]
    grid[last[1] // 4][last[0] // 2] |= _DOTS[last[1] % 4][last[0] % 2]
    top, bottom = shown(high_y), shown(low_y)
    margin = max(len(top), len(bottom))
    edges = {0: top, HEIGHT - 1: bottom}
    lines = [f"{points.y} by {points.x}"]
    for number, row in enumerate(grid):
        dots = "".join(chr(0x2800 + bits) if bits else " " for bits in row).rstrip()
        lines.append(f"{edges.get(number, ''):>{margin}} ┤{dots}")
    left, right = (
        (f"{moment(low_x):%Y-%m-%d}", f"{moment(high_x):%Y-%m-%d}") if points.is_time else (shown(low_x), shown(high_x))
    )
    lines.append(f"{'':>{margin}} └{'─' * WIDTH}")
    lines.append(f"{'':>{margin}}  {left}{right:>{max(1, WIDTH - len(left))}}")
    return "\n".join(lines)


def columns_of(text: str) -> int:
    """Columns of a terminal; Chinese characters take two."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in ("W", "F")) for c in text)
