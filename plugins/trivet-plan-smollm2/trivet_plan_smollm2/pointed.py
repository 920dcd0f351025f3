"""Questions that name the text or the settings that tell their answer: `how many days ahead can I book? see settings.yaml`."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from trivet_plan_smollm2.answering import HELD, SENTENCE
from trivet_plan_smollm2.grounding import is_search, matches_of
from trivet_plan_smollm2.passages import is_reckoned, is_text, objection, sentences
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.kinship import alike
from trivet_plan_smollm2.words.similarity import Similarity, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk, read_goal
from trivet_plan_smollm2.words.units import unit_of
from trivet_sdk import Services, ToolSpec

_POINTER = re.compile(
    r"[\s,;:(-]*(?:(?:please )?(?:see|look(?: it up)? (?:in|at)|check|according to|as (?:told|written|set|given) in"
    r"|it(?:'s| is| must be| should be| stands| has to be)"
    r" in|(?:the (?:value|answer) )?(?:is|stands) in|based on|from|in|per|use|using|of|根据|按照?|在)\s*)?(?:the )?"
    r"(?:file |settings? (?:file )?)?\0(?: file)?\s*(?:里面?|中|上)?的?[\s).:,;，：-]*",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:how|what(?:'s)?|which|when|where|who|whose|why|is|are|does|do|can|may|must)\b|[?？]|多少|几|什么|谁|哪|吗|怎",
    re.IGNORECASE,
)
_SETTINGS = re.compile(r"\.(?:ya?ml|toml|ini|cfg|conf|json|env|properties)$", re.IGNORECASE)
_SILENT = frozenset(
    stem_words(
        "number value setting set configured config configuration file count amount make does many long much often currently "
        "allowed allow have has go off use get defined given exactly name called kept keep put stand open close closed closing"
    )
)
_LONGER = {
    stem("kept"): stem("keep"),
    stem("maximum"): stem("max"),
    stem("minimum"): stem("min"),
    stem("phone"): stem("tel"),
    stem("identifier"): stem("id"),
    stem("stop"): stem("off"),
    stem("stops"): stem("off"),
}
FEW = 1
"""Words of a question that may stand nowhere in the name of the entry."""
SCOPE_HELD = 0.6
"""Share of the question's words in a passage of the named file from which on it is the answer."""


async def in_named_file(
    goal: Spans, named: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services, similarity: Similarity
) -> tuple[Call, ...]:
    """The search of the one file that the goal names, if it brings the answer; none otherwise."""
    searcher = next(filter(is_search, tools), None)
    if searcher is None or len(named) != 1 or len(goal.paths) != 1 or (named[0].columns and (named[0].rows or 0) > 1):
        return ()
    text = _POINTER.sub(" ", goal.goal.replace(goal.paths[0], "\0")).strip()
    if not _ASKS.search(text):
        return ()
    asked, path = read_goal(text), named[0].path
    if _SETTINGS.search(path):
        return await _entry(asked, path, searcher, services)
    if not is_text(path):
        return ()
    call = _searching(searcher, text, path)
    matches = await matches_of(call, services)
    if not matches or objection(asked, matches[0]):
        return ()
    near = max(await similarity.between(text, sentences(str(matches[0].get("text", "")))), default=0.0)
    held = float(matches[0].get("coverage", 0.0))
    if is_reckoned(text):
        return (
            (call,)
            if held >= SCOPE_HELD and re.search(r"[\d一二两三四五六七八九十]", str(matches[0].get("text", "")))
            else ()
        )
    is_near = held >= HELD and near >= SENTENCE and not has_cjk(text)  # by words alone, where sense is uncertain
    return (call,) if held >= SCOPE_HELD or is_near else ()


async def _entry(asked: Spans, path: str, searcher: ToolSpec, services: Services) -> tuple[Call, ...]:
    """The entry all of whose name is said, if it is the only one, and at most `FEW` words are said besides."""
    words = {_LONGER.get(word, word) for word in stem_words(re.sub(r"[_\-./]+", " ", asked.goal))}
    found = [
        match
        for match in await matches_of(_searching(searcher, asked.goal, path), services)
        if match.get("value") is not None and _is_named(str(match.get("heading", "")), words)
    ]
    best = max((_held(str(match.get("heading", "")), words) for match in found), default=0)
    meant = [match for match in found if _held(str(match.get("heading", "")), words) == best]
    if len(meant) != 1:
        return ()
    heading = str(meant[0].get("heading", ""))
    known = [*_stems(heading), *_stems(PurePosixPath(path).stem)]
    left = [word for word in words - _SILENT if not any(_is_like(word, each) for each in known)]
    if len(left) > FEW or lexicon.found("|".join(sorted(lexicon.OPERATIVE - {"between"})), asked.goal):
        return ()
    call = _searching(searcher, spaced(heading.replace(" > ", " ")), path, limit=1)
    first = next(iter(await matches_of(call, services)), {})
    return (call,) if first.get("heading") == heading else ()


def _is_named(heading: str, words: set[str]) -> bool:
    """Whether all that the entry is called itself is said, but for its unit."""
    own = [
        part
        for part in re.split(r"[_\-.\s]+", spaced(heading.rpartition(" > ")[2]))
        if part and not (unit_of(part.lower()) or part.lower() in ("mb", "gb", "kb", "no", "nr"))
    ]
    return bool(own) and all(any(_is_like(word, stem(part.lower())) for word in words) for part in own)


def _held(heading: str, words: set[str]) -> int:
    return sum(any(_is_like(word, each) for word in words) for each in set(_stems(heading)))


def _stems(text: str) -> list[str]:
    return [_LONGER.get(each, each) for each in stem_words(re.sub(r"[_\-./>]+", " ", spaced(text)))]


def _is_like(word: str, part: str) -> bool:
    return alike(word, part) or _LONGER.get(part, part) == word or (len(word) > 3 and stem(word) == stem(part))


def _searching(tool: ToolSpec, text: str, path: str, limit: int = 0) -> Call:
    words = tool.parameters["required"][0]
    properties: Mapping[str, Any] = tool.parameters["properties"]
    place = next(name for name, schema in properties.items() if name != words and "anyOf" in schema)
    more = {"limit": limit} if limit and "limit" in properties else {}
    return Call(tool=tool.name, arguments={words: text, place: path, **more})
