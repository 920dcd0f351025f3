"""Sums in words that are so many at so much each, or so much split among so many: `38 batches of 620 grams each`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.words.box_sums import sides_multiplied
from trivet_plan_smollm2.words.percent_questions import percent_question
from trivet_plan_smollm2.words.quantities import has_physical_rate
from trivet_plan_smollm2.words.share_sums import money_with_share
from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans
from trivet_plan_smollm2.words.spoken_sums import spoken_sum
from trivet_plan_smollm2.words.sums import told_sum

_NUMBER = r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w-]|[.,]\d)"
_MORE = re.compile(
    r"%|\b(?:percent\w*|plus|minus|less|more|discount\w*|without|except|left|remain\w*|change|first|extra|free|already|half|double"
    r"|twice|another|additional\w*|before|after|average|mean|only|every (?:second|other))\b",
    re.IGNORECASE,
)
"""Words by which it is another sum."""
_SPLIT = re.compile(r"\b(?:split|shar(?:e|ed|ing)|divid(?:e|ed|ing)|distribut(?:e|ed))\b", re.IGNORECASE)
_AMONG = re.compile(
    r"\b(?:between|among|amongst|by|into|in|it|bill|equally)\s+(?P<number>\d+|[a-z]+)\s*"
    r"(?:ways?|people|persons|friends|of us|parts|heads|families|children|kids|colleagues|guests|boxes|bags|portions|teams)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(r"\b(?:cents?|pence)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\bin (?:euros?|dollars?|pounds)\b", re.IGNORECASE)


def worked_out(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """The one sum; None where any number is left over, or a word makes it another."""
    text = goal.goal
    if goal.paths or goal.dates or goal.quoted:
        return None
    tool = next((tool for tool in tools if _reckons(tool)), None)
    whole = percent_question(text) or spoken_sum(text) or sides_multiplied(text) or money_with_share(text)
    if tool is not None and whole:
        return Call(tool=tool.name, arguments={tool.parameters["required"][0]: whole})
    if goal.periods:
        return None
    expression = "" if _MORE.search(text) else _shared(text) or _rated(text)
    expression = expression or _root(text) or ("" if has_physical_rate(text) else told_sum(text))
    if not expression or tool is None:
        return None
    name = tool.parameters["required"][0]
    return Call(tool=tool.name, arguments={name: expression})


def _root(text: str) -> str:
    match = re.fullmatch(
        rf"\s*(?:please\s+)?(?:what(?:'s| is)|calculate|compute|work out)?\s*(?:the\s+)?(?P<kind>square|cube"
        rf"|cubic)\s+root\s+of\s+(?P<of>{_NUMBER})[\s?.!]*",
        text,
        re.IGNORECASE,
    )
    return f"{'sqrt' if match['kind'].lower() == 'square' else 'cbrt'}({_plain(match['of'])})" if match else ""


def _shared(text: str) -> str:
    among = _AMONG.search(text) if _SPLIT.search(text) else None
    if among is None:
        return ""
    parts = among["number"].lower()
    count = parts if parts.isdigit() else str(NUMBER_WORDS.get(parts, ""))
    numbers = [match[0] for match in re.finditer(_NUMBER, text) if match.start() != among.start("number")]
    is_each = re.search(r"\b(?:each|everybody|everyone|per|one|how much|what)\b", text, re.IGNORECASE)
    return f"{_plain(numbers[0])} / {count}" if count and len(numbers) == 1 and is_each else ""


def _rated(text: str) -> str:
    found = list(re.finditer(_NUMBER, text))
    if len(found) != 2:
        return ""
    for rate, count in (found, found[::-1]):
        things = re.match(r"\s*((?:[A-Za-z]+\s+)?)([A-Za-z]+)", text[count.end() :])
        marked = _marked(text, rate)
        if things is None or marked is None:
            continue
        nouns = {stem(word.lower()) for word in (things[1].strip(), things[2]) if word}
        if marked and stem(marked.lower()) not in nouns:
            continue
        if _WHOLE.search(text):  # `10 cents a day`, wanted in euros
            is_small = _SMALL.match(text[rate.end() :].lstrip()) is not None
            return f"{_plain(rate[0])} * {_plain(count[0])}{' / 100' if is_small else ''}"
        return f"{_plain(rate[0])} * {_plain(count[0])}"
    return ""


def _marked(text: str, rate: re.Match[str]) -> str | None:
    """What the rate is for, `day` of `10 cents a day`; empty for `each`, None if it is no rate."""
    behind = re.match(
        r"\s*[€$£]?\s*(?:(?!and\b|in\b)[A-Za-z]+\s+){0,2}?(?:(each|apiece)\b|(?:per|an?|every)\s+([A-Za-z]+))",
        text[rate.end() :],
    )
    if behind:
        return behind[2] or ""
    before = re.search(
        r"\b(?:one|each|every|an?|per)\s+([A-Za-z]+)\s+(?:needs?|takes?|costs?|has|have|holds?|contains?|weighs?|is|uses?|lasts?)"
        r"\s+(?:about\s+)?[€$£]?$",
        text[: rate.start()],
        re.IGNORECASE,
    )
    return before[1] if before else None


def _plain(number: str) -> str:
    return number.replace(",", "")


def _reckons(tool: ToolCard) -> bool:
    required = tool.parameters.get("required", ())
    properties = tool.parameters.get("properties", {})
    return len(required) == 1 and properties[required[0]].get("format") == "expression"
