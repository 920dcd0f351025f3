"""Which number of the goal belongs to which argument: by the words around it, by its unit, and by the order of both. Pure."""

import difflib
import itertools
import re
from collections.abc import Mapping, Sequence

from trivet_plan_smollm2.strangers.wants import Want
from trivet_plan_smollm2.words.mentions import Mention, Mentions, Number
from trivet_plan_smollm2.words.similarity import STOP, stem
from trivet_plan_smollm2.words.units import unit_of

LEFT, RIGHT = 7, 4
"""Words before and behind a number that may speak of it."""
DECAY = 0.82
SURE = 0.45
"""What speaks for a number must weigh so much before an optional argument gets it."""
MOST = 7
"""Numbers or arguments that are tried in every order."""


def assigned(wants: Sequence[Want], mentions: Mentions) -> dict[str, float | int] | None:
    """Argument -> value, for the required ones and for those optional ones that the goal speaks of. None if a required one
    has no value."""
    numbers = [each for each in mentions.numbers if not _is_in_list(each, mentions)]
    required = [each for each in wants if each.is_required]
    weights = _weights(wants)
    scores = {
        (each.name, place): score(each, number, place, numbers, mentions, weights)
        for each in wants
        for place, number in enumerate(numbers)
    }
    chosen = _best([each.name for each in required], len(numbers), scores)
    found = {name: numbers[place] for name, place in chosen.items()}
    for each in required:
        if each.name not in found and (implied := _implied(each, mentions)) is not None:
            found[each.name] = implied
    if len(found) < len(required):
        return None
    left = [place for place in range(len(numbers)) if place not in chosen.values()]
    for each in (each for each in wants if not each.is_required):
        best = max(left, key=lambda place: scores[each.name, place], default=None)
        if best is not None and scores[each.name, best] >= SURE:
            found[each.name] = numbers[best]
            left.remove(best)
    schemas = {each.name: each for each in wants}
    return {name: value_of(number, schemas[name]) for name, number in found.items()}


def value_of(number: Number, want: Want) -> float | int:
    """`5%` is 0.05, unless percent are wanted."""
    if number.is_percent and want.type == "number" and not want.wants_percentage:
        return round(number.value / 100, 10)
    return number.plain


def score(
    want: Want,
    number: Number,
    place: int,
    numbers: Sequence[Number],
    mentions: Mentions,
    weights: Mapping[tuple[str, str], float],
) -> float:
    """What speaks for this number being this argument; -inf where it cannot be."""
    if want.type == "integer" and number.value != int(number.value) and not number.is_percent:
        return float("-inf")
    if not want.schema.get("minimum", number.value) <= number.value <= want.schema.get("maximum", number.value):
        return float("-inf")
    total = -0.4 if number.is_word else 0.0
    total += _in_turn(want, number, numbers, mentions, weights) or _heard(want, number, mentions, weights)
    unit = unit_of(number.unit) if number.unit else ""
    if number.is_money:
        unit = "usd"
    if want.turn:
        alike = [
            each for each in numbers if (unit_of(each.unit), each.is_money) == (unit_of(number.unit), number.is_money)
        ]
        total += 0.4 if alike.index(number) == want.turn - 1 else -0.2
    if unit and want.units:
        total += 0.8 if unit in want.units else -0.5
    if want.is_count and (not unit or unit == "people"):
        total += 0.5 + 0.4 * number.is_word
        if re.search(
            r"\b(?:top|first|last|next|best|find|get|list|show|give me)\s+$",
            mentions.goal[: number.start],
            re.IGNORECASE,
        ):
            total += 0.4
    if number.is_percent:
        total += (
            0.5
            if {"rate", "percentag", "probability", "yield", "return", "discount"} & (want.words | want.described)
            else -0.4
        )
    is_year = (
        number.value == int(number.value) and 1500 <= number.value <= 2100 and not number.unit and not number.is_money
    )
    if "year" in re.findall(r"[a-z]+", want.name.lower()):
        total += 0.9 if is_year else -0.3
    elif is_year and want.kind != "date":
        total -= 0.2
    if re.search(
        rf"(?<!\w){re.escape(want.name)}\s*(?:=|is|of|:)?\s*[-$]?$", mentions.goal[: number.start], re.IGNORECASE
    ):
        total += 1.0  # `x = 3`
    return total - 0.03 * place


def _in_turn(
    want: Want, number: Number, numbers: Sequence[Number], mentions: Mentions, weights: Mapping[tuple[str, str], float]
) -> float:
    """`base and height as 6cm and 10cm`: several numbers in a row, and as many arguments named in a row before them."""
    group = [number]
    for step in (-1, 1):
        place = numbers.index(number)
        while 0 <= place + step < len(numbers):
            first, second = sorted((numbers[place], numbers[place + step]), key=lambda each: each.start)
            if not re.fullmatch(
                r"\s?[\w°%/^.]*\s*(?:,|and|,\s*and|&)\s*[$€£]?", mentions.goal[first.end : second.start]
            ):
                break
            place += step
            group.insert(0 if step < 0 else len(group), numbers[place])
    if len(group) < 2:
        return 0.0
    before = [word for word in mentions.words if word.end <= group[0].start][-LEFT - len(group) :]
    named: list[str] = []
    for word in before:
        root = stem(word.text.lower())
        if any(char.isdigit() for char in word.text):
            named.clear()
        owners = [name for name, of in weights if of == root and weights[name, of] >= 1.0]
        named += [name for name in owners if name not in named]
    if len(named) != len(group):
        return 0.0
    return 1.5 if want.name in named and named.index(want.name) == group.index(number) else -0.5


