"""What a goal says about one table: its names first, then its numbers and dates, each beside the column that it belongs to."""

import re
from typing import Any

from . import lexicon
from .bounds import ALL_OPS, bound_said, ops_said
from .measures import meant
from .names import MEASURABLE, Names, spaced
from .prompt import Column
from .similarity import stem, stem_words
from .spans import MONTHS, NUMBER_WORDS

_BOUND = re.compile(
    r"\b(?:\w+er|more|less|more \w+) than\b|\b(?:at least|at most|over|under|above|below|after|before|since|until|up to"
    r"|or more|or less|or fewer|or later|or earlier|or above|or below|exceed\w*|no|not)\b",
    re.IGNORECASE,
)
CHOICES = 100
"""Values of a column up to which somebody may ask for one of them by its number alone."""
UNITS = frozenset(
    "km m cm mm mi miles metres meters kg g grams lb lbs hours hour h minutes min minute seconds days day years year euros "
    "euro eur dollars usd pounds gbp degrees percent kn knots litres liters pages people points".split()
)


class Hearing(Names):
    """Hears numbers and dates, too."""

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
        op = bound_said(near)
        if (
            op == ""
            and (holder := self.holder_of(number)) is not None
            and (column is None or column.name not in self.at)
        ):
            self.hear(start, end)
            self.where.append({"column": holder.name, "op": "=", "value": number})
            return
        if column is None or op is None:
            return
        if op:
            self.hear_bound(start)
        elif not (column.name in self.at and abs(self.at[column.name] - start) < 24):
            return  # a bare number beside no column could be anything
        self.hear(start, end)
        if (unit := re.match(r"\s*([^\W\d_]{1,12})(?:/[a-z]{1,6})?(?!\w)", after)) and unit[1] in UNITS:
            self.hear(end, end + unit.end())
        self.where.append({"column": column.name, "op": op or "=", "value": number})

    def holder_of(self, number: float) -> Column | None:
        """The only number column of few values that has this one: the status of `ended with a 404`."""
        numeric = [column for column in self.card.columns if column.type in MEASURABLE and not self.is_key(column)]
        few = [c for c in numeric if c.distinct is not None and c.distinct <= len(c.examples) and number >= 100]
        holding = [column for column in few if number in column.examples]
        others = [c for c in numeric if c not in few and c.distinct is not None and c.distinct <= CHOICES]
        possible = [column for column in others if could_be(number, column)]
        return holding[0] if len(holding) == 1 and not possible else None

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

    def undated(self) -> None:
        """`not returned yet`: a column of dates that bears the name of what has happened, and has no date."""
        if self.goal.dates or self.goal.periods:
            return  # when it happened is asked, not whether
        for column in self.card.columns:
            if column.type not in ("date", "datetime") or column.name not in self.at:
                continue
            name = re.escape(spaced(column.name))
            for form, op in (
                (rf"(?:\bnot|n['’]t|\bnever)(?: yet)?(?: been)? {name}(?: yet)?|\bun{name}\b", "="),
                (rf"\b(?:has|have|had|was|were|is|are)(?: \w+)?(?: already)?(?: been)?(?: already)? {name}\b", "!="),
            ):
                match = re.search(form, self.text, re.IGNORECASE)
                if match and not any(test["column"] == column.name for test in self.where):
                    self.hear(match.start(), match.end())
                    self.where.append({"column": column.name, "op": op, "value": None})
                    del self.at[column.name]
                    break

    def months(self) -> list[str]:
        """Months that are said without a year, where the table has that month once only."""
        dated = [column for column in self.card.columns if column.type in ("date", "datetime")]
        if self.goal.dates or self.goal.periods or len(dated) != 1:
            return []
        begin, end = str(dated[0].min)[:7], str(dated[0].max)[:7]
        if not (re.fullmatch(r"\d{4}-\d\d", begin) and re.fullmatch(r"\d{4}-\d\d", end)):
            return []
        years = range(int(begin[:4]), int(end[:4]) + 1)
        found = []
        for word in self.words:
            if word.text[:1].isupper() and is_month(word.text) and not word.is_heard:
                fitting = [f"{year}-{MONTHS[word.text.lower()]:02d}" for year in years]
                fitting = [month for month in fitting if begin <= month <= end]
                if len(fitting) == 1:
                    word.is_heard = True
                    found += fitting
        return found

    def dates(self, pair: tuple[str, str, str] | None) -> None:
        months = self.months()
        if not months:
            self.undated()
        dated = [column for column in self.card.columns if column.type in ("date", "datetime")]
        years = [c for c in self.card.columns if c.type == "integer" and re.search(r"year|jahr|annee", c.name.lower())]
        ops = [op for op in ops_said(self.goal.goal) if op not in ("=", "!=")]
        op = ops[0] if len(ops) == 1 and ops_said(self.goal.goal) != ALL_OPS else "="
        uses_bound = any(test["op"] in ("<", "<=", ">", ">=") for test in self.where)
        if len(months) > 1:
            return  # told apart, or from one to the other
        for said in (
            (*self.goal.dates, *self.goal.periods, *months) if pair is None or not pair[0].endswith(".year") else ()
        ):
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
                    word.text in (said, *said.split("-"))
                    or is_month(word.text)
                    or re.fullmatch(r"\d{1,4}(?:st|nd|rd|th)?", word.text)
                ):
                    word.is_heard = True
            if op != "=":
                for match in _BOUND.finditer(self.text):
                    self.hear(match.start(), match.end())


def could_be(number: float, column: Column) -> bool:
    if not isinstance(column.min, (int, float)) or not isinstance(column.max, (int, float)):
        return True
    return column.min <= number <= column.max


def is_month(word: str) -> bool:
    return word.lower() in MONTHS
