"""Goals that want one sentence of a text as it stands: `quote the sentence of rules.txt that mentions atlases`."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from trivet_plan_smollm2.grounding import is_search
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.naming import is_called
from trivet_plan_smollm2.requests.tools import reads_text
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_PART = r"(?:sentence|passage|line|paragraph|part|section|clause|rule|bit|place)s?"
_ABOUT = (
    r"(?:(?:that|which|where|in which|it)\s+)?(?:is mentioned|mentions?|mentioning|says? something about|says? about|talks? about"
    r"|talking about|speaks? (?:of|about)|is about|deals? with|about|on|concerning|regarding|containing|contains?"
    r"|with(?: the words?)?|saying|defines?|explains?)"
)
_QUOTE = r"(?:please |can you |could you )*(?:quote|cite|give me|show me|copy)(?: me)?(?: word for word)?,?"
_FORMS = (
    re.compile(
        rf"\s*{_QUOTE} (?:the|a|that|this|exact|whole|full| )*{_PART}(?: (?:of|in|from) (?P<file>\S.*?))? {_ABOUT} "
        r"(?P<about>\S.*?)(?: (?:in|of|from) (?P<place>\S.*?))?\s*[.?!]*",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\s*(?:which|what) {_PART}(?: (?:of|in|from) (?P<file>\S.*?))? {_ABOUT} (?P<about>\S.*?)"
        r"(?: (?:in|of|from) (?P<place>\S.*?))?"
        rf"\s*[?.,;]\s*(?:and )?(?:please )?(?:quote|cite)(?: (?:it|the|that|this|exact|whole|full|{_PART}))*\s*[.?!]*",
        re.IGNORECASE,
    ),
)
_SENTENCE = re.compile(r"(?<=[.!?])[\"”)*]*\s+(?=[\"“(*A-Z0-9])|(?<=[。！？])|\n\s*\n")
_NUMBERED = re.compile(r"(?m)^\s*(\(?\d+(?:\.\d+)*)\.\s+(?=\S)")
"""A section's number with its full stop, which ends no sentence."""
MOST = 3
"""Sentences that are quoted at most."""


class Quotation(msgspec.Struct, frozen=True):
    about: frozenset[str]
    """Stems that the sentence must hold."""
    path: str


def quotation(goal: str, cards: Mapping[str, FileCard]) -> Quotation | None:
    """None unless the goal is such a wish, and names one text or there is only one."""
    texts = [path for path, card in cards.items() if card.kind == "text" and not card.columns]
    match = next((found for form in _FORMS if (found := form.fullmatch(goal))), None)
    if match is None:
        return None
    about = frozenset(stem_words(match["about"]))
    said = [part.removeprefix("the ").strip("\"'") for part in (match["file"], match["place"]) if part]
    meant = texts if not said else [path for path in texts if _is_named(path, said[0])]
    return Quotation(about, meant[0]) if about and len(meant) == 1 and len(said) < 2 else None


def _is_named(path: str, said: str) -> bool:
    return path == said or path.endswith(f"/{said}") or is_called(path, said)


async def quoted(
    goal: str, cards: Mapping[str, FileCard], tools: Sequence[ToolSpec], services: Services
) -> tuple[Call, ...]:
    """The search that finds the passage with the sentence; none if no sentence, or more than `MOST`, has the words."""
    searcher, reader = next(filter(is_search, tools), None), next(filter(reads_text, tools), None)
    if searcher is None or reader is None or (wish := quotation(goal, cards)) is None:
        return ()
    words, name = searcher.parameters["required"][0], reader.parameters["required"][0]
    place = next(key for key, schema in searcher.parameters["properties"].items() if key != words and "anyOf" in schema)
    try:
        value = (await services.call(reader.name, {name: wish.path})).value
        held = sentences_with(wish.about, str(value.get("text", ""))) if isinstance(value, Mapping) else []
        if not 0 < len(held) <= MOST:
            return ()
        arguments = {words: held[0], place: wish.path}
        found = (await services.call(searcher.name, arguments)).value
    except (ToolError, PluginError):
        return ()
    passages = [str(match.get("text", "")) for match in found.get("matches", ())] if isinstance(found, Mapping) else []
    is_there = any(sentences_with(wish.about, passage) for passage in passages)
    return (Call(tool=searcher.name, arguments=arguments),) if is_there else ()


def sentences_with(about: frozenset[str], text: str) -> list[str]:
    """The sentences that hold all these words, each in one line."""
    parts = [re.sub(r"\s+", " ", part).strip() for part in _SENTENCE.split(_NUMBERED.sub(r"\1 ", text))]
    return [part for part in parts if part and about <= set(stem_words(part))]


def quoted_from(goal: str, matches: Sequence[Mapping[str, object]]) -> str:
    """The sentences of what was found, with their places; empty if the goal is no such wish."""
    paths = {str(match.get("path", "")): FileCard(path=str(match.get("path", "")), kind="text") for match in matches}
    wish = quotation(goal, paths)
    if wish is None:
        return ""
    return "\n".join(
        f"{match.get('path')}:{match.get('line')}: {sentence}"
        for match in matches
        for sentence in sentences_with(wish.about, str(match.get("text", "")))
    )
