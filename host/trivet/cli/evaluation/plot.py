"""Shares of evaluations as bars of text, with their intervals."""

from collections.abc import Iterator

from trivet.cli.screen import cut, width_of
from trivet.evaluation import Comparison, Share

WIDTH = 50
"""Columns from 0 to 100%."""
NAME = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"


def plotted(comparison: Comparison) -> Iterator[str]:
    """A line for each evaluation and group: the bar ends at the share of right cases, and `├─┤` below it spans the 95%
    interval of all cases."""
    names = [cut(column.name, NAME) for column in comparison.columns]
    yield f"{'':{NAME}}  0%{'50%':^{WIDTH - 5}}100%"
    for name, column in zip(names, comparison.columns, strict=True):
        yield f"{_padded(name)}  {bar(column.total.right)} {column.total.right.value:.0%}"
        yield f"{'':{NAME}}  {whisker(column.total.right)}"
    groups = dict.fromkeys(group for column in comparison.columns for group in column.groups)
    if len(groups) < 2:
        return
    for group in groups:
        yield ""
        yield group
        for name, column in zip(names, comparison.columns, strict=True):
            share = column.groups[group].right
            yield f"{_padded(f'  {name}')}  {bar(share)} {share.count}/{share.of}"


def bar(share: Share, width: int = WIDTH) -> str:
    eighths = round(share.value * width * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_EIGHTHS[rest] if rest else "")).ljust(width, "·")


def whisker(share: Share, width: int = WIDTH) -> str:
    low, high = (min(width - 1, int(end * width)) for end in share.interval)
    line = [" "] * width
    line[low : high + 1] = "─" * (high + 1 - low)
    line[low], line[high] = ("├", "┤") if low < high else ("│", "│")
    return "".join(line).rstrip()


def _padded(name: str) -> str:
    return name + " " * max(0, NAME - width_of(name))
