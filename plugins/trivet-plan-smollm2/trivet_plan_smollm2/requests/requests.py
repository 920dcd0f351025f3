"""Goals that are one plain request: a conversion, a span of days, another format, what is here. Read without a model.

The tool is told by the shape of its parameters, and by what it declares to describe.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.requests.dictation import dictated
from trivet_plan_smollm2.requests.rates import worked_out
from trivet_plan_smollm2.requests.summaries import summarised
from trivet_plan_smollm2.words.glossary_zh import NUMERALS
from trivet_plan_smollm2.words.percentages import share_of_price
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans, read_goal, without_form

_UNIT = r"(?:degrees? |square |cubic )?[A-Za-zµμ°²³]+(?:/[A-Za-z]+| per [a-z]+)?"
_MIXED = rf"{_UNIT}(?: and {_UNIT})?"
"""`hours and minutes`, too."""
_NUMBER = r"(?P<value>-?\d[\d,]*(?:\.\d+)?)"
_ASKED = r"(?:please\s+)?(?:can you |could you )?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_ASKED}(?:convert|change|turn|express|what is|what's|what are|how much is)?\s*{_NUMBER}\s*(?P<unit>{_UNIT})"
        rf"\s+(?:to|in|into|as)\s+(?P<to>{_MIXED})",
        rf"{_ASKED}how many (?P<to>{_UNIT}) (?:are|is|make|equal|does|do)(?: there)?(?: in)? {_NUMBER}\s*(?P<unit>{_UNIT})"
        r"(?: (?:make|equal|have))?",
        rf"{_ASKED}how many (?P<to>{_UNIT}) (?:are there )?in {_NUMBER}\s*(?P<unit>{_UNIT})",
        rf"{_ASKED}how many (?P<to>{_UNIT}) (?:does|has|are in|are there in|is|in) (?P<value>an?|one) "
        rf"(?P<unit>{_UNIT})(?: have)?",
        rf"(?:[^\d?]{{0,60}}?\s)?{_NUMBER}\s*(?P<unit>{_UNIT})(?: [a-z]+)?\s*[,.;:!]\s*(?:and )?(?:how (?:many|much)|what)"
        rf" (?:(?P<to>{_MIXED}) (?:is|are|does|do|would) (?:that|it|this|they)(?: be| make)?"
        rf"|(?:is|are|would) (?:that|it|this|they)(?: be)? in (?P<to_too>{_MIXED}))",
        rf"{_NUMBER}\s*(?P<unit>{_UNIT})(?: [a-z]+)?\s*,\s*in (?P<to>{_MIXED})",
    )
)


_DAYS = re.compile(
    r"\b(?:how many days|days (?:are there |are |lie |passed )?(?:between|from)|number of days|how long)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?<![\w-])(?P<number>\d{1,3},\d{3}|\d{1,5}|an?|[a-z]{3,8}) (?P<unit>days?|weeks?|months?|years?)\b", re.IGNORECASE
)
_EARLIER = r"\b(?:before|earlier|ago|prior)\b"
_LATER = r"\b(?:after|later|from|past|following|hence|in \w+ (?:days?|weeks?|months?|years?))\b|\+|\b(?:expire|due|end|over)s?\b"
_ASKS_DAY = re.compile(
    r"\b(?:what|which) (?:date|day|weekday)\b|\bwhen\b|\bwhat['’]?s the date\b|\bthe date\b", re.IGNORECASE
)
_WEEKDAY = re.compile(
    r"\b(?:what|which) (?:day of the week|weekday|day)\b(?! (?:is|was) it (?:in|after))"
    r"|\bon (?:what|which) day\b|\bday of the week\b"
    r"|\bweekday\b|星期几|周几|礼拜几",
    re.IGNORECASE,
)
_FORMATS = {
    "csv": ".csv", "tsv": ".tsv", "json": ".json", "json lines": ".jsonl", "jsonl": ".jsonl", "parquet": ".parquet",
    "markdown": ".md", "yaml": ".yaml",
}  # fmt: skip
_FORMAT = "|".join(sorted(_FORMATS, key=len, reverse=True))
_REFORMAT = re.compile(
    rf"\b(?:convert|turn|change|export|make|save|rewrite)\b.*\b(?P<format>{_FORMAT})\b", re.IGNORECASE
)
_LISTED = re.compile(
    r"(?:please )?(?:(?:which|what) (?:files|documents|data)(?: and folders)? (?:are|do (?:i|we) have|is|have (?:i|we))"
    r"(?: there)?(?: in here| here| in (?:this|the) (?:folder|directory|workspace))?(?:,? and what (?:is|are) in them)?"
    r"|(?:list|show)(?: me)?(?: all)?(?: of)?(?: the| my)? files(?: here| in (?:this|the) (?:folder|directory|workspace))?"
    r"|what(?:'s| is)(?: there)? (?:here|in (?:this|the) (?:folder|directory|workspace)))[\s?.!]*"
    r"|(?:这里|文件夹里|目录下?里?|当前目录)?有(?:哪些|什么)文件[？?。]*|列出(?:所有)?文件[。]*",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"(?:please )?(?:what(?:'s| is| stands| do we have) in(?:side)?|what does|describe|what data is in)\s*"
    r"(?:the (?:file|table) )?(?:contain|hold)?[\s?.!]*(?:contain|hold)?[\s?.!]*",
    re.IGNORECASE,
)


def requested(
    goal: Spans,
    tools: Sequence[ToolCard],
    listing: Sequence[str],
    cards: Mapping[str, FileCard],
    describing: Mapping[str, str],
) -> Call | None:
    """The one call, if the goal is such a request and nothing else. `describing`: what a tool lists -> its name."""
    return (
        converted(goal, tools)
        or share_of_price(goal.goal, tools)
        or worked_out(goal, tools)
        or dictated(goal, tools, listing)
        or summarised(goal, tools, cards)
        or _days(goal, tools)
        or _moved(goal, tools)
        or _weekday(goal, tools)
        or _reformatted(goal, tools, listing)
        or _looked_at(goal, listing, cards, describing)
    )


def converted(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """`26.2 miles in km`, for a tool that takes a number and two units."""
    text = re.sub(r"^please\s+|[\s?.!,;]+(?:please[?.!]*)?$", "", without_form(goal.goal).strip(), flags=re.IGNORECASE)
    match = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if match is None:
        return None
    for tool in tools:
        formats = _formats(tool)
        units, values = formats.get("unit", []), formats.get("number", [])
        if len(units) == 2 and len(values) == 1:
            wanted = match["to"] or match.groupdict().get("to_too", "")
            number = 1.0 if match["value"].isalpha() else float(match["value"].replace(",", ""))
            value = int(number) if number == int(number) else number
            return Call(tool=tool.name, arguments={values[0]: value, units[0]: match["unit"], units[1]: wanted})
    return None


def _days(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """The days between two dates, for a tool that takes just those."""
    if len(goal.dates) != 2 or goal.paths or goal.digits or not _DAYS.search(goal.goal):
        return None
    for tool in tools:
        dates = _formats(tool).get("date", [])
        if len(dates) == 2 and set(tool.parameters.get("required", ())) == set(dates):
            return Call(tool=tool.name, arguments=dict(zip(dates, goal.dates, strict=True)))
    return None


def _moved(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """The day so many days or months before or after the one that is said."""
    if (moved := _moved_zh(goal, tools)) is not None:
        return moved
    match = _AMOUNT.search(goal.goal)
    if len(goal.dates) != 1 or goal.paths or match is None or not _ASKS_DAY.search(goal.goal) or len(goal.numbers) > 1:
        return None
    unit, number = f"{match['unit'].lower().rstrip('s')}s", match["number"].lower().replace(",", "")
    amount = int(number) if number.isdigit() else NUMBER_WORDS.get(number, 1 if number in ("a", "an") else 0)
    before, after = (re.search(form, goal.goal, re.IGNORECASE) for form in (_EARLIER, _LATER))
    if not amount or bool(before) == bool(after):
        return None
    for tool in tools:
        formats, options = _formats(tool), tool.parameters.get("properties", {}).get("unit", {}).get("enum", ())
        dates, numbers = formats.get("date", []), formats.get("number", [])
        if len(dates) == len(numbers) == 1 and unit in options:
            return Call(
                tool=tool.name,
                arguments={dates[0]: goal.dates[0], numbers[0]: -amount if before else amount, "unit": unit},
            )
    return None


_AMOUNT_ZH = re.compile(
    r"(?:(?P<ahead>之后|以后|往后|后|之前|以前|往前|前|再过|过)\s*)?(?P<number>\d{1,4}|[一二两三四五六七八九十]{1,2})\s*"
    r"(?P<unit>天|日|周|个?星期|个?礼拜|个月|年)(?:的?(?P<behind>之后|以后|后|之前|以前|前))?"
)
_UNITS_ZH = {"天": "days", "日": "days", "周": "weeks", "期": "weeks", "拜": "weeks", "月": "months", "年": "years"}
_ASKS_ZH = re.compile(
    r"(?:是|在|到)?(?:哪一?天|几号|几月几[号日]|星期几|周几|什么日子|什么时候|哪一?日|日期是?(?:什么|多少)?)"
)
_DATE_ZH = re.compile(r"\d{4}年\d{1,2}月\d{1,2}[日号]?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")


def _moved_zh(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """`2024年11月7日之后90天是哪一天`, and nothing else."""
    text = _DATE_ZH.sub("", goal.goal)
    match = _AMOUNT_ZH.search(text)
    if len(goal.dates) != 1 or goal.paths or match is None or bool(match["ahead"]) == bool(match["behind"]):
        return None
    rest = f"{text[: match.start()]}{text[match.end() :]}"
    if not _ASKS_ZH.search(rest) or not re.fullmatch(
        r"(?:请问|从|起|算起|开始|的|[\s，,。？?])*", _ASKS_ZH.sub("", rest, count=1)
    ):
        return None
    amount = int(match["number"]) if match["number"].isdigit() else _number_zh(match["number"])
    is_before = "前" in (match["ahead"] or match["behind"])
    unit = _UNITS_ZH[match["unit"][-1]]
    for tool in tools:
        formats, options = _formats(tool), tool.parameters.get("properties", {}).get("unit", {}).get("enum", ())
        dates, numbers = formats.get("date", []), formats.get("number", [])
        if amount and len(dates) == len(numbers) == 1 and unit in options:
            amount = -amount if is_before else amount
            return Call(tool=tool.name, arguments={dates[0]: goal.dates[0], numbers[0]: amount, "unit": unit})
    return None


def _number_zh(said: str) -> int:
    """Up to ninety-nine; 0 for what is no number."""
    tens, ten, ones = said.partition("十")
    if not ten:
        return NUMERALS.get(said, 0)
    return (NUMERALS.get(tens, 0) if tens else 1) * 10 + (NUMERALS.get(ones, 0) if ones else 0)


def _weekday(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """Which day of the week a date is."""
    if len(goal.dates) != 1 or goal.paths or goal.digits or not _WEEKDAY.search(goal.goal):
        return None
    if _AMOUNT_ZH.search(_DATE_ZH.sub("", goal.goal)) or (_AMOUNT.search(goal.goal) and goal.number_words):
        return None
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        if len(properties) == 1 and _formats(tool).get("date") and "weekday" in tool.name:
            return Call(tool=tool.name, arguments={next(iter(properties)): goal.dates[0]})
    return None


def _reformatted(goal: Spans, tools: Sequence[ToolCard], listing: Sequence[str]) -> Call | None:
    """A file in another format, under the name that the goal gives or beside itself."""
    match, named, new = _REFORMAT.search(goal.goal), mentioned(goal, listing), new_paths(goal, listing)
    if not named and len(named := _called(goal.goal, listing)) == 1:  # a name may hold a year
        goal = read_goal(goal.goal.lower().replace(PurePosixPath(named[0]).stem.lower(), " "), new)
    if len(named) != 1 or len(new) > 1 or goal.digits or goal.quoted or goal.periods:
        return None
    said = [
        *re.finditer(
            rf"(?:\b(?:in|into|as|to|an?)\s+(?:the\s+|an?\s+)?|->\s*|→\s*)(?P<format>{_FORMAT})\b",
            goal.goal,
            re.IGNORECASE,
        )
    ]
    match = match or (said[-1] if said else None)
    if not _reformats(goal, PurePosixPath(named[0]).stem) or not (match or new):
        return None
    suffix = _FORMATS[match["format"].lower()] if match else ""
    to = new[0] if new else str(PurePosixPath(named[0]).with_suffix(suffix))
    if to == named[0]:
        return None
    for tool in tools:
        formats, required = _formats(tool), set(tool.parameters.get("required", ()))
        source, target = formats.get("workspace-path", []), formats.get("new-path", [])
        if len(source) == len(target) == 1 and required == {*source, *target}:
            return Call(tool=tool.name, arguments={source[0]: named[0], target[0]: to})
    return None


def _called(text: str, listing: Sequence[str]) -> tuple[str, ...]:
    """The files whose names without suffix stand in the goal word by word: `the pickers 2024 excel`."""
    stems = {path: PurePosixPath(path).stem.lower() for path in listing}
    return tuple(
        path
        for path, name in stems.items()
        if len(name) > 3 and re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text.lower())
    )


def _reformats(goal: Spans, name: str) -> bool:
    """Whether that is all that is wanted. `name`: what the file is called without its suffix."""
    rest = _without_paths(goal).lower().replace(name.lower(), " ")
    if re.fullmatch(
        r"[\s请帮我把将]*(?:文件)?\s*(?:转换|转|另存|导出|保存)(?:成为|成|为|到)?\s*(?:文件|格式)?[\s。.!！]*", rest
    ):
        return True
    words = re.findall(r"[^\W\d_]+", rest)
    return bool(words or re.search(r"->|→|=>", rest)) and all(word in _REFORMAT_WORDS for word in words)


_REFORMAT_WORDS = frozenset(
    "please convert turn change rewrite export the file table into to as a an csv tsv json jsonl lines parquet markdown yaml "
    "format it in and save attached of from called named name this with i d would like need want have give me my get make create "
    "produce can could you us we write store put new another same plz pls kindly call it's its excel spreadsheet "
    "workbook xlsx just "
    "one version copy document thanks comma separated table out".split()
)


def _looked_at(
    goal: Spans, listing: Sequence[str], cards: Mapping[str, FileCard], describing: Mapping[str, str]
) -> Call | None:
    """What is here, or what a table holds."""
    if not goal.paths and _LISTED.fullmatch(goal.goal.strip()) and "workspace-path" in describing:
        return Call(tool=describing["workspace-path"])
    named = mentioned(goal, listing)
    is_table = len(named) == 1 and bool(cards.get(named[0], FileCard(path="")).columns)
    if is_table and "column" in describing and _INSIDE.fullmatch(_without_paths(goal).strip()):
        return Call(tool=describing["column"], arguments={"path": named[0]})
    return None


def _without_paths(goal: Spans) -> str:
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, " ")
    return text


def _formats(tool: ToolCard) -> dict[str, list[str]]:
    """Names of the parameters by what they take: `number`, or the format of a text."""
    found: dict[str, list[str]] = {}
    for name, schema in tool.parameters.get("properties", {}).items():
        real: Mapping[str, Any] = next((o for o in schema.get("anyOf", ()) if "format" in o), schema)
        kind = "number" if real.get("type") in ("number", "integer") else real.get("format")
        if kind:
            found.setdefault(kind, []).append(name)
    return found
