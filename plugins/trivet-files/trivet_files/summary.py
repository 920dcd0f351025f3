"""Extractive summaries: the sentences that say most of what a text says, in its own order.

Sentences are scored by cosine to the text's TF-IDF centroid (Radev et al., "Centroid-based summarization", 2004), then
taken one by one; one that repeats what was taken, or comes from a paragraph already heard, counts less.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping

import msgspec

from trivet_files.passage import Passage
from trivet_files.passages import passages_of
from trivet_files.sentences import sentences_of
from trivet_files.words import STOP, tokens

_MAX_SENTENCES = 3000
HALF = 0.5


class Sentence(msgspec.Struct, frozen=True):
    text: str
    place: int
    paragraph: int
    vector: Mapping[str, float]


class NoSection(Exception):
    """No heading has the words that were asked for; `headings` are those that there are."""

    def __init__(self, headings: list[str]) -> None:
        super().__init__(headings)
        self.headings = headings


def summary_of(path: str, text: str, max_characters: int, section: str = "") -> str:
    """At most `max_characters` characters of the file's own sentences, its title first if there is room; of one section
    alone, if one is named. Raises NoSection."""
    passages = [passage for passage in passages_of(path, text) if not passage.text.startswith("|")]
    if section:
        passages = _under(section, passages)
    if not passages:
        return ""
    title = passages[0].heading.partition(" > ")[0] if passages[0].value is None else ""
    sentences = _sentences([passage.quote for passage in passages])
    room = max_characters - (len(title) + 2 if title else 0)
    if title and room < 0.6 * max_characters:
        title, room = "", max_characters
    chosen = _chosen(sentences, room)
    if not chosen:
        return clipped(sentences[0].text if sentences else title, max_characters)
    body = " ".join(_ended(sentence.text) for sentence in chosen)
    return f"{title}: {body}" if title else body


def _under(section: str, passages: list[Passage]) -> list[Passage]:
    """Those below the headings that have most of the section's words, half of them at least."""
    wanted = {word for word in tokens(section) if word not in STOP}
    held = {heading: _share(wanted, heading) for heading in dict.fromkeys(passage.heading for passage in passages)}
    best = max(held.values(), default=0.0)
    if best < HALF:
        raise NoSection([heading.rpartition(" > ")[2] for heading in held if heading])
    chosen = {heading for heading, share in held.items() if share == best}
    return [msgspec.structs.replace(p, heading="") for p in passages if p.heading in chosen]


def _share(wanted: set[str], heading: str) -> float:
    own = set(tokens(heading.rpartition(" > ")[2]))
    return len(wanted & own) / len(wanted) if wanted else 0.0


def clipped(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"[:limit]


def _ended(sentence: str) -> str:
    return sentence if re.search(r"[.!?。！？…;:：；][\"'”’)\]」]*$", sentence) else sentence + "."


def _sentences(paragraphs: list[str]) -> list[Sentence]:
    split = [(number, sentence) for number, paragraph in enumerate(paragraphs) for sentence in sentences_of(paragraph)]
    split = split[:_MAX_SENTENCES]
    bags = [Counter(word for word in tokens(sentence) if word not in STOP) for _, sentence in split]
    seen = Counter(word for bag in bags for word in bag)
    rarity = {word: math.log(1 + len(bags) / count) for word, count in seen.items()}
    return [
        Sentence(sentence, place, number, {word: count * rarity[word] for word, count in bag.items()})
        for place, ((number, sentence), bag) in enumerate(zip(split, bags, strict=True))
    ]


def _chosen(sentences: list[Sentence], room: int) -> list[Sentence]:
    centroid: Counter[str] = Counter()
    for sentence in sentences:
        centroid.update(sentence.vector)
    worth = {sentence.place: _worth(sentence, centroid, len(sentences)) for sentence in sentences}
    chosen: list[Sentence] = []
    left = [sentence for sentence in sentences if len(sentence.text) < room and worth[sentence.place] > 0]
    heard = Counter[int]()
    likeness = dict.fromkeys(worth, 0.0)
    while left:
        best = max(left, key=lambda s: worth[s.place] * (1 - likeness[s.place]) * 0.45 ** heard[s.paragraph])
        chosen.append(best)
        heard[best.paragraph] += 1
        room -= len(best.text) + 2
        left = [sentence for sentence in left if sentence is not best and len(sentence.text) < room]
        for sentence in left:
            likeness[sentence.place] = max(likeness[sentence.place], _cosine(sentence.vector, best.vector))
    return sorted(chosen, key=lambda sentence: sentence.place)


def _worth(sentence: Sentence, centroid: Mapping[str, float], count: int) -> float:
    """Centrality, with a little more for an early sentence, for figures and names, and less for a fragment."""
    worth = _cosine(sentence.vector, centroid)
    worth *= 1.0 + 0.25 * (1 - sentence.place / max(count, 1))
    if re.search(r"\d", sentence.text):
        worth *= 1.2
    if not re.search(r"[.!?。！？…][\"'”’)\]]*$", sentence.text):
        worth *= 0.25  # a list of names, a caption
    if len(sentence.vector) < 4:
        worth *= 0.6
    return worth


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    dot = sum(weight * large[word] for word, weight in small.items() if word in large)
    norms = math.sqrt(sum(w * w for w in a.values()) * sum(w * w for w in b.values()))
    return dot / norms if norms else 0.0
