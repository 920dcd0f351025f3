"""The call of a tool that was never trained on, read off its examples: which tool is told by the nearest one, and what its
arguments are by the words of the goal that the examples do not have.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.grounding import is_search
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.schemas import resolved
from trivet_plan_smollm2.shortlist import BUILT_IN
from trivet_plan_smollm2.strangers.example_arguments import Filled, as_in, ways_to_fill
from trivet_plan_smollm2.strangers.example_places import Sample, samples_of
from trivet_plan_smollm2.strangers.plain_calls import left_out
from trivet_plan_smollm2.strangers.typed_arguments import BEFORE_DATE, blanked
from trivet_plan_smollm2.words.carriers import carriers_of, covered, meant
from trivet_plan_smollm2.words.lexicon import COUNT, FUNCTIONS, HIGHEST, LOWEST, found
from trivet_plan_smollm2.words.mentions import mentions_in
from trivet_plan_smollm2.words.similarity import Similarity, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

FITTING = frozenset({None, "span", "date", "date-time", "time", "email"})
"""Formats that are filled from the goal's own words."""
_ASKING = re.compile(
    r"\s*(?:so |and |but )*(?:what|who|whom|whose|when|where|which|how|why|do|does|did|is|are|was|were|has|will|any"
    r"|have (?:i|we|you|they)|(?:please )?(?:find|show|list|look|tell (?:me|us)|display|search|read"
    r"|check (?:if|whether|what|who|when|where|how|which|for|my)))\b",
    re.IGNORECASE,
)
"""Who asks a question, or wants something looked up."""
_ASKED_THEN = re.compile(r"[,.;]\s+(?:what|who|whose|when|where|which|how)\b[^,.;]*$", re.IGNORECASE)
_POINTING = re.compile(r"\s*(?:please )?\w+ (?:it|them|that|this|him|her)\b(?! \w+ing\b)", re.IGNORECASE)
COVERED = 0.3
"""Added where all telling words of the goal are the tool's own."""
NAMED = 0.1
"""Added where the goal has a word of the tool's own name, however little that says by itself: `about`, `when`."""
UNUSED = 0.04
"""Taken off for each piece of the goal that has no place …"""
LACKING = 0.05
"""… and for each argument that is missing."""
TOLD = 0.2
"""Added for each point that speaks for the texts, or taken off for each that speaks against them, up to 1.5."""
POINTED = 0.2
"""Taken off where a later part says `it` first, and the call has something else."""
TRIED = 8


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks for a tool's being meant by a goal."""

    plain: float
    """How near its nearest example or its summary is, -1 to 1 …"""
    alike: float
    """… and with the example's values in the places of the goal's."""
    told: float
    """What speaks for the texts of its arguments."""
    covered: float
    """The share of the goal's words that are its own, 0 to 1."""
    named: bool
    unused: int
    lacks: int
    is_deaf: bool
    """Whether the goal begins with what shall be done with `it`, and the call is about something else."""

    @property
    def nearness(self) -> float:
        return (
            (self.plain + self.alike) / 2
            + COVERED * self.covered
            + NAMED * self.named
            - POINTED * self.is_deaf
            + TOLD * min(max(self.told, -1.5), 1.5)
            - UNUSED * self.unused
            - LACKING * self.lacks
        )


class Routed(msgspec.Struct, frozen=True):
    call: Call
    nearness: float
    """Of its nearest example, -1 to 1; more for each of the goal's words that is the tool's own, less for what is left."""
    lacks: tuple[str, ...] = ()
    """Required arguments for which the goal has nothing of its own."""
    said: str = ""
    """The goal."""


async def routed(
    goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity, *, may_lack: bool = False
) -> Routed | None:
    """The call of the tool whose example is nearest, if the goal has its arguments. With `may_lack` one may be missing."""
    ways = await _ways(goal, tools, similarity, may_lack=may_lack)
    if not ways:
        return None
    signs, way, tool = max(ways, key=lambda each: each[0].nearness)
    return Routed(Call(tool=tool.name, arguments=way.arguments), signs.nearness, way.lacks, goal.goal)


