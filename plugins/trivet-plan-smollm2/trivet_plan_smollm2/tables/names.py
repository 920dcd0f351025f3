"""What a goal calls by its name: values, columns, measures, yes and no, keys."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.tables.column_values import FALSE, TRUE, given_names, shape_of, spaced, truths
from trivet_plan_smollm2.tables.goal_words import Words
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.glossary_zh import english_of
from trivet_plan_smollm2.words.kinship import alike, ends_like
from trivet_plan_smollm2.words.measures import measures_said
from trivet_plan_smollm2.words.periods import COMPARED
from trivet_plan_smollm2.words.similarity import STOP, described, stem, stem_words
from trivet_plan_smollm2.words.units import unit_of

MEASURABLE = ("number", "integer")
_APART = (
    r"(?:more|less) (?:often|frequently)|more|less|fewer|higher|lower|than|versus|vs|differences?|compared? (?:to|with)|compare"
    r"|against|(?:the )?two|between"
)
FEW_ROWS = 20
"""Up to so many, whole numbers may all differ by chance: the beds of four huts are no key."""
_OBJECT = re.compile(
    r"\s+(?:the|their|its|his|her|our|my|an?)\s+(\w+)(?=\s*(?:[?.!,;:)]|$)|\s+(?:and|or|but|yet|so|in|on|by|at|for)\b)",
    re.I,
)
"""What somebody has paid, passed or returned, and nothing more is said of it."""


class Names(Words):
    """Each word is used once: values before columns, the longest first."""

    both = ""
    """A column of yes and no of which both are wanted."""

    def values(self) -> list[tuple[Column, Any, int]]:
        """Values of text columns that stand in the goal, the longest first, each word used once."""
        options: list[tuple[int, int, Column, Any]] = []
        names = {part for column in self.card.columns for part in stem_words(spaced(column.name))}
        for column in self.card.columns:
            if column.type != "text":
                continue
            for name, value in given_names(column).items():
                options += [
                    (m.start(), m.end(), column, value)
                    for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", self.text)
                ]
            for value in column.examples:
                if not isinstance(value, str) or not value.strip():
                    continue
                if len(value.strip()) == 1:  # `ward C`, and no letter that stands alone
                    for match in re.finditer(
                        rf"(?<!\w){re.escape(spaced(column.name))} {re.escape(value)}(?!\w)", self.text, re.I
                    ):
                        options.append((match.end() - 1, match.end(), column, value))
                    continue
                is_common = value.lower() in lexicon.GENERIC | STOP
                if is_common and not value.isupper():
                    continue
                for start, end, is_exact in self.places(value):
                    if is_common and self.text[start:end] != value:
                        continue  # `AT`, of Austria, is no `at`
                    if (
                        self.is_name_of_file(value, end)
                        or self.is_measure(start, end)
                        or self.is_within_name(start, end)
                    ):
                        continue
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
            self.valued.append((start, end))
            self.hear(start, end)
            found.append((column, value, start))
            if apposed := re.search(r"(?:[A-Z][\w-]+\s+){1,3}\($", self.text[:start]):  # `the Netherlands (NL)`
                self.hear(apposed.start(), start)
        return sorted(found, key=lambda each: each[2])

    def is_name_of_file(self, value: str, end: int) -> bool:
        """`the pump log`, of pump.log: no condition on a unit that is called pump."""
        is_file = re.match(
            r"\s+(?:log|logs|file|table|sheet|list|spreadsheet|csv|json|tsv)(?!\w)", self.text[end:], re.IGNORECASE
        )
        return bool(is_file) and set(stem_words(value)) <= set(stem_words(re.sub(r"[_\-./]+", " ", self.card.path)))

    def is_within_name(self, start: int, end: int) -> bool:
        """`new snow`, of `new_snow_cm`: no condition on a sky that is called snow."""
        for column in self.card.columns:
            parts = [re.escape(part) for part in spaced(column.name).split() if not unit_of(part)]
            for match in re.finditer(rf"(?<!\w){' '.join(parts)}(?!\w)", self.text, re.I) if len(parts) > 1 else ():
                if match.start() <= start and end <= match.end():
                    return True
        return False

    def is_measure(self, start: int, end: int) -> bool:
        """`the most rain`, where a column tells how much it rained, beside one that says which days were of rain."""
        said = measures_said(self.text, self.card.columns)
        return any(
            match.start() <= start and end <= match.end() and match.end() - match.start() > end - start
            for match in said
        )

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
        if not exact and len(stems) == 1 and len(value) >= 3:
            for word in self.words:
                lower = word.text.lower()
                is_same = stems[0] in (word.stem, stem(word.stem)) and len(value) >= 4  # `warnings`, of WARNING
                if is_same or (value.lower() in described(lower) and lower not in lexicon.GENERIC | STOP):
                    yield word.start, word.end, False
        elif not exact and len(stems) > 1:  # `cinnamon knots`
            for first in range(len(self.words) - len(stems) + 1):
                window = self.words[first : first + len(stems)]
                if [word.stem for word in window] == stems:
                    yield window[0].start, window[-1].end, True

    def pair(self, values: Sequence[tuple[Column, Any, int]]) -> tuple[str, str, str] | None:
        """Two values of one column that are told apart: with words that compare, and not `ferns and orchids together`."""
        for (column, value, place), (other, second, later) in pairwise(values):
            between = self.text[place:later]
            if column.name != other.name or value == second or self.is_negated(place) or self.is_negated(later):
                continue
            said = re.search(r"\b(?:or|and|vs\.?|versus|than|with|against|to|minus|from|compared)\b", between)
            rest = self.text[:place] + " " + said[0] + " " + self.text[later:] if said else ""
            rest = re.sub(r"\b\w+ than (?:\w+ )?\d", " ", rest)  # a bound tells nothing apart
            apart = re.search(r"\b(?:vs\.?|versus|than|against|minus|compared)\b", between)
            apart = apart or re.search(r"\bdifference\b.*\bbetween\b", self.text[:place], re.IGNORECASE)
            together = re.search(r"\b(?:together|combined|altogether|in total|all in all)\b", self.text, re.IGNORECASE)
            is_mean = re.search(r"\b(?:average|mean|median)\b", self.text, re.IGNORECASE)
            is_one = (
                together and said and said[0] != "or"
            )  # `which went farther in total, A or B` tells two totals apart
            if said and (apart or (not is_one and (is_mean or COMPARED.search(rest)))):
                self.heard(_APART)
                return column.name, str(value), str(second)
        return None

    def conditions(self, values: Sequence[tuple[Column, Any, int]], apart: str) -> None:
        """What the values say of the rows; several of one column that are listed are one condition."""
        for column, every in groupby(
            sorted(values, key=lambda each: self.card.columns.index(each[0])), key=lambda each: each[0]
        ):
            if column.name == apart:
                continue
            said = sorted(every, key=lambda each: each[2])
            gaps = [self.text[one[2] : other[2]] for one, other in pairwise(said)]
            negated = [self.is_negated(place) for _, _, place in said]
            is_list = len(said) > 1 and all(
                len(gap) < 60 and re.search(r",|\b(?:and|or|nor)\b|&|/", gap) for gap in gaps
            )
            if is_list and negated[0] == any(negated):
                self.heard("neither|nor")
                options = list(dict.fromkeys(value for _, value, _ in said))
                self.where.append({"column": column.name, "op": "!=" if negated[0] else "in", "value": options})
                continue
            for place, (_, value, _) in enumerate(said):
                self.where.append({"column": column.name, "op": "!=" if negated[place] else "=", "value": value})

    def flags(self) -> None:
        """Columns of yes and no whose name is said: `paid`, `not paid`, `unpaid`."""
        for column in self.card.columns:
            options = truths(column)
            if options is None:
                continue
            stems = [part for part in stem_words(spaced(column.name)) if not part.isdigit()]
            if self.is_both(column):
                continue
            for word in self.words:
                if word.is_heard or not stems or word.text.lower() in STOP:
                    continue
                is_un = word.stem.removeprefix("un") in stems and word.stem not in stems
                if word.stem in stems or is_un:
                    is_negated = is_un or self.is_negated(word.start)
                    word.is_heard = True
                    if thing := _OBJECT.match(self.text, word.end):  # `passed the check`
                        self.hear(thing.start(1), thing.end(1))
                    self.flag_at[column.name] = word.start
                    self.where.append(
                        {"column": column.name, "op": "=", "value": options[FALSE if is_negated else TRUE]}
                    )
                    break

    def is_both(self, column: Column) -> bool:
        """`with and without helicopter`: a figure for each of the two."""
        match = re.search(
            rf"\bwith(?:out)? (?:and|or|vs\.?|versus) with(?:out)? (?:an? |the |any )?({re.escape(spaced(column.name))})s?(?!\w)",
            self.text,
            re.IGNORECASE,
        )
        if match:
            self.hear(match.start(), match.end())
            self.at[column.name], self.both = match.start(1), column.name
        return match is not None

    def columns(self) -> None:
        for column in sorted(self.card.columns, key=lambda column: -len(column.name)):
            parts = [part for part in stem_words(spaced(column.name)) if len(part) > 1] or [column.name.lower()]
            said = list(re.finditer(rf"(?<!\w){re.escape(column.name)}(?!\w)", self.text, re.IGNORECASE))
            if said and (len(column.name) > 2 or column.name in self.text):
                self.at[column.name] = said[0].start()
                self.last_at[column.name] = said[-1].start()
                for match in said:
                    self.hear(match.start(), match.end())
                for word in self.words if len(parts) == 1 else ():
                    word.is_heard |= alike(word.stem, parts[0]) and len(parts[0]) > 2
                continue
            for first, word in enumerate(self.words):
                window = self.words[first : first + len(parts)]
                if (
                    all(alike(each.stem, part) for each, part in zip(window, parts, strict=False))
                    and len(window) == len(parts)
                    and not any(each.is_heard for each in window)
                ):
                    self.at.setdefault(column.name, word.start)
                    for each in window:
                        each.is_heard = True
                    for each in self.words if len(parts) == 1 and len(parts[0]) > 2 else ():
                        each.is_heard |= alike(each.stem, parts[0])  # `who led tours? list the leaders`
        for column in self.card.columns:  # `phone`, of a column that has a Chinese name
            known = {stem(word) for word in english_of(column.name)} if column.name not in self.at else set()
            for word in self.words if known else ():
                if word.stem in known and not word.is_heard:
                    self.at[column.name] = word.start
                    word.is_heard = True
                    break
        for column in self.card.columns:  # a part of the name that no other column has is enough
            if column.name in self.at:
                continue
            others = {p for other in self.card.columns if other is not column for p in stem_words(spaced(other.name))}
            own = [part for part in stem_words(spaced(column.name)) if part not in others and len(part) > 2]
            for word in self.words:
                if any(alike(word.stem, part) or ends_like(word.stem, part) for part in own) and not word.is_heard:
                    self.at[column.name] = word.start
                    word.is_heard = True
                    if column.distinct == self.card.rows and not alike(word.stem, stem_words(spaced(column.name))[-1]):
                        self.rows_called.add(column.name)
                    break
        for column in self.card.columns:  # `how many kilometres`, of `km`
            unit = unit_of(re.split(r"[_\-. ()]+", column.name)[-1])
            for word in self.words if unit and column.name not in self.at else ():
                is_counted = re.search(r"\d\s*$", self.text[: word.start]) is not None
                if unit_of(word.text) == unit and len(word.text) > 3 and not word.is_heard and not is_counted:
                    self.at[column.name] = word.start
                    word.is_heard = True
                    break

    def is_key(self, column: Column) -> bool:
        rows = self.card.rows or 0
        is_named_so = (
            re.search(r"(?:^|_|\b)(?:id|no|nr|number|code|key)(?:$|_|\b)", spaced(column.name).lower()) is not None
        )
        is_unique = column.type == "integer" and column.distinct == rows
        if column.type == "integer" and re.search(
            r"(?:^|[_ ])(?:id|isbn|zip|plz|postcode)$", spaced(column.name).lower()
        ):
            return True  # the key of another table adds up to nothing
        return is_unique and (rows > FEW_ROWS or (rows > 3 and is_named_so))

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
