"""Files that a goal asks for by name."""

import re
from collections.abc import Sequence

from trivet_sdk import Transcript

_KINDS = "csv|tsv|jsonl?|ndjson|parquet|xlsx|md|markdown|txt|text|html?|xml|ya?ml|toml|ini|log|py|sql|pdf|png|svg|jpe?g"
PATH = rf"[\w./~-]*\w\.(?:{_KINDS})\b"
_QUOTE = "[`'\"“”‘’「」]?"
_VERB = (
    r"\b(?:save|store|write|put|export|dump|record|output|create|make|produce|generate|convert|copy|turn|render|append|add)\w*\b"
    r"|保存|写入|写到|写进|存入|存到|存为|存成|另存为|导出|生成|输出|转换|转成|转为|制作|创建"
)
_TO = r"(?:\b(?:to|into|in|as|at|under|named|called|file|files)\b|到|为|成|入|进|文件)\s*"
_ARTICLE = r"(?:(?:the|a|an|new|file|json|csv|tsv|text|markdown|parquet|named|called|文件)\s*)*"
_PROMISE = re.compile(rf"(?:{_VERB})(?P<between>[^\n]{{0,200}}?){_TO}{_ARTICLE}{_QUOTE}(?P<path>{PATH})", re.IGNORECASE)
_FURTHER = re.compile(rf"{_QUOTE}\s*(?:and|,|、|和|以及)\s*(?:to\s+)?{_QUOTE}(?P<path>{PATH})", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[。！？；\n]+")


def promised(goal: str) -> list[str]:
    """Paths that the goal says shall be written, in order. `How many rows are in a.csv?` promises none."""
    paths: list[str] = []
    for sentence in _SENTENCE.split(goal):
        match = _PROMISE.search(sentence)
        while match is not None:
            paths.append(match["path"])
            further = _FURTHER.match(sentence, match.end())
            while further is not None:
                paths.append(further["path"])
                further = _FURTHER.match(sentence, further.end())
            match = _PROMISE.search(sentence, match.end())
    return list(dict.fromkeys(paths))


def unkept(transcript: Transcript) -> list[str]:
    """Promised files that no step wrote. A path that a step read is what the goal is about, not what it asks for."""
    read = {
        text
        for step in (transcript.plan.steps if transcript.plan else ())
        for value in step.arguments.values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    }
    read -= set(transcript.artifacts)
    return [
        path for path in promised(transcript.goal.text)
        if not is_among(path, transcript.artifacts) and path not in read
    ]  # fmt: skip


def is_among(path: str, artifacts: Sequence[str]) -> bool:
    wanted = path.removeprefix("./").casefold()
    return any(artifact.casefold() == wanted or artifact.casefold().endswith(f"/{wanted}") for artifact in artifacts)
