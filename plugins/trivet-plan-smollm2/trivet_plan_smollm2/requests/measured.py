"""How long texts are, in words, lines or characters: of one, how much longer one is than another, and which is longer."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.grounding import mentioned
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.naming import is_called
from trivet_plan_smollm2.requests.tools import reads_text
from trivet_plan_smollm2.tables.probing import selects
from trivet_plan_smollm2.words.spans import Spans, is_chinese
from trivet_sdk import ToolSpec

_UNITS = {"word": "words", "line": "lines", "character": "characters", "char": "characters"}
_UNIT = r"(?:words?|lines?|characters?|chars?)"
_COUNTED = re.compile(
    rf"\bhow many {_UNIT}|\b(?:number|count) of {_UNIT}|\b{_UNIT}[ -]?count\b|\bcount (?:all )?(?:the )?{_UNIT}"
    rf"|\bhow long\b.*\bin {_UNIT}",
    re.IGNORECASE,
)
_APART = re.compile(
    rf"\bhow many (?:(?:more|fewer|less) {_UNIT}|{_UNIT} (?:more|fewer|less|longer|shorter))|\bhow much (?:longer|shorter)"
    r"|\bby how (?:many|much)\b|\bdiffer(?:ence)?\b",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\b(?:which|what)\b[^?]*?\b(?:(?P<more>longer|more)|(?P<less>shorter|fewer|less))\b", re.IGNORECASE
)
_SAID = frozenset(
    "how many much number count of words word lines line characters character chars char long longer shorter more fewer less "
    "difference differ which what what's is are there the a an in on it do does has have had contain contains between than "
    "and or vs versus by compared to with file files text texts document documents one two both terms length total altogether "
    "please counted tell me give show find calculate compute".split()
)
_PARTS = re.compile(r"\b(?:and|or|than|vs\.?|versus|compared (?:to|with))\b|[?,;:]", re.IGNORECASE)


def measured(
    goal: Spans, cards: Mapping[str, FileCard], listing: Sequence[str], tools: Sequence[ToolSpec]
) -> tuple[Call, ...]:
    """The texts read, and their length as a figure, a difference, or a row; none unless nothing else is said."""
    units = {
        _UNITS[said.rstrip("s")] for said in re.findall(r"\b(?:words?|lines?|chars?|characters?)\b", goal.goal.lower())
    }
    reader = next((tool for tool in tools if reads_text(tool)), None)
    apart, which = _APART.search(goal.goal), _WHICH.search(goal.goal)
    if reader is None or len(units) != 1 or is_chinese(goal.goal) or not (apart or which or _COUNTED.search(goal.goal)):
        return ()
    texts = [path for path, card in cards.items() if card.kind == "text" and not card.columns]
    paths = _texts(goal.goal, goal, texts, listing)
    if len(paths) != 2 and which:  # `which letter is longer, …`
        paths = _texts(goal.goal[: which.start()] + goal.goal[which.end() :], goal, texts, listing)
    if len(paths) != (2 if apart or which else 1):
        return ()
    unit, name = units.pop(), reader.parameters["required"][0]
    reads = [Call(tool=reader.name, arguments={name: path}) for path in paths]
    lengths = [{"$ref": f"s{place}#/{unit}"} for place in range(1, len(paths) + 1)]
    if which and not apart:
        selector = next((tool for tool in tools if selects(tool)), None)
        rows = [{"file": path, unit: length} for path, length in zip(paths, lengths, strict=True)]
        chosen = {"path": rows, "sort_by": unit, **({"descending": True} if which["more"] else {}), "limit": 1}
        return (*reads, Call(tool=selector.name, arguments=chosen)) if selector else ()
    reckoner = next(
        (tool for tool in tools if {"expression", "values"} <= tool.parameters.get("properties", {}).keys()), None
    )
    if reckoner is None:
        return ()
    values = {unit: lengths[0]} if len(paths) == 1 else {"first": lengths[0], "second": lengths[1]}
    is_signed = apart is not None and re.search(r"\bmore\b.*\bthan\b", goal.goal, re.IGNORECASE)
    expression = unit if len(paths) == 1 else "first - second" if is_signed else "abs(first - second)"
    return *reads, Call(tool=reckoner.name, arguments={"expression": expression, "values": values})


def _texts(said: str, goal: Spans, texts: Sequence[str], listing: Sequence[str]) -> list[str]:
    """The texts that the goal names, by path or in words; none if something is said besides."""
    if named := mentioned(goal, listing):
        rest = said
        for path in goal.paths:
            rest = rest.replace(path, " ")
        is_all = all(word in _SAID for word in re.findall(r"[\w'-]*\w", rest.lower()))
        in_order = sorted(named, key=lambda path: goal.goal.lower().find(PurePosixPath(path).name.lower()))
        return in_order if is_all and set(named) <= set(texts) else []
    found = []
    for part in _PARTS.split(said):
        words = [word for word in re.findall(r"[\w'-]+(?:\.\d+)*", part) if word.lower() not in _SAID]
        if not words:
            continue
        meant = [path for path in texts if is_called(path, " ".join(words))]
        if len(meant) != 1:
            return []
        found.append(meant[0])
    return found
