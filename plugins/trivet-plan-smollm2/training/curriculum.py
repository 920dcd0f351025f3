"""The order of groups in a run: easy ones first, and never only hard ones, so that what was learnt stays."""

from collections.abc import Sequence
from random import Random

STAGES = 4
OWN = 0.6
"""Share of a stage's own level in it; the easier levels share the rest. In the last stage all levels have the same share."""


def ordered(levels: Sequence[int], count: int, seed: int) -> list[int]:
    """Numbers of `count` groups in the order of training; `levels[n]` is group n's. Groups of level 0 belong to every stage.

    A group comes again only when all of its level have been used. Raises ValueError for an empty run.
    """
    if not levels:
        raise ValueError("There are no groups to train on.")
    rng = Random(f"curriculum/{seed}")
    pools = {level: [n for n, own in enumerate(levels) if own == level] for level in sorted(set(levels))}
    for pool in pools.values():
        rng.shuffle(pool)
    taken = dict.fromkeys(pools, 0)
    hard = [level for level in pools if level > 0]
    share_of_all = len(pools.get(0, ())) / len(levels)
    found = []
    for place in range(count):
        stage = 1 + place * STAGES // count
        level = _level(hard, stage, share_of_all, rng)
        pool = pools[level]
        found.append(pool[taken[level] % len(pool)])
        taken[level] += 1
    return found


def shuffled(groups: int, count: int, seed: int) -> list[int]:
    """Without a curriculum: all groups in random order, again and again."""
    order = list(range(groups))
    Random(seed).shuffle(order)
    return [order[place % groups] for place in range(count)]


def _level(hard: Sequence[int], stage: int, share_of_all: float, rng: Random) -> int:
    if not hard or rng.random() < share_of_all:
        return 0
    reached = [level for level in hard if level <= stage] or [min(hard)]
    if stage == STAGES or rng.random() >= OWN:
        return rng.choice(reached)
    return max(reached)
