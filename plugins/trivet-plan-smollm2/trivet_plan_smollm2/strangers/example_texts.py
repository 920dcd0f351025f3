"""Which words of a goal are which text argument: told by where the tool's examples have theirs, what an argument's name and
description say, and which words would be left over. Pure.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.strangers.example_places import (
    ARTICLES,
    Sample,
    Shape,
    fits_role,
    is_preposition,
    led_by,
    saying,
    shape_of,
    text_arguments,
    words_in,
)
from trivet_plan_smollm2.words.carriers import CARRYING, Carriers, carriers_of
from trivet_plan_smollm2.words.clauses import VERBS
from trivet_plan_smollm2.words.mentions import Mention, Mentions
from trivet_plan_smollm2.words.similarity import stem
from trivet_sdk import ToolSpec

LONGEST = 7
"""Words of a value, unless it is quoted or stands behind a colon."""
MOST = 10
"""Values that are tried for an argument."""
ARGUMENTS = 6
COMBINED = 2000
"""Ways to fill several arguments that are weighed, about."""
KEPT = 4
LEFT = 0.35
"""Taken off for each word that means something and has no place …"""
MISSING = 1.2
"""… and for a required argument that has no words, unless the goal points at something said before …"""
POINTED = 0.15
"""… where it costs less."""
IN_ORDER = 0.06
"""Added where values stand in the order of the arguments."""
OPTIONAL = 0.5
"""What must speak for an optional argument."""
_SUBJECT = frozenset(
    "i we you they he she who somebody someone everybody to can could shall should will would must".split()
)
_POINTING = re.compile(
    r"\b(?:it|its|him|his|her|them|their|this|that|those|these|the same)\b(?!\s+(?:is|are|says?|was)\b)", re.IGNORECASE
)
_POINTED_AT = re.compile(r"\b(?:that|this|the same)\s+$", re.IGNORECASE)
_TOLD_TO = re.compile(r"\b(?:me|us|him|her|them) to\s+$", re.IGNORECASE)
"""`remind me to clip the hedge`: behind it stands all that is to be done."""
_HEADS = frozenset(
    "table tables file files list sheet number name line item place unit case time record row column field book".split()
)
"""Words that say nothing by themselves, but may be what others stand before: `folding table`."""
_ENDS = re.compile(
    r"[,.;:!?()]\s|\s{3,}|[\"“”]|\b(?:that|this|it|them|is|are|was|were|has|have|had|been|does|did)\b", re.IGNORECASE
)
"""No value goes beyond."""
_SPEAKS_OF = re.compile(r"\b(?:it|them)\b", re.IGNORECASE)
_TALK = frozenset("text message body note content task words comment reason".split())


class Read(msgspec.Struct, frozen=True):
    """One way to read a goal's words as arguments."""

    places: Mapping[str, Mention]
    score: float


def readings(tool: ToolSpec, text: str, mentions: Mentions, samples: Sequence[Sample]) -> list[Read]:
    """Of the text arguments, the likeliest first. In `text` what has found its place is blanked out."""
    names = dict(itertools.islice(text_arguments(tool).items(), ARGUMENTS))
    if not names:
        return [Read({}, 0.0)]
    required = set(tool.parameters.get("required", ()))
    carriers = _without_values(carriers_of(tool), samples)
    spans = list(_spans(text, mentions, carriers))
    is_told = any(
        place.led_by in (":", "say") for sample in samples for place in sample.places if place.argument in names
    )
    told = saying(mentions.goal) if not mentions.quoted and (is_told or _has_talk(names)) else None
    if told is not None:
        spans = [span for span in spans if span.end <= told.start] + [told]
    most = min(MOST, max(3, round(COMBINED ** (1 / len(names)))))
    options: list[list[tuple[str, Mention | None, float]]] = []
    for name, schema in names.items():
        worth: list[tuple[str, Mention | None, float]] = [
            (name, span, _worth(name, schema, span, names, mentions, samples, carriers, span is told)) for span in spans
        ]
        options.append([*sorted(worth, key=lambda each: -each[2])[:most], (name, None, 0.0)])
    telling = _telling(text, carriers, told)
    pointing = len(_POINTING.findall(mentions.goal))
    found = []
    for chosen in itertools.product(*options):
        taken = [span for _, span, _ in chosen if span is not None]
        if any(a.start < b.end and b.start < a.end for a, b in itertools.combinations(taken, 2)):
            continue
        score, points = 0.0, pointing
        for name, span, weight in chosen:
            if span is not None:
                score += weight if name in required else weight - OPTIONAL
            elif name in required:
                score -= POINTED if points > 0 else MISSING
                points -= 1
        starts = [span.start for _, span, _ in chosen if span is not None]
        score += IN_ORDER * (len(starts) > 1 and starts == sorted(starts))
        score -= LEFT * sum(not any(a.start <= word.start < a.end for a in taken) for word in telling)
        found.append(Read({name: span for name, span, _ in chosen if span is not None}, score))
    return sorted(found, key=lambda each: -each.score)[:KEPT]


