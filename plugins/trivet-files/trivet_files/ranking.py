"""Passages ranked by how well they match the words of a query.

BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3) over stems, with headings and
file names as weaker fields; words that stand together in the query and in a passage count more.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from trivet_files.characters import APART, held, lacks_a_stretch
from trivet_files.passage import Passage
from trivet_files.words import SYNONYMS, chinese_stretches, content_words, tokens

_K1, _B = 1.2, 0.4
_HERE, _HEADING, _NAMED, _PATH = 1.0, 0.8, 0.7, 0.5  # weight of a word by where it is found
_NEAR, _SYNONYM = 0.7, 0.45  # weight of a word that is nearly, or means nearly, the query's
_WINDOW = 4  # words within which a pair of the query counts as together
_FIGURE = re.compile(r"how (?:much|many|long|far|often|old|tall|heavy|fast)|what (?:does .* )?cost|多少|几")
_MEANING = re.compile(r"\bmean(?:s|ing)?\b|\bdefin|是什么|什么是|定义|意思")
_WHAT_IS = re.compile(
    r"\bwhat (?:is|are|does|do) (?:meant by )?(?:an? |the )?(?P<term>[^,;]{2,60}?)(?: means?)?\W*$", re.IGNORECASE
)
_DEFINING = frozenset(["mean", "is", "are", "refer", "denot", "defin"])
_QUOTE = re.compile(r"[\"“「『]([^\"”」』]{2,80})[\"”」』]|(?<!\w)'([^']{2,80})'(?!\w)")
_TIME = re.compile(r"\b(?:when|what (?:date|day|time))\b|何时|什么时候|几点")


class Match(msgspec.Struct, frozen=True):
    passage: Passage
    score: float
    coverage: float
    """Share of the query's words found, each weighed by how rare it is here: 0 to 1."""
    words: frozenset[str]
    """The stems of the passage that matched."""


def rank(query: str, passages: Sequence[Passage], limit: int) -> list[Match]:
    """The best passages first; those that match no word are left out."""
    wanted = content_words(query)
    if not wanted or not passages:
        return []
    texts = [tokens(passage.text) for passage in passages]
    headings = [frozenset(tokens(passage.heading)) for passage in passages]
    by_path = {path: frozenset(tokens(path)) for path in {passage.path for passage in passages}}
    told = frozenset.intersection(*by_path.values())  # words that name the one file that is searched
    wanted = [word for word in wanted if word not in told] or wanted
    vocabulary = set().union(*texts, *headings, *by_path.values())
    weights = {word: _expanded(word, vocabulary) for word in wanted}
    frequency = Counter[str]()
    for words, heading in zip(texts, headings, strict=True):
        frequency.update(set(words) | heading)
    count = len(passages)
    rarity = {word: _rarity(word, weights[word], frequency, count) for word in wanted}
    average = sum(map(len, texts)) / count or 1.0
    phrases, stretches = _phrases(query), chinese_stretches(query)
    asks_meaning = bool(_MEANING.search(query.casefold()) or _WHAT_IS.search(query))
    found = []
    for passage, words, heading in zip(passages, texts, headings, strict=True):
        path = by_path[passage.path]
        score = covered = 0.0
        matched: set[str] = set()
        bag = Counter(words)
        norm = _K1 * (1 - _B + _B * len(words) / average)
        for word in wanted:
            presence = 0.0
            best = 0.0
            for form, weight in weights[word].items():
                field = 1.0 if form in bag else _HEADING if form in heading else _PATH if form in path else 0.0
                if field:
                    presence = max(presence, weight * field * max(bag[form], 1))
                    best = max(best, weight * field)
                    matched.add(form)
            score += rarity[word] * presence * (_K1 + 1) / (presence + norm) if presence else 0.0
            covered += rarity[word] * best
        if score:
            score += _togetherness(wanted, words, weights, rarity)
            score *= (1 + _expected(query, passage.text)) * _as_phrase(
                phrases, passage, words, asks_meaning=asks_meaning
            )
            coverage = max(min(1.0, covered / sum(rarity.values())), held(stretches, passage.text))
            if lacks_a_stretch(stretches, f"{passage.path} {passage.heading} {passage.text}"):
                coverage *= APART
            found.append(Match(passage, score, coverage, frozenset(matched)))
    found.sort(key=lambda match: (-match.score, match.passage.path, match.passage.line))
    return found[:limit]


