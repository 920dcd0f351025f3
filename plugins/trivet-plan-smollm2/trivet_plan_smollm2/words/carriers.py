"""Which words of a goal only carry it, and which are what it is about: told by a tool's own examples. Pure.

`give me the e-mail address of Tariq Aziz` and the example `mail address of Ivo Kern` share all words but the names; what they
do not share is the argument.
"""

import itertools
import re
from collections.abc import Iterator

import msgspec

from trivet_plan_smollm2.words.lexicon import GENERIC
from trivet_plan_smollm2.words.mentions import Mention
from trivet_plan_smollm2.words.similarity import STOP, stem
from trivet_sdk import ToolSpec

_WORD = re.compile(r"[^\W_][\w'’.@+&/-]*[^\W_]|[^\W_]")
_QUOTED = re.compile(r"[\"“']([^\"”']{2,})[\"”']")
_POLITE = frozenset(
    "i'd i'm i've id let's lets us me my mine her his their its it's what's who's where's when's whats do does did "
    "have has had am is are was were be been will would shall should can could may might must need want like "
    "please thanks thank kindly now just also still lately recently again first then next after that this these "
    "those it them they he she we you one some any all both "
    "latest newest recent last current next past anything something everything else other others "
    "anybody somebody whom whose which who what when where how why there here if look looked looking find out tell "
    "show give get let know say says see make list check search write mark put enter forgot remember soon today "
    "mentioning mentions containing contains regarding concerning saying lot bit few couple bunch afterwards beforehand right "
    "ever yet already too as so but and or not no yes hello hi dear".split()
)
_CODE = re.compile(r"(?=.*\d)(?=.*[A-Za-z]).{4,}")
_INSIDE = frozenset("of to with the and for in on at a an from by de la von van der & 's".split())
"""Words that may stand within what is meant: `dinner with Oskar`, `flight to Porto`."""
CARRYING = frozenset({*STOP, *_POLITE, *GENERIC})


class Carriers(msgspec.Struct, frozen=True):
    """Stems."""

    sure: frozenset[str]
    """Of the tool's name, summary and arguments, and of several of its examples."""
    likely: frozenset[str]
    """Of one of its examples, where they may be an argument there."""


def carriers_of(tool: ToolSpec) -> Carriers:
    counts: dict[str, int] = {}
    for example in tool.examples:
        plain = _QUOTED.sub(" ", example)
        words = [match[0] for match in _WORD.finditer(plain)]
        lower = {stem(_bare(word).lower()) for place, word in enumerate(words) if place == 0 or word[:1].islower()}
        for root in lower:
            counts[root] = counts.get(root, 0) + 1
    described = " ".join(
        [tool.name.replace(".", " "), tool.summary, *(name for name in tool.parameters.get("properties", {}))]
    )
    sure = {stem(word.lower()) for word in re.findall(r"[^\W_]+", re.sub(r"[_-]+", " ", described))}
    sure |= {root for root, count in counts.items() if count > 1}
    return Carriers(frozenset(sure), frozenset(counts))


def meant(text: str, carriers: Carriers) -> list[Mention]:
    """What the text speaks of, the likeliest first; what was taken already is blanked out in it. A part that speaks of what
    another part has named (`…, the carpenter needs them`) comes last."""
    found = list(_runs(text, carriers.sure | carriers.likely))
    more = [
        run
        for run in _runs(text, carriers.sure)
        if not any(run.start < one.end and one.start < run.end for one in found)
    ]
    ordered = sorted([*found, *more], key=lambda run: run.start)
    plain = [run for run in ordered if not _POINTS.search(_part_around(text, run))]
    found_first = [run for run in plain if run in found] + [run for run in plain if run in more]
    return found_first + [run for run in ordered if run not in plain]


def _part_around(text: str, run: Mention) -> str:
    begin = max(text.rfind(mark, 0, run.start) for mark in ",.;?!") + 1
    end = min((place for mark in ",.;?!" if (place := text.find(mark, run.end)) >= 0), default=len(text))
    return text[begin:end]


def covered(text: str, carriers: Carriers) -> float:
    """What share of the words that mean something, names aside, the tool's own words are."""
    words = [match[0] for match in _WORD.finditer(_QUOTED.sub(" ", text))]
    telling = [
        stem(_bare(word).lower())
        for place, word in enumerate(words)
        if (place == 0 or not word[:1].isupper()) and word.lower() not in CARRYING and not word[:1].isdigit()
    ]
    known = carriers.sure | carriers.likely
    return sum(word in known for word in telling) / len(telling) if telling else 0.0


_POINTS = re.compile(r"\b(?:it|them|that|those|her|his|their)\b", re.IGNORECASE)


def _runs(text: str, carrying: frozenset[str]) -> Iterator[Mention]:
    run: list[re.Match[str]] = []
    between: list[re.Match[str]] = []

    def told() -> Mention:
        words = _without_neighbours(run, text)
        end = words[-1].start() + len(_bare(words[-1][0]))
        return Mention(text[words[0].start() : end], words[0].start(), end)

    for match in _WORD.finditer(text):
        word = match[0].lower()
        gap = text[(between or run)[-1].end() : match.start()] if run else ""
        is_apart = bool(re.search(r"[,.;:!?()]|\s{3,}", gap))
        if is_apart and run:
            yield told()
            run, between = [], []
        is_name = match[0][:1].isupper() and match.start() > 0 and not re.match(r"I(?:['’]|$)", match[0])
        if not is_name and (word in CARRYING or _bare(word) in CARRYING or stem(_bare(word)) in carrying):
            if run and word in _INSIDE:
                between.append(match)
                continue
            if run:
                yield told()
                run, between = [], []
            continue
        run += [*between, match]
        between = []
    if run:
        yield told()


def _without_neighbours(run: list[re.Match[str]], text: str) -> list[re.Match[str]]:
    """`Mei` of `ring Mei`, and `hard hats` of `level of hard hats`; `dinner with Oskar` stays."""
    names = [match for match in run if match.start() > 0 and (match[0][:1].isupper() or _CODE.fullmatch(match[0]))]
    names += [two for one, two in itertools.pairwise(run) if one in names and two[0].isdigit()]  # `IC 211`
    if names:
        kept = list(run)
        while len(kept) > 1 and kept[0] not in names and kept[1] in names:
            kept = kept[1:]
        while len(kept) > 1 and kept[-1] not in names and kept[-2] in names:
            kept = kept[:-1]
        return kept
    if len(run) > 2 and run[1][0].lower() == "of":
        return run[2:]
    return run


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)
