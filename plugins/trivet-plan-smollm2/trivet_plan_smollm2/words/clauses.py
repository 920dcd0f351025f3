"""Where a goal of several parts is cut: behind each part a new wish begins."""

import re
from collections.abc import Iterator, Sequence

from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import ToolSpec

_LEADING = re.compile(r"^(?:(?:first|please|then|also|if (?:so|not|yes|no)|in that case),?\s+)+", re.IGNORECASE)
_BEFORE = re.compile(r"\s*before (?:you )?(?P<later>[^,]+),\s*(?P<first>.+)", re.IGNORECASE)
_AFTER = re.compile(
    r"\s*(?:after|once|when|as soon as) (?:you(?:'ve| have)? |that is |that's )?(?P<first>[^,]+),\s*(?P<later>.+)",
    re.IGNORECASE,
)
_PRESENT = {
    "told": "tell",
    "found": "find",
    "looked": "look",
    "got": "get",
    "done": "do",
    "given": "give",
    "shown": "show",
}
_IS_TAIL = re.compile(
    r"\s*(?:please |kindly )?\w+ (?:it|that|this|them)(?: (?:up|down|in|off|out|back))?(?: please| pls)?\s*[.!?]*"
    r"|\s*(?:on )?(?:what|which) (?:date|day|weekday|number|figure|amount) (?:is|was|would|will) (?:that|it"
    r"|this)(?: be)?\s*[.!?]*",
    re.IGNORECASE,
)
"""`…, write it down`, or `…, which date is that?`, which says of what was told only that it is meant."""
_IS_TOLD = re.compile(r"\s*I(?:['’](?:ve|m|d|ll)| have|'m)?\s")
_IS_WISH = re.compile(r"\s*I(?:['’]d)?\s+(?:need|want|would|wish|wonder|like)\b")
_AGAIN = r"if (?:so|not|yes|no)|in that case"
_ON = rf"and|then|also|next|finally|afterwards|after that|when done|if you've looked|{_AGAIN}"


def clauses_of(goal: Spans, verbs: frozenset[str], listing: Sequence[str]) -> list[Spans]:
    """The goal's parts that are goals by themselves: behind `then`, a full stop, or an `and` that a verb or question follows."""
    text = _in_order(goal.goal)
    opening = "|".join(sorted(map(re.escape, verbs | _QUESTIONS), key=len, reverse=True))
    cuts = re.compile(
        rf"(?:[.?!;]\s+(?:(?:{_ON}),?\s+)*"
        rf"|,?\s+(?:and )?(?:then|after that|afterwards),?\s+|(?:,\s+(?:and )?|\s+and )(?:next|finally),?\s+"
        rf"|,?\s+(?:and|plus|as well as)\s+(?:also |please )?(?=(?:(?:from|to|in|at|on|for|by|with) )?(?:{opening})\b)"
        rf"|,\s+(?:and\s+)?(?:{_AGAIN}),?\s+(?=(?:{opening})\b)|,\s+(?=(?:{opening})\b))",
        re.IGNORECASE,
    )
    parts: list[tuple[str, str]] = []
    start, between = 0, ""
    for match in cuts.finditer(text):
        if _is_quoted(text, match.start()):
            continue
        parts.append((between, text[start : match.start() + 1].rstrip(" ,;")))
        start, between = match.end(), match[0].strip()
    parts.append((between, text[start:]))
    whole = list(_joined(parts))
    whole = [_LEADING.sub("", part.strip()) for part in whole]
    return [read_goal(part, listing) for part in whole if re.search(r"\w", part)]


def is_wish(text: str, verbs: frozenset[str]) -> bool:
    """Whether it begins with a verb or a question word, and says something of its own: `look it up` does not."""
    words = re.findall(r"[^\W_]+", text.lower())
    return len(words) > 2 and words[0] in verbs | _QUESTIONS and not _IS_TAIL.fullmatch(text)


def halves_of(goal: Spans) -> Iterator[tuple[Spans, Spans]]:
    """`put salt and pepper too on the list` as two wishes: at each `and`, the second part also with the words that lead the
    first."""
    text = re.sub(r"(?:,?\s+(?:too|as well|also))+\s*[.?!]*$", "", goal.goal)
    for match in re.finditer(r",?\s+(?:and|plus|as well as)\s+(?:also )?", text):
        one, other = text[: match.start()], text[match.end() :]
        if not (one.strip() and other.strip()) or _is_quoted(text, match.start()):
            continue
        yield read_goal(one), read_goal(other)
        words = one.split()
        for size in (1, 2, 3):
            if size < len(words):
                yield read_goal(one), read_goal(" ".join([*words[:size], other]))
        if len(words) > 2 and len(other.split()) < 3:  # `put mustard on the list and potatoes`
            for place in range(1, min(len(words), 4)):
                yield read_goal(one), read_goal(" ".join([*words[:place], other, *words[place + 1 :]]))


def _is_quoted(text: str, place: int) -> bool:
    return any(match.start() < place < match.end() for match in re.finditer(r"[\"“'](?!s\b)[^\"”']{2,}[\"”']", text))


def _in_order(text: str) -> str:
    """`before you book it, tell me the price` and `once you've found it, save it`, what comes first at the front."""
    if match := _BEFORE.fullmatch(text):
        return f"{match['first'].rstrip(' .')}, then {match['later']}"
    if (match := _AFTER.fullmatch(text)) and re.match(
        r"(?:you|looked|found|told|got|done|read)\b", text.split(None, 1)[1]
    ):
        return f"{_present(match['first'])}, then {match['later']}"
    return text


def _present(text: str) -> str:
    first, _, rest = text.partition(" ")
    return f"{_PRESENT.get(first.lower(), first)} {rest}"


def _joined(parts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """`I called the plumber, mark it as done`: what is only told belongs to what is wanted next. Parts come with what stands
    before them."""
    before, told = "", None
    for place, (_, part) in enumerate(parts):
        follows = parts[place + 1][0] if place + 1 < len(parts) else ""
        if _IS_TOLD.match(part) and not (_IS_WISH.match(part) and follows != ","):
            before += f"{part.rstrip(' ,;.')}, "
            continue
        if told is not None and _IS_TAIL.fullmatch(part):
            told = f"{told.rstrip(' ,;')}, {part.strip()}"
            continue
        if told is not None:
            yield told
        told, before = before + part, ""
    if told is not None:
        yield told
    if before:
        yield before.rstrip(", ")


_QUESTIONS = frozenset(
    "what who whom whose when where which why how is are was were do does did will has have how can could any show".split()
)


def verbs_of(tools: Sequence[ToolSpec]) -> frozenset[str]:
    """First words of the tools' examples: how people begin what they want."""
    words = {re.split(r"\W+", example.strip().lower())[0] for tool in tools for example in tool.examples}
    return frozenset(word for word in words if len(word) > 2 and word.isascii()) - {"the", "any", "new", "and"} | VERBS


VERBS = frozenset(
    "add put find look get make save list mark draft write send tell give check note remember create enter schedule "
    "let see read open count compare sort compute calculate convert translate remind book order move copy rename "
    "delete remove update change set append insert log record file email reply call print plan cancel start stop play "
    "turn switch choose pick collect fetch download search query summarize summarise explain describe report show "
    "display store export tick cross finish complete".split()
)
