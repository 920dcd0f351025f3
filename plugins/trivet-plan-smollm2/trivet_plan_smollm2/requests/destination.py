"""A figure that shall be written into a text file: `…, and save it in results/speed.txt`, `write the mean to mean.txt`."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from trivet_plan_smollm2.grounding import new_paths
from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.requests.results import figure_at
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.spans import Spans

_FILE = "\0"
_SAVE = (
    r"(?:save|store|write|put|record|note|export|dump)(?:s|d|ed|n|ing)?|written|noted|putting|writing|saving|storing"
)
_INTO = rf"\s*(?:to|into|in|as|under)\s+(?:(?:a|an|the|new|file|text|called|named)\s+)*[\"'`“]?{_FILE}[\"'`”]?"
_THAT = (
    r"(?:\s+(?:it|that|this|the (?:result|figure|number|answer|value|outcome|total|sum|average|mean"
    r"|amount|cost|price|difference)))?(?:\s+down)?"
    r"(?:\s*[,(]?\s*(?:with|to|rounded to|in)\s+(?:\d|one|two|three|four)\s+(?:decimals?|decimal places?)\)?,?)?"
)
_BEHIND = (
    re.compile(rf"[\s,;.]*(?:\b(?:and|then|please|also)\b[\s,]*)*\b(?:{_SAVE})\b{_THAT}{_INTO}", re.IGNORECASE),
    re.compile(rf"\s*(?:->|→|=>)\s*{_FILE}"),
    re.compile(rf"\s*(?:\binto|,\s*to)\s+(?:(?:a|the|new|file|text|called|named)\s+)*[\"'`“]?{_FILE}[\"'`”]?(?=[\s.!]*(?:please)?[\s.!]*$)",
               re.IGNORECASE),
    re.compile(rf"[，,；;。\s]*(?:并|然后|再|请)*(?:把|将)?(?:结果|它|答案|数字)?(?:保存|写入|写|存|记录)(?:到|进|为|在|入)*\s*{_FILE}(?:里面?|中)?"),
)  # fmt: skip
_AHEAD = (
    re.compile(rf"^\s*(?:please |can you |could you |kindly )*(?:{_SAVE})\s+(?P<what>\S.*?){_INTO}", re.IGNORECASE | re.DOTALL),
    re.compile(rf"^(?:请|帮我)*(?:把|将)(?P<what>.+?)(?:保存|写入|写|存)(?:到|进|为|在|入)*\s*{_FILE}(?:里面?|中)?"),
)  # fmt: skip
_TEXTS = (".txt", ".md", ".text", "")


class Destination(msgspec.Struct, frozen=True):
    """A goal without its wish to have the result in a file, and that file."""

    rest: str
    path: str


def destination(goal: Spans, listing: Sequence[str]) -> Destination | None:
    """None unless the goal names one new text file and says that something is to be written there."""
    paths = new_paths(goal, listing)
    if len(paths) != 1 or PurePosixPath(paths[0]).suffix.lower() not in _TEXTS:
        return None
    text = goal.goal.replace(paths[0], _FILE, 1)
    for form in _BEHIND:
        if (match := form.search(text)) and match.start() > 0:
            return Destination((text[: match.start()] + text[match.end() :]).strip(), paths[0])
    for form in _AHEAD:
        if match := form.search(text):
            return Destination(f"{match['what']}{text[match.end() :]}".strip(), paths[0])
    return None


def written(calls: Sequence[Call], path: str, said: str, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The calls, whose last one brings one figure, with one more that writes it: rounded, if the goal `said` how. None if
    it brings no figure, or if no tool writes texts."""
    writer = next((tool for tool in tools if {"text", "path"} == set(tool.parameters.get("required", ()))), None)
    ref = figure_at(calls)
    if writer is None or not ref:
        return ()
    done = [*calls]
    reckoner = next((tool for tool in tools if {"expression", "values"} <= _properties(tool).keys()), None)
    places = decimals(said)
    if places is not None and reckoner is not None:
        values = {"figure": {"$ref": ref}}
        done.append(Call(tool=reckoner.name, arguments={"expression": f"round(figure, {places})", "values": values}))
        ref = f"s{len(done)}#/value"
    text = "{{" + ref + "}}\n"
    return *done, Call(tool=writer.name, arguments={"path": path, "text": text})


def _properties(tool: ToolCard) -> dict[str, Any]:
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    return properties
