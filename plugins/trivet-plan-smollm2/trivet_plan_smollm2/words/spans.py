"""What can be read off a goal without a model: paths, quoted text, numbers, dates, and stretches of words.

Arguments are filled from these, so that no value is invented.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import TypeVar

import msgspec

from trivet_plan_smollm2.words.spelling import put_right

T = TypeVar("T")
SUFFIX = r"[A-Za-z][A-Za-z0-9]{1,7}"
_QUOTED = re.compile(r"[\"“”「『]([^\"“”」』]{1,200})[\"“”」』]|(?<![\w])'([^']{1,200})'(?!\w)|‘([^’]{1,200})’")
_PATH = re.compile(rf"(?<![\w@/.-])(?:[\w.-]+/)*[\w-][\w.-]*\.(?!com\b|org\b|net\b){SUFFIX}(?![A-Za-z0-9_/])")
_AFTER_PARTICLE = re.compile(r"^.*[到为成入至在把将](?=[A-Za-z0-9_])")
_AFTER_VERB = re.compile(
    r"^.{0,8}?(?:转换|转|保存|另存|存|写|导出|生成|输出|改|整理)(?:成为|成|为|到|入|进|作)(?=[\u3400-\u9fffA-Za-z0-9_])"
)
_FORM = re.compile(
    r"\b(?:with |to |in |at )?\w+[\s-]*(?:decimals?|decimal places?|significant (?:digits|figures)|sig figs?)\b"
    r"|round(?:ed)? to (?:the |full |whole )?(?:nearest )?(?:cents?|integer|unit|whole(?: number)?)\b"
    r"|(?:decimals?|round(?:ed)? to)[:\s]+\d+(?:\s*(?:decimals?|places|digits))?|[\d一二两三四五六]+\s*位小数"
    r"|,?\s*\b(?:one|each|1)(?: \w+)? (?:per|(?:on|in) (?:a|each|every|its own|a separate)) line\b",
    re.IGNORECASE,
)
"""How the answer shall be written: no number of the matter itself."""
_TO_FORM = re.compile(
    r"[,;]?\s*\(?(?:rounded\s+)?(?:to|with|at)?\s*\w+[\s-]*(?:decimals?|decimal places?)\)?[.?!]?$", re.IGNORECASE
)
_SUM = re.compile(
    r"(?:what(?:'s| is| are)|calculate|compute|work out|how much (?:is|are))?\s*"
    r"((?:[-\d.,%+*/×÷^()−\s]|\bof\b)+?)\s*(?:[?=.]*|是多少[？?]?)",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"(?:\b(?:save|store|write|put|export|dump|record|output|make|create|produce|convert|turn|copy|list|add|collect)\w*\b"
    r"|保存|写|存|导出|生成|转|输出|整理).{0,160}?"
    r"(?P<to>(?<!\w)(?:to|into|as|in|under|named|called)|->|→|到|为|成|入|进)\s*"
    r"(?:(?:a|an|the|new|file|csv|json|table|named|called)\s+)*[\"'`“]?$",
    re.IGNORECASE | re.DOTALL,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WORDLY = "A-Za-z0-9_À-ɏ"  # not CJK: `超过20的` holds a number
_NUMBER = re.compile(
    rf"(?<![{_WORDLY}.])[-−]?\d{{1,3}}(?:[,'\u202f]\d{{3}})+(?:\.\d+)?(?![{_WORDLY}])|(?<![{_WORDLY}.])[-−]?\d+(?:\.\d+)?"
)
_GLUED = re.compile(
    r"(?<![\w./-])(\d+(?:[.,]\d+)?)(km|kg|mm|cm|ms|mins?|hrs?|h|g|m|ml|l|mph|eur|euros?|usd|lbs?|oz|ft|mi)(?![\w./-]\w|\w)",
    re.IGNORECASE,
)
"""`12km`, which people write without a blank."""
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'`，。；：！？、（）《》「」『』【】“”‘’…]+")
_URL_END = re.compile(
    r"(?:https?://)?[A-Za-z0-9.-]+(?::\d+)?(?=[\u3040-\u30ff\u3400-\u9fff][^./?#]*$)"
    r"|(?:https?://)?[^/?#]+/[^?#]*?\.[A-Za-z][A-Za-z0-9]{1,4}(?=[\u3040-\u30ff\u3400-\u9fff])"
)
"""Before a sentence that goes on without a blank: `http://127.0.0.1:8000/价格.json里有什么`."""
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
} | {"twice": 2, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100, "thousand": 1000, "dozen": 12}
MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\.?"
_DATES = [
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号])?"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"),
    re.compile(rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?P<y>\d{{4}})", re.IGNORECASE),
    re.compile(rf"(?<!\w){_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})", re.IGNORECASE),
    re.compile(r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})(?![\d-])"),
    re.compile(rf"(?<!\w){_MONTH},?(?: of)? (?P<y>\d{{4}})", re.IGNORECASE),
]
_DAY = re.compile(
    rf"(?<![\w.-])\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?!\w)"
    rf"|(?<!\w){_MONTH.replace('P<month>', ':')} \d{{1,2}}(?:st|nd|rd|th)?(?![\w.:])"
    r"|(?<!\d)\d{1,2}月\d{1,2}[日号]",
    re.IGNORECASE,
)
"""A day of a year that is not said."""
_YEAR = re.compile(rf"(?<![{_WORDLY}.,-])(1[5-9]\d\d|20\d\d|21\d\d)(?![{_WORDLY}-]|[.,]\d)")


class Spans(msgspec.Struct, frozen=True, kw_only=True):
    """Everything recognised in one goal, each in order of appearance and without repeats."""

    goal: str
    paths: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    """Digits and number words; those inside dates, paths and wishes about decimals are left out."""
    digits: tuple[str, ...] = ()
    """The numbers that were written with digits, as written, separators removed."""
    dates: tuple[str, ...] = ()
    """Whole days, ISO 8601."""
    periods: tuple[str, ...] = ()
    """Years and months, `2014` or `2014-03`."""
    number_words: tuple[str, ...] = ()


def read_goal(goal: str, known_paths: Iterable[str] = ()) -> Spans:
    """Recognise; `known_paths` are file names of the workspace, found even when they hold spaces."""
    known_paths = tuple(known_paths)
    goal = put_right(_GLUED.sub(r"\1 \2", goal), known_paths)
    rest = goal
    urls = _take(end[0] if (end := _URL_END.match(url)) else url for url in _URL.findall(rest))
    for url in urls:
        rest = rest.replace(url, " ")
    quoted = _take(next(filter(None, groups)) for groups in _QUOTED.findall(rest))
    paths = []
    for path in sorted(known_paths, key=len, reverse=True):
        if path in rest and re.search(rf"(?<![A-Za-z0-9_/]){re.escape(path)}(?![A-Za-z0-9_])", rest):
            paths.append(path)
            rest = rest.replace(path, " ")
    for match in _PATH.finditer(rest):
        paths.append(_AFTER_PARTICLE.sub("", _AFTER_VERB.sub("", match[0])).removeprefix("./"))
    for path in paths:
        rest = rest.replace(path, " ")
    dates: list[str] = []
    periods: list[str] = []
    for pattern in _DATES:
        for match in list(pattern.finditer(rest)):
            if found := _iso(match.groupdict()):
                (dates if len(found) == 10 else periods).append(found)
                rest = rest.replace(match[0], " ")
    rest = _FORM.sub(" ", rest)
    rest = re.sub(r"(?<!\d)(?:1[0-2]|[1-9])月(?:份)?(?!\d*[日号])", " ", rest)
    rest = _DAY.sub(" ", rest)
    years = _YEAR.findall(rest)
    periods += years
    written = [
        match.replace(",", "").replace("'", "").replace("\u202f", "").replace("−", "-")
        for match in _NUMBER.findall(rest)
    ]
    numbers = [float(number) for number in written]
    words = [word for word in re.findall(r"[a-z]+", rest.lower()) if word in NUMBER_WORDS]
    numbers += [float(NUMBER_WORDS[word]) for word in words]
    order = {path: goal.find(path) for path in paths}
    return Spans(
        goal=goal,
        paths=_take(sorted(paths, key=lambda path: order[path])),
        urls=urls,
        quoted=quoted,
        numbers=_take(numbers),
        digits=_take(written),
        dates=_take(dates),
        periods=_take(periods),
        number_words=_take(words),
    )


def outputs(goal: Spans, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Paths that the goal wants written, whether or not such a file is there already. `known` are the files there are:
    `in` before one of them may as well say where something is to be read."""
    there = set(known)
    found = []
    for path in goal.paths:
        before = goal.goal[: goal.goal.find(path)]
        match = _WRITTEN.search(before)
        if match and not (path in there and match["to"].lower() == "in"):
            found.append(path)
    return tuple(found)


