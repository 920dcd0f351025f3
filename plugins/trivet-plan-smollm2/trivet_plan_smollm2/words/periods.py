"""Stretches of time that a goal names, where they stand, and how two of them belong together."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from trivet_plan_smollm2.words.glossary_zh import NUMERALS
from trivet_plan_smollm2.words.spans import MONTHS

_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_FORMS: tuple[re.Pattern[str], ...] = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?![\d-])",
        r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?:份|(?P<d>\d{1,2})[日号])?",
        rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{_NAMES})\.?,? (?P<y>\d{{4}})(?!\d)",
        rf"(?<!\w)(?P<name>{_NAMES})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})(?!\d)",
        r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})(?![\d-])",
        rf"(?<!\w)(?P<name>{_NAMES})\.?,?(?: of)? (?P<y>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]",
        rf"(?<![\w.-])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{_NAMES})(?!\w)",
        rf"(?<!\w)(?P<name>{_NAMES})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\w.:])",
        r"(?<!\d)(?P<m>\d{1,2})月(?!\d)份?",
        r"(?:(?P<y>\d{4})年)?(?<![一二三四五六七八九十几第])(?P<zh>十[一二]?|[一二三四五六七八九])月(?![一二三四五六七八九十])份?",
        rf"(?<!\w)(?P<name>{_NAMES})(?!\w)",
        r"(?<![\d.,\w-])(?P<y>(?:1[5-9]|20|21)\d\d)(?:年|(?![\w-]|[.,]\d))",
    )
)
_BEFORE_MONTH = re.compile(
    r"\b(?:in|during|of|for|since|until|till|from|to|through|or|and|vs\.?|versus|than|between|before|after|last|this)\s+$",
    re.IGNORECASE,
)
_TO = re.compile(r"\s*(?:to|until|till|through|up to|-|–|—|到|至)\s*(?:the end of )?", re.IGNORECASE)
_APART = re.compile(r"\b(?:or|vs\.?|versus|than|against|compared (?:to|with)|minus)\b|比|还是|相比", re.IGNORECASE)
_TOGETHER = re.compile(r"\b(?:and|with)\b|[&+,，、和与跟及]", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:,|，|、|&|\+|,?\s*(?:and|or)(?: in)?|和|与|跟|及)\s*", re.IGNORECASE)
COMPARED = re.compile(
    r"\b(?:more|less|fewer|differ\w*|higher|lower|better|worse|compare\w*|vs\.?|versus|than|changed?|increase\w*|decrease\w*"
    r"|rise|rose|risen|fell|fall|grew|growth|drop\w*|[a-z]{2,}er than|which|who|what (?:did|was|were) .* and what)\b"
    r"|比|还是|更|相差|差|哪|多多少|少多少",
    re.IGNORECASE,
)
"""Words that tell two things apart instead of adding them up."""
_RELATIVE = re.compile(
    r"\b(?:(?:last|this|next|past|previous|coming|current) (?:\d+ |few |two |three )?(?:days?|weeks?|months?|years?|quarters?"
    r"|weekends?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?)"
    r"|yesterday|today|tomorrow|tonight|nowadays|at the moment|right now)\b"
    r"|昨天|今天|明天|(?:上|下|本|这)个?(?:月|周|星期|季度)|去年|今年|明年",
    re.IGNORECASE,
)


class Period(msgspec.Struct, frozen=True):
    """`value` is `2024`, `2024-07` or `2024-07-21`; of a month without a year `-07`."""

    value: str
    start: int
    end: int


class Periods(msgspec.Struct, frozen=True):
    """How the goal's stretches of time belong together."""

    kind: Literal["none", "one", "range", "pair", "several", "unsure"]
    said: tuple[Period, ...] = ()


