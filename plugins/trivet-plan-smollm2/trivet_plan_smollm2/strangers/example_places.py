"""Where a tool's examples have its text arguments: what leads to each, and what it looks like there. Pure.

`lend the ladder to Mrs Okafor` and `Ben takes the drill` tell that who borrows is a name that stands behind `to` or first, and
that what is lent is plain words behind `lend the` or `takes the`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from trivet_plan_smollm2.schemas import resolved
from trivet_plan_smollm2.strangers.typed_arguments import typed
from trivet_plan_smollm2.words.carriers import Carriers, carriers_of, meant
from trivet_plan_smollm2.words.mentions import Mention, mentions_in
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import ToolSpec

Shape: TypeAlias = Literal["code", "name", "mixed", "words"]
"""What a value looks like: with digits, as a name, as words with a name among them, as words."""
ARTICLES = frozenset("the a an my our your his her their some any another".split())
PREPOSITIONS = frozenset(
    "to from for with of in at on by into until till under as about called named against versus vs between than per".split()
)
_WORD = re.compile(r"[^\W_][\w'’.@+&/-]*[^\W_]|[^\W_]")
_ROLES = (
    (r"\b(?:from|origin|start|starts|source|departure|sender)\b", ("from", "by")),
    (r"\b(?:destination|target|where to|recipient|gets it|get it|receives|goes to|to)\b", ("to", "into", "for")),
    (
        r"\b(?:town|city|place|country|station|room|location|region|restaurant|shop|store|hotel|cinema|museum|venue)\b",
        ("in", "at", "for", "near", "from"),
    ),
    (r"\b(?:artist|author|composer|creator|maker|writer)\b", ("by", "of", "from")),
    (r"\b(?:called|title)\b", ("called", "named")),
    (r"\b(?:whose|owner|person|who)\b", ("of", "by", "for")),
)
_SAYING = re.compile(
    r"(?::|\b(?:saying|that says|which says|telling (?:him|her|them))(?: that)?)\s+(?:the )?(\S.*?)[.?!]*$",
    re.IGNORECASE,
)
_MODAL = frozenset("need needs want wants have has had like going try able wish hope love forgot how used".split())
_PEOPLE = re.compile(r"\b(?:who|whom|whose|person|people|name of|neighbour|author|artist|owner|sender|guest|member)\b")


class Place(msgspec.Struct, frozen=True):
    argument: str
    text: str
    start: int
    led_by: str
    """Stem of the word before it, articles passed over; `:` behind a colon; empty where a sentence begins."""
    shape: Shape


class Sample(msgspec.Struct, frozen=True):
    """One example, and the places of its arguments in order."""

    text: str
    places: tuple[Place, ...] = ()


def samples_of(tool: ToolSpec) -> tuple[Sample, ...]:
    """Each example read against the others."""
    texts = text_arguments(tool)
    found = []
    for number, example in enumerate(tool.examples):
        others = msgspec.structs.replace(tool, examples=(*tool.examples[:number], *tool.examples[number + 1 :]))
        found.append(Sample(example, _places(example, texts, tool, carriers_of(others))))
    return tuple(found)


def text_arguments(tool: ToolSpec) -> dict[str, Mapping[str, Any]]:
    """Those that are words of the goal, in order."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, schema in tool.parameters.get("properties", {}).items():
        real = resolved(schema, tool.parameters)
        is_text = real.get("type") == "string" and real.get("format") in (None, "span") and "enum" not in real
        if is_text and not re.search(r"(?:^|_)time(?:_|$)", name):
            found[name] = real
    return found


def _places(
    example: str, texts: Mapping[str, Mapping[str, Any]], tool: ToolSpec, carriers: Carriers
) -> tuple[Place, ...]:
    goal = read_goal(example)
    mentions = mentions_in(goal)
    if (read := typed(tool, goal, mentions)) is None:
        return ()
    text = read.rest
    for quoted in mentions.quoted:
        text = text.replace(quoted.text, "," + " " * (len(quoted.text) - 1))
    told = saying(example)
    runs = [part for run in meant(text, carriers) for part in _parts_of(run)]
    if told is not None and not mentions.quoted:
        runs = [*(run for run in runs if run.end <= told.start), told]
    pieces = [*mentions.quoted, *runs]
    pieces.sort(key=lambda piece: _rank(piece, example, mentions.quoted, told))
    pieces = sorted(pieces[: len(texts)], key=lambda piece: piece.start)
    left = dict(texts)
    found = [Place(name, place.text, place.start, "", "words") for name, place in read.places.items()]
    for piece in pieces:
        led, shape = led_by(example, piece.start), shape_of(example, piece.start, piece.end)
        name = max(left, key=lambda name: fits_role(name, left[name], led, shape) - 0.01 * list(texts).index(name))
        found.append(Place(name, piece.text, piece.start, led, shape))
        del left[name]
    return tuple(found)