def without_form(goal: str) -> str:
    """The goal with its wishes about decimals blanked out, every character else at its place."""
    return _FORM.sub(lambda match: " " * len(match[0]), goal)


def arithmetic(goal: str) -> str:
    """The goal itself, if it is nothing but a sum: `18.5% of 2,360` gives `18.5% of 2360`; else an empty string."""
    match = _SUM.fullmatch(_TO_FORM.sub("", goal.strip()).strip(" ,;"))
    return _THOUSANDS.sub("", match[1]).strip() if match and re.search(r"\d", match[1]) else ""


def stretches(goal: str, longest: int = 7) -> tuple[str, ...]:
    """Contiguous stretches of the goal's words, as written, shortest first; in CJK text runs of characters."""
    places = [
        (match.start(), match.end()) for match in re.finditer(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff][\w'’.@%+/-]*", goal)
    ]
    found = []
    for size in range(1, longest + 1):
        for first in range(len(places) - size + 1):
            text = goal[places[first][0] : places[first + size - 1][1]].rstrip(".,'’/-")
            if text and not re.search(r"[\n\"?!;:,。，？！；、]", text):
                found.append(text)
    return _take(found)


def has_cjk(text: str) -> bool:
    return bool(_CJK.search(text))


def is_chinese(text: str) -> bool:
    """Whether the goal is said in Chinese, and not in English about things that have Chinese names."""
    characters = len(_CJK.findall(text))
    words = len(re.findall(r"(?<![\w./-])[A-Za-z]{2,}(?![\w./-])", text))
    return bool(characters) and characters >= 2 * words


def _iso(parts: dict[str, str | None]) -> str:
    month = MONTHS[(parts["month"] or "").lower()] if parts.get("month") else int(parts.get("m") or 0)
    year, day = int(parts["y"] or 0), parts.get("d")
    try:
        whole = date(year, month, int(day or 1))
    except ValueError:
        return ""
    return whole.isoformat() if day else whole.isoformat()[:7]


def _take(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
