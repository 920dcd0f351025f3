"""What a goal says about one table: values, columns, numbers, dates, yes and no, each word used once.

A word that found its place is `is_heard`; what remains is not understood.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from . import lexicon
from .bounds import ALL_OPS, ops_said
from .measures import meant, measure_words
from .prompt import Column, FileCard
from .similarity import STOP, stem, stem_words
from .spans import MONTHS, NUMBER_WORDS, Spans, without_form

_WORD = re.compile(r"[^\W_](?:[\w'’-]*\w)?")
MEASURABLE = ("number", "integer")
TRUE, FALSE = 0, 1
"""Places in what `truths` returns."""
_BOUND = re.compile(
    r"\b(?:\w+er|more|less|more \w+) than\b|\b(?:at least|at most|over|under|above|below|after|before|since|until|up to"
    r"|or more|or less|or fewer|or later|or earlier|or above|or below|exceed\w*|no|not)\b",
    re.IGNORECASE,
)
UNITS = frozenset(
    "km m cm mm mi miles metres meters kg g grams lb lbs hours hour h minutes min minute seconds days day years year euros "
    "euro eur dollars usd pounds gbp degrees percent kn knots litres liters pages people points".split()
)
_SHAPE = ((re.compile(r"[A-Z]"), "A"), (re.compile(r"[a-z]"), "a"), (re.compile(r"\d"), "9"))


class Word(msgspec.Struct):
    text: str
    start: int
    end: int
    is_heard: bool = False

    @property
    def stem(self) -> str:
        return stem(self.text.lower())


class Hearing:
    """Hears a goal out. `where`: the conditions that were said; `at`: where each column is said, by name."""

    def __init__(self, goal: Spans, card: FileCard) -> None:
        self.goal, self.card = goal, card
        text = goal.goal
        for path in (*goal.paths, *goal.urls):
            text = text.replace(path, " " * len(path))
        self.text = text = without_form(text)
        self.words = [Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
        self.where: list[dict[str, Any]] = []
        self.measured: list[str] = []
        """Number columns that are spoken of, in the order in which they are meant."""
        self.limit = 0
        """How many rows or groups are wanted; 0 for all."""
        self.at: dict[str, int] = {}
        """Where each column is said, by name."""

    def hear(self, start: int, end: int) -> None:
        for word in self.words:
            if word.start < end and start < word.end:
                word.is_heard = True

    def values(self) -> list[tuple[Column, Any, int]]:
        """Values of text columns that stand in the goal, the longest first, each word used once."""
        options: list[tuple[int, int, Column, Any]] = []
        names = {part for column in self.card.columns for part in stem_words(spaced(column.name))}
        for column in self.card.columns:
            if column.type != "text":
                continue
            for value in column.examples:
                if not isinstance(value, str) or len(value.strip()) < 2 or value.lower() in lexicon.GENERIC | STOP:
                    continue
                for start, end, is_exact in self.places(value):
                    if not is_exact and set(stem_words(value)) & names:
                        continue
                    options.append((start, end, column, value))
        options.sort(key=lambda option: (option[0] - option[1], self.column_order(option[2])))
        taken: list[tuple[int, int]] = []
        found: list[tuple[Column, Any, int]] = []
        for start, end, column, value in options:
            if any(start < other_end and other_start < end for other_start, other_end in taken):
                continue
            taken.append((start, end))
            self.hear(start, end)
            found.append((column, value, start))
        return sorted(found, key=lambda each: each[2])

    def column_order(self, column: Column) -> int:
        """Columns whose own name is said come first where two have the same value."""
        said = {word.stem for word in self.words}
        return 0 if set(stem_words(spaced(column.name))) & said else 1

    def places(self, value: str) -> Iterator[tuple[int, int, bool]]:
        whole = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
        exact = False
        for match in whole.finditer(self.text):
            exact = True
            yield match.start(), match.end(), True
        stems = stem_words(value)
        if not exact and len(stems) == 1 and len(value) >= 4:
            for word in self.words:
                if word.stem == stems[0]:
                    yield word.start, word.end, False

    def pair(self, values: Sequence[tuple[Column, Any, int]]) -> tuple[str, str, str] | None:
        for (column, value, place), (other, second, later) in pairwise(values):
            between = self.text[place:later]
            if (
                column.name == other.name
                and value != second
                and re.search(r"\b(?:or|and|vs\.?|versus|than|with|against|to|minus|from)\b", between)
            ):
                return column.name, str(value), str(second)
        return None

    def years(self) -> tuple[str, str, str] | None:
        """Two years of the only date column, told apart: `more in 2023 or in 2024`."""
        dated = [column.name for column in self.card.columns if column.type in ("date", "datetime")]
        years = [period for period in self.goal.periods if len(period) == 4]
        if len(dated) != 1 or len(years) != 2:
            return None
        first, second = (self.text.find(year) for year in years)
        if not re.search(
            r"\b(?:or|and|vs\.?|versus|than|against)\b", self.text[min(first, second) : max(first, second)]
        ):
            return None
        self.hear(first, first + 4)
        self.hear(second, second + 4)
        return f"{dated[0]}.year", years[0], years[1]

    def flags(self) -> None:
        """Columns of yes and no whose name is said: `paid`, `not paid`, `unpaid`."""
        for column in self.card.columns:
            options = truths(column)
            if options is None:
                continue
            stems = [part for part in stem_words(spaced(column.name)) if not part.isdigit()]
            for word in self.words:
                if word.is_heard or not stems or word.text.lower() in STOP:
                    continue
                is_un = word.stem.removeprefix("un") in stems and word.stem not in stems
                if word.stem in stems or is_un:
                    is_negated = is_un or self.is_negated(word.start)
                    word.is_heard = True
                    self.where.append(
                        {"column": column.name, "op": "=", "value": options[FALSE if is_negated else TRUE]}
                    )
                    break

    def is_negated(self, place: int) -> bool:
        before = self.text[max(0, place - 24) : place]
        match = re.search(rf"(?<![\w])(?:{lexicon.NEGATED}|\w+n['’]t)\s+(?:\w+\s+){{0,2}}$", before, re.IGNORECASE)
        if match:
            self.hear(max(0, place - 24) + match.start(), place)
        return match is not None

    def columns(self) -> None:
        for column in sorted(self.card.columns, key=lambda column: -len(column.name)):
            parts = [part for part in stem_words(spaced(column.name)) if len(part) > 1] or [column.name.lower()]
            exact = re.search(rf"(?<!\w){re.escape(column.name)}(?!\w)", self.text, re.IGNORECASE)
            if exact and (len(column.name) > 2 or column.name in self.text):
                self.at[column.name] = exact.start()
                self.hear(exact.start(), exact.end())
                continue
            for first, word in enumerate(self.words):
                window = self.words[first : first + len(parts)]
                if [each.stem for each in window] == parts and not any(each.is_heard for each in window):
                    self.at[column.name] = word.start
                    for each in window:
                        each.is_heard = True
                    break
        for column in self.card.columns:  # a part of the name that no other column has is enough
            if column.name in self.at:
                continue
            others = {p for other in self.card.columns if other is not column for p in stem_words(spaced(other.name))}
            own = [part for part in stem_words(spaced(column.name)) if part not in others and len(part) > 2]
            for word in self.words:
                if word.stem in own and not word.is_heard:
                    self.at[column.name] = word.start
                    word.is_heard = True
                    break

    def measures(self) -> list[str]:
        figures = [column for column in self.card.columns if column.type in MEASURABLE and not self.is_key(column)]
        named = sorted((c.name for c in figures if c.name in self.at), key=lambda name: self.at[name])
        by = [name for name in named if re.search(r"\b(?:by|of)\s+(?:the\s+)?$", self.text[: self.at[name]])]
        if product := self.product(named):
            return [product, *named]
        spoken = [name for name in meant(self.text, figures) if name not in named]
        if spoken and not named:
            self.hear_measure_words()
        return list(dict.fromkeys([*by, *named, *spoken]))

    def product(self, named: Sequence[str]) -> str:
        """`quantity times price`, as the measure of each row."""
        for first, second in pairwise(named):
            start = self.at[first]
            between = self.text[start : self.at[second]]
            if match := re.search(r"\b(?:times|multiplied by|multiply by)\b|(?<=[\s\w])[*×x](?=\s)", between):
                self.hear(start + match.start(), start + match.end())
                return f"{first} * {second}"
        return ""

    def is_key(self, column: Column) -> bool:
        return bool(
            column.type == "integer" and self.card.rows and self.card.rows > 3 and column.distinct == self.card.rows
        )

    def hear_measure_words(self) -> None:
        for match in measure_words(self.text):
            self.hear(match.start(), match.end())

    def keys(self) -> list[str]:
        """Words shaped like the values of a column that shows only some of them: numbers of things, names, codes."""
        keys = []
        quoted = [text for text in self.goal.quoted if text not in self.goal.paths]
        for column in self.card.columns:
            shows_all = column.distinct is not None and column.distinct <= len(column.examples)
            if column.type != "text" or shows_all or any(test["column"] == column.name for test in self.where):
                continue
            shapes = {shape_of(str(value)) for value in column.examples}
            known = {str(value).lower() for value in column.examples}
            for text in quoted:
                self.condition(column, text, self.text.find(text))
                self.hear(self.text.find(text), self.text.find(text) + len(text))
                keys.append(column.name)
                quoted = []
                break
            for word in self.words:
                is_code = any(char.isdigit() for char in word.text) and any(char.isalpha() for char in word.text)
                if not word.is_heard and ((is_code and shape_of(word.text) in shapes) or word.text.lower() in known):
                    self.condition(column, word.text, word.start)
                    word.is_heard = True
                    keys.append(column.name)
                    break
        unique = {column.name for column in self.card.columns if column.distinct == self.card.rows and self.card.rows}
        return [name for name in keys if name in unique] or [
            str(test["column"]) for test in self.where if test["column"] in unique and test["op"] == "="
        ]

    def condition(self, column: Column, value: Any, place: int) -> None:
        op = "!=" if self.is_negated(place) else "="
        self.where.append({"column": column.name, "op": op, "value": value})

    def numbers(self) -> None:
        for match in re.finditer(r"(?<![\w.,-])-?\d[\d,]*(?:\.\d+)?(?![\w-])", self.text):
            number = float(match[0].replace(",", "").rstrip("."))
            if number in self.goal.numbers:
                self.number(int(number) if number == int(number) else number, match.start(), match.end())
        for word in self.words:
            if not word.is_heard and word.text.lower() in self.goal.number_words:
                self.number(NUMBER_WORDS[word.text.lower()], word.start, word.end)

    def number(self, number: float, start: int, end: int) -> None:
        """How many are wanted, or what a column is compared with; a number that is neither stays unexplained."""
        before, after = self.text[:start].lower(), self.text[end:].lower()
        ranked = re.match(rf"\s*(?:{lexicon.HIGHEST}|{lexicon.LOWEST})\b", after)
        if ranked or re.search(r"\b(?:top|first|last|bottom)\s*$", before):
            self.limit = int(number)
            self.hear(start, end)
            return
        column = self.column_for(number, start, after)
        near = f"{before[-40:]} {self.text[start:end]} {after[:24]}"
        ops = [op for op in ops_said(near) if op not in ("=", "!=")]
        if column is None or len(ops) > 1:
            return
        if ops:
            self.hear_bound(start)
        elif not (column.name in self.at and abs(self.at[column.name] - start) < 24):
            return  # a bare number beside no column could be anything
        self.hear(start, end)
        if (unit := re.match(r"\s*([^\W\d_]{1,12})(?!\w)", after)) and unit[1] in UNITS:
            self.hear(end, end + unit.end())
        self.where.append({"column": column.name, "op": ops[0] if ops else "=", "value": number})

    def hear_bound(self, place: int) -> None:
        for match in _BOUND.finditer(self.text, max(0, place - 40), place + 30):
            self.hear(match.start(), match.end())

    def column_for(self, number: float, place: int, after: str) -> Column | None:
        """The number column that a number is compared with: the one said nearest, or the one meant, or the only one."""
        numeric = [column for column in self.card.columns if column.type in MEASURABLE]
        if bounded := [column for column in numeric if not self.is_key(column)]:
            numeric = bounded if ops_said(self.text[max(0, place - 40) : place + 24]) != ALL_OPS else numeric
        within = [column for column in numeric if could_be(number, column)]
        compared = meant(self.text[max(0, place - 24) : place], within)  # `deeper than 30`
        if compared:
            return next(column for column in within if column.name == compared[0])
        said = [column for column in within if column.name in self.at]
        if said:
            return min(said, key=lambda column: abs(self.at[column.name] - place))
        named = [column for column in within if column.name in self.measured]
        if named:
            return named[0]
        unit = re.match(r"\s*([^\W\d_]+)", after)
        if unit:
            fitting = [c for c in within if stem(unit[1]) in stem_words(spaced(c.name)) or unit[1] in c.name.lower()]
            if len(fitting) == 1:
                return fitting[0]
        return within[0] if len(within) == 1 and len(numeric) == 1 else None

    def dates(self, pair: tuple[str, str, str] | None) -> None:
        dated = [column for column in self.card.columns if column.type in ("date", "datetime")]
        years = [c for c in self.card.columns if c.type == "integer" and re.search(r"year|jahr|annee", c.name.lower())]
        ops = [op for op in ops_said(self.goal.goal) if op not in ("=", "!=")]
        op = ops[0] if len(ops) == 1 and ops_said(self.goal.goal) != ALL_OPS else "="
        uses_bound = any(test["op"] in ("<", "<=", ">", ">=") for test in self.where)
        for said in (*self.goal.dates, *self.goal.periods) if pair is None or not pair[0].endswith(".year") else ():
            column = dated[0] if len(dated) == 1 else None
            value: Any = said
            if column is None and len(said) == 4 and len(years) == 1:
                column, value = years[0], int(said)
            if column is None and len(said) == 4:
                named = [c for c in self.card.columns if c.name in self.at and c.type in MEASURABLE]
                column = named[0] if len(named) == 1 and could_be(float(said), named[0]) else None
                value = int(said)
            if column is None:
                continue
            self.where.append({"column": column.name, "op": "=" if uses_bound else op, "value": value})
            for word in self.words:
                if (
                    word.text in said.split("-")
                    or is_month(word.text)
                    or re.fullmatch(r"\d{1,4}(?:st|nd|rd|th)?", word.text)
                ):
                    word.is_heard = True
            if op != "=":
                for match in _BOUND.finditer(self.text):
                    self.hear(match.start(), match.end())

    def heard(self, words: str) -> list[re.Match[str]]:
        matches = lexicon.found(words, self.text)
        for match in matches:
            self.hear(match.start(), match.end())
        return matches


def spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./()]+", " ", name)


def shape_of(text: str) -> str:
    for pattern, letter in _SHAPE:
        text = pattern.sub(letter, text)
    return text


def truths(column: Column) -> tuple[Any, Any] | None:
    """The values for yes and no of a column that has nothing else."""
    if column.type == "boolean":
        return True, False
    yes = [
        v
        for v in column.examples
        if str(v).lower() in ("yes", "y", "true", "t", "ja", "oui", "si", "sí", "1", "on", "是", "有")
    ]
    no = [
        v for v in column.examples if str(v).lower() in ("no", "n", "false", "f", "nein", "non", "0", "off", "否", "无")
    ]
    if len(yes) == 1 and len(no) == 1 and len(column.examples) == 2:
        return yes[0], no[0]
    return None


def could_be(number: float, column: Column) -> bool:
    if not isinstance(column.min, (int, float)) or not isinstance(column.max, (int, float)):
        return True
    return column.min <= number <= column.max


def is_month(word: str) -> bool:
    return word.lower() in MONTHS
