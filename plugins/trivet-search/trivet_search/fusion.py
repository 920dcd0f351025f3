"""What words, letters and meaning say of the same passages, made into one order."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

MEANING = 0.65
"""How much of a score is meaning's: see decision 059."""
SPELLING = 0.5
"""How much of the rest is that of letters: see decision 066."""


def fused(
    words: Mapping[Key, float], meaning: Mapping[Key, float], spelling: Mapping[Key, float]
) -> list[tuple[Key, float]]:
    """Every passage with its score from 0 to 1, best first; ties in the order in which they were given.

    A convex combination of the scores, each brought to the range from 0 to 1 (Bruch, Gai and Ingber, An Analysis of Fusion
    Functions for Hybrid Retrieval, TOIS 2023, section 4). `words` and `spelling` are BM25 scores, whose least value is 0, that
    of a passage without any of the words or trigrams; `meaning` are cosines, counted from the lowest one here. A passage that
    is not compared by meaning is judged by the others alone.
    """
    most, most_letters = (max(scores.values(), default=0.0) or 1.0 for scores in (words, spelling))
    low, high = min(meaning.values(), default=0.0), max(meaning.values(), default=0.0)

    def score(key: Key) -> float:
        by_words = words.get(key, 0.0) / most
        if spelling:
            by_words = (1 - SPELLING) * by_words + SPELLING * spelling.get(key, 0.0) / most_letters
        if key not in meaning:
            return by_words
        by_meaning = (meaning[key] - low) / (high - low) if high > low else 1.0
        return by_meaning if not (words or spelling) else MEANING * by_meaning + (1 - MEANING) * by_words

    scores = {key: score(key) for key in (*words, *meaning)}
    return sorted(scores.items(), key=lambda pair: -pair[1])
