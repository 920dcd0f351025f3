"""`save that as out.csv`, `把它保存到 结果.csv`: what the goal before found, into a file."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.earlier import Work, work_of
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import Exchange, ToolSpec
from trivet_sdk.plan import refs_in

TABLES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
_FILE = "\0"
_SAVED = (
    re.compile(
        r"(?:(?:please|now|and|then|ok(?:ay)?|great|good|thanks)[,.!]?\s+)*(?:(?:can|could) you )?(?:please )?"
        r"(?:save|write|store|export|put|dump|record)"
        r"(?:\s+(?:that|it|this|them|those|these|all that|all of (?:it|that|them)"
        r"|(?:the|that|this|these|those) (?:results?|tables?|answers?|lists?|rows|numbers|figures?|output)))?"
        r"(?:\s+down)?\s+(?:to|into|as|in|under)?\s*(?:(?:a|the|new|text|file|table|csv|json|called|named)\s+)*"
        rf"[\"'`“]?{_FILE}[\"'`”]?(?:,?\s+please)?\s*[.!]?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:请|帮我|再|然后|现在|麻烦)*(?:把|将)?"
        r"(?:它们?|这个|那个|这些|那些|(?:刚才|上面|以上|这个?|那个?)?的?(?:结果|表格?|答案|数据|列表))?都?"
        r"(?:另?保存|另?存|写|导出|输出|放)(?:到|为|成|在|进|入|至)*(?:一?个?(?:新的?)?文件)?\s*"
        rf"[\"“「]?\s*{_FILE}\s*[\"”」]?(?:文件)?(?:里面?|中)?(?:吧|去)?[。！!.]*"
    ),
)  # fmt: skip

_BEFORE_NAME = re.compile(
    r".*?(?:保存|存|写|导出|输出|放)(?:到|为|成|在|进|入|至)+(?:一?个?(?:新的?)?文件)?(?=[^.\s])", re.DOTALL
)
"""What Chinese has in front of a file's name without a space: `把它保存到均值.csv`."""


class Unsaved(Exception):
    """The goal wants what was found before in a file, and that cannot be done; `str()` says why."""


def saved(goal: Spans, earlier: Sequence[Exchange], tools: Sequence[ToolSpec]) -> tuple[Call, ...]:
    """The calls; none if the goal is no such wish. Raises Unsaved."""
    if not (path := _wanted(goal)):
        return ()
    newest = next((each for each in reversed(earlier) if not _wanted(read_goal(each.goal))), None)
    if newest is None or newest.status != "succeeded":
        raise Unsaved("The goal before this one was not achieved, so there is nothing of it to save.")
    work = work_of(newest)
    if path.lower().endswith(TABLES):
        return _table(path, work, tools)
    if work is not None and work.rows is not None and len(work.rows) > 1:
        return _table(path, work, tools)
    return _text(path, newest.answer, tools)


def _wanted(goal: Spans) -> str:
    """The file in which the goal wants what was found before; empty if it is no such wish."""
    if len(goal.paths) != 1:
        return ""
    path = _BEFORE_NAME.sub("", goal.paths[0], count=1)
    text = goal.goal.strip().replace(path, _FILE)
    return path if any(form.fullmatch(text) for form in _SAVED) else ""


def _table(path: str, work: Work | None, tools: Sequence[ToolSpec]) -> tuple[Call, ...]:
    writer = _writer("rows", tools)
    if work is None or not work.has_rows:
        raise Unsaved(
            f"What was found last is no table, so '{path}' cannot hold it; a text file such as notes.txt can."
        )
    if writer is None:
        raise Unsaved("No installed tool writes tables.")
    if work.rows is not None and not list(refs_in(work.rows)):
        return (Call(tool=writer, arguments={"rows": [dict(row) for row in work.rows], "path": path}),)
    effects = {tool.name: tool.effect for tool in tools}
    if any(effects.get(call.tool) != "pure" for call in work.calls):
        raise Unsaved("What was found last is too large to be remembered, and finding it again would change something.")
    rows = {"$ref": f"s{len(work.calls)}#/rows"}
    return *work.calls, Call(tool=writer, arguments={"rows": rows, "path": path})


def _text(path: str, answer: str, tools: Sequence[ToolSpec]) -> tuple[Call, ...]:
    writer = _writer("text", tools)
    if writer is None:
        raise Unsaved("No installed tool writes texts.")
    if list(refs_in(answer)):
        raise Unsaved("The last answer has double braces in it, which stand for something else in a plan.")
    return (Call(tool=writer, arguments={"path": path, "text": answer}),)


def _writer(what: str, tools: Sequence[ToolSpec]) -> str | None:
    """A tool that takes just this and the name of a new file."""
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        is_new = properties.get("path", {}).get("format") == "new-path"
        if is_new and set(tool.parameters.get("required", ())) == {what, "path"}:
            return tool.name
    return None
