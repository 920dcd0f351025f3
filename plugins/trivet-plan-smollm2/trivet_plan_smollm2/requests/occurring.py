"""How often a word stands in a text: `how many times is "licence" mentioned in rules.txt?`"""

import re
from collections.abc import Mapping, Sequence

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.tools import reads_text
from trivet_plan_smollm2.words.spans import Spans, has_cjk
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_FILE = "\0"
_STANDS = r"(?:occurs?|appears?|stands?|comes? up|turns? up|(?:is|are) (?:used|mentioned|written|found))"
_THING = r"(?:the )?(?:word|phrase|term|name|expression)?\s*(?P<word>\S(?:[^?\0]{0,60}?\S)??)"
_IN = rf"\s+(?:in|within|inside)\s+(?:the )?(?:file |text |document )*[\"'`]?{_FILE}[\"'`]?(?: file)?\s*[?.!]*"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\s*(?:how often|how many times) (?:does|do|did) {_THING} (?:occur|appear|stand|come up|turn up){_IN}",
        rf"\s*(?:how often|how many times) (?:is|are|was|were) {_THING} (?:used|mentioned|written|named|found|said){_IN}",
        rf"\s*(?:(?:what is|what's) )?(?:the )?number of (?:times|occurrences)(?: of| that)? {_THING}(?: {_STANDS})?{_IN}",
        r"\s*(?:please )?count (?:all )?(?:the )?(?:occurrences|mentions|number of times)(?: of| that)? "
        rf"{_THING}(?: {_STANDS})?{_IN}",
        rf"\s*how many (?:times|occurrences|mentions)(?: of)? {_THING}(?: are there)?{_IN}",
        r"\s*[“\"「]?(?P<word>[^\s“”\"「」\0]{1,20})[”\"」]?(?:这个词|一词)?在\s*"
        rf"{_FILE}\s*(?:里面?|中)?(?:一?共)?(?:出现|提到)了?(?:多少|几)次[？?]?",
    )
)


async def occurring(
    goal: Spans, named: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services
) -> tuple[Call, str] | None:
    """The count as a call that has nothing left to reckon, and how it was counted; None unless the goal asks just this of one
    text. Counted are words of their own, whether they begin with a capital or not."""
    reader = next((tool for tool in tools if reads_text(tool)), None)
    reckoner = next(
        (tool for tool in tools if {"expression", "values"} <= tool.parameters.get("properties", {}).keys()), None
    )
    if reader is None or reckoner is None or len(named) != 1 or named[0].columns or len(goal.paths) != 1:
        return None
    text = goal.goal.replace(goal.paths[0], _FILE)
    match = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
    word = match["word"].strip("\"'“”‘’`「」 ") if match else ""
    if not word or (len(word.split()) > 3 and word not in goal.quoted):
        return None
    try:
        value = (await services.call(reader.name, {reader.parameters["required"][0]: named[0].path})).value
    except (ToolError, PluginError):
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        return None
    form = re.sub(r"\s+", r"\\s+", re.escape(word).replace(r"\ ", " "))
    form = form if has_cjk(word) else rf"(?<!\w){form}(?!\w)"
    count = len(re.findall(form, value["text"], re.IGNORECASE))
    how = f"'{word}' was counted in {named[0].path}" + ("" if has_cjk(word) else " as a word of its own")
    return Call(tool=reckoner.name, arguments={"expression": "times", "values": {"times": count}}), how
