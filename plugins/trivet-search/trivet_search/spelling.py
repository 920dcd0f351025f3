"""How much of a query passages share letter by letter: `configurator` and `configuration`, `file system` and `filesystem`."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy
import numpy.typing

from trivet_search.words import asked, in_pairs

K1, B = 1.2, 0.75
MOST = 2000
"""Characters of a text that are looked at."""
_BITS = 21
"""Of a character's number: three of them fill 63 bits, so that no two trigrams are the same number."""
_SLOTS = 1 << 14
"""Of a table that tells most trigrams which nobody asked for."""
_SPACE = ord(" ")
Numbers = numpy.typing.NDArray[numpy.int64]
Flags = numpy.typing.NDArray[numpy.bool_]


class _Trigrams(NamedTuple):
    """Each with the number of the text that it is of."""

    found: Numbers
    of: Numbers


class Spelling:
    """BM25 over trigrams of letters, beginnings and ends of words included.

    Character n-grams after McNamee and Mayfield, Character N-Gram Tokenization for European Language Text Retrieval (2004).
    How rare a trigram is, and how long a text, is told from a `sample` of the passages.
    """

    def __init__(self, sample: Sequence[str]) -> None:
        found, of = _trigrams(sample)
        self._size = len(sample)
        self._length = max(len(found) / max(self._size, 1), 1.0)
        # One of each for each text: sorted by trigram, then by text.
        order = numpy.lexsort((of, found))
        found, of = found[order], of[order]
        is_first = numpy.ones(len(found), dtype=bool)
        is_first[1:] = (found[1:] != found[:-1]) | (of[1:] != of[:-1])
        self._known, self._in = numpy.unique(found[is_first], return_counts=True)

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """For each text, 0 where none of the query's trigrams is in it."""
        wanted, times = numpy.unique(_trigrams([" ".join(asked(query))]).found, return_counts=True)
        if not len(wanted) or not texts:
            return [0.0] * len(texts)
        found, of = _trigrams(texts)
        counts = _counted(found, of, wanted, len(texts))
        lengths = numpy.bincount(of, minlength=len(texts))
        norm = K1 * (1 - B + B * lengths / self._length)
        scores = counts * (K1 + 1) / (counts + norm[:, None]) @ (self._rarity(wanted) * times)
        return [float(score) for score in scores]

    def _rarity(self, wanted: Numbers) -> Any:
        """As Lucene and tantivy have it, which is never negative."""
        containing = numpy.zeros(len(wanted))
        if len(self._known):
            places = numpy.searchsorted(self._known, wanted).clip(max=len(self._known) - 1)
            containing = numpy.where(self._known[places] == wanted, self._in[places], 0)
        return numpy.log(1 + (self._size - containing + 0.5) / (containing + 0.5))


def _counted(found: Numbers, of: Numbers, wanted: Numbers, texts: int) -> Any:
    """`[text, wanted]`: how often."""
    slots = numpy.zeros(_SLOTS, dtype=bool)
    slots[_slot(wanted)] = True
    may_be = slots[_slot(found)]
    found, of = found[may_be], of[may_be]
    places = numpy.searchsorted(wanted, found).clip(max=len(wanted) - 1)
    is_wanted = wanted[places] == found
    cells = of[is_wanted] * len(wanted) + places[is_wanted]
    return numpy.bincount(cells, minlength=texts * len(wanted)).reshape(texts, len(wanted))


def _slot(trigrams: Numbers) -> Numbers:
    return (trigrams ^ (trigrams >> 16) ^ (trigrams >> 37)) & (_SLOTS - 1)


def _trigrams(texts: Sequence[str]) -> _Trigrams:
    """Of ` word word `; those with a space in the middle belong to no word, and are left out."""
    plain = [in_pairs(text[:MOST]).casefold() for text in texts]
    lengths = [len(text) + 1 for text in plain]
    joined = " ".join(["", *plain, ""]).encode("utf-32-le", "replace")
    letters = numpy.frombuffer(joined, dtype=numpy.uint32).astype(numpy.int64)
    of = numpy.repeat(numpy.arange(len(texts)), lengths)  # of each place but the first
    letters = numpy.where(_is_letter()[letters.clip(max=0xFFFF)], letters, _SPACE)
    is_kept = numpy.ones(len(letters), dtype=bool)
    is_kept[1:] = (letters[1:] != _SPACE) | (letters[:-1] != _SPACE)
    letters, of = letters[is_kept], numpy.concatenate(([0], of))[is_kept]
    if len(letters) < 3:
        return _Trigrams(numpy.zeros(0, dtype=numpy.int64), numpy.zeros(0, dtype=numpy.int64))
    middle = letters[1:-1]
    is_word = middle != _SPACE
    found = (letters[:-2] << 2 * _BITS) | (middle << _BITS) | letters[2:]
    return _Trigrams(found[is_word], of[1:-1][is_word])


@cache
def _is_letter() -> Flags:
    """By number; everything beyond the first plane counts as a letter, by the last of the table."""
    known = [chr(number).isalnum() for number in range(0xFFFF)]
    return numpy.array([*known, True])
