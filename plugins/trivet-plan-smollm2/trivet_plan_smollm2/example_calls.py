"""The call of a tool that was never trained on, read off its examples: which tool is told by the nearest one, and what its
arguments are by the words of the goal that the examples do not have.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trivet_sdk import ToolSpec

from .carriers import by_likelihood, carriers_of, covered, meant
from .grounding import is_search
from .lexicon import COUNT, FUNCTIONS, HIGHEST, LOWEST, found
from .mentions import Mention, Mentions, mentions_in
from .plain_calls import left_out
from .prompt import Call
from .schemas import resolved
from .shortlist import BUILT_IN
from .similarity import Similarity, stem
from .spans import Spans, read_goal
from .texts import is_said

FITTING = frozenset({None, "span", "date", "date-time", "time", "email"})
"""Formats that are filled from the goal's own words."""
_ASKING = re.compile(
    r"\s*(?:so |and |but )*(?:what|who|whom|whose|when|where|which|how|why|do|does|did|is|are|was|were|has|have|will|any"
    r"|(?:please )?(?:find|show|list|look|get|tell|display|search|check|read))\b",
    re.IGNORECASE,
)
_SAID_BY = {
    "to": "to",
    "town": "in",
    "city": "in",
    "place": "in",
    "artist": "by|of",
    "author": "by|of",
    "sender": "from|by",
}
"""What stands before the words for an argument of this name."""
_BEFORE_DATE = re.compile(r"(?:\b(?:on|for|at|by|due|until|till|before|of|from|the)\s+)+$", re.IGNORECASE)
_SAYING = re.compile(
    r"(?::|\b(?:saying|that says|which says|telling (?:him|her|them))(?: that)?)\s+(?:the )?(\S.*?)[.?!]*$",
    re.IGNORECASE,
)
"""`draft a mail to Ben: I am late`, `… saying I am late`."""
_POINTED = re.compile(r"\b(?:that|this|the same)\s+$", re.IGNORECASE)
_THAT_DAY = re.compile(r"\b(?:on |for |due |by )*(?:that|the same|this) (?:day|date)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?:\bat\s+)?\b(\d{1,2}:\d\d(?:\s*[ap]m)?|\d{1,2}\s*[ap]m)\b", re.IGNORECASE)


COVERED = 0.3
"""Added where all telling words of the goal are the tool's own."""
NAMED = 0.1
"""Added where the goal has a word of the tool's own name, however little that says by itself: `about`, `when`."""
UNUSED = 0.12
"""Taken off for each piece of the goal that has no place …"""
LACKING = 0.05
"""… and for each argument that is missing."""
TRIED = 6


class Routed(msgspec.Struct, frozen=True):
    call: Call
    nearness: float
    """Of its nearest example, -1 to 1; more for each of the goal's words that is the tool's own, less for what is left."""
    lacks: tuple[str, ...] = ()
    """Required arguments for which the goal has nothing of its own."""


async def routed(
    goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity, *, may_lack: bool = False
) -> Routed | None:
    """The call of the tool whose example is nearest, if the goal has its arguments. With `may_lack` one may be missing."""
    candidates = [tool for tool in tools if is_candidate(tool)]
    texts = [(tool, text) for tool in candidates for text in (*tool.examples, tool.summary)]
    if not texts:
        return None
    nearness = await similarity.between(_without_matter(goal.goal), [_without_matter(text) for _, text in texts])
    best: dict[str, float] = {}
    for (tool, _), near in zip(texts, nearness, strict=True):
        best[tool.name] = max(best.get(tool.name, -1.0), near)
    asks = _ASKING.match(goal.goal) is not None
    for tool in candidates:
        best[tool.name] += COVERED * covered(goal.goal, carriers_of(tool)) + NAMED * _says_name(goal.goal, tool)
    ranked = sorted(candidates, key=lambda tool: -best[tool.name])
    fitting: list[Routed] = []
    for tool in ranked[:TRIED]:
        if asks and tool.effect != "pure":
            continue  # who asks wants nothing changed
        filled = arguments_of(tool, goal)
        if filled is None:
            continue
        arguments, lacks = filled
        call = Call(tool=tool.name, arguments=arguments)
        if (lacks and not may_lack) or left_out(call, goal):
            continue
        score = best[tool.name] - UNUSED * _unused(call, goal, tool) - LACKING * len(lacks)
        fitting.append(Routed(call, score, lacks))
    return max(fitting, key=lambda each: each.nearness, default=None)


def _without_matter(text: str) -> str:
    """Without what is quoted or stands behind a colon, which says nothing about what is to be done with it."""
    return re.sub(r"(?<!\w)[\"“'‘][^\"”'’]{2,}[\"”'’](?!\w)", "it", re.sub(r":\s+\S.*$", "", text))


