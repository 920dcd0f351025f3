"""A whole table or settings file in another form, told in more words than `convert a.csv to JSON`: the attached file, what
the old one is like (`in Latin-1 with semicolons`), where the new one shall be.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Call
from trivet_plan_smollm2.words.spans import Spans
from trivet_sdk import ToolSpec

_FORMS = {
    r"json[ -]?lines|jsonl|ndjson": (".jsonl", ".ndjson"),
    r"json": (".json",),
    r"tsv|tab[ -](?:separated|delimited)(?: values)?|(?:separated by|with) tabs|制表符分隔的?": (".tsv", ".txt"),
    r"csv|(?:comma[ -](?:separated|delimited)(?: values)?|(?:separated by|with) commas)|逗号分隔的?": (".csv", ".txt"),
    r"parquet": (".parquet",),
    r"markdown": (".md",),
    r"ya?ml": (".yaml", ".yml"),
}
_SOURCES = frozenset(".csv .tsv .json .jsonl .ndjson .parquet .yaml .yml .toml .xlsx .txt".split())
_SPLIT = frozenset((".csv", ".txt"))
"""Sources that may have other characters between their values than commas."""
_ENCODING = r"(?:latin[- ]?[19]|iso[- ]?8859(?:-\d+)?|windows[- ]?125\d|cp[- ]?125\d|ansi|utf-?16|gbk|gb2312|gb18030)"
_WAS = re.compile(
    rf"\b(?:is|was|comes|came|it['’]s)(?: an?| still)?(?: encoded)?(?: in| as)? {_ENCODING}(?:[- ]encoded)?"
    rf"(?:(?: and)?(?: is)?(?: separated)?(?: with| by| uses| has) (?:semicolons|tabs))?"
    rf"|\b(?:is|was|it['’]s)(?: separated)? (?:with|by) (?:semicolons|tabs)|\b(?:uses|has|instead of) semicolons"
    rf"|\b(?:is|the|this|my|our) semicolon[ -](?:separated|delimited)|\bthe semicolon\b|\bfrom {_ENCODING}"
    rf"|\bthe {_ENCODING}|是\s*{_ENCODING}\s*(?:编码)?的?",
    re.IGNORECASE,
)
_RECORDS = re.compile(
    r"\b(?:an?|the)? ?(?:list|array) of (?:records|objects|rows|dicts)\b|\b(?:one|an?) (?:record|object|row) (?:per|a) line\b"
    r"|\bUTF-?8\b(?: encoded)?|\bfirst sheet\b",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"\b(?:attached|attachment|enclosed|uploaded)\b|附件|附上|上传", re.IGNORECASE)
_WORDS = frozenset(
    "please pls plz kindly can could you i we me us my our would like need want have get give make create produce turn convert "
    "change rewrite transform save store write put export copy bring dump provide the a an it this that its same as in into to "
    "of out from for under at and or is be being which so then with named called name new proper normal plain good fine right "
    "great place spot target output result file files table tables spreadsheet document sheet data format version form copy "
    "attached attachment enclosed uploaded one excel workbook whole entire full thanks thank just only now should do".split()
)
_WORDS_ZH = (
    r"请问?|帮我|帮忙|麻烦|把|将|我想要?|需要|整个|转换|转存|另存|转|导出|保存|存放|存|写入|写|生成|改成?|做成|输出|成为|成|为|到|入|在|里面?|中"
    r"|文件|格式|表格|表|数据|附件|附上|上传|的|并且?|然后|再|一份|一个|这个|该|谢谢|吧"
)


def reformatted(goal: Spans, listing: Sequence[str], tools: Sequence[ToolSpec]) -> tuple[Call, ...]:
    """The one call; none unless every word says no more than which file it is, what it is like, and what it shall be."""
    source, new = _source(goal, listing), new_paths(goal, listing)
    if not source or len(new) != 1 or source == new[0]:
        return ()
    old, suffix = PurePosixPath(source).suffix.lower(), PurePosixPath(new[0]).suffix.lower()
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, " \0 ")
    was = _WAS.search(text) if old in _SPLIT else None
    if old not in _SOURCES or (old == suffix and was is None):
        return ()
    text = _WAS.sub(" ", text) if was else text
    text = _RECORDS.sub(" ", text)
    for form, suffixes in _FORMS.items():
        said = rf"(?<![A-Za-z])(?:{form})(?![A-Za-z])"
        if re.search(said, text, re.IGNORECASE) and not {suffix, old} & {*suffixes}:
            return ()  # another format than that of the file's name
        text = re.sub(said, " ", text, flags=re.IGNORECASE)
    text = re.sub(_WORDS_ZH, " ", text)
    if any(word not in _WORDS for word in re.findall(r"\w+", text.lower())):
        return ()
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        formats = {properties[name].get("format"): name for name in tool.parameters.get("required", ())}
        if formats.keys() == {"workspace-path", "new-path"}:
            return (Call(tool=tool.name, arguments={formats["workspace-path"]: source, formats["new-path"]: new[0]}),)
    return ()


def _source(goal: Spans, listing: Sequence[str]) -> str:
    """The one file that the goal names, or else the one that is attached, if it speaks of that."""
    named = mentioned(goal, listing)
    if not named and _ATTACHED.search(goal.goal):
        named = tuple(path for path in listing if path.startswith("attachments/"))
    return named[0] if len(named) == 1 else ""
