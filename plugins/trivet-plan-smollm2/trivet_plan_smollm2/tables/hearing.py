"""What a goal says about one table: its names first, then its numbers and dates, each beside the column that it belongs to."""

import re

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.measuring import Measuring
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.bounds import ALL_OPS, bound_said, ops_said
from trivet_plan_smollm2.words.measures import meant
from trivet_plan_smollm2.words.similarity import stem, stem_words
from trivet_plan_smollm2.words.spans import NUMBER_WORDS
from trivet_plan_smollm2.words.units import told_in, unit_of

BOUND = re.compile(
    r"\b(?:\w+er|more|less|more \w+) than\b|\b(?:at least|at most|over|under|above|below|after|before|since|until|up to"
    r"|or more|or less|or fewer|or later|or earlier|or above|or below|exceed\w*|no|not)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?:\bbetween|\bfrom)\s+(?<![\w.,-])(\d[\d,]*(?:\.\d+)?)\s+(?:and|to)\s+(\d[\d,]*(?:\.\d+)?)(?![\w-])",
    re.IGNORECASE,
)
_COMPARING = (
    r"(?:less|fewer|lower|smaller|shorter|more|higher|larger|greater|bigger|longer|earlier|later) than|below|under|above|over"
    r"|exceed\w*|at (?:least|most)|beyond"
)
_OTHER_SIDE = re.compile(
    r"\band\b(?! (?:more|over|above|up|older|less|under|below|fewer|younger|later|earlier))|\bbut\b|[;?!]|\d"
)
"""Behind a number, where what is said of the next one begins."""
CHOICES = 100
"""Values of a column up to which somebody may ask for one of them by its number alone."""
UNITS = frozenset(
    "km m cm mm mi miles metres meters kg g grams lb lbs hours hour h minutes min minute seconds days day years year euros "
    "euro eur dollars usd pounds gbp degrees percent kn knots litres liters pages people points".split()
)


