"""Matches as people read them: the best passage quoted with its place, perhaps a second one."""

from collections.abc import Sequence

from trivet_files.passage import Passage
from trivet_files.ranking import Match
from trivet_files.sentences import sentences_of
from trivet_files.words import tokens

_MAX = 1000  # characters of all quotes
_WHOLE = 600  # a passage up to this length is quoted whole
_WEAK = 0.4  # coverage below which a match is called weak
_SECOND = 0.75  # share of the best score that earns a second quote


def quoted(matches: Sequence[Match], query: str) -> str:
    """At most 1,000 characters: `rules.md:6: Lost keys cost 35 euro.`"""
    if not matches:
        return f"nothing found for '{query}'"
    best = matches[0]
    text = ("weak match, " if best.coverage < _WEAK else "") + _said(best)
    for second in matches[1:2]:
        said = _said(second)
        if second.score >= _SECOND * best.score and len(text) + len(said) + 1 <= _MAX:
            text += "\n" + said
    return text[:_MAX]


def _said(match: Match) -> str:
    passage = match.passage
    title = passage.heading.rpartition(" > ")[2] if passage.value is None else ""
    quote = excerpt(passage.quote, match)
    place = f"{passage.path}:{_line_of(quote, passage)}{f' ({title})' if title and len(title) < 60 else ''}"
    return f"{place}: {quote}"


def _line_of(quote: str, passage: Passage) -> int:
    """The file's line in which the quote begins."""
    beginning = quote.removeprefix("… ")[:24]
    flat = " ".join(passage.text.split())
    before = max(flat.find(beginning), 0)
    for offset, line in enumerate(passage.text.splitlines()):
        before -= len(" ".join(line.split())) + 1
        if before < 0:
            return passage.line + offset
    return passage.line


def excerpt(text: str, match: Match) -> str:
    """The text whole if it is short, else its best sentence and as many neighbours as fit, in order."""
    if len(text) <= _WHOLE:
        return text
    sentences = sentences_of(text)
    gains = [len(match.words & set(tokens(sentence))) for sentence in sentences]
    start = end = max(range(len(sentences)), key=lambda i: (gains[i], -i))
    size = len(sentences[start])
    if size > _WHOLE:
        return _around(sentences[start], match)
    while True:  # the neighbours of the best sentence, then whatever else matched
        sides = [(gains[i], i) for i in (start - 1, end + 1) if 0 <= i < len(sentences)]
        sides = [(gain, i) for gain, i in sides if size + len(sentences[i]) < _WHOLE and (gain or end - start < 2)]
        if not sides:
            break
        _, chosen = max(sides)
        start, end = min(start, chosen), max(end, chosen)
        size += len(sentences[chosen]) + 1
    return ("… " if start else "") + " ".join(sentences[start : end + 1]) + (" …" if end + 1 < len(sentences) else "")


def _around(sentence: str, match: Match) -> str:
    """The stretch of an overlong sentence that holds most of the matched words, cut at spaces."""
    words = sentence.split(" ")
    if len(words) < 5:
        return sentence[:_WHOLE].rstrip() + "…"
    hits = [bool(match.words & set(tokens(word))) for word in words]
    best, best_hits = 0, -1
    for start in range(0, len(words), 5):
        size = found = 0
        for word, hit in zip(words[start:], hits[start:], strict=True):
            size += len(word) + 1
            if size > _WHOLE:
                break
            found += hit
        if found > best_hits:
            best, best_hits = start, found
    cut = " ".join(words[best:])
    shortened = cut if len(cut) <= _WHOLE else cut[:_WHOLE].rpartition(" ")[0] + " …"
    return ("… " if best else "") + shortened
