"""Evaluations side by side, over the cases that all of them attempted. Pure."""

import math
from collections.abc import Sequence

import msgspec

from trivet.evaluation.case import Result
from trivet.evaluation.record import Evaluation
from trivet.evaluation.totals import Totals, by_group, totals


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation against the first, case by case."""

    gained: tuple[str, ...]
    """Right here, and not there."""
    lost: tuple[str, ...]
    """Right there, and not here."""

    @property
    def chance(self) -> float:
        """How probable a difference at least as large is if neither is better: McNemar's exact test, two-sided
        (McNemar 1947; the binomial form of Fagerland et al. 2013, equation 1)."""
        fewer, changed = min(len(self.gained), len(self.lost)), len(self.gained) + len(self.lost)
        tail = sum(math.comb(changed, k) for k in range(fewer + 1)) * 0.5**changed
        return min(1.0, 2 * tail)


class Column(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    evaluation: Evaluation
    total: Totals
    groups: dict[str, Totals]
    against_first: Pair | None
    """None for the first itself."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    cases: int
    """That all of them attempted; the totals are of these alone."""
    left_out: int
    """That only some attempted."""
    columns: tuple[Column, ...]


def compared(evaluations: Sequence[Evaluation]) -> Comparison:
    """Raises ValueError if they have no case in common, or are of suites with different content."""
    if len({each.record.suite for each in evaluations}) > 1:
        raise ValueError("they are of different suites")
    attempted = [{result.case: result for result in each.results} for each in evaluations]
    common = set.intersection(*(set(each) for each in attempted))
    if not common:
        raise ValueError("no case was attempted in all of them")
    first = attempted[0]
    columns = []
    for number, (evaluation, results) in enumerate(zip(evaluations, attempted, strict=True)):
        own = [result for case, result in results.items() if case in common]
        columns.append(
            Column(
                name=evaluation.name,
                evaluation=evaluation,
                total=totals(own),
                groups=by_group(own),
                against_first=_pair(own, first) if number else None,
            )
        )
    everything = set().union(*attempted)
    return Comparison(cases=len(common), left_out=len(everything) - len(common), columns=tuple(columns))


def _pair(results: Sequence[Result], first: dict[str, Result]) -> Pair:
    def differing(is_right: bool) -> tuple[str, ...]:
        return tuple(
            each.case for each in results
            if (each.verdict == "right") is is_right and (first[each.case].verdict == "right") is not is_right
        )  # fmt: skip

    return Pair(gained=differing(True), lost=differing(False))
