"""Numbers in a text: what an answer states, and what a source can be read to say."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from trivet_critic.dates import dates_in

_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen".split()
    )
} | {
    word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_STATED_WORDS = {word: number for word, number in _WORDS.items() if number >= 3}
"""`one` and `two` are said in too many other senses."""
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "万": 1e4, "亿": 1e8}
_NUMBER = re.compile(
    r"(?<![A-Za-zÀ-ɏ0-9_.])(?<![A-Za-zÀ-ɏ]-)[-+\u2212]?(?P<digits>\d+(?:[.,]\d+)*)(?P<exponent>[eE][-+]?\d+)?"
    r"(?!\d)(?P<ordinal>st\b|nd\b|rd\b|th\b)?(?:\s?(?P<scale>thousand|million|billion|万|亿))?(?P<percent>\s?(?:%|％|per ?cent))?"
)
_RUN = re.compile(r"\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?")
_GROUPED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009\u2007'’_](?=\d{3}(?!\d))")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?!\d)")
_WORD = re.compile(r"[A-Za-z]+(?:-[a-z]+)?")
_CHINESE = re.compile("[零〇一二两三四五六七八九十百千万亿]+")
_CHINESE_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}
_NOT_CHINESE_NUMBERS = frozenset({"万一", "千万", "百万", "十万", "一万", "万", "亿", "千", "百"})
_ABOUT = re.compile(
    r"(about|around|roughly|approximately|circa|nearly|almost|over|under|ca\.|~|≈|约|大约|近)\s*$", re.IGNORECASE
)
_NUMBERING = re.compile(r"^\s*(?:[-*•]\s*)?\d{1,2}[.)、]\s", re.MULTILINE)


class Reading(NamedTuple):
    value: float
    """Without its sign: "5 lower" may be written as -5."""
    tolerance: float
    """Half of what the last digit shown is worth."""


class Figure(NamedTuple):
    """A number as an answer states it; it is right if one of its readings is."""

    text: str
    readings: tuple[Reading, ...]


def figures_in(answer: str) -> list[Figure]:
    """What the answer states; dates, clock times, numberings of lists and digits inside names are no figures."""
    text = _NUMBERING.sub(" ", _bare(answer))
    found = [figure for match in _NUMBER.finditer(text) if (figure := _figure(match, text)) is not None]
    for match in _WORD.finditer(text):
        if (value := _word_value(match[0].lower(), _STATED_WORDS)) is not None:
            found.append(Figure(match[0], (Reading(value, 0.0),)))
    for match in _CHINESE.finditer(text):
        if len(match[0]) > 1 and match[0] not in _NOT_CHINESE_NUMBERS and (value := chinese(match[0])) is not None:
            found.append(Figure(match[0], (Reading(value, 0.0),)))
    return found


def values_in(source: str) -> Iterator[float]:
    """Every value that the text can be read to state, signs left out; of a date only its year."""
    text = _bare(source)
    yield from (float(reading.year) for dated in dates_in(source) for reading in dated.readings if reading.year)
    for match in _RUN.finditer(text):
        yield from (reading.value for reading in _readings(match[0], 1.0))
    for match in _WORD.finditer(text):
        if (value := _word_value(match[0].lower(), _WORDS)) is not None:
            yield value
    for match in _CHINESE.finditer(text):
        if (value := chinese(match[0])) is not None:
            yield value


def chinese(numeral: str) -> float | None:
    """三百二十 is 320, 二〇二四 is 2024, 一亿 is 100,000,000; None if it is no numeral."""
    if all(character in _CHINESE_DIGITS for character in numeral):
        return float("".join(str(_CHINESE_DIGITS[character]) for character in numeral))
    whole, section, digit = 0.0, 0.0, 0.0
    for character in numeral:
        if character in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[character]
        elif character in _CHINESE_UNITS:
            section += (digit or 1) * _CHINESE_UNITS[character]
            digit = 0.0
        else:
            whole = (whole + section + digit or 1) * _SCALES[character]
            section = digit = 0.0
    return whole + section + digit


def _bare(text: str) -> str:
    """Without dates and clock times, whose digits are no figures, and without marks between groups of digits."""
    for dated in sorted(dates_in(text), key=lambda each: each.start, reverse=True):
        text = f"{text[: dated.start]} {text[dated.end :]}"
    return _GROUPED.sub("", _CLOCK.sub(" ", text))


def _figure(match: re.Match[str], text: str) -> Figure | None:
    if match["ordinal"]:
        return None
    digits = match["digits"] + (match["exponent"] or "")
    scale = _SCALES.get(match["scale"] or "", 1.0)
    readings = list(_readings(digits, scale))
    if match["percent"]:
        readings += [Reading(value / 100, tolerance / 100) for value, tolerance in readings]
    whole = re.sub(r"[.,](?=\d{3}(?!\d))", "", digits)
    if whole.isdigit() and _ABOUT.search(text[max(0, match.start() - 16) : match.start()]):
        zeros = len(whole) - len(whole.rstrip("0"))
        readings.append(Reading(float(whole) * scale, 0.5 * 10.0**zeros * scale))
    return Figure(match[0].strip(), tuple(readings))


def _readings(digits: str, scale: float) -> Iterator[Reading]:
    """1,234.5 is one thing, 1,234 and 1.234 are two each."""
    mantissa, _, exponent = digits.lower().partition("e")
    factor = scale * 10.0 ** int(exponent or 0)
    marks = [character for character in mantissa if character in ".,"]
    parts = re.split("[.,]", mantissa)
    are_groups = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3
    if not marks:
        yield Reading(float(mantissa) * factor, 0.5 * factor)
        return
    if are_groups and len(set(marks)) == 1:
        yield Reading(float("".join(parts)) * factor, 0.5 * factor)
    if len(marks) == 1 or (len(set(marks)) == 2 and marks.count(marks[-1]) == 1):
        decimals = len(parts[-1])
        yield Reading(float(f"{''.join(parts[:-1])}.{parts[-1]}") * factor, 0.5 * 10.0**-decimals * factor)


def _word_value(word: str, words: dict[str, int]) -> float | None:
    """`seven`, `forty-two`."""
    tens, hyphen, ones = word.partition("-")
    if not hyphen:
        return float(words[word]) if word in words else None
    if _WORDS.get(tens, 0) >= 20 and 0 < _WORDS.get(ones, 0) < 10:
        return float(_WORDS[tens] + _WORDS[ones])
    return None