def fits_role(name: str, schema: Mapping[str, Any], led: str, shape: Shape) -> float:
    """What the argument's name and description say for words that are led so and look so."""
    told = f"{' '.join(re.split(r'[_-]+', name.lower()))} {str(schema.get('description', '')).lower()}"
    roles = [words for pattern, words in _ROLES if re.search(pattern, told)]
    score = 0.0
    if led and any(led in words for words in roles):
        score += 0.8
    elif led in ("from", "to", "by", "of", "called", "named") and any(
        role in told for role in ("origin", "destination", "from", "where to")
    ):
        score -= 0.4
    if led and (led == stem(name.lower()) or led in {stem(part) for part in name.lower().split("_")}):
        score += 0.6
    if _PEOPLE.search(told):
        score += 0.3 if shape == "name" else -0.3
    return score


def _rank(
    piece: Mention, example: str, quoted: Sequence[Mention], told: Mention | None
) -> tuple[bool, bool, bool, int]:
    """Quotations and what stands behind a colon, then names and codes, then what stands last: an example begins with its verb."""
    is_words = shape_of(example, piece.start, piece.end) == "words"
    return (piece not in quoted and piece is not told, is_words, piece.start == 0, -piece.start)


def _parts_of(run: Mention) -> list[Mention]:
    """`mail to Ben` is two pieces, `dinner with Oskar` and `Bank of Leeds` are one."""
    found, start = [], 0
    for match in re.finditer(r"\s+(?:from|to|by|about|into|for|in|on|at|that|as)\s+", run.text):
        found.append((start, match.start()))
        start = match.end()
    found.append((start, len(run.text)))
    return [Mention(run.text[a:b], run.start + a, run.start + b) for a, b in found if b > a]


def saying(text: str) -> Mention | None:
    """`draft a mail to Ben: I am late`, `… saying I am late`."""
    match = _SAYING.search(text)
    return Mention(match[1], match.start(1), match.end(1)) if match else None


def led_by(text: str, start: int) -> str:
    before = text[:start].rstrip(" \"“'‘")
    if before.endswith((":", "=")):
        return ":"
    words = before.split()
    while words and words[-1].lower() in ARTICLES:
        words.pop()
    if not words or words[-1].endswith((".", "?", "!", ",", ";")):
        return ""
    word = re.sub(r"\W+$", "", words[-1]).lower()
    if re.fullmatch(r"[\d.]+", word):
        return "#"
    if word == "to" and len(words) > 1 and words[-2].lower() in _MODAL and text[start : start + 1].islower():
        return "i"  # what follows `I need to` is a verb, as it is behind `I`
    return word if word in PREPOSITIONS else stem(word)


def shape_of(text: str, start: int, end: int) -> Shape:
    words = re.split(r"\s(?:of|with)\s", text[start:end])[0].split()  # `dinner with Oskar` is words
    coded = [word for word in words if re.search(r"\d", word)]
    if coded and not text[start:end].isdigit():
        return "code" if all(word in coded or word[:1].isupper() for word in words) else "mixed"
    is_first = start == 0 or text[:start].rstrip().endswith((".", "?", "!"))
    named = [word for word in words if word[:1].isupper()]
    if is_first and named and len(words) > 1 and words[1][:1].islower() and words[0] in named:
        named = named[1:]
    if not named or (is_first and len(named) == len(words) == 1 and named[0].lower() in _OPENING):
        return "words"
    plain = [word for word in words if not word[:1].isupper() and word.lower() not in _JOINING and not word.isdigit()]
    return "mixed" if plain else "name"


_JOINING = frozenset("of the and de la von van der & 's".split())
_OPENING = frozenset("the a an my what who when".split())


def words_in(text: str) -> list[Mention]:
    return [Mention(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]


def is_preposition(word: str) -> bool:
    return word.lower() in PREPOSITIONS