def _part_around(text: str, run: Mention) -> str:
    begin = max(text.rfind(mark, 0, run.start) for mark in ",.;?!") + 1
    end = min((place for mark in ",.;?!" if (place := text.find(mark, run.end)) >= 0), default=len(text))
    return text[begin:end]


def _has_talk(names: Mapping[str, Any]) -> bool:
    return any(_TALK & set(name.lower().split("_")) for name in names)


def _without_values(carriers: Carriers, samples: Sequence[Sample]) -> Carriers:
    """Words that are an argument in an example may be one in the goal."""
    inside: set[str] = set()
    outside: set[str] = set()
    for sample in samples:
        for word in words_in(sample.text):
            is_value = any(place.start <= word.start < place.start + len(place.text) for place in sample.places)
            (inside if is_value else outside).add(stem(word.text.lower()))
    return Carriers(carriers.sure, carriers.likely - (inside - outside))


def _spans(text: str, mentions: Mentions, carriers: Carriers) -> Iterator[Mention]:
    """Stretches that begin and end with a word that means something."""
    yield from mentions.quoted
    words = [word for word in words_in(text) if not any(q.start <= word.start < q.end for q in mentions.quoted)]
    for first, begin in enumerate(words):
        if not _may_begin(begin, carriers) or (begin.text.islower() and _POINTED_AT.search(text[: begin.start])):
            continue
        if first and _is_one_name(text, words[first - 1], begin):
            continue
        for last, behind in zip(words[first : first + LONGEST], [*words[first + 1 :], None], strict=False):
            if _ENDS.search(text[begin.start : last.end]):
                break
            is_head = last is not begin and last.text.lower() in _HEADS and stem(last.text.lower()) not in carriers.sure
            if behind is not None and _is_one_name(text, last, behind):
                continue
            if is_head or _may_begin(last, carriers):
                span = Mention(text[begin.start : last.end], begin.start, last.end)
                if all(stem(word.text.lower()) in carriers.sure for word in words_in(span.text)):
                    continue
                yield _bare(span)


def _is_one_name(text: str, one: Mention, other: Mention) -> bool:
    """`Mr Haddad` and `IC 118`, of which no half is meant."""
    is_capital = one.text[:1].isupper() and one.start > 0 and not re.match(r"I(?:['’]|$)", one.text)
    is_going_on = other.text[:1].isupper() or other.text.isdigit()
    return is_capital and is_going_on and text[one.end : other.start] == " "


def _bare(span: Mention) -> Mention:
    bare = re.sub(r"['’]s?$", "", span.text)
    return Mention(bare, span.start, span.start + len(bare))


def _may_begin(word: Mention, carriers: Carriers) -> bool:
    is_name = word.text[:1].isupper() and word.start > 0 and not re.match(r"I(?:['’]|$)", word.text)
    plain = re.sub(r"['’]s$", "", word.text).lower()
    return is_name or not (plain in CARRYING or word.text.lower() in CARRYING or is_preposition(plain))