def _says_name(goal: str, tool: ToolSpec) -> bool:
    names = {stem(word) for word in re.split(r"[._-]+", tool.name.rpartition(".")[2].lower())}
    return bool(names & {stem(word.lower()) for word in re.findall(r"[^\W_]+", goal)})


def _unused(call: Call, goal: Spans, tool: ToolSpec) -> int:
    """Pieces of the goal that its examples do not have, and that are in none of the arguments."""
    text = " ".join(str(value) for value in call.arguments.values()).lower()
    blanked = goal.goal
    for date in mentions_in(goal).dates:
        blanked = _blanked(blanked, date, _BEFORE_DATE)
    carriers = carriers_of(tool)
    pieces = sum(piece.text.lower() not in text for piece in meant(blanked, carriers))
    known = carriers.sure | carriers.likely
    return pieces + sum(stem(word) not in known for word in _reckoned(blanked))


def _reckoned(text: str) -> list[str]:
    """Words that want something counted, added up or ranked, which a tool does only if its examples say so."""
    words = "|".join([COUNT, HIGHEST, LOWEST, *(pattern for _, pattern in FUNCTIONS)])
    return [match[0].lower().split()[-1] for match in found(words, text) if match[0].lower() not in _VAGUE]


_VAGUE = frozenset("last first latest newest next most least top best count".split())


def is_candidate(tool: ToolSpec) -> bool:
    """Whether it has examples, and takes nothing that only a workspace holds."""
    if not tool.examples or tool.name in BUILT_IN or tool.describes or is_search(tool):
        return False
    properties = tool.parameters.get("properties", {})
    needed = [resolved(properties[name], tool.parameters) for name in tool.parameters.get("required", ())]
    return all(schema.get("format") in FITTING and schema.get("type") in _TYPES for schema in needed)


def is_strangers(tool: ToolSpec) -> bool:
    """Whether it takes words of the goal, as tools do that are about something else than the workspace's files."""
    properties = tool.parameters.get("properties", {})
    return is_candidate(tool) and any(
        resolved(schema, tool.parameters).get("format") == "span" for schema in properties.values()
    )


_TYPES = ("string", "integer", "number", "boolean")


def arguments_of(tool: ToolSpec, goal: Spans) -> tuple[dict[str, Any], tuple[str, ...]] | None:
    """The arguments, and which required ones are missing; None where numbers or dates of the goal have no place."""
    properties = {
        name: resolved(schema, tool.parameters) for name, schema in tool.parameters.get("properties", {}).items()
    }
    required = set(tool.parameters.get("required", ()))
    mentions = mentions_in(goal)
    arguments: dict[str, Any] = {}
    text = goal.goal
    dated = [name for name, schema in properties.items() if schema.get("format") == "date"]
    if len(goal.dates) > len(dated):
        return None
    for name, day in zip(sorted(dated, key=lambda name: name not in required), goal.dates, strict=False):
        arguments[name] = day
    for date in mentions.dates:
        text = _blanked(text, date, _BEFORE_DATE)
    points = [name for name in dated if name not in arguments and _THAT_DAY.search(goal.goal)]
    text = _THAT_DAY.sub(lambda match: " " * len(match[0]), text)
    figures = [
        name
        for name, schema in properties.items()
        if schema.get("type") in ("integer", "number") and "enum" not in schema
    ]
    for name, number in zip(
        sorted(figures, key=lambda name: name not in required),
        (n for n in mentions.numbers if not n.is_word),
        strict=False,
    ):
        arguments[name] = number.plain
        text = _blanked(text, Mention(text[number.start : number.end], number.start, number.end))
    for name, schema in properties.items():
        if "enum" in schema:
            said = [option for option in schema["enum"] if is_said(str(option), mentions)]
            if len(said) == 1:
                arguments[name] = said[0]
        elif (
            schema.get("type") == "string" and re.search(r"(?:^|_)time(?:_|$)", name) and (clock := _CLOCK.search(text))
        ):
            arguments[name] = clock[1]
            text = _blanked(text, Mention(clock[0], clock.start(), clock.end()))
    texts = [
        name
        for name, schema in properties.items()
        if schema.get("type") == "string" and schema.get("format") in (None, "span") and "enum" not in schema
        and name not in arguments and not re.search(r"(?:^|_)time(?:_|$)", name)
    ]  # fmt: skip
    arguments |= _texts(tool, text, texts, required, mentions)
    lacks = [name for name in tool.parameters.get("required", ()) if name not in arguments]
    return arguments, tuple(dict.fromkeys([*lacks, *points]))


