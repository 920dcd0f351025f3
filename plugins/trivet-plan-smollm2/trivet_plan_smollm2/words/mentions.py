"""What stands in a goal and may become a value of a plain argument: numbers with their units, lists, names, dates, phrases.

Each with its place, so that the words around it tell which argument is meant.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.words.similarity import STOP
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans

_NUMBER = re.compile(
    r"(?<![\w.^])(?P<money>[$€£¥])?\s?(?P<number>[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[-−]?\.\d+)"
    r"(?![\w.]*[a-z]?(?:\^|\*\*|\*)|\d|[A-Za-z]\d)"
)
_CLOCK = re.compile(r"(?<![\d:])(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?![\d:])")
_UNIT = re.compile(r"[\s-]?(%|[°µμ]?[A-Za-zµμΩ]+(?:/[A-Za-z]+)?)")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_LIST = re.compile(r"[\[({]\s*(-?[\d.]+(?:\s*,\s*-?[\d.]+)+)\s*[\])}]")
_TEXT_LIST = re.compile(r"[\[({]([^\[\](){}]*,[^\[\](){}]*)[\])}]")
_RUN = re.compile(
    r"(?<![\w.,])-?\d+(?:\.\d+)?(?:\s*,\s*(?:and\s+)?-?\d+(?:\.\d+)?)+(?:,?\s+and\s+-?\d+(?:\.\d+)?)?(?![\w%])"
)
_CAPITAL = r"(?:[A-Z][\w'’.&#-]*|[A-Z]{2,})"
_NAME = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:of|the|de|la|von|van|der|&)\s+)?(?:{_CAPITAL}|\d+(?![\w.])))*")
_CODE = re.compile(
    r"(?<![\w@])(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])[A-Za-z0-9][\w.-]*[A-Za-z0-9](?![\w@])|[\w.+-]+@[\w-]+\.[\w.]+\w"
)
_EXPRESSION = re.compile(
    r"(?<![\w.])(?=[^\s,;?]*[a-z])(?=[^\s,;?]*(?:\^|\*\*))[\w^*+/().-]+(?:\s*[-+]\s*[\w^*+/().]+)*"
)
_QUOTED = re.compile(
    r"[\"“”「『]([^\"“”」』]{1,400})[\"“”」』]|(?<!\w)'((?:[^']|(?<=\w)'(?=\w)){1,400})'(?!\w)|‘((?:[^’]|(?<=\w)’(?=\w)){1,400})’"
)
"""As `spans` has it, but `It's` may stand inside."""
_DATE = re.compile(
    r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b"
    r"|\b(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
    r"(?: \d{1,2}(?:st|nd|rd|th)?)?(?:,? ?\d{4})?(?![\w])(?<=\d)",
    re.IGNORECASE,
)
_JOINT = re.compile(r"['\"”’]?(?:\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s*&\s*)(?:the\s+)?['\"“‘]?")
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_OPENERS = frozenset(
    "what which who when where how why find get calculate compute give tell show list can could please i is are was were do does "
    "did the a an in on at for from to of my create book retrieve determine identify convert solve estimate predict provide "
    "search look check analyze generate send order update run perform need want help me also and use using if let's".split()
)


class Number(msgspec.Struct, frozen=True):
    value: float
    start: int
    end: int
    unit: str = ""
    """The word behind it, lower case: `meters`, `%`."""
    is_money: bool = False
    is_word: bool = False
    """Written as a word, which often is none of the matter: `two given numbers`."""

    @property
    def is_percent(self) -> bool:
        return self.unit in ("%", "percent")

    @property
    def plain(self) -> float | int:
        return int(self.value) if self.value == int(self.value) else self.value


class Series(msgspec.Struct, frozen=True):
    """Several of a kind, one after the other: `[1, 2, 3]`, `rice, beans and corn`."""

    values: tuple[Any, ...]
    start: int
    end: int


class Mention(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int


class Mentions(msgspec.Struct, frozen=True, kw_only=True):
    goal: str
    words: tuple[Mention, ...]
    numbers: tuple[Number, ...]
    lists: tuple[Series, ...]
    """Of numbers."""
    enumerations: tuple[Series, ...]
    """Of texts."""
    names: tuple[Mention, ...]
    quoted: tuple[Mention, ...]
    dates: tuple[Mention, ...]
    codes: tuple[Mention, ...]
    """Letters with digits in one word, addresses, formulas."""
    phrases: tuple[Mention, ...]
    """Runs of words between those that say nothing."""
    days: tuple[str, ...]
    """The dates that are whole days, ISO 8601."""


def mentions_in(goal: Spans) -> Mentions:
    text = goal.goal
    dates = tuple(_all(_DATE, text))
    lists = tuple(_lists(text))
    expressions = tuple(_all(_EXPRESSION, text))
    quoted = tuple(_quoted(text))
    names = tuple(_names(text, quoted))
    numbered = [name for name in names if re.search(r"\s\d+$", name.text)]  # `S&P 500`
    numbered = [
        each for each in numbered if each.start or not re.match(r"[A-Z][a-z]+ \d+$", each.text)
    ]  # not `Book 3 seats`
    taken = [(each.start, each.end) for each in (*dates, *expressions, *numbered)]
    return Mentions(
        goal=text,
        words=tuple(_all(_WORD, text)),
        numbers=tuple(number for number in numbers_of(text) if not _is_within(number, taken)),
        lists=lists,
        enumerations=tuple(_enumerations(text, names, quoted)),
        names=names,
        quoted=quoted,
        dates=dates,
        codes=(*_all(_CODE, text), *expressions),
        phrases=tuple(_phrases(text)),
        days=goal.dates,
    )


def numbers_of(text: str) -> Iterator[Number]:
    found = [number for match in _CLOCK.finditer(text) for number in _clock(match)]
    clocks = [(number.start, number.end) for number in found]
    found += [number for match in _NUMBER.finditer(text) if not _is_within(number := _number(match, text), clocks)]
    for match in re.finditer(r"\b[a-z]+\b", text, re.IGNORECASE):
        if (value := NUMBER_WORDS.get(match[0].lower())) is not None:
            found.append(Number(float(value), match.start(), match.end(), _unit(text, match.end()), is_word=True))
    yield from sorted(found, key=lambda number: number.start)


def _clock(match: re.Match[str]) -> tuple[Number, Number]:
    hour, minute = (
        Number(float(match[part]), match.start(part), match.end(part), part) for part in ("hours", "minutes")
    )
    return hour, minute


def _number(match: re.Match[str], text: str) -> Number:
    value = float(match["number"].replace(",", "").replace("−", "-"))
    if value < 0 and match.start("number") and text[match.start("number") - 1] not in " ([{=,:":
        value = -value  # a dash between two words is no sign
    scales = r"\s?(thousand|million|billion|k|M|B)\b" if match["money"] else r"\s?(thousand|million|billion)\b"
    scale = re.match(scales, text[match.end() :])
    end = match.end() + (scale.end() if scale else 0)
    value *= {"thousand": 1e3, "k": 1e3, "million": 1e6, "M": 1e6, "billion": 1e9, "B": 1e9}[scale[1]] if scale else 1
    return Number(value, match.start("number"), end, _unit(text, end), is_money=bool(match["money"]))


def _unit(text: str, end: int) -> str:
    if _ORDINAL.match(text, end):
        return ""
    found = _UNIT.match(text, end)
    return found[1].lower() if found else ""


def _lists(text: str) -> Iterator[Series]:
    bracketed = list(_LIST.finditer(text))
    for match in bracketed:
        yield Series(tuple(map(_plain, re.findall(r"-?\d+(?:\.\d+)?", match[1]))), match.start(), match.end())
    for match in _RUN.finditer(text):
        if not any(other.start() < match.end() and match.start() < other.end() for other in bracketed):
            yield Series(tuple(map(_plain, re.findall(r"-?\d+(?:\.\d+)?", match[0]))), match.start(), match.end())


def _plain(digits: str) -> float | int:
    value = float(digits)
    return int(value) if value == int(value) and "." not in digits else value


def _names(text: str, quoted: Sequence[Mention]) -> Iterator[Mention]:
    inside = [(each.start, each.end) for each in quoted]
    for match in _NAME.finditer(text):
        start, name = match.start(), match[0].rstrip(".,'’&-") if not re.search(r"\b[A-Z]\.$", match[0]) else match[0]
        first = name.split()[0]
        is_opening = start == 0 or text[:start].rstrip().endswith((".", "?", "!"))
        if first.lower() in _OPENERS and (is_opening or first == "I"):
            start += len(name) - len(name := name[len(first) :].lstrip())
        elif is_opening and " " not in name and not name.isupper():
            continue
        name = re.sub(r"['’]s$", "", name)
        if name and name != "I" and not _is_within(Mention(name, start, start + len(name)), inside):
            yield Mention(name, start, start + len(name))


def _enumerations(text: str, names: Sequence[Mention], quoted: Sequence[Mention]) -> Iterator[Series]:
    for match in _TEXT_LIST.finditer(text):
        parts = [part.strip(" \"'“”") for part in match[1].split(",")]
        if not any(re.fullmatch(r"-?[\d.]+", part) for part in parts):
            yield Series(tuple(parts), match.start(), match.end())
    for items in (quoted, names):
        run: list[Mention] = []
        for item in items:
            if run and _JOINT.fullmatch(text[run[-1].end : item.start]):
                run.append(item)
                continue
            if len(run) > 1:
                yield Series(tuple(each.text for each in run), run[0].start, run[-1].end)
            run = [item]
        if len(run) > 1:
            yield Series(tuple(each.text for each in run), run[0].start, run[-1].end)
    word = r"[A-Za-z][\w-]*(?: [a-z][\w-]*)?"
    for match in re.finditer(
        rf"(?<!\w){word}(?:, {word})+,? (?:and|or) {word}|(?<![\w,] )(?<!\w)[A-Za-z]{{3,}} and [a-z]{{3,}}", text
    ):
        parts = re.split(r",? (?:and|or) |, ", match[0])
        yield Series(tuple(_bare(part) for part in parts), match.start(), match.end())


def _bare(phrase: str) -> str:
    words = phrase.split()
    while len(words) > 1 and words[0].lower() in STOP | _OPENERS:
        words = words[1:]
    return " ".join(words)


def _phrases(text: str) -> Iterator[Mention]:
    run: list[re.Match[str]] = []

    def told() -> Iterator[Mention]:
        if run:
            yield Mention(text[run[0].start() : run[-1].end()], run[0].start(), run[-1].end())

    for match in re.finditer(r"[^\W_][\w'’.@%+/&-]*[\w%]|[^\W_]", text):
        is_apart = bool(run) and not re.fullmatch(r"[ ]", text[run[-1].end() : match.start()])
        word = match[0].lower()
        if is_apart or word in STOP or word in _OPENERS:
            yield from told()
            run = []
        if word not in STOP and word not in _OPENERS:
            run.append(match)
    yield from told()


def _all(pattern: re.Pattern[str], text: str) -> Iterator[Mention]:
    for match in pattern.finditer(text):
        yield Mention(match[0], match.start(), match.end())


def _quoted(text: str) -> Iterator[Mention]:
    for match in _QUOTED.finditer(text):
        group = next(number for number in (1, 2, 3) if match[number])
        yield Mention(match[group], match.start(group), match.end(group))


def _is_within(one: Number | Mention, places: Sequence[tuple[int, int]]) -> bool:
    return any(start <= one.start and one.end <= end for start, end in places)
