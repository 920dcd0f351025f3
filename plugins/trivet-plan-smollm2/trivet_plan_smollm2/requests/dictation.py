"""A text that the goal itself gives, to be written into a file: `create todo.txt with the text: call the bank`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.grounding import new_paths
from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.words.spans import Spans

_FILE = "\0"
_FORMS = (
    re.compile(
        r"\s*(?:please |can you |could you )*(?:create|make|write|save|start|add|put)\b[^:\"“]{0,40}?"
        rf"{_FILE}[\"'`]?,?\s+(?:(?:with|containing)\s+(?:just |only )?(?:the )?(?:text|content|contents|words|line"
        rf"|sentence|note|message)"
        r"(?: in it)?|that (?:says|reads)|which (?:says|reads)|saying|reading)\s*:?\s+(?P<text>\S.*)",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(
        r"\s*(?:please |can you |could you )*(?:save|write|put|note|store)\s+[\"“'](?P<text>[^\"”]+)[\"”']\s+(?:to"
        r"|into|in|as|under)\s+"
        rf"(?:(?:a|the|new|file|called|named)\s+)*{_FILE}[\s.!]*",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(rf"(?:请|帮我)*(?:新建|创建|写)(?:一个)?(?:文件)?\s*{_FILE}\s*[，,]?\s*(?:内容(?:是|为)?|写上"
    rf"|写着)\s*[:：]?\s*(?P<text>\S.*)", re.DOTALL),
)  # fmt: skip
_ADDED = re.compile(r"\s*(?:please |can you |could you )*(?:add|put|note|append)\b", re.IGNORECASE)


def dictated(goal: Spans, tools: Sequence[ToolCard], listing: Sequence[str]) -> Call | None:
    """None unless the goal names one new file and gives its text."""
    paths = new_paths(goal, listing)
    writer = next((tool for tool in tools if {"text", "path"} == set(tool.parameters.get("required", ()))), None)
    if len(paths) != 1 or writer is None:
        return None
    said = goal.goal.replace(paths[0], _FILE, 1)
    match = next((found for form in _FORMS if (found := form.fullmatch(said))), None)
    if match is None or (paths[0] in listing and _ADDED.match(said)):
        return None  # what is added to a file that is there must not take its place
    text = match["text"].strip()
    if len(text) > 1 and text[0] in "\"“'" and text[-1] in "\"”'":
        text = text[1:-1]
    return (
        None
        if "{{" in text or _FILE in text
        else Call(tool=writer.name, arguments={"path": paths[0], "text": f"{text}\n"})
    )