def _worth(
    name: str, schema: Mapping[str, Any], span: Mention, names: Mapping[str, Any], mentions: Mentions,
    samples: Sequence[Sample], carriers: Carriers, is_told: bool,
) -> float:  # fmt: skip
    goal = mentions.goal
    led, shape = led_by(goal, span.start), shape_of(goal, span.start, span.end)
    mine = [place for sample in samples for place in sample.places if place.argument == name]
    others = [place for sample in samples for place in sample.places if place.argument != name]
    if is_told:
        is_talk = bool(_TALK & set(name.lower().split("_")))
        return 1.6 if is_talk or (name == list(names)[-1] and not _has_talk(names)) else 0.2
    score = 1.2 if span in mentions.quoted else 0.0
    score += fits_role(name, schema, led, shape)
    if led and any(place.led_by == led for place in mine):
        score += 0.5
    elif led and any(place.led_by == led for place in others):
        score -= 0.5
    shapes: set[Shape] = {place.shape for place in mine}
    if shapes and span not in mentions.quoted:
        score += 0.35 if shape in shapes else -0.8 if shape == "mixed" else -0.35
    if shape == "mixed" and span.text[:1].isupper() and span.text.split()[-1].islower():
        score -= 0.3  # `Tofte Garden sent`
    if span not in mentions.quoted and _SPEAKS_OF.search(_part_around(goal, span)):
        score -= 0.6  # `…, the carpenter needs them`
    before = goal[: span.start].split()
    if before and before[-1].lower() in ARTICLES:
        score += 0.2
    first = span.text.split()[0]
    is_verb = (
        re.split(r"['’]", led)[0] in _SUBJECT and not (led == "to" and shape == "name")
    ) or first.lower() in VERBS
    is_verb = is_verb and _TOLD_TO.search(goal[: span.start]) is None
    if is_verb and first.islower() and len(span.text.split()) > 0 and not any(place.led_by == led for place in mine):
        score -= 0.6
    if any(map(is_preposition, span.text.split()[1:])) and span not in mentions.quoted:
        is_bound = all(word in ("of", "with") for word in span.text.split()[1:] if is_preposition(word))
        is_known = any(any(map(is_preposition, place.text.split())) for place in mine)
        score -= 0.0 if is_known else 0.1 if is_bound else 0.45
    if (next_word := re.match(r" (\w+)", goal[span.end :])) and next_word[1].lower() in _HEADS:
        score -= 0.0 if stem(next_word[1].lower()) in carriers.sure else 0.15
    known = [stem(word.text.lower()) for word in words_in(span.text) if not word.text[:1].isupper()]
    own = {stem(part) for part in name.lower().split("_")}
    if span not in mentions.quoted:
        if len(known) > 1 and known[-1] in own:  # `office door` for a door
            score += 0.2
            known.pop()
        score -= 0.3 * sum(root in carriers.sure for root in known)
        score -= 0.1 * sum(root in carriers.likely - carriers.sure for root in known)
        score -= 0.4 * (bool(known) and carriers.likely.issuperset(known) and shape == "words")
        score -= 0.4 * (not _is_beside_carriers(goal, span, carriers))
    return score


def _is_beside_carriers(goal: str, span: Mention, carriers: Carriers) -> bool:
    """Whether its sentence has a word of the tool, or no sentence has: `That would be great.` says nothing about a tool."""

    def has(text: str) -> bool:
        return any(stem(word.text.lower()) in carriers.sure | carriers.likely for word in words_in(text))

    sentences = [(match.start(), match.end()) for match in re.finditer(r".+?(?:[.!?;:](?:\s+|$)|$)", goal)]
    around = [goal[start:end] for start, end in sentences if start <= span.start < end]
    return not any(has(goal[start:end]) for start, end in sentences) or any(map(has, around))


def _telling(text: str, carriers: Carriers, told: Mention | None) -> list[Mention]:
    """Words that are neither the tool's own nor say nothing."""
    known = carriers.sure | carriers.likely
    found = []
    for word in words_in(text):
        plain = re.sub(r"['’]s$", "", word.text).lower()
        is_name = word.text[:1].isupper() and word.start > 0
        if told is not None and told.start <= word.start < told.end:
            continue
        if word.text.islower() and led_by(text, word.start) in _SUBJECT - {"to"}:
            continue  # `may I keep`
        if is_name or not (
            plain in CARRYING or word.text.lower() in CARRYING or is_preposition(plain) or stem(plain) in known
        ):
            found.append(word)
    return found
