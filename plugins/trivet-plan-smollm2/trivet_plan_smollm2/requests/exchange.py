"""A figure at a rate that the goal gives: `converted to francs at 0.94 francs per euro`, `in parsecs (3.26 light years each)`."""

import re
from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.requests.results import figure_at
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import without_form

_NUMBER = r"(?P<rate>\d+(?:\.\d+)?)"
_THING = r"[A-Za-z]+(?: [A-Za-z]+)?"
_RATE = re.compile(
    rf"[\s,;]*(?:(?:and|then)\s+)*(?:(?:please\s+)?(?:convert|converted|turn|turned|change|changed|express|expressed|exchange|exchanged)"
    rf"(?: (?:it|that|this|the (?:result|total|sum|figure)))?\s+)?(?:to|into|in)\s+(?P<wanted>{_THING})\s*"
    rf"(?:,?\s*(?:at|with|using|if)\s+(?:(?:a|the) (?:rate|price|exchange rate) of\s+)?|\(\s*"
    rf"|,\s*){_NUMBER}\s*(?P<of>{_THING}?)\s*"
    rf"(?:(?P<each>each|apiece)|(?:per|for (?:one|an?|each|every)|to (?:the|an?)|an?|is one|make one"
    rf"|=\s*1)\s+(?P<per>{_THING}))\s*\)?",
    re.IGNORECASE,
)


class Exchange(msgspec.Struct, frozen=True):
    """A goal without its wish for an exchange; what the figure is to be multiplied with, or divided by."""

    rest: str
    factor: str


def exchange(goal: str) -> Exchange | None:
    """None where there is no such wish, or where it cannot be told which way the rate is meant."""
    text = without_form(goal)
    match = _RATE.search(text)
    if match is None or match.start() == 0:
        return None
    wanted = set(stem_words(match["wanted"]))
    of, per = set(stem_words(match["of"] or "")), set(stem_words(match["per"] or ""))
    is_target = bool(of & wanted)
    if bool(per & wanted) == is_target and not match["each"]:
        return None  # both, or neither: nobody can tell
    factor = f"* {match['rate']}" if is_target else f"/ {match['rate']}"
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    if re.search(r"\b(?:its|their|his|her|whose)\b", rest, re.IGNORECASE):
        return None  # a figure of what is found first
    return Exchange(re.sub(r"\s+", " ", rest).strip(" ,;"), factor)


def exchanged(calls: Sequence[Call], factor: str, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The calls, whose last one brings a figure, with the sum; none if it brings none."""
    tool = next((t for t in tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    ref = figure_at(calls)
    if tool is None or not ref:
        return ()
    return *calls, Call(
        tool=tool.name, arguments={"expression": f"figure {factor}", "values": {"figure": {"$ref": ref}}}
    )
