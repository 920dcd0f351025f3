"""What an answer in words states: its numbers, and whether a phrase stands in it. Pure.

Read generously where people write in different ways (thousands separators, decimal commas, number words, Chinese numerals,
width and case), and strictly where a guess might hit: dates, clock times and digits inside words are no numbers.
"""

import re
import unicodedata

_PLAIN = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u2018\u2019", "'")
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u00a0\u202f", " ")
)
_WORDS = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
}
_DIGITS = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(f"[{''.join(_DIGITS)}{''.join(_UNITS)}]+")
_DATE = re.compile(r"(?<!\d)\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[t ]\d{1,2}:\d{2}(?::\d{2})?)?")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
_NUMBER = re.compile(r"(?<![a-z0-9_.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[, '_](?=\d{3}(?!\d))")
_POINTED_THOUSANDS = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")


def normal(text: object) -> str:
    """As it is compared: case, width, kinds of dashes and quotes and runs of white space make no difference."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold().translate(_PLAIN)
    return re.sub(r"\s+", " ", folded).strip()


def numbers_in(text: str) -> list[float]:
    """Every value that the text can be read to state, ascending: `1,5` is 1.5, and `1,500` both 1.5 and 1500."""
    text = _without_dates(text)
    readings = {text, _THOUSANDS.sub("", text)}
    if re.search(r"\d\.\d{3},\d", text):
        readings.add(_POINTED_THOUSANDS.sub("", text))
    readings |= {_DECIMAL_COMMA.sub(".", reading) for reading in readings}
    values = {float(number) for reading in readings for number in _NUMBER.findall(reading)}
    values |= {_WORDS[word] for word in re.findall(r"[a-z]+", text) if word in _WORDS}
    return sorted(values | _chinese(text))


def count_of_numbers(text: str) -> int:
    """How many different numbers the text writes, each read in one way."""
    return len(set(_NUMBER.findall(_THOUSANDS.sub("", _without_dates(text)))))


def place_of(text: str, wanted: str | list[str]) -> int:
    """Where the phrase, or the first of the alternatives, stands in the normal text; -1 if it does not.

    It stands as whole words; a trailing `*` lets the last one go on."""
    normal_text = normal(text)
    places = [_place(normal_text, normal(each)) for each in ([wanted] if isinstance(wanted, str) else wanted)]
    return min((place for place in places if place >= 0), default=-1)


def _place(text: str, wanted: str) -> int:
    stem = wanted.rstrip("*")
    before = r"(?<![a-z0-9])" if re.match("[a-z0-9]", stem) else ""
    after = r"(?![a-z0-9])" if re.search("[a-z0-9]$", stem) and not wanted.endswith("*") else ""
    found = re.search(f"{before}{re.escape(stem)}{after}", text)
    return found.start() if found else -1


def _without_dates(text: str) -> str:
    return _CLOCK.sub(" ", _DATE.sub(" ", normal(text)))


def _chinese(text: str) -> set[float]:
    """Values of the Chinese numerals up to 9,999; several digits without a unit, as in a year, are none."""
    values = set()
    for numeral in _CHINESE.findall(text):
        total = digit = 0
        for letter in numeral:
            if letter in _UNITS:
                total, digit = total + (digit or 1) * _UNITS[letter], 0
            else:
                digit = _DIGITS[letter]
        if len(numeral) == 1 or not _UNITS.keys().isdisjoint(numeral):
            values.add(float(total + digit))
    return values
