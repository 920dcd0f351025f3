"""A text file in another encoding: `old.csv is in Latin-1, write it as UTF-8 to new.csv`."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.requests.tools import reads_text, writes_text
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

_UTF = r"utf-?\s?8"
_OTHER = (
    r"(?:latin-?\s?[19]|iso[- ]?8859(?:-\d+)?|windows-?\s?125\d|cp-?\s?125\d|win-?125\d|ansi|utf-?\s?16|ascii|gbk|gb2312"
    r"|gb18030|big5|shift[-_]?jis)"
)
_TO_UTF = re.compile(
    rf"(?:\b(?:as|to|in|into|with|using)\s+(?:an?\s+|valid\s+|proper\s+)*|->\s*|→\s*|(?:转换?|存|保存|写|改)(?:成|为|到)\s*)[(]?{_UTF}(?!\w)",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    rf"\b(?:is not|isn['’]t|not)\s+(?:in\s+|valid\s+|encoded (?:as|in)\s+)*{_UTF}(?:[- ]encoded)?", re.I
)
_BACK = re.compile(rf"\bfrom\s+{_UTF}|\b(?:as|to|into|->)\s*{_OTHER}|(?:成|为|到)\s*{_OTHER}", re.IGNORECASE)
_FROM = re.compile(rf"(?:\b(?:from|in|is|was|encoded (?:in|as))\s+)*{_OTHER}", re.IGNORECASE)
_WORDS = frozenset(
    "please convert re-encode reencode recode transcode encode encoded encoding save write store copy put export turn make fix "
    "the a an it is was file this into to as in new under name called of with and so that i can could you read proper text csv "
    "rewrite change from old still not wrong character charset set umlauts accents properly instead result now then".split()
)


def reencoded(goal: Spans, listing: Sequence[str], tools: Sequence[ToolSpec]) -> tuple[Call, ...]:
    """The file read and written; none unless that is all that the goal wants, and the new file is of the same kind."""
    named, new = mentioned(goal, listing), new_paths(goal, listing)
    reader = next((tool for tool in tools if reads_text(tool)), None)
    writer = next((tool for tool in tools if writes_text(tool)), None)
    if reader is None or writer is None or len(named) != 1 or len(new) != 1 or not re.search(_UTF, goal.goal, re.I):
        return ()
    if PurePosixPath(named[0]).suffix.lower() != PurePosixPath(new[0]).suffix.lower():
        return ()
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, " ")
    text = _NEGATED.sub(" ", text)
    if _BACK.search(text) or not _TO_UTF.search(text):
        return ()
    text = _FROM.sub(" ", _TO_UTF.sub(" ", text))
    rest = re.sub(r"(?:请|帮我|麻烦|把|将|转换?|成|为|到|保存|存|写|编码|的|文件|格式|并|改|[,，。！])", " ", text)
    if any(word not in _WORDS for word in re.findall(r"[\w-]*\w", rest.lower())):
        return ()
    read = Call(tool=reader.name, arguments={reader.parameters["required"][0]: named[0]})
    return read, Call(tool=writer.name, arguments={"path": new[0], "text": "{{s1#/text}}"})