def _expanded(word: str, vocabulary: set[str]) -> dict[str, float]:
    """Forms of the vocabulary that count as this word, and for how much."""
    forms = {word: 1.0} if word in vocabulary else {}
    for synonym in SYNONYMS.get(word, ()):
        if synonym in vocabulary:
            forms[synonym] = _SYNONYM
    if len(word) >= 5 and word.isascii() and word.isalpha():
        for other in vocabulary:
            if other not in forms and other.isascii() and _is_near(word, other):
                forms[other] = _NEAR
    return forms or {word: 1.0}


def _is_near(word: str, other: str) -> bool:
    """The same beginning (`definition`, `define`), or, in long words, one slip of the typist."""
    if len(other) < 4 or word[0] != other[0]:
        return False
    shared = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    if shared >= 5 and shared >= 0.6 * max(len(word), len(other)):
        return True
    return len(word) >= 6 and abs(len(word) - len(other)) <= 1 and _one_slip(word, other)


def _one_slip(a: str, b: str) -> bool:
    """At most one letter inserted, left out or changed, or two neighbours swapped."""
    if len(a) > len(b):
        a, b = b, a
    i = next((i for i in range(len(a)) if a[i] != b[i]), len(a))
    if len(a) < len(b):
        return a[i:] == b[i + 1 :]
    return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])


def _rarity(word: str, forms: dict[str, float], frequency: Counter[str], count: int) -> float:
    """Inverse document frequency of the word in whichever form is most frequent."""
    seen = max((frequency[form] for form, weight in forms.items() if weight >= _NEAR), default=0)
    return math.log(1 + (count - seen + 0.5) / (seen + 0.5))


def _togetherness(
    wanted: list[str], words: list[str], weights: dict[str, dict[str, float]], rarity: dict[str, float]
) -> float:
    """Neighbours in the query that are close to each other here, in either order."""
    places = {word: [i for i, other in enumerate(words) if other in weights[word]] for word in wanted}
    bonus = 0.0
    for first, second in pairwise(wanted):
        gaps = [j - i for i in places[first] for j in places[second] if abs(j - i) <= _WINDOW and i != j]
        if gaps:
            bonus += 0.25 * (rarity[first] + rarity[second]) * (1.5 if 1 in gaps else 1.0)
    return bonus


def _phrases(query: str) -> list[list[str]]:
    """What the query puts in quotes, else the term in `what is a term`."""
    quotes = [inner for pair in _QUOTE.findall(query) for inner in pair if inner]
    if not quotes and (match := _WHAT_IS.search(query)) and len(match["term"].split()) <= 4:
        quotes = [match["term"]]
    return [words for quote in quotes if (words := tokens(quote))]


def _as_phrase(phrases: list[list[str]], passage: Passage, words: list[str], *, asks_meaning: bool) -> float:
    """A factor for passages that hold a phrase word for word; more where the phrase is being defined."""
    factor = 1.0
    for phrase in phrases:
        size = len(phrase)
        places = [i for i in range(len(words) - size + 1) if words[i : i + size] == phrase]
        if not places:
            continue
        factor *= 1.2
        if asks_meaning:
            is_quoted = any(tokens(inner) == phrase for pair in _QUOTE.findall(passage.text) for inner in pair if inner)
            is_defined = any(_DEFINING & set(words[i + size : i + size + 4]) for i in places)
            factor *= (1.25 if is_quoted else 1.0) * (1.5 if is_defined else 1.0) * (1.15 if places[0] <= 3 else 1.0)
    return factor


def _expected(query: str, text: str) -> float:
    """A small advantage for a passage that holds what the question asks for: a figure, a date."""
    query = query.casefold()
    if _FIGURE.search(query) and re.search(r"\d|[一二三四五六七八九十百千]", text):
        return 0.15
    if _TIME.search(query) and re.search(
        r"\d{1,2}:\d\d|\d{4}|月|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day", text.casefold()
    ):
        return 0.15
    return 0.0
