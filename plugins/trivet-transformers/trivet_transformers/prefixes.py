"""Keys and values of past prompts, so that a prompt with an equal beginning starts behind it."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from trivet_transformers.network import fork, is_forkable

CHUNK = 128
"""Prompts are read in pieces of so many tokens, and only whole pieces are reused. So every piece is computed in the same
shape whether or not an earlier prompt has left it here, and the completion is the same to the last bit. Smaller
pieces cost speed, larger ones reuse."""


class _Kept(NamedTuple):
    owner: Hashable
    tokens: tuple[int, ...]
    cache: Any


class Prefixes:
    """The `capacity` most recently used prefixes. `owner` tells apart what computes differently: adapter, device."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: list[_Kept] = []  # the most recent last

    def take(self, owner: Hashable, prompt: Sequence[int]) -> tuple[Any, int] | None:
        """A cache of its own over the longest kept prefix of `prompt`, and that prefix's length.

        Whole chunks, and never the whole prompt: its last token is still to be read for its logits.
        """
        best, length = None, 0
        for kept in self._kept:
            if kept.owner == owner:
                shared = min(_shared(kept.tokens, prompt), len(prompt) - 1) // CHUNK * CHUNK
                if shared > length:
                    best, length = kept, shared
        if best is None:
            return None
        self._kept.remove(best)
        self._kept.append(best)
        return fork(best.cache, len(best.tokens) - length), length

    def keep(self, owner: Hashable, tokens: Sequence[int], cache: Any) -> None:
        """Remember `cache`, which holds exactly `tokens`, whole chunks of them. What it covers is dropped."""
        if not tokens or self._capacity < 1 or not is_forkable(cache):
            return
        new = _Kept(owner, tuple(tokens), fork(cache))
        others = [kept for kept in self._kept if kept.owner != owner]
        mine = [kept for kept in self._kept if kept.owner == owner]
        if any(kept.tokens[: len(new.tokens)] == new.tokens for kept in mine):
            return
        mine = [kept for kept in mine if new.tokens[: len(kept.tokens)] != kept.tokens]
        order = {id(kept): place for place, kept in enumerate(self._kept)}
        remaining = sorted([*others, *mine], key=lambda kept: order[id(kept)])
        self._kept = [*remaining, new][-self._capacity :]

    def __len__(self) -> int:
        return len(self._kept)


def _shared(first: Sequence[int], second: Sequence[int]) -> int:
    for place, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return place
    return min(len(first), len(second))
