"""A line that the goal itself gives, to be added to a text file that is there: `append "- buy bulbs" to todo.md`."""

import re
from collections.abc import Mapping, Sequence

from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.tools import reads_text
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_FILE = "\0"
_ASKED = r"\s*(?:please |kindly |can you |could you |would you |go and )*"
_ADD = r"(?:append|add|attach|put|write|insert)"
_LINE = (
    r"(?:(?:a|an|the|this|one|another|following|new|last|final|more|single)\s+)*"
    r"(?:line|entry|item|row|bullet|point|sentence|note|text|words?)"
)
_SAYING = r"(?:\s*(?:that (?:says|reads)|which (?:says|reads)|saying|reading|with(?: the)? text))?\s*:?\s*"
_QUOTE = r"(?:\"(?P<q>[^\"\n]+)\"|“(?P<d>[^”\n]+)”|'(?P<s>[^'\n]+)'|`(?P<b>[^`\n]+)`|「(?P<c>[^」\n]+)」)"
_LAST = r"(?:\s*,?\s*(?:at|to) the (?:very )?(?:end|bottom)|\s+as (?:a|the) (?:new |last |final )*(?:line|entry|item|row|bullet))"
_INTO = (
    r"(?:to|in|into|at)\s+(?:(?:the )?(?:very )?(?:end|bottom) of\s+)?(?:(?:the|my|our|file|list|called|named)\s+)*"
    rf"[`'\"]?{_FILE}[`'\"]?(?:\s+(?:file|list))?{_LAST}?"
)
_TO = rf"{_LAST}?\s+{_INTO}"
_END = r"(?:,?\s+(?:please|thanks))?\s*[.!]?\s*"
_ZH_END = r"\s*(?:的?(?:末尾|最后|结尾|底部|后面))?(?:里面?|中)?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_ASKED}{_ADD}\s+(?:{_LINE})?{_SAYING}{_QUOTE}{_TO}{_END}",
        rf"{_ASKED}{_ADD}\s+(?:{_LINE}\s+)?{_INTO}{_SAYING}{_QUOTE}{_END}",
        rf"{_ASKED}{_ADD}(?:\s+{_LINE})?\s+{_INTO}\s*(?:that (?:says|reads)\s*)?:\s*(?P<rest>\S[^\n]*)",
        rf"{_ASKED}(?:append|add)\s+{_INTO}\s+{_LINE}{_SAYING}{_QUOTE}{_END}",
        rf"{_ASKED}in {_FILE},?\s+(?:append|add)\s+(?:{_LINE})?{_SAYING}{_QUOTE}{_LAST}?{_END}",
        rf"(?:请|帮我|麻烦)*在\s*{_FILE}{_ZH_END}\s*(?:再)?(?:添加|追加|加上?|写上?)(?:一行)?\s*[:：]?\s*{_QUOTE}[。！]?",
        rf"(?:请|帮我|麻烦)*(?:把|将)(?:这一?[行句])?\s*{_QUOTE}\s*(?:这一?[行句])?(?:添加|追加|加|写)(?:到|进|在|入)\s*{_FILE}{_ZH_END}[。！]?",
    )
)
TEXTS = re.compile(
    r"(?:^|/)[^./]+$|\.(?:md|markdown|txt|text|log|rst|csv|tsv|jsonl|ya?ml|toml|ini|cfg|conf|todo)$", re.I
)
"""Files to which a line can be added: no JSON, whose last line closes it."""


async def appended(said: str, named: Sequence[str], tools: Sequence[ToolSpec], services: Services) -> tuple[Call, ...]:
    """The call that puts the line behind the last one of the file; none unless the goal `said` is just this wish, and the file
    is there. The last line is what is replaced, by itself and the new one, so that all else stays as it is."""
    editor = next((tool for tool in tools if {"path", "old", "new"} == set(tool.parameters.get("required", ()))), None)
    reader = next((tool for tool in tools if reads_text(tool)), None)
    if editor is None or reader is None or len(named) != 1 or not TEXTS.search(named[0]):
        return ()
    if not (line := _dictated(said, named[0])):
        return ()
    try:
        value = (await services.call(reader.name, {reader.parameters["required"][0]: named[0]})).value
    except (ToolError, PluginError):
        return ()
    text = value.get("text") if isinstance(value, Mapping) else None
    old = _last_lines(text) if isinstance(text, str) else ""
    return (Call(tool=editor.name, arguments={"path": named[0], "old": old, "new": f"{old}\n{line}"}),) if old else ()


def _dictated(said: str, path: str) -> str:
    """The line that is to be added; empty if the goal wants anything else."""
    names = [path, path.rpartition("/")[2]]
    for name in sorted(names, key=len, reverse=True):
        if said.count(name) != 1:
            continue
        text = said.strip().replace(name, _FILE)
        match = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
        if match is not None:
            line = next(part for part in match.groupdict().values() if part is not None).strip("\r\n")
            return "" if "{{" in line or _FILE in line else line
    return ""


def _last_lines(text: str) -> str:
    """The last line that is not empty, with as many before it as make it the only such place; empty if there is none."""
    text = text.replace("\r\n", "\n").rstrip()
    start = len(text)
    while start > 0:
        start = text.rfind("\n", 0, start) if "\n" in text[:start] else -1
        part = text[start + 1 :]
        if text.count(part) == 1:
            return part
    return ""