def _texts(tool: ToolSpec, text: str, names: Sequence[str], required: set[str], mentions: Mentions) -> dict[str, str]:
    """Quoted texts first, then what the examples do not have; a preposition tells which argument is meant."""
    carriers = carriers_of(tool)
    for quoted in mentions.quoted:
        text = _blanked(text, Mention(quoted.text, quoted.start, quoted.end))
    pieces = [*mentions.quoted, *meant(text, carriers)]
    if mentions.quoted == () and (behind := _SAYING.search(mentions.goal)):
        said = Mention(behind[1], behind.start(1), behind.end(1))
        pieces = [*(piece for piece in pieces if piece.end <= behind.start()), said]
        if len(names) == 1:
            pieces = [said]
    pieces = [
        piece
        for piece in pieces
        if not _POINTED.search(mentions.goal[: piece.start])
        and not re.fullmatch(rf"{HIGHEST}|{LOWEST}", piece.text, re.IGNORECASE)
    ]
    told: dict[str, str] = {}
    for name in names:
        if re.search(
            rf"\b(?:{_SAID_BY.get(name, name)})\s+(?:that|this|the same|him|her|them|it)\b",
            mentions.goal,
            re.IGNORECASE,
        ):
            told[name] = ""  # what is pointed at stands in an earlier result
            continue
        before = next((words for word, words in _SAID_BY.items() if word in name.lower().split("_")), "")
        fitting = [
            piece
            for piece in pieces
            if before
            and re.search(rf"\b(?:{before})\s+(?:the\s+)?['\"]?$", mentions.goal[: piece.start], re.IGNORECASE)
        ]
        if fitting and (name in required or len(names) > 1):
            told[name] = fitting[0].text
            pieces.remove(fitting[0])
    left = [name for name in sorted(names, key=lambda name: name not in required) if name not in told]
    ordered = (
        pieces if len(left) > 1 else [*mentions.quoted, *by_likelihood([p for p in pieces if p not in mentions.quoted])]
    )
    ordered = [piece for piece in ordered if piece in pieces]
    for name, piece in zip(left, ordered, strict=False):
        told[name] = piece.text.strip(" '\"’")
    return {name: text for name, text in told.items() if text}


def _blanked(text: str, part: Mention, before: re.Pattern[str] | None = None) -> str:
    """The text with this part, and the words that lead to it, replaced by a comma and spaces, which keep what is left apart."""
    start = part.start
    if before is not None and (led := before.search(text[:start])):
        start = led.start()
    return f"{text[:start]}{',' + ' ' * (part.end - start - 1) if part.end > start else ''}{text[part.end :]}"


def with_results(
    call: Call, lacks: Sequence[str], known: Mapping[str, Any], given: Collection[str], tool: ToolSpec
) -> Call | None:
    """The call with what earlier calls had or brought: a value of the same name, or the only one that has the shape.
    `given`: names of those that the goal itself gave."""
    arguments = dict(call.arguments)
    properties = tool.parameters.get("properties", {})
    for name in lacks:
        schema = resolved(properties[name], tool.parameters)
        value = known.get(name)
        if value is None and schema.get("format") == "date":
            days = {str(each) for each in known.values() if re.fullmatch(r"\d{4}-\d\d-\d\d", str(each))}
            value = days.pop() if len(days) == 1 else None
        elif value is None and schema.get("type") == "string":
            texts = {
                str(each)
                for key, each in known.items()
                if isinstance(each, str) and key not in given and len(each) < 80
            }
            value = texts.pop() if len(texts) == 1 else None
        if value is None or isinstance(value, (dict, list)):
            return None
        arguments[name] = value
    return Call(tool=call.tool, arguments=arguments)


def clauses_of(goal: Spans, verbs: frozenset[str], listing: Sequence[str]) -> list[Spans]:
    """The goal's parts that are goals by themselves: behind `then`, a full stop, or an `and` that a verb or question follows."""
    text = goal.goal
    opening = "|".join(sorted(map(re.escape, verbs | _QUESTIONS), key=len, reverse=True))
    cuts = re.compile(
        rf"(?:[.?!;]\s+(?:and |then |if you've looked, |after that,? )*|,?\s+(?:and )?(?:then|after that),?\s+"
        rf"|,?\s+and\s+(?:also )?(?=(?:{opening})\b)|,\s+(?=(?:{opening})\b))",
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


_QUESTIONS = frozenset("what who when where which how is are do does did any show".split())


def verbs_of(tools: Sequence[ToolSpec]) -> frozenset[str]:
    """First words of the tools' examples: how people begin what they want."""
    words = {re.split(r"\W+", example.strip().lower())[0] for tool in tools for example in tool.examples}
    return frozenset(word for word in words if len(word) > 2 and word.isascii()) - {"the", "any", "new", "and"} | _VERBS


_VERBS = frozenset(
    "add put find look get make save list mark draft write send tell give check note remember create enter schedule".split()
)