class Hearing(Measuring):
    """Hears numbers and dates, too."""

    def numbers(self) -> None:
        for match in _RANGE.finditer(self.text):
            self.number_range(float(match[1].replace(",", "")), float(match[2].replace(",", "")), match)
        for match in re.finditer(r"(?<![\w.,-])-?\d+(?:,\d{3}(?!\d))*(?:\.\d+)?(?![\w-])", self.text):
            number = float(match[0].replace(",", "").rstrip("."))
            if number in self.goal.numbers and not self.is_heard(match.start()):
                self.number(int(number) if number == int(number) else number, match.start(), match.end())
        for word in self.words:
            if not word.is_heard and word.text.lower() in self.goal.number_words:
                self.number(NUMBER_WORDS[word.text.lower()], word.start, word.end)

    def number_range(self, low: float, high: float, match: re.Match[str]) -> None:
        """`between 10 and 20 km`, `from 5 to 8`: both bounds of one column."""
        column = self.column_for(low, match.start(), self.text[match.end() :].lower())
        if column is None or low > high:
            return
        for op, number in ((">=", low), ("<=", high)):
            value = int(number) if number == int(number) else number
            self.where.append({"column": column.name, "op": op, "value": value})
        self.hear(match.start(), match.end())
        unit = re.match(r"\s*([^\W\d_]{1,12})(?!\w)", self.text[match.end() :])
        if unit and unit[1].lower() in UNITS:
            self.hear(match.end(), match.end() + unit.end())

    def number(self, number: float, start: int, end: int) -> None:
        """How many are wanted, or what a column is compared with; a number that is neither stays unexplained."""
        if self.text[start:end].lower() == "one" and re.search(
            r"\b(?:in|on|for|at) (?:just )?$", self.text[:start], re.I
        ):
            self.hear(start, end)  # `the most people in one booking`
            return
        before, after = self.text[:start].lower(), self.text[end:].lower()
        ranked = re.match(rf"\s*(?:{lexicon.HIGHEST}|{lexicon.LOWEST})\b", after)
        ranked = ranked or re.match(
            rf"\s+(?:\w+\s+){{1,3}}(?:with|having|that have|who have|by)\s+(?:the\s+)?(?:{lexicon.HIGHEST}|{lexicon.LOWEST})\b",
            after,
        )
        ranked = ranked or (
            re.search(r"\b(?:which|what)\s*$", before)
            and re.match(rf"\s+(?:\w+\s+){{1,5}}the\s+(?:{lexicon.HIGHEST}|{lexicon.LOWEST})\b", after)
        )
        if ranked or re.search(r"\b(?:top|first|last|bottom)\s*$", before):
            self.limit, self.limit_at = int(number), end
            self.hear(start, end)
            return
        number, end = self.in_unit_of_column(number, start, end)
        after = self.text[end:].lower()
        column = self.column_for(number, start, after)
        near = f"{_own_side(before[-40:])} {self.text[start:end]} {_OTHER_SIDE.split(after[:24])[0]}"
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
        shine = re.search(r"\b(?:(bright)|faint|dimm)er than\b", before[-40:])
        if op and shine and re.search(r"(?<![a-z])mag(?:nitude)?(?![a-z])", column.name.lower()):
            op = "<" if shine[1] else ">"  # the brightest have the smallest
        if op:
            self.hear_bound(start)
        elif not (column.name in self.at and abs(self.at[column.name] - start) < 24):
            return  # a bare number beside no column could be anything
        self.hear(start, end)
        if (unit := re.match(r"\s*([^\W\d_]{1,12})(?:/[a-z]{1,6})?(?!\w)", after)) and unit[1] in UNITS:
            self.hear(end, end + unit.end())
        self.where.append({"column": column.name, "op": op or "=", "value": number})

    def in_unit_of_column(self, number: float, start: int, end: int) -> tuple[float, int]:
        """`longer than two hours`, of a column of minutes: the number in the column's unit, and where its unit ends."""
        said = re.match(r"\s*([^\W\d_]{1,12})(?![\w/])", self.text[end:])
        unit = unit_of(said[1]) if said else ""
        if said is None or not unit or bound_said(f"{self.text[max(0, start - 40) : start]} 1") in ("", None):
            return number, end
        units = [unit_of(re.split(r"[_\-. ()]+", c.name)[-1]) for c in self.card.columns if c.type in MEASURABLE]
        others = {told for other in units if other and (told := told_in(number, unit, other)) is not None}
        if unit in units or len(others) != 1:
            return number, end
        return others.pop(), end + said.end()

    def side_by_side(self) -> None:
        """`stock below the minimum`: two number columns of one row, compared; the other one may be left out where there are
        only two."""
        figures = [c.name for c in self.card.columns if c.type in MEASURABLE and not self.is_key(c)]
        said = sorted((n for n in figures if n in self.at), key=lambda n: self.last_at.get(n, self.at[n]))
        if not said or any(test["column"] in figures for test in self.where):
            return
        second = said[-1]
        place = self.last_at.get(second, self.at[second])
        bound = re.search(
            rf"(?<!\w)({_COMPARING})\s+(?:(?:the|their|its|own|or|equal|to)\s+)*$", self.text[:place], re.IGNORECASE
        )
        others = said[:-1] or [name for name in figures if name != second]
        if bound is None or len(others) != 1:
            return
        op = bound_said(f"{bound[1]} ")
        if op:
            self.hear(bound.start(), place)
            self.where.append({"column": f"{others[0]} - {second}", "op": op, "value": 0})
            self.compared_columns = (others[0], second)
            self.valued.append((place, place + len(second)))  # `minimum` is a name here

    def without(self) -> None:
        """`days without rain`, `no returns`: a figure that is nothing; `plots that have no member`: a value that is missing."""
        for column in self.card.columns:
            place = self.at.get(column.name, -1)
            is_empty = column.nulls > 0
            is_none = column.type in MEASURABLE and column.min == 0
            if place < 0 or not (is_empty or is_none) or any(t["column"] == column.name for t in self.where):
                continue
            if is_empty and (
                some := re.search(r"\b(?:have|has|had|with|having)\s+(?:a|an|any|some)\s+$", self.text[:place])
            ):
                self.hear(some.start(), place)
                self.where.append({"column": column.name, "op": "!=", "value": None})
                del self.at[column.name]
                continue
            match = re.search(
                r"(?<!\w)(?:(?:without|with no|no|zero|free of|lack(?:s|ing)?|missing)\s+(?:an?\s+|any\s+|the\s+)?"
                r"|(?:nobody|no one|nothing)\s+(?:\w+\s+){0,2})$",
                self.text[:place], re.IGNORECASE,
            )  # fmt: skip
            if match:
                self.hear(match.start(), place)
                self.where.append({"column": column.name, "op": "=", "value": None if is_empty else 0})
                del self.at[column.name]

    def holder_of(self, number: float) -> Column | None:
        """The only number column of few values that has this one: the status of `ended with a 404`."""
        numeric = [column for column in self.card.columns if column.type in MEASURABLE and not self.is_key(column)]
        few = [c for c in numeric if c.distinct is not None and c.distinct <= len(c.examples) and number >= 100]
        holding = [column for column in few if number in column.examples]
        others = [c for c in numeric if c not in few and c.distinct is not None and c.distinct <= CHOICES]
        possible = [column for column in others if could_be(number, column)]
        return holding[0] if len(holding) == 1 and not possible else None

    def hear_bound(self, place: int) -> None:
        for match in BOUND.finditer(self.text, max(0, place - 40), place + 30):
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


def _own_side(before: str) -> str:
    """What is said before a number, but for what belongs to the number before it."""
    return re.split(r"\d(?:[\d.,]*\d)?", before)[-1]


def could_be(number: float, column: Column) -> bool:
    if not isinstance(column.min, (int, float)) or not isinstance(column.max, (int, float)):
        return True
    return column.min <= number <= column.max
