"""Answers that shall be short: summaries of a size that fits, and of a passage that was found the sentences that fit."""

from collections.abc import Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.answering import Answer, NoAnswer
from trivet_plan_smollm2.grounding import Search
from trivet_plan_smollm2.passages import sentences
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.brevity import Brevity, brevity
from trivet_plan_smollm2.requests.quoting import quoted_from
from trivet_plan_smollm2.requests.summaries import summarises
from trivet_plan_smollm2.requests.tools import reads_text
from trivet_plan_smollm2.words.similarity import Similarity, stem_words
from trivet_sdk import PlannerAbstained, PluginError, Services, ToolError, ToolSpec, Transcript

SIZES = 16
"""Lengths of a summary that are tried."""
LONGEST = 900


async def fitted(calls: Sequence[Call], goal: str, tools: Sequence[ToolSpec], services: Services) -> Sequence[Call]:
    """A summary as long as the goal allows, told in sentences or words. Raises PlannerAbstained if none is so short."""
    tool = next((tool for tool in tools if len(calls) == 1 and tool.name == calls[0].tool and summarises(tool)), None)
    brief = brevity(goal)
    if tool is None or brief is None:
        return calls
    name = next((name for name in tool.parameters["properties"] if "char" in name), "")
    most = brief.characters or (brief.words * 8 if brief.words else LONGEST)
    for place in range(SIZES, 0, -1):
        arguments = {**calls[0].arguments, name: max(50, most * place // SIZES)}
        try:
            found = await services.call(tool.name, arguments)
        except (ToolError, PluginError):
            return calls
        if brief.allows(found.text):
            return [Call(tool=tool.name, arguments=arguments)]
    raise PlannerAbstained(f"No summary of {calls[0].arguments.get('path', 'this text')} has {brief.said} at most.")


async def of_whole_text(goal: str, found: Search, tools: Sequence[ToolSpec], services: Services) -> tuple[Call, ...]:
    """`What are the house rules? At most 300 characters`, of a text with this title: its summary."""
    brief, summariser = brevity(goal), next(filter(summarises, tools), None)
    reader = next(filter(reads_text, tools), None)
    if brief is None or summariser is None or reader is None:
        return ()
    words = set(stem_words(brief.rest))
    for path in found.paths[:3]:
        try:
            value = (await services.call(reader.name, {reader.parameters["required"][0]: path, "lines": 1})).value
        except (ToolError, PluginError):
            continue
        title = str(value.get("text", "")) if isinstance(value, Mapping) else ""
        if words and words == set(stem_words(title)):
            return (Call(tool=summariser.name, arguments={summariser.parameters["required"][0]: path}),)
    return ()


async def cut_to_size(
    goal: str, transcript: Transcript, composed: Answer | NoAnswer, similarity: Similarity
) -> Answer | NoAnswer:
    """The answer as short as the goal wants it, or the very sentence that it wants quoted; NoAnswer if that cannot be had."""
    brief = brevity(goal)
    if isinstance(composed, NoAnswer):
        return composed
    shown = [result for id, result in transcript.results.items() if "{{" + id + "}}" in composed.text]
    matches = _matches(shown[0].value) if len(shown) == 1 else []
    if matches and (quotation := quoted_from(goal, matches)):
        return Answer(quotation.replace("{{", "{ {"))
    if brief is None or brief.allows("\n".join(result.text for result in shown)):
        return composed
    said = sentences(str(matches[0].get("text", ""))) if matches else []
    near = await similarity.between(brief.rest, said)
    words = set(stem_words(brief.rest))
    ranked = sorted(
        ((len(words & set(stem_words(text))), each, text) for each, text in zip(near, said, strict=True)), reverse=True
    )
    if not ranked or not brief.allows(ranked[0][2]) or not ranked[0][0]:
        return NoAnswer(f"What was found is longer than {brief.said}.")
    return Answer(_in_order(brief, ranked[0][2], said).replace("{{", "{ {"))


def _in_order(brief: Brevity, best: str, said: Sequence[str]) -> str:
    """The best sentence, and those behind it that fit as well."""
    first = said.index(best)
    last = first
    while last + 1 < len(said) and brief.allows(" ".join(said[first : last + 2])):
        last += 1
    return " ".join(said[first : last + 1])


def _matches(value: Any) -> list[Mapping[str, Any]]:
    found = value.get("matches") if isinstance(value, Mapping) else None
    return [match for match in found if isinstance(match, Mapping)] if isinstance(found, list) else []
