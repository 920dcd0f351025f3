"""A copy of a text with one thing changed: `copy rules.md to new.md, but with 40 euro instead of 25 euro for a lost key`."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.tools import reads_text, writes_text
from trivet_plan_smollm2.words.similarity import STOP, stem_words
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_OLD, _NEW = "\1", "\2"
_THING = r"[\"'“‘「]?(?P<{}>[^\"”“’‘」「\1\2,;]{{1,60}}?)[\"'”’」]?"
_COPY = (
    r"(?:please |kindly |can you |could you )*(?:copy|duplicate|save|write|make a copy of|save a copy of|put a copy of)"
    rf" (?:the file )?{_OLD}"
    rf" (?:to|as|into|in|under) (?:the file )?{_NEW}"
)
_BUT = r",?\s+(?:but|and|only|then|and then|just)?,?\s*"
_FOR = r"(?:\s+(?P<where>(?:for|in|at|of|where|as|on)\s+[^\"]{3,80}?))?\s*[.!]?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_COPY}{_BUT}(?:with |put |write |use )?{_THING.format('to')} (?:instead of|in(?: the)? place of|rather than) "
        rf"{_THING.format('old')}{_FOR}",
        rf"{_COPY}{_BUT}(?:with |by )?(?:replac(?:e|ing)|chang(?:e|ing)|turn(?:ing)?) {_THING.format('old')}"
        rf" (?:by|with|to|into) {_THING.format('to')}{_FOR}",
        rf"(?:请|帮我|麻烦)*(?:把|将)\s*{_OLD}\s*复制(?:到|为|成)\s*{_NEW}\s*[，,；;]?\s*(?:但|但是|不过|并|并且|只是)?(?:把|将)"
        rf"{_THING.format('old')}(?:改成|改为|换成|替换成|替换为){_THING.format('to')}[。！]?",
    )
)
_TEXTS = re.compile(r"\.(?:md|markdown|txt|text|rst|ya?ml|toml|ini|cfg|conf)$", re.IGNORECASE)


async def altered_copy(
    goal: Spans, listing: Sequence[str], tools: Sequence[ToolSpec], services: Services
) -> tuple[Call, ...]:
    """The text read, written and changed; none unless what is to be changed stands there once, near what the goal says of it."""
    named, new = mentioned(goal, listing), new_paths(goal, listing)
    reader = next((tool for tool in tools if reads_text(tool)), None)
    writer = next((tool for tool in tools if writes_text(tool)), None)
    if reader is None or writer is None or len(named) != 1 or len(new) != 1 or not _TEXTS.search(named[0]):
        return ()
    if PurePosixPath(named[0]).suffix.lower() != PurePosixPath(new[0]).suffix.lower():
        return ()
    text = goal.goal.strip().replace(new[0], _NEW, 1)
    said = next((path for path in goal.paths if path != new[0]), named[0])
    text = text.replace(said, _OLD, 1)
    match = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
    if match is None or "{{" in match["to"]:
        return ()
    try:
        value = (await services.call(reader.name, {reader.parameters["required"][0]: named[0]})).value
    except (ToolError, PluginError):
        return ()
    content = value.get("text") if isinstance(value, Mapping) else None
    if not isinstance(content, str) or value.get("truncated") or not _stands_once(match, content):
        return ()
    changed = re.sub(_whole(match["old"]), lambda _: match["to"], content)
    if "{{" in changed:
        return ()
    return (Call(tool=writer.name, arguments={"path": new[0], "text": changed}),)


def _stands_once(match: re.Match[str], content: str) -> bool:
    """Once as a whole word, and with half of what the goal says of its place in the same paragraph."""
    places = [*re.finditer(_whole(match["old"]), content)]
    if len(places) != 1:
        return False
    about = set(stem_words(match.groupdict().get("where") or "")) - STOP
    start = content.rfind("\n", 0, places[0].start()) + 1
    end = content.find("\n", places[0].end())
    near = set(stem_words(content[start : end if end >= 0 else len(content)]))
    return len(about & near) * 2 >= len(about)


def _whole(text: str) -> str:
    return rf"(?<![\w.,]){re.escape(text)}(?![\w])" if text.isascii() else re.escape(text)