def periods_in(text: str) -> tuple[Period, ...]:
    """In order of appearance. A month without a year has that of the next one that has one; a lower-case `may` or `march`
    counts behind a word such as `in` only."""
    found: list[Period] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if any(match.start() < each.end and each.start < match.end() for each in found):
                continue
            if value := _value(match, text):
                found.append(Period(value, match.start(), match.end()))
    found.sort(key=lambda each: each.start)
    years = [each.value[:4] if each.value[0] != "-" else "" for each in found]
    for place, each in enumerate(found):
        if not years[place]:
            nearest = next((year for year in [*years[place + 1 :], *reversed(years[:place])] if year), "")
            found[place] = msgspec.structs.replace(each, value=f"{nearest}{each.value}")
    return tuple(found)


def related(text: str) -> Periods:
    """Two months told apart, one to the other, or both: what stands between them says which."""
    said = periods_in(text)
    if len(said) < 2:
        return Periods("one" if said else "none", said)
    if len({len(each.value.lstrip("-")) for each in said}) > 1 and len(said) == 2:
        return Periods("unsure", said)
    between = [text[one.end : other.start] for one, other in pairwise(said)]
    rest = text[: said[0].start] + " ".join(between) + text[said[-1].end :]
    if len(said) == 2:
        is_compared = COMPARED.search(rest) is not None
        if _APART.search(between[0]):
            return Periods("pair", said)
        is_between = re.search(r"\bbetween\s+(?:the )?$", text[: said[0].start], re.IGNORECASE)
        if _TO.fullmatch(between[0]) or (is_between and re.fullmatch(r"\s*and\s*", between[0], re.IGNORECASE)):
            is_change = re.search(
                r"\b(?:differ\w*|chang\w*|increas\w*|decreas\w*|rise|rose|fell|grew|growth|drop\w*)\b|相差|变化", rest
            )
            return Periods("pair" if is_change else "range", said)
        if _TOGETHER.search(between[0]) and is_compared:
            return Periods("pair", said)
    is_list = all(_LISTED.fullmatch(each) for each in between)
    return Periods("several" if is_list else "unsure", said)


def relative(goal: str) -> str:
    """Words for a time that only a clock can tell, such as `last month`; empty if there are none."""
    match = _RELATIVE.search(goal)
    return match[0] if match else ""


def fitting(said: Sequence[Period], least: object, most: object) -> list[str]:
    """The periods as a column from `least` to `most` has them; a month without a year is the only one there. Empty if
    one of them could be several, or none."""
    begin, end = str(least), str(most)
    values: list[str] = []
    for each in said:
        if not each.value.startswith("-"):
            values.append(each.value)
            continue
        if not (re.match(r"\d{4}-\d\d", begin) and re.match(r"\d{4}-\d\d", end)):
            return []
        years = range(int(begin[:4]), int(end[:4]) + 1)
        options = [f"{year}{each.value}" for year in years if begin[:7] <= f"{year}{each.value}"[:7] <= end[:7]]
        if len(options) != 1:
            return []
        values += options
    return values


def _value(match: re.Match[str], text: str) -> str:
    parts = match.groupdict()
    year, day = parts.get("y") or "", parts.get("d") or ""
    is_alone = year and match.end() - match.start() == len(year)
    if is_alone and re.search(
        r"\b(?:more|less|fewer|at least|at most|exactly|about)(?: than)?\s+$", text[: match.start()], re.I
    ):
        return ""  # so many, and no year
    name = parts.get("name") or ""
    is_word = name.islower() and not year and name in ("may", "march", "mar", "sep", "dec", "jan")
    if is_word and not _BEFORE_MONTH.search(text[: match.start()]):
        return ""
    month = MONTHS[name.lower()] if name else int(parts.get("m") or 0)
    if in_words := parts.get("zh"):
        month = 10 + len(in_words[1:]) * NUMERALS[in_words[-1]] if in_words[0] == "十" else NUMERALS[in_words]
    if not 0 <= month <= 12 or (not month and not year):
        return ""
    value = year + (f"-{month:02d}" if month else "")
    return f"{value}-{int(day):02d}" if day else value
