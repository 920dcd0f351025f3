"""Where a goal of several parts is cut: behind each part a new wish begins."""

import re
from collections.abc import Iterator, Sequence

from trivet_sdk import ToolSpec

from .spans import Spans, read_goal


def clauses_of(goal: Spans, verbs: frozenset[str], listing: Sequence[str]) -> list[Spans]:
    """The goal's parts that are goals by themselves: behind `then`, a full stop, or an `and` that a verb or question follows."""
    text = goal.goal
    opening = "|".join(sorted(map(re.escape, verbs | _QUESTIONS), key=len, reverse=True))
    cuts = re.compile(
        rf"(?:[.?!;]\s+(?:(?:and|then|also|next|finally|afterwards|after that|when done|if you've looked),?\s+)*"
        rf"|,?\s+(?:and )?(?:then|after that|afterwards|next|finally),?\s+"
        rf"|,?\s+(?:and|plus|as well as)\s+(?:also |please )?(?=(?:{opening})\b)|,\s+(?=(?:{opening})\b))",
        re.IGNORECASE,
    )
    quoted = [(match.start(), match.end()) for match in re.finditer(r"[\"“'](?!s\b)[^\"”']{2,}[\"”']", text)]
    parts, start = [], 0
    for match in cuts.finditer(text):
        if any(begin < match.start() < end for begin, end in quoted):
            continue
        parts.append(text[start : match.start() + 1].rstrip(" ,;"))
        start = match.end()
    parts.append(text[start:])
    parts = list(_joined(parts))
    parts = [re.sub(r"^(?:first|please|then)\s+", "", part.strip(), flags=re.IGNORECASE) for part in parts]
    return [read_goal(part, listing) for part in parts if re.search(r"\w", part)]


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """`I called the plumber, mark it as done`: what is only told belongs to what is wanted next."""
    before = ""
    for part in parts:
        if re.match(r"\s*I(?:'ve| have|'m)?\s", part):
            before += f"{part.rstrip(' ,;.')}, "
            continue
        yield before + part
        before = ""
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