async def _ways(
    goal: Spans, tools: Sequence[ToolSpec], similarity: Similarity, *, may_lack: bool
) -> list[tuple[Signs, Filled, ToolSpec]]:
    """The likeliest way to fill each of the nearest tools."""
    candidates = [tool for tool in tools if is_candidate(tool)]
    texts = [(tool, text) for tool in candidates for text in (*tool.examples, tool.summary)]
    plain: dict[str, float] = {}
    nearness = await similarity.between(_without_matter(goal.goal), [_without_matter(text) for _, text in texts])
    for (tool, _), near in zip(texts, nearness, strict=True):
        plain[tool.name] = max(plain.get(tool.name, -1.0), near)
    own = {tool.name: (covered(goal.goal, carriers_of(tool)), _says_name(goal.goal, tool)) for tool in candidates}
    ranked = sorted(
        candidates, key=lambda tool: -plain[tool.name] - COVERED * own[tool.name][0] - NAMED * own[tool.name][1]
    )
    asks = _ASKING.match(goal.goal) is not None or _ASKED_THEN.search(goal.goal) is not None
    ways: list[tuple[ToolSpec, Filled, tuple[Sample, ...]]] = []
    for tool in ranked[:TRIED]:
        if asks and tool.effect != "pure":
            continue  # who asks wants nothing changed
        samples = samples_of(tool)
        for way in ways_to_fill(tool, goal, samples)[:1]:
            call = Call(tool=tool.name, arguments=way.arguments)
            if (way.lacks and not may_lack) or left_out(call, goal):
                continue
            ways.append((tool, way, samples))
    said = [as_in(sample, goal, way) for _, way, samples in ways for sample in samples]
    await similarity.know([*said, *(sample.text for _, _, samples in ways for sample in samples)])
    found = []
    for tool, way, samples in ways:
        alike = [(await similarity.between(as_in(sample, goal, way), [sample.text]))[0] for sample in samples]
        signs = Signs(
            plain=plain[tool.name],
            alike=max(alike),
            told=way.score,
            covered=own[tool.name][0],
            named=own[tool.name][1],
            unused=_unused(Call(tool=tool.name, arguments=way.arguments), goal, tool),
            lacks=len(way.lacks),
            is_deaf=may_lack and not way.lacks and _POINTING.match(goal.goal) is not None,
        )
        found.append((signs, way, tool))
    return found


def _without_matter(text: str) -> str:
    """Without what is quoted or stands behind a colon, which says nothing about what is to be done with it."""
    return re.sub(r"(?<!\w)[\"“'‘][^\"”'’]{2,}[\"”'’](?!\w)", "it", re.sub(r":\s+\S.*$", "", text))


def _says_name(goal: str, tool: ToolSpec) -> bool:
    names = {stem(word) for word in re.split(r"[._-]+", tool.name.rpartition(".")[2].lower())}
    return bool(names & {stem(word.lower()) for word in re.findall(r"[^\W_]+", goal)})


def _unused(call: Call, goal: Spans, tool: ToolSpec) -> int:
    """Pieces of the goal that its examples do not have, and that are in none of the arguments."""
    text = " ".join(str(value) for value in call.arguments.values()).lower()
    undated = goal.goal
    for date in mentions_in(goal).dates:
        undated = blanked(undated, date, BEFORE_DATE)
    carriers = carriers_of(tool)
    pieces = sum(piece.text.lower() not in text for piece in meant(undated, carriers))
    known = carriers.sure | carriers.likely
    return pieces + sum(stem(word) not in known for word in _reckoned(undated))


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
    return all(
        "enum" in schema or (schema.get("format") in FITTING and schema.get("type") in _TYPES) for schema in needed
    )


def is_strangers(tool: ToolSpec) -> bool:
    """Whether it takes words of the goal, as tools do that are about something else than the workspace's files."""
    properties = tool.parameters.get("properties", {})
    return is_candidate(tool) and any(
        resolved(schema, tool.parameters).get("format") == "span" for schema in properties.values()
    )


_TYPES = ("string", "integer", "number", "boolean")


def with_results(
    call: Call, lacks: Sequence[str], known: Mapping[str, Any], given: Collection[str], tool: ToolSpec, goal: str = ""
) -> Call | None:
    """The call with what earlier calls had or brought: a value of the same name, or the only one that has the shape.
    `given`: names of those that the goal itself gave."""
    arguments = dict(call.arguments)
    properties = tool.parameters.get("properties", {})
    for name in lacks:
        schema = resolved(properties[name], tool.parameters)
        value = known.get(name) or _pointed_at(goal, known) or _described(name, schema, known, given)
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


def _described(name: str, schema: Mapping[str, Any], known: Mapping[str, Any], given: Collection[str]) -> Any:
    """The only text whose name the argument's own name or description has: `address`, of "address of who gets it"."""
    said = set(stem_words(f"{name.replace('_', ' ')} {schema.get('description', '')}"))
    fitting = {
        str(each)
        for key, each in known.items()
        if isinstance(each, str) and key not in given and stem(key.lower()) in said
    }
    return fitting.pop() if len(fitting) == 1 and schema.get("type") == "string" else None


def _pointed_at(goal: str, known: Mapping[str, Any]) -> Any:
    """What `that town` and `her address` stand for: the value of this name."""
    nouns = re.findall(r"\b(?:that|this|the same|its|his|her|their)\s+(\w+)", goal.lower())
    values = {str(known[key]) for noun in nouns for key in known if stem(key.lower().split("_")[-1]) == stem(noun)}
    return values.pop() if len(values) == 1 else None
