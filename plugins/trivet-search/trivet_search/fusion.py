"""Several orders of the same things made into one."""

from collections import defaultdict
from collections.abc import Sequence

K = 60
"""Cormack, Clarke and Büttcher, Reciprocal Rank Fusion (SIGIR 2009), section 3."""


def fused(orders: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
    """Ids and scores, best first: the sum of 1 / (K + rank) over the orders that an id is in; ties by the first order."""
    scores: dict[int, float] = defaultdict(float)
    for order in orders:
        for rank, id in enumerate(order, 1):
            scores[id] += 1 / (K + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