def _heard(want: Want, number: Number, mentions: Mentions, weights: Mapping[tuple[str, str], float]) -> float:
    before = [word for word in mentions.words if word.end <= number.start][-LEFT:]
    behind = [word for word in mentions.words if word.start >= number.end][:RIGHT]
    total, seen = 0.0, set[str]()
    for words, is_before in ((list(reversed(before)), True), (behind, False)):
        strength = 1.0
        for distance, word in enumerate(words):
            between = mentions.goal[word.end : number.start] if is_before else mentions.goal[number.end : word.start]
            if distance == 0 and re.search(r"[;.]\s|\?", between):
                strength *= 0.3
            if any(char.isdigit() for char in word.text):
                strength *= 0.35
                continue
            if word.text.lower() in ("and", "with") or re.search(r",", _next_gap(mentions.goal, word, is_before)):
                strength *= 0.75
            root = stem(word.text.lower())
            if root in seen or word.text.lower() in STOP:
                continue
            weight = weights.get((want.name, root), 0.0) or _misspelt(want, root, weights)
            if weight:
                seen.add(root)
                total += weight * strength * DECAY**distance
    return total


def _misspelt(want: Want, root: str, weights: Mapping[tuple[str, str], float]) -> float:
    if len(root) < 5:
        return 0.0
    near = difflib.get_close_matches(
        root, [of for name, of in weights if name == want.name and len(of) >= 5], n=1, cutoff=0.8
    )
    return weights[want.name, near[0]] if near else 0.0


def _next_gap(goal: str, word: Mention, is_before: bool) -> str:
    return goal[word.end : word.end + 2] if is_before else goal[max(0, word.start - 2) : word.start]


def _weights(wants: Sequence[Want]) -> dict[tuple[str, str], float]:
    """What a stem says for an argument: less the more of the others have it, too."""
    count: dict[str, int] = {}
    for each in wants:
        for root in each.words | each.described:
            count[root] = count.get(root, 0) + 1
    found = {}
    for each in wants:
        for root in each.words:
            found[each.name, root] = 1.0 / count[root]
        for root in each.described:
            found[each.name, root] = 0.4 / count[root]
    return found


def _best(names: Sequence[str], numbers: int, scores: Mapping[tuple[str, int], float]) -> dict[str, int]:
    """Argument -> place of its number: all arguments that can have one, in the way that scores best; near ties go by order."""
    if len(names) > MOST or numbers > MOST + 2:
        return _greedy(names, numbers, scores)
    best: tuple[float, dict[str, int]] = (float("-inf"), {})
    places: list[int | None] = [*range(numbers), *([None] * max(0, len(names) - numbers))]
    for chosen in set(itertools.permutations(places, len(names))):
        pairs = [(name, place) for name, place in zip(names, chosen, strict=True) if place is not None]
        total = sum(scores[pair] for pair in pairs)
        ordered = [place for _, place in pairs]
        total += 0.06 * sum(a < b for a, b in itertools.pairwise(ordered))
        if total > best[0]:
            best = (total, dict(pairs))
    return best[1]


def _greedy(names: Sequence[str], numbers: int, scores: Mapping[tuple[str, int], float]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, place in sorted(scores, key=lambda pair: -scores[pair]):
        if name in names and name not in found and place not in found.values() and scores[name, place] > float("-inf"):
            found[name] = place
    return found


def _is_in_list(number: Number, mentions: Mentions) -> bool:
    return any(each.start <= number.start < each.end and mentions.goal[each.start] in "[({" for each in mentions.lists)


def _implied(want: Want, mentions: Mentions) -> Number | None:
    """`from rest` and `dropped` say zero for what is initial, `every hour` and `a year` say one."""
    goal = mentions.goal
    if want.words & {"initial", "start"} and re.search(
        r"\b(?:at|from) rest\b|\bdropped\b|\bstationary\b", goal, re.IGNORECASE
    ):
        return Number(0.0, 0, 0, is_word=True)
    for word in mentions.words:
        if stem(word.text.lower()) in want.words | want.described and re.search(
            r"\b(?:a|an|one|per|every|each|single) (?:\w+ )?$", goal[: word.start], re.IGNORECASE
        ):
            return Number(1.0, word.start, word.start, is_word=True)
    default = want.schema.get("default")
    return Number(float(default), 0, 0) if isinstance(default, (int, float)) and not isinstance(default, bool) else None
