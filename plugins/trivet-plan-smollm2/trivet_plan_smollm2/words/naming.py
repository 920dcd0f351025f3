"""Where a goal names files, by their paths or in words: `the stock list of 2024`, `that of 2023`, `the guest list`."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import msgspec

from trivet_plan_smollm2.words.similarity import stem_words

_TOKEN = re.compile(r"[^\W_]+(?:['’]s)?")
_AROUND = r"(?:(?:lists?|files?|tables?|sheets?|registers?)\b)"
_AHEAD = re.compile(
    rf"(?:(?:the|our|my|that|those|one|ones|{_AROUND}|of|from|for|called|named)\s+)*[\"'`“]?$", re.IGNORECASE
)
_BEHIND = re.compile(
    rf"[\"'`”]?(?:\s+(?:{_AROUND}|of|for|from|in|one|ones)(?=\s*(?:[,.;?!]|$)|\s+\w))*?(?:\s+(?:{_AROUND}|ones?\b))?",
    re.IGNORECASE,
)
REACH = 4
"""Words between a name and the number of its file at most."""


class Naming(msgspec.Struct, frozen=True):
    path: str
    start: int
    end: int


class _Name(msgspec.Struct, frozen=True):
    words: frozenset[str]
    digits: frozenset[str]


def named_in(text: str, paths: Iterable[str]) -> list[Naming]:
    """Every place, in order. A path that is written out is that file; else all words of a file's name must be said, and its
    numbers where it has some: those alone where another file of that name has been spoken of. A place that could mean
    two files is none."""
    paths = tuple(paths)
    found: list[Naming] = []
    for path in sorted(paths, key=len, reverse=True):
        for name in dict.fromkeys((path, PurePosixPath(path).name)):
            if sum(PurePosixPath(other).name == name for other in paths) > 1 and name != path:
                continue
            for match in re.finditer(rf"(?<![\w/.-]){re.escape(name)}(?!\w)", text, re.IGNORECASE):
                if not any(each.start < match.end() and match.start() < each.end for each in found):
                    found.append(Naming(path, match.start(), match.end()))
    names = {path: name_of(path) for path in paths if name_of(path).words}
    tokens = [
        (match.start(), match.end(), words[0] if (words := stem_words(re.sub(r"['’]s$", "", match[0]))) else "")
        for match in _TOKEN.finditer(text)
        if not any(each.start < match.end() and match.start() < each.end for each in found)
    ]
    said = {token[2] for token in tokens} | {
        word for each in found for name in [names.get(each.path)] if name for word in name.words
    }
    for path, called in names.items():
        if called.words <= said:
            found += _places(path, called, tokens, text, names)
    clear = [
        one
        for one in found
        if not any(two.path != one.path and two.start < one.end and one.start < two.end for two in found)
    ]
    return sorted(set(clear), key=lambda each: each.start)


def name_of(path: str) -> _Name:
    parts = stem_words(re.sub(r"[_\-.]+", " ", PurePosixPath(path).stem))
    return _Name(frozenset(p for p in parts if not p.isdigit()), frozenset(p for p in parts if p.isdigit()))


def _places(
    path: str, name: _Name, tokens: list[tuple[int, int, str]], text: str, names: dict[str, _Name]
) -> list[Naming]:
    wanted = name.digits or name.words
    if any(other.words == name.words and other.digits == name.digits for p, other in names.items() if p != path):
        return []
    found = []
    for place, (start, end, word) in enumerate(tokens):
        if word not in wanted:
            continue
        around = tokens[max(0, place - REACH) : place + REACH + 1]
        near = {each[2] for each in around}
        if not name.digits:
            if not name.words <= near:
                continue
            inner = [each for each in around if each[2] in name.words]
            start, end = min(inner)[0], max(inner)[1]
        elif not name.digits <= near:
            continue
        else:
            inner = [each for each in around if each[2] in name.words and _is_bound(text, each, (start, end))]
            start, end = min([start, *(each[0] for each in inner)]), max([end, *(each[1] for each in inner)])
        ahead = _AHEAD.search(text[:start])
        behind = _BEHIND.match(text[end:])
        found.append(Naming(path, ahead.start() if ahead else start, end + (behind.end() if behind else 0)))
    return found


def _is_bound(text: str, word: tuple[int, int, str], number: tuple[int, int]) -> bool:
    """Whether nothing but little words stands between a name and its number."""
    first, last = sorted((word[:2], number))
    return (
        re.fullmatch(rf"(?:\s|-|_|\b(?:the|of|for|from|in|year|{_AROUND})\b)*", text[first[1] : last[0]], re.I)
        is not None
    )
