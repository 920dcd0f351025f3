"""What results come to: counts, shares with their intervals, seconds. Pure."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from trivet.evaluation.case import Result

Z = 1.959964
"""The normal distribution's 97.5% point, for intervals of 95%."""


class Share(msgspec.Struct, frozen=True):
    """`count` of `of`, with the 95% interval of the share behind it by Wilson (1927), "Probable inference", equation 4: it
    stays within 0 and 1 and holds for small numbers, too."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        if not self.of:
            return 0.0, 1.0
        spread = Z * Z / self.of
        centre = (self.value + spread / 2) / (1 + spread)
        half = Z / (1 + spread) * math.sqrt(self.value * (1 - self.value) / self.of + spread / (4 * self.of))
        return max(0.0, centre - half), min(1.0, centre + half)


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    cases: int
    right: Share
    wrong: Share
    """Success was claimed, and it was none."""
    declined: Share
    """Honest, without a question."""
    asked: Share
    """Honest, with a question."""
    timeout: Share
    broken: Share
    measures: dict[str, Share]
    """Of those cases that tell of the measure."""
    median: float
    """Seconds a case."""
    p90: float
    cpu: float
    """CPU seconds of this process a case, the median: what stays comparable on a busy machine."""


def totals(results: Iterable[Result]) -> Totals:
    """Of all results together."""
    found = tuple(results)

    def share(*verdicts: str, asked: bool | None = None) -> Share:
        hits = sum(each.verdict in verdicts and asked in (None, each.asked) for each in found)
        return Share(hits, len(found))

    names = dict.fromkeys(name for each in found for name in each.measures)
    seconds = [each.seconds for each in found]
    return Totals(
        cases=len(found),
        right=share("right"),
        wrong=share("wrong"),
        declined=share("honest", asked=False),
        asked=share("honest", asked=True),
        timeout=share("timeout"),
        broken=share("broken"),
        measures={name: _measured(found, name) for name in names},
        median=quantile(seconds, 0.5),
        p90=quantile(seconds, 0.9),
        cpu=quantile([each.cpu for each in found], 0.5),
    )


def by_group(results: Iterable[Result]) -> dict[str, Totals]:
    """In the order in which the groups first occur."""
    groups: dict[str, list[Result]] = {}
    for each in results:
        groups.setdefault(each.group, []).append(each)
    return {group: totals(each) for group, each in groups.items()}


def quantile(values: Sequence[float], share: float) -> float:
    """Between the two nearest by linear interpolation (Hyndman and Fan 1996, definition 7); nan of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (place - low)


def _measured(results: Sequence[Result], name: str) -> Share:
    told = [each.measures[name] for each in results if name in each.measures]
    return Share(sum(told), len(told))
