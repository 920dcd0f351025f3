"""Which figures a goal speaks of: columns by name, everyday words for measures, money and pieces sold, products of two."""

import re
from collections.abc import Sequence
from itertools import pairwise

from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE, Names
from trivet_plan_smollm2.tables.using import USED, used
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.measures import called_pieces, called_price, meant, measure_words, reckoned
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.units import unit_of

_MONEY = {
    "eur": ("euro", "euros"), "usd": ("dollar", "dollars"), "gbp": ("pound", "pounds"), "chf": ("francs",),
    "cny": ("yuan", "rmb"), "jpy": ("yen",),
}  # fmt: skip
_SIGNS = frozenset("mm cm m km kg g l ml ha m2 m3 h min s".split())
_UNIT_WORDS = (
    (r"square met(?:er|re)s?|sqm|m2|m²", {"m2", "sqm", "m²"}),
    (r"cubic met(?:er|re)s?|m3|m³", {"m3", "m³"}),
    (r"percentage points?|percent|per cent", {"pct", "percent", "percentage"}),
    (r"degrees(?: celsius)?|°c", {"c", "temp", "temperature", "celsius", "tmax", "tmin"}),
    (r"millimet(?:er|re)s?", {"mm"}),
    (r"kilomet(?:er|re)s? (?:per|an) hour|km/h|kmh|kph", {"kmh", "kph", "km/h"}),
)
"""How a column's unit is said in words, and what it is in names."""
_PRODUCT = re.compile(r"(\w+)\s+(?:times|multiplied by|[*×x])\s+(?:the\s+)?(\w+)", re.IGNORECASE)


class Measuring(Names):
    """Hears measures, too."""

    def units(self) -> None:
        """`(in mm)`, of `rain_mm`; `in euros`, of what bears no other currency."""
        said = {part for name in self.at for part in spaced(name).lower().split()} | {
            part for name in self.measured for part in spaced(name).lower().split()
        }
        for match in re.finditer(r"\bin (\w{1,8})(?!\w)", self.text):
            word = match[1].lower()
            money = next((code for code, words in _MONEY.items() if word in (code, *words)), "")
            if word in said or (money and self.measured and not (said & _MONEY.keys()) - {money}):
                self.hear(match.start(1), match.end(1))
        units = {unit for part in said if (unit := unit_of(part))} | said
        for match in re.finditer(
            r"(?:\b(?:how many|how much|many|number of|per|total)\s|[.?!;,]\s*(?:in\s)?)(\w{1,10})(?!\w)", self.text
        ):
            if (
                unit_of(match[1]) in units or match[1].lower() in _SIGNS & units
            ):  # `by how many kg is the payload bigger`
                self.hear(match.start(1), match.end(1))
        for words, signs in _UNIT_WORDS:
            if signs & said:
                self.heard(words)

    def measures(self) -> list[str]:
        figures = [column for column in self.card.columns if column.type in MEASURABLE and not self.is_key(column)]
        named = sorted((c.name for c in figures if c.name in self.at), key=lambda name: self.at[name])
        by = [name for name in named if re.search(r"\b(?:by|of)\s+(?:the\s+)?$", self.text[: self.at[name]])]
        if product := self.product(named):
            return [product, *named]
        difference, of_what = used(self.text, figures)
        if difference:
            self.heard(USED)
            self.heard(rf"by how (?:many|much)(?= (?:{of_what}))" if of_what else r"\0")
            self.heard(of_what or r"\0")
            return [difference, *(name for name in named if name not in difference)]
        in_words = meant(self.text, figures)
        if (
            not named
            and not in_words
            and (
                flow := reckoned(self.text, [c for c in self.card.columns if c.type not in MEASURABLE or c in figures])
            )
        ):
            self.heard(lexicon.FLOWS)
            self.is_flow = True
            return [flow]
        spoken = [name for name in in_words if name not in named]
        self.is_flow = bool(self.said(lexicon.FLOWS))
        if self.is_flow and (named or in_words):
            self.heard(lexicon.FLOWS)
        if in_words and (not named or not spoken):  # `how strong was it` says again what `wind` has said
            self.hear_measure_words()
        else:
            self.hear_measure_words(named)  # `weigh less than 60 kg`
        return list(dict.fromkeys([*by, *named, *spoken]))

    def product(self, named: Sequence[str]) -> str:
        """`quantity times price`, as the measure of each row."""
        for said in _PRODUCT.finditer(self.text):
            sides = [self.figure_called(said[1]), self.figure_called(said[2])]
            if all(sides):
                self.hear(said.start(), said.end())
                self.heard(lexicon.PROCEEDS)
                return f"{sides[0]} * {sides[1]}"
        for first, second in pairwise(named):
            start = self.at[first]
            between = self.text[start : self.at[second]]
            if match := re.search(r"\b(?:times|multiplied by|multiply by)\b|(?<=[\s\w])[*×x](?=\s)", between):
                self.hear(start + match.start(), start + match.end())
                self.heard(lexicon.PROCEEDS)
                return f"{first} * {second}"
        return ""

    def figure_called(self, word: str) -> str:
        """The only number column whose name holds this word."""
        stems = set(stem_words(spaced(word)))
        fitting = [
            c.name for c in self.card.columns if c.type in MEASURABLE and stems & set(stem_words(spaced(c.name)))
        ]
        return fitting[0] if len(fitting) == 1 else word if word in fitting else ""

    def hear_measure_words(self, names: Sequence[str] | None = None) -> None:
        """All of them, or those that these columns are meant by."""
        for match in measure_words(self.text):
            if names is not None and not set(meant(match[0], self.card.columns)) & set(names):
                continue
            is_vague = match[0].lower() in lexicon.VAGUE and not re.search(
                r"\b(?:how|more|most|less|least|as|too)\s+$", self.text[: match.start()], re.IGNORECASE
            )
            if not is_vague:  # nobody can tell what is cheap
                self.hear(match.start(), match.end())

    def has_pieces(self) -> bool:
        """Whether a row may stand for several pieces, so that a count of rows is no count of things."""
        return any(c.type in MEASURABLE and not self.is_key(c) and called_pieces(c.name) for c in self.card.columns)

    def is_price(self, used: set[str]) -> bool:
        return any("*" not in name and called_price(name) for name in used)

    def is_by_kind(self) -> bool:
        """Whether a measure that does not add up is spoken of, such as a price or a temperature, so that groups have a mean."""
        return not self.is_flow and re.search(lexicon.INTENSIVE, self.text, re.IGNORECASE) is not None
